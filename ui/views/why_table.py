"""The explanation as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from ui.views.flat_model import FlatModel
from ui.views.table import RIGHT, DataTable, Index
from ui.views.why_rows import WhyRow, table_rows

_HEADERS = ("Part", "What", "Before", "After", "Change")
_Role = Qt.ItemDataRole


class WhyTableModel(FlatModel):
    """Rows of text, read only."""

    headers = _HEADERS
    figures = frozenset({2, 3, 4})

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[WhyRow] = ()

    def set_rows(self, rows: Sequence[WhyRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if index.isValid() and role == _Role.TextAlignmentRole and index.column() >= 2:
            return RIGHT
        if index.isValid() and role in (_Role.DisplayRole, _Role.ToolTipRole):
            return self._rows[index.row()][index.column()]
        return None


class WhyTable(DataTable):
    """The table for an explanation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Why, in figures", parent)
        self._why = WhyTableModel(self)
        self.setModel(self._why)
        self.stretch(1)

    def set_explanation(self, explanation: Mapping[str, Any] | None) -> None:
        """Show an explanation, or nothing."""
        self._why.set_rows([] if explanation is None else table_rows(explanation))
