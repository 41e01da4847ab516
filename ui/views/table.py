"""The table that every twin and list is shown in."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

Index = QModelIndex | QPersistentModelIndex
NO_PARENT = QModelIndex()
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


_TYPED = frozenset(
    {*(Qt.Key(Qt.Key.Key_0 + digit) for digit in range(10)), Qt.Key.Key_Minus, Qt.Key.Key_Plus}
)


class DataTable(QTableView):
    """A quiet table: no grid, Enter and F2 edit, Tab leaves.

    Args:
        name: Accessible name.
        whole_rows: Rows are chosen instead of cells.
    """

    def __init__(
        self, name: str, parent: QWidget | None = None, *, whole_rows: bool = False
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        behaviour = QAbstractItemView.SelectionBehavior
        self.setSelectionBehavior(behaviour.SelectRows if whole_rows else behaviour.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.DoubleClicked | trigger.EditKeyPressed | trigger.AnyKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(28)
        self.verticalHeader().setMinimumSectionSize(24)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(40)

    def stretch(self, column: int, widths_px: dict[int, int] | None = None) -> None:
        """Let one column take the room.

        Args:
            column: The one.
            widths_px: Fixed widths of others; the rest take theirs from their content.
        """
        header = self.horizontalHeader()
        for index in range(self.model().columnCount()):
            if index == column:
                header.setSectionResizeMode(index, QHeaderView.ResizeMode.Stretch)
            elif widths_px and index in widths_px:
                header.setSectionResizeMode(index, QHeaderView.ResizeMode.Fixed)
                self.setColumnWidth(index, widths_px[index])
            else:
                header.setSectionResizeMode(index, QHeaderView.ResizeMode.ResizeToContents)

    @property
    def own_keys(self) -> frozenset[Qt.Key]:
        """Keys that go before the window's shortcuts: what ticks, begins to type, or moves."""
        keys = {Qt.Key.Key_Home, Qt.Key.Key_End}
        if self._tick_box().isValid():
            keys.add(Qt.Key.Key_Space)
        if self.currentIndex().flags() & Qt.ItemFlag.ItemIsEditable:
            keys |= _TYPED
        return frozenset(keys)

    def _tick_box(self) -> QModelIndex:
        """The cell with a box to tick in the current row; invalid where there is none."""
        index = self.currentIndex()
        if index.isValid():
            first = index.siblingAtColumn(0)
            if first.flags() & Qt.ItemFlag.ItemIsUserCheckable:
                return first
        return QModelIndex()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        box = self._tick_box()
        if event.key() == Qt.Key.Key_Space and box.isValid():
            role = Qt.ItemDataRole.CheckStateRole
            on = Qt.CheckState(box.data(role)) == Qt.CheckState.Checked
            wanted = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
            self.model().setData(box, wanted, role)
            return
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        editing = self.state() == QAbstractItemView.State.EditingState
        if enter and not editing and index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)
        else:
            super().keyPressEvent(event)
