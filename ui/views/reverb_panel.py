"""The reverb's panel: decays, their table, a knob for every parameter, on and off."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QWidget

from dsp.chain import Chain
from dsp.reverb import Reverb
from ui.views.buttons import icon_button
from ui.views.panel import Panel
from ui.views.parameter_slider import ParameterSlider
from ui.views.quantity import format_value
from ui.views.reverb_geometry import with_values
from ui.views.reverb_table import ReverbTable
from ui.views.reverb_view import ReverbView


class ReverbPanel(Panel):
    """Edits the chain's reverb.

    Attributes:
        view: The decays.
        table: Their twin.
        knobs: A knob row for each parameter, by name.
    """

    chain_previewed = Signal(object)  # Chain
    chain_committed = Signal(object, str)  # Chain and what was done

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Reverb", parent)
        self._chain = Chain((Reverb(),))
        self._shown: tuple[Reverb | None, ...] = ()  # by set_chain; empty after a change by hand
        self._editable = True
        self.view, self.table = ReverbView(), ReverbTable()
        self._as_table = icon_button("table", "Show the bands as a table", checkable=True)
        self._power = icon_button("power", "Reverb on", checkable=True)
        self.header.addWidget(self._as_table)
        self.header.addWidget(self._power)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.table)
        self.knobs = {p.name: ParameterSlider(p) for p in Reverb.parameters}
        self._knob_area = QWidget()
        grid = QGridLayout(self._knob_area)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        for index, name in enumerate(
            ("t60_s", "wet_db", "predelay_ms", "damping", "bass_ratio", "tone_db")
        ):
            knob = self.knobs[name]
            grid.addWidget(knob, index // 2, index % 2)
            knob.previewed.connect(self._knob_moves)
            knob.committed.connect(self._knob_done)
        grid.setRowStretch(3, 1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self._stack, 3)
        row.addWidget(self._knob_area, 2)
        self._knob_area.setMinimumWidth(self._knob_area.sizeHint().width())
        self.body.addLayout(row, 1)
        self._as_table.toggled.connect(lambda on: self._stack.setCurrentIndex(int(on)))
        self._power.clicked.connect(self._switch)
        self.view.room_previewed.connect(lambda room: self._take(room, None, "view"))
        self.view.room_committed.connect(lambda room, what: self._take(room, what, "view"))
        self.set_chain(self._chain)

    def chain(self) -> Chain:
        """The chain as it is shown."""
        return self._chain

    def set_chain(self, chain: Chain) -> None:
        """Show a chain; one without a reverb shows none, and cannot be edited."""
        self._chain = chain
        room = chain.get(Reverb)
        if (room,) == self._shown:
            return
        self._shown = (room,)
        shown = room or Reverb()
        self.view.set_room(shown)
        self.table.set_room(shown)
        for name, knob in self.knobs.items():
            knob.set_value(shown.values[name])
        self.set_editable(self._editable)
        on = room is not None and room.enabled
        self._power.setChecked(on)
        self._power.setToolTip("Reverb is on" if on else "Reverb is off")
        if room is None:
            self.set_facts("not in this chain")
        else:
            self.set_facts(_facts(room) if on else "off")

    def set_ghost(self, chain: Chain | None) -> None:
        """Keep a proposal as a dashed decay and as marks at the knobs."""
        room = None if chain is None else chain.get(Reverb)
        self.view.set_ghost(room)
        for name, knob in self.knobs.items():
            knob.set_ghost(None if room is None else room.values[name])

    def set_editable(self, editable: bool) -> None:
        """While a search moves the room, hands are off."""
        self._editable = editable
        able = editable and self._chain.get(Reverb) is not None
        self.view.set_editable(able)
        self._knob_area.setEnabled(able)
        self._power.setEnabled(able)

    def show_table(self, on: bool) -> None:
        """Show the table instead of the decays."""
        self._as_table.setChecked(on)

    def _take(self, room: Reverb, what: str | None, source: str) -> None:
        """Show a change by hand; ``what`` is None for a preview."""
        self._chain = self._chain.replace(room)
        self._shown = ()
        self.table.set_room(room)
        self.set_facts(_facts(room) if room.enabled else "off")
        if source == "view":
            for name, knob in self.knobs.items():
                knob.set_value(room.values[name])
        elif what is None:
            self.view.preview_room(room)
        else:
            self.view.set_room(room)
        if what is None:
            self.chain_previewed.emit(self._chain)
        else:
            self.chain_committed.emit(self._chain, what)

    def _knob_moves(self, name: str, value: float) -> None:
        room = self._chain.get(Reverb)
        if room is not None:
            self._take(with_values(room, **{name: value}), None, "knob")

    def _knob_done(self, name: str, value: float) -> None:
        room = self._chain.get(Reverb)
        if room is not None:
            parameter = Reverb.parameter(name)
            what = f"{parameter.title} {format_value(parameter, value)}"
            self._take(with_values(room, **{name: value}), what, "knob")

    def _switch(self, on: bool) -> None:
        room = self._chain.get(Reverb)
        if room is not None:
            self.set_chain(self._chain.replace(Reverb(dict(room.values), on)))
            self.chain_previewed.emit(self._chain)
            self.chain_committed.emit(self._chain, f"Reverb {'on' if on else 'off'}")


def _facts(room: Reverb) -> str:
    return "no room yet: wet is off" if room.is_neutral() else "decay by band"
