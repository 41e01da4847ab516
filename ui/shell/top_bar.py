"""The top line: the recording, A/B, undo and redo, the pages, the menu."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from ui.shell.drag_out import DragOut
from ui.theme import icon
from ui.theme.metrics import SPACE_2, SPACE_3, SPACE_4
from ui.views.ab_switch import ABSwitch
from ui.views.buttons import icon_button, let_tab_find_the_choice, text_button
from ui.views.elided import ElidedLabel
from ui.views.panel import label

PAGES: tuple[tuple[str, str, str], ...] = (
    ("sound", "Sound", "Shape a recording (F2)"),
    ("presets", "Presets", "Browse, hear and load presets (F3)"),
    ("export", "Export", "Write the setting for other programs (F4)"),
    ("batch", "Batch", "Shape whole folders (F5)"),
    ("rack", "Rack", "Other makers' plugins (F6)"),
    ("settings", "Settings", "Encoder, device, theme, folders (F7)"),
)
_NARROW_PX = 1180


class TopBar(QWidget):
    """Stands above every page.

    Attributes:
        ab: Dry or wet, at equal loudness.
        drag_out: The shaped recording as a file to drag.
    """

    page_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = label("text2fx studio", "title")
        self._facts = ElidedLabel("", "muted")
        self._facts.setMinimumWidth(60)
        self.ab = ABSwitch()
        self.drag_out = DragOut()
        self._undo = icon_button("undo", "Undo")
        self._redo = icon_button("redo", "Redo")
        self._menu = icon_button("more", "Menu")
        self._menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_4, SPACE_2, SPACE_3, SPACE_2)
        row.setSpacing(SPACE_2)
        row.addWidget(self._title)
        row.addSpacing(SPACE_2)
        row.addWidget(self._facts, 4)
        row.addWidget(self.ab)
        row.addStretch(1)
        row.addWidget(self.drag_out)
        row.addWidget(self._undo)
        row.addWidget(self._redo)
        row.addSpacing(SPACE_2)
        self._group = QButtonGroup(self)
        let_tab_find_the_choice(self._group)
        self._pages: dict[str, QPushButton] = {}
        for name, title, tip in PAGES:
            button = text_button(title, "quiet", tip)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, name=name: self.page_chosen.emit(name))
            self._group.addButton(button)
            self._pages[name] = button
            row.addWidget(button)
        row.addWidget(self._menu)
        self.show_page("sound")

    def show_page(self, name: str) -> None:
        """Mark the page that is shown."""
        self._pages[name].setChecked(True)

    def set_facts(self, text: str) -> None:
        """Name, rate, channels and length of the recording."""
        self._facts.set_text(text)

    def set_actions(self, undo: QAction, redo: QAction, menu: QMenu) -> None:
        """Bind the buttons."""
        for button, action, name in ((self._undo, undo, "undo"), (self._redo, redo, "redo")):
            action.setIcon(icon(name))
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._menu.setMenu(menu)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The name of the app gives way first."""
        narrow = event.size().width() < _NARROW_PX
        self._title.setVisible(not narrow)
        self.ab.set_short(narrow)
        super().resizeEvent(event)
