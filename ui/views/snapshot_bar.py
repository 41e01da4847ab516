"""Four places to keep a setting and come back to it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from ui.views.buttons import text_button
from ui.views.panel import set_role

NAMES = ("A", "B", "C", "D")


class SnapshotBar(QWidget):
    """Snapshots A to D: a click on an empty one stores, on a filled one recalls.

    Shift-click stores anew; the right-click menu stores, recalls and empties.
    """

    stored = Signal(int)  # 0..3
    recalled = Signal(int)
    emptied = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Snapshots")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.buttons: list[QPushButton] = []
        self._titles = [""] * len(NAMES)
        for index, name in enumerate(NAMES):
            button = text_button(name, "snapshot")
            button.setCheckable(True)
            button.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
            button.clicked.connect(lambda _=False, i=index: self._clicked(i))
            row.addWidget(button)
            self.buttons.append(button)
        self._current: int | None = None
        for index in range(len(NAMES)):
            self.set_snapshot(index, "")

    def set_snapshot(self, index: int, title: str) -> None:
        """What a place holds, in words; empty for nothing."""
        self._titles[index] = title
        button = self.buttons[index]
        set_role(button, "true" if title else "false", "filled")
        key = index + 1
        tip = (
            f"Snapshot {NAMES[index]}: {title}. Click or {key} recalls, Shift stores anew."
            if title
            else f"Snapshot {NAMES[index]} is empty. Click or {key} keeps the setting here."
        )
        button.setToolTip(tip)
        button.setAccessibleName(f"Snapshot {NAMES[index]}, {title or 'empty'}")

    def set_current(self, index: int | None) -> None:
        """Which snapshot the setting is, if any."""
        self._current = index
        for i, button in enumerate(self.buttons):
            button.setChecked(i == index)

    def press(self, index: int, *, store: bool = False) -> None:
        """Do what a click does (for shortcuts)."""
        if store or not self._titles[index]:
            self.stored.emit(index)
        else:
            self.recalled.emit(index)

    def _clicked(self, index: int) -> None:
        self.set_current(self._current)  # only the owner says which one is current
        shift = QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
        self.press(index, store=bool(shift))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = next(
            (i for i, b in enumerate(self.buttons) if b.geometry().contains(event.pos())), None
        )
        if index is None:
            return
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        filled = bool(self._titles[index])
        menu.addAction("Store here").triggered.connect(lambda: self.stored.emit(index))
        for text, signal in (("Recall", self.recalled), ("Empty", self.emptied)):
            action = menu.addAction(text)
            action.setEnabled(filled)
            action.triggered.connect(lambda _=False, s=signal: s.emit(index))
        menu.popup(event.globalPos())
