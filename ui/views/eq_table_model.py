"""The equalizer's bands as an editable table model."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor

from dsp.equalizer import Equalizer
from dsp.parameters import Parameter
from ui.theme import current_tokens
from ui.views.eq_bands import (
    Band,
    BandSwitch,
    band,
    bands,
    default_band,
    frequency_parameter,
    gain_parameter,
    q_parameter,
    with_band,
)
from ui.views.flat_model import FlatModel
from ui.views.quantity import format_value, parse_value, range_text
from ui.views.table import Index

_HEADERS = ("Band", "Frequency", "Gain", "Q")
_KINDS = ("", "frequency_hz", "gain_db", "q")
_Role = Qt.ItemDataRole


class EqTableModel(FlatModel):
    """Ten rows, one a band; the first column switches it, the others take typed values."""

    edited = Signal(object, str)  # Equalizer, what was done
    refused = Signal(str)  # why a typed text was not taken
    headers = _HEADERS
    figures = frozenset({1, 2, 3})

    def __init__(self, parent: QObject | None = None, *, switch: BandSwitch | None = None) -> None:
        super().__init__(parent)
        self._eq: Equalizer | None = None
        self._rows: tuple[Band, ...] = ()
        self._switch = switch or BandSwitch()
        self.editable = True

    def set_equalizer(self, eq: Equalizer | None) -> None:
        """Show an equalizer; None empties the table."""
        rows = () if eq is None else bands(eq)
        same = len(rows) == len(self._rows)
        if not same:
            self.beginResetModel()
        self._eq, self._rows = eq, rows
        if not same:
            self.endResetModel()
        elif rows:
            self.all_changed()

    def parameter(self, index: Index) -> Parameter | None:
        """The declared parameter of a cell; None for the first column and where there is none."""
        found = self._rows[index.row()]
        if index.column() == 1:
            return frequency_parameter(found.name)
        if found.gain_db is None or index.column() == 0:
            return None
        return gain_parameter(found.name) if index.column() == 2 else q_parameter(found.name)

    def _text(self, index: Index) -> str:
        found = self._rows[index.row()]
        parameter = self.parameter(index)
        if index.column() == 0:
            return found.title
        if parameter is None:
            return "12 dB/oct" if index.column() == 2 else ""
        return format_value(parameter, getattr(found, _KINDS[index.column()]))

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        found = self._rows[index.row()]
        if role in (_Role.DisplayRole, _Role.EditRole):
            return self._text(index)
        if role == _Role.CheckStateRole and index.column() == 0:
            return Qt.CheckState.Checked if found.on else Qt.CheckState.Unchecked
        if role == _Role.TextAlignmentRole and index.column() > 0:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == _Role.ForegroundRole and not found.on and index.column() > 0:
            return QColor(current_tokens().muted)
        if role == _Role.ToolTipRole:
            parameter = self.parameter(index)
            return range_text(parameter) if parameter else "Space switches the band off and on"
        if role == _Role.AccessibleTextRole:
            state = "on" if found.on else "off"
            title = f"{found.title}, {_HEADERS[index.column()]}: {self._text(index)}"
            return f"{found.title}, {state}" if index.column() == 0 else title
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if not index.isValid() or not self.editable:
            return flags
        if index.column() == 0:
            return flags | Qt.ItemFlag.ItemIsUserCheckable
        return flags | Qt.ItemFlag.ItemIsEditable if self.parameter(index) else flags

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        if not index.isValid() or self._eq is None or not self.editable:
            return False
        name = self._rows[index.row()].name
        if role == _Role.CheckStateRole and index.column() == 0:
            return self._take(self._switch.toggle(self._eq, name), name)
        parameter = self.parameter(index)
        if role != _Role.EditRole or parameter is None:
            return False
        if value == self._text(index):  # as shown, so nothing was typed: keep the exact value
            return True
        try:
            number = parse_value(parameter, str(value))
        except ValueError as error:
            self.refused.emit(str(error))
            return False
        return self._take(with_band(self._eq, name, **{_KINDS[index.column()]: number}), name)

    def reset_row(self, row: int) -> None:
        """Bring a band to its defaults."""
        if self._eq is not None and self.editable:
            name = self._rows[row].name
            self._take(default_band(self._eq, name), name)

    def _take(self, eq: Equalizer, name: str) -> bool:
        if eq != self._eq:
            self.set_equalizer(eq)
            self.edited.emit(eq, band(eq, name).summary)
        return True
