"""The equalizer as a table: the same bands for the keyboard and for screen readers."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from ui.views.eq_bands import BandSwitch, bands
from ui.views.eq_table_model import EqTableModel
from ui.views.table import DataTable


class EqTable(DataTable):
    """The table of bands for a chain. Space switches, Enter types, Delete is the default."""

    chain_committed = Signal(object, str)  # Chain and what was done
    selected = Signal(str)  # name of the band
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, switch: BandSwitch | None = None) -> None:
        super().__init__("Equalizer bands", parent)
        self._chain = Chain()
        self.bands_model = EqTableModel(self, switch=switch)
        self.setModel(self.bands_model)
        self.stretch(0, {1: 96, 2: 92, 3: 72})  # fixed: measuring all cells anew costs a turn
        self.bands_model.edited.connect(self._edited)
        self.bands_model.refused.connect(self.refused)
        self.selectionModel().currentRowChanged.connect(self._row_changed)

    def set_chain(self, chain: Chain) -> None:
        """Show a chain's equalizer."""
        self._chain = chain
        self.bands_model.set_equalizer(chain.get(Equalizer))

    def set_editable(self, editable: bool) -> None:
        """While a search moves the values, hands are off."""
        self.bands_model.editable = editable

    def select(self, name: str) -> None:
        """Choose a band's row."""
        eq = self._chain.get(Equalizer)
        names = [] if eq is None else [b.name for b in bands(eq)]
        if name in names and names.index(name) != self.currentIndex().row():
            column = max(0, self.currentIndex().column())
            self.setCurrentIndex(self.bands_model.index(names.index(name), column))

    def _edited(self, eq: Equalizer, what: str) -> None:
        self._chain = self._chain.replace(eq)
        self.chain_committed.emit(self._chain, what)

    def _row_changed(self, current: QModelIndex) -> None:
        eq = self._chain.get(Equalizer)
        if eq is not None and current.isValid():
            self.selected.emit(bands(eq)[current.row()].name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        reset = event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        if reset and self.currentIndex().isValid():
            self.bands_model.reset_row(self.currentIndex().row())
        else:
            super().keyPressEvent(event)
