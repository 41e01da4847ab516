"""The room's twelve bands as a table: what the decay curves show, in figures."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt
from PySide6.QtWidgets import QWidget

from dsp.reverb import Reverb
from ui.views.quantity import format_quantity
from ui.views.reverb_geometry import band_levels
from ui.views.table import NO_PARENT, RIGHT, DataTable, Index

_HEADERS = ("Band", "T60", "Start")
_UNITS = ("Hz", "s", "dB")
_Role = Qt.ItemDataRole


class ReverbTableModel(QAbstractTableModel):
    """Twelve rows: centre, decay time, level at the start. Read only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = band_levels(Reverb())

    def set_room(self, room: Reverb) -> None:
        """Show a room."""
        self._rows = band_levels(room)
        last = self.index(len(self._rows) - 1, len(_HEADERS) - 1)
        self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(_HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _Role.TextAlignmentRole and section >= 1:
            return RIGHT
        return _HEADERS[section] if role == _Role.DisplayRole else None

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if index.isValid() and role == _Role.TextAlignmentRole and index.column() >= 1:
            return RIGHT
        if index.isValid() and role == _Role.DisplayRole:
            value = float(self._rows[index.row(), index.column()])
            return format_quantity(value, _UNITS[index.column()])
        return None


class ReverbTable(DataTable):
    """The table for a room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Reverb bands", parent)
        self._bands = ReverbTableModel(self)
        self.setModel(self._bands)
        self.stretch(0, {1: 88, 2: 88})  # fixed: measuring all cells anew costs a turn

    def set_room(self, room: Reverb) -> None:
        """Show a room."""
        self._bands.set_room(room)
