"""What every table's model shares: rows under fixed headers, figures on the right."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

from PySide6.QtCore import QAbstractTableModel, Qt

from ui.views.table import NO_PARENT, RIGHT, Index

_Role = Qt.ItemDataRole


class FlatModel(QAbstractTableModel):
    """A subclass keeps its rows in ``_rows`` and says what ``data`` its cells hold.

    Attributes:
        headers: Titles of the columns.
        figures: Columns that stand on the right.
    """

    headers: tuple[str, ...] = ()
    figures: frozenset[int] = frozenset()
    _rows: Sized = ()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.headers)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _Role.TextAlignmentRole and section in self.figures:
            return RIGHT
        return self.headers[section] if role == _Role.DisplayRole else None

    def all_changed(self) -> None:
        """Every cell may show something else; the rows are as many as before."""
        if self.rowCount():
            last = self.index(self.rowCount() - 1, len(self.headers) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
