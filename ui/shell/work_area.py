"""The panels of the flow: side by side where there is room, tabs beside the proposal where not."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from ui.theme.metrics import SPACE_2

WIDE_PX, TALL_PX = 1240, 520
TABS: tuple[tuple[str, str], ...] = (
    ("eq", "Equalizer"), ("reverb", "Reverb"), ("why", "Why"), ("map", "Word map"),
)  # fmt: skip
_CARD_PX = 330


class WorkArea(QWidget):
    """Lays out equalizer, reverb, why, map and proposal.

    Args:
        panels: By ``eq``, ``reverb``, ``why``, ``map`` and ``card``.
    """

    def __init__(self, panels: Mapping[str, QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panels = panels
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACE_2)
        self._tabs = QTabBar()
        self._tabs.setAccessibleName("Panels")
        self._tabs.setDrawBase(False)
        for _, title in TABS:
            self._tabs.addTab(title)
        self._stack = QStackedWidget()
        self._tabbed = QWidget()
        column = QVBoxLayout(self._tabbed)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._tabs, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._stack, 1)
        self._tabs.currentChanged.connect(self._stack.setCurrentIndex)
        self._compact: bool | None = None
        self._arrange(compact=False)

    @property
    def compact(self) -> bool:
        """Whether the panels are tabs."""
        return bool(self._compact)

    def reveal(self, name: str) -> None:
        """Bring a panel to the front, and the focus to it."""
        names = [tab for tab, _ in TABS]
        if self._compact and name in names:
            self._tabs.setCurrentIndex(names.index(name))
        self._panels[name].setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the layout by the room."""
        size = event.size()
        self._arrange(compact=size.width() < WIDE_PX or size.height() < TALL_PX)
        super().resizeEvent(event)

    def _arrange(self, *, compact: bool) -> None:
        if compact == self._compact:
            return
        self._compact = compact
        for widget in (*self._panels.values(), self._tabbed):
            self._grid.removeWidget(widget)
        for column in range(12):
            self._grid.setColumnStretch(column, 0)
            self._grid.setColumnMinimumWidth(column, 0)
        for row in range(2):
            self._grid.setRowStretch(row, 0)
        if compact:
            self._arrange_tabs()
        else:
            self._arrange_wide()
        for name, widget in self._panels.items():
            if name == "card" or not compact:
                widget.show()

    def _arrange_wide(self) -> None:
        panels = self._panels
        while (tab := self._stack.widget(0)) is not None:
            self._stack.removeWidget(tab)
        self._tabbed.hide()
        panels["card"].setMinimumWidth(0)
        panels["card"].setMaximumWidth(16_777_215)
        for name in ("eq", "why", "reverb", "map", "card"):
            panels[name].setParent(self)
        self._grid.addWidget(panels["eq"], 0, 0, 1, 8)
        self._grid.addWidget(panels["why"], 0, 8, 1, 4)
        self._grid.addWidget(panels["reverb"], 1, 0, 1, 5)
        self._grid.addWidget(panels["map"], 1, 5, 1, 3)
        self._grid.addWidget(panels["card"], 1, 8, 1, 4)
        for column in range(12):
            self._grid.setColumnStretch(column, 1)
        self._grid.setRowStretch(0, 5)
        self._grid.setRowStretch(1, 3)

    def _arrange_tabs(self) -> None:
        here = max(self._tabs.currentIndex(), 0)
        for name, _ in TABS:
            self._stack.addWidget(self._panels[name])
        self._tabs.setCurrentIndex(here)
        self._stack.setCurrentIndex(here)
        self._grid.addWidget(self._tabbed, 0, 0)
        self._grid.addWidget(self._panels["card"], 0, 1)
        self._panels["card"].setFixedWidth(_CARD_PX)
        self._tabbed.show()
        self._grid.setColumnStretch(0, 1)
        self._grid.setRowStretch(0, 1)
