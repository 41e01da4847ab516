"""The room's twelve bands as a table: what the decay curves show, in figures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from dsp.reverb import Reverb
from ui.views.flat_model import FlatModel
from ui.views.quantity import format_quantity
from ui.views.reverb_geometry import band_levels
from ui.views.table import RIGHT, DataTable, Index

_HEADERS = ("Band", "T60", "Start")
_UNITS = ("Hz", "s", "dB")
_Role = Qt.ItemDataRole


class ReverbTableModel(FlatModel):
    """Twelve rows: centre, decay time, level at the start. Read only."""

    headers = _HEADERS
    figures = frozenset({1, 2})

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: NDArray[np.float64] = band_levels(Reverb())

    def set_room(self, room: Reverb) -> None:
        """Show a room."""
        self._rows = band_levels(room)
        self.all_changed()

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
