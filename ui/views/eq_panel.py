"""The equalizer's panel: curve and table in one place, range, on and off."""

from __future__ import annotations

from numpy.typing import ArrayLike
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from ui.views.buttons import icon_button
from ui.views.eq_bands import BandSwitch
from ui.views.eq_table import EqTable
from ui.views.eq_view import RANGES_DB, EqView
from ui.views.panel import Panel
from ui.views.segmented import Choice, Segmented


class EqPanel(Panel):
    """Curve or table of the chain's equalizer, which it edits.

    Attributes:
        view: The curve.
        table: Its twin.
    """

    chain_previewed = Signal(object)  # Chain
    chain_committed = Signal(object, str)  # Chain and what was done

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Equalizer", parent)
        switch = BandSwitch()
        self.view = EqView(switch=switch)
        self.table = EqTable(switch=switch)
        self._chain = self.view.chain()
        self._editable = True
        self._range = Segmented(
            "Range", [Choice(f"{r:g}", f"±{r:g}", f"Show ±{r:g} dB") for r in RANGES_DB]
        )
        self._range.set_value("12")
        self._as_table = icon_button("table", "Show the bands as a table", checkable=True)
        self._power = icon_button("power", "Equalizer on", checkable=True)
        for widget in (self._range, self._as_table, self._power):
            self.header.addWidget(widget)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.table)
        self.body.addWidget(self._stack, 1)
        self._range.chosen.connect(lambda text: self.view.set_range_db(float(text)))
        self._as_table.toggled.connect(self._show_twin)
        self._power.clicked.connect(self._switch_effect)
        self.view.range_changed.connect(lambda r: self._range.set_value(f"{r:g}"))
        self.view.chain_previewed.connect(self._previewed)
        self.view.chain_committed.connect(self._from_view)
        self.table.chain_committed.connect(self._from_table)
        self.table.refused.connect(lambda why: self.set_facts(why, "problem"))
        self.view.selected.connect(self.table.select)
        self.table.selected.connect(self.view.select)
        self.set_chain(self._chain)

    def chain(self) -> Chain:
        """The chain as it is shown."""
        return self._chain

    def set_chain(self, chain: Chain) -> None:
        """Show a chain."""
        self._chain = chain
        self.view.set_chain(chain)
        self.table.set_chain(chain)
        eq = chain.get(Equalizer)
        on = eq is not None and eq.enabled
        self._power.setEnabled(self._editable and eq is not None)
        self._power.setChecked(on)
        self._power.setToolTip("Equalizer is on" if on else "Equalizer is off")
        facts = "" if on else "off" if eq is not None else "not in this chain"
        self.set_facts(facts)

    def set_ghost(self, chain: Chain | None) -> None:
        """Keep a proposal as a dashed line."""
        self.view.set_ghost(chain)

    def set_spectra(
        self, frequencies_hz: ArrayLike, dry_db: ArrayLike | None, wet_db: ArrayLike | None = None
    ) -> None:
        """Spectra behind the curve, as :meth:`EqView.set_spectra`."""
        self.view.set_spectra(frequencies_hz, dry_db, wet_db)

    def set_editable(self, editable: bool) -> None:
        """While a search moves the curve, hands are off."""
        self._editable = editable
        self.view.set_editable(editable)
        self.table.set_editable(editable)
        self._power.setEnabled(editable and self._chain.get(Equalizer) is not None)

    def show_table(self, on: bool) -> None:
        """Show the table instead of the curve."""
        self._as_table.setChecked(on)

    def _show_twin(self, on: bool) -> None:
        self._stack.setCurrentIndex(int(on))
        self._range.setVisible(not on)

    def _previewed(self, chain: Chain) -> None:
        self._chain = chain
        self.table.set_chain(chain)
        self.chain_previewed.emit(chain)

    def _from_view(self, chain: Chain, what: str) -> None:
        self._chain = chain
        self.table.set_chain(chain)
        self.chain_committed.emit(chain, what)

    def _from_table(self, chain: Chain, what: str) -> None:
        self._chain = chain
        self.set_facts("")
        self.view.set_chain(chain)
        self.chain_previewed.emit(chain)
        self.chain_committed.emit(chain, what)

    def _switch_effect(self, on: bool) -> None:
        eq = self._chain.get(Equalizer)
        if eq is not None:
            self.set_chain(self._chain.replace(Equalizer(dict(eq.values), on)))
            self.chain_previewed.emit(self._chain)
            self.chain_committed.emit(self._chain, f"Equalizer {'on' if on else 'off'}")
