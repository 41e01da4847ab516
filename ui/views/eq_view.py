"""The equalizer as a curve with nodes: drag, wheel, typed values, keyboard."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from ui.views.canvas import Canvas
from ui.views.eq_bands import BandSwitch, band, bands, default_band, free_band, with_band
from ui.views.eq_keys import moved_by_key, walked_by_key, with_q_scaled
from ui.views.eq_menu import band_menu
from ui.views.eq_plot import CURVE_HZ, NODE_RADIUS, EqPlot, PlotState
from ui.views.eq_values import BandValues
from ui.views.gesture import Gesture

RANGES_DB: tuple[float, ...] = (3.0, 6.0, 12.0, 24.0)
_FINE = 0.1
_HIT = NODE_RADIUS + 5


class EqView(Canvas):
    """Response over the spectra, with a node for each band.

    The curve is the chain's own :meth:`dsp.chain.Chain.frequency_response_db`, from the
    coefficients that are rendered. One drag, one burst of the wheel and one key held down are one
    commit each.
    """

    chain_previewed = Signal(object)  # Chain, while something moves
    chain_committed = Signal(object, str)  # Chain and what was done, once a gesture
    selected = Signal(str)  # name of the band, or empty
    range_changed = Signal(float)  # the range grew to hold what was set
    own_keys = frozenset({Qt.Key.Key_Home})

    def __init__(self, parent: QWidget | None = None, *, switch: BandSwitch | None = None) -> None:
        super().__init__("Equalizer curve", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._chain = Chain((Equalizer(),))
        self._sample_rate_hz = 48_000.0
        self._state = PlotState()
        self._switch = switch or BandSwitch()
        self._editable = True
        self._drag: QPointF | None = None  # where the node would be, free of any clipping
        self._pointer = QPointF()
        self._gesture = Gesture(self)
        self._gesture.finished.connect(self._commit)
        self._values: BandValues | None = None
        self._ground = QPixmap()
        self._ground_of: tuple[object, ...] = ()
        self._refresh()

    # What is shown

    def chain(self) -> Chain:
        """The chain as it is shown, previews included."""
        return self._chain

    def set_chain(self, chain: Chain) -> None:
        """Show a chain; one without an equalizer shows a flat line and no nodes."""
        self._gesture.drop()
        self._drag = None
        self._chain = chain
        self._grow_range()
        self._refresh()

    def set_ghost(self, chain: Chain | None) -> None:
        """Keep a proposal as a dashed line; None for none."""
        self._state.ghost_db = None if chain is None else self._response(chain)
        self.update()

    def set_sample_rate_hz(self, sample_rate_hz: float) -> None:
        """The recording's rate, on which the coefficients depend."""
        self._sample_rate_hz = sample_rate_hz
        self._refresh()

    def set_passband_hz(self, passband_hz: tuple[float, float] | None) -> None:
        """What the encoder hears; outside is greyed."""
        self._state.passband_hz = passband_hz
        self.update()

    def set_range_db(self, range_db: float) -> None:
        """Show ± this many dB, one of ``RANGES_DB``."""
        if range_db not in RANGES_DB:
            allowed = ", ".join(f"{r:g}" for r in RANGES_DB)
            raise ValueError(f"range: found {range_db:g} dB, allowed are {allowed}")
        self._state.range_db = range_db
        self.update()

    def range_db(self) -> float:
        """The range that is shown."""
        return self._state.range_db

    def set_spectra(
        self, frequencies_hz: ArrayLike, dry_db: ArrayLike | None, wet_db: ArrayLike | None = None
    ) -> None:
        """Spectra behind the curve: dB before and after, shape [F] each; None for none."""
        self._state.set_spectra(frequencies_hz, dry_db, wet_db)
        self.update()

    def set_editable(self, editable: bool) -> None:
        """While a search moves the curve, hands are off."""
        self._editable = editable
        self.setCursor(Qt.CursorShape.ArrowCursor)

    def select(self, name: str) -> None:
        """Choose a band; an empty name chooses none."""
        if name != self._state.selected:
            self._state.selected = name
            self._refresh()
            self.selected.emit(name)

    def selected_band(self) -> str:
        """Name of the chosen band, or empty."""
        return self._state.selected

    def node_position(self, name: str) -> QPointF:
        """Where a band's node is drawn in the widget."""
        return self._plot().nodes()[name]

    # Inside

    def _plot(self) -> EqPlot:
        return EqPlot(self.width(), self.height(), self._state)

    def _eq(self) -> Equalizer:
        return self._chain.get(Equalizer) or Equalizer()

    def _response(self, chain: Chain) -> np.ndarray:
        return np.asarray(chain.frequency_response_db(CURVE_HZ, self._sample_rate_hz))

    def _refresh(self) -> None:
        eq = self._chain.get(Equalizer)
        state = self._state
        state.enabled = eq is not None and eq.enabled
        state.bands = bands(eq) if eq is not None else ()
        state.curve_db = self._response(self._chain)
        state.single_db = None
        chosen = next((b for b in state.bands if b.name == state.selected), None)
        if chosen is not None and chosen.on:
            alone = {n: v for n, v in self._eq().values.items() if n.startswith(f"{chosen.name}_")}
            state.single_db = self._response(Chain((Equalizer(alone),)))
        on = [b.summary for b in state.bands if b.on]
        summary = "; ".join(on) if on else "flat: no band changes the sound"
        self.describe(f"{chosen.summary} chosen. {summary}" if chosen else summary)
        self.update()

    def _grow_range(self) -> None:
        gains = [abs(b.gain_db) for b in bands(self._eq()) if b.gain_db is not None]
        needed = max(gains, default=0.0)
        fitting = next((r for r in RANGES_DB if r >= needed), RANGES_DB[-1])
        if fitting > self._state.range_db:
            self._state.range_db = fitting
            self.range_changed.emit(fitting)

    def _change(self, eq: Equalizer) -> None:
        """Show and preview a change by hand."""
        if eq == self._chain.get(Equalizer):
            return
        self._chain = self._chain.replace(eq)
        self._gesture.preview()
        self._refresh()
        self.chain_previewed.emit(self._chain)

    def _commit(self) -> None:
        name = self._state.selected
        what = band(self._eq(), name).summary if name else "Equalizer"
        self.chain_committed.emit(self._chain, what)

    def _can_edit(self) -> bool:
        return self._editable and self._chain.get(Equalizer) is not None

    def _at(self, position: QPointF) -> str:
        places = self._plot().nodes()
        hits = []
        for found in self._state.bands:
            offset = places[found.name] - position
            distance = math.hypot(offset.x(), offset.y())
            if distance <= _HIT:
                hits.append((not found.on, distance, found.name))
        return min(hits)[2] if hits else ""

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._can_edit():
            return
        self._close_values()
        name = self._at(event.position())
        self.select(name)
        if not name:
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._change(default_band(self._eq(), name))
            self._gesture.finish()
            return
        plot, found = self._plot(), band(self._eq(), name)
        self._drag = QPointF(plot.axis.x(found.frequency_hz), plot.y(found.gain_db or 0.0))
        self._pointer = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            hovered = self._at(event.position()) if self._can_edit() else ""
            if hovered != self._state.hovered:
                self._state.hovered = hovered
                shape = Qt.CursorShape.SizeAllCursor if hovered else Qt.CursorShape.ArrowCursor
                self.setCursor(shape)
                self.update()
            return
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = event.position() - self._pointer
        self._pointer = event.position()
        self._drag += step * (_FINE if fine else 1.0)
        plot = self._plot()
        self._change(
            with_band(
                self._eq(),
                self._state.selected,
                frequency_hz=plot.axis.frequency_hz(self._drag.x()),
                gain_db=plot.gain_db(self._drag.y()),
            )
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = None
            self._gesture.finish()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._can_edit():
            return
        name = self._at(event.position())
        if name:
            self.select(name)
            self.open_values()
            return
        plot = self._plot()
        frequency_hz = plot.axis.frequency_hz(event.position().x())
        free = free_band(self._eq(), "peaking", frequency_hz)
        if free is not None and plot.area.contains(event.position()):
            self.select(free)
            gain_db = plot.gain_db(event.position().y())
            self._change(with_band(self._eq(), free, frequency_hz=frequency_hz, gain_db=gain_db))
            self._gesture.finish()

    def leaveEvent(self, event: object) -> None:
        self._state.hovered = ""
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        name = self._at(event.position()) or (self._state.selected if self.hasFocus() else "")
        delta = event.angleDelta().y() or event.angleDelta().x()
        if not name or not self._can_edit() or not delta:
            event.ignore()
            return
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.select(name)
        octaves = delta / 120 * (1 / 24 if fine else 1 / 4)
        self._change(with_q_scaled(self._eq(), name, 2.0**octaves))
        self._gesture.finish_soon()
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        name = self._state.selected if by_key else self._at(QPointF(event.pos()))
        if not name or not self._can_edit():
            return
        self.select(name)
        place = self.node_position(name).toPoint() if by_key else event.pos()
        menu = band_menu(self, self._eq(), name)
        menu.toggled.connect(self.toggle_selected)
        menu.reset.connect(self.reset_selected)
        menu.typed.connect(self.open_values)
        menu.turned.connect(self._turned)
        menu.popup(self.mapToGlobal(place))

    # What menu and keyboard do

    def toggle_selected(self) -> None:
        """Switch the chosen band off, or back on as it stood."""
        if self._state.selected and self._can_edit():
            self._change(self._switch.toggle(self._eq(), self._state.selected))
            self._gesture.finish()

    def reset_selected(self) -> None:
        """Bring the chosen band to its defaults."""
        if self._state.selected and self._can_edit():
            self._change(default_band(self._eq(), self._state.selected))
            self._gesture.finish()

    def open_values(self) -> None:
        """Type the chosen band's values, in a box at its node."""
        if not self._state.selected or not self._can_edit():
            return
        self._close_values()
        found = band(self._eq(), self._state.selected)
        self._values = BandValues(found, self)
        self._values.changed.connect(self._type)
        self._values.closed.connect(self._close_values)
        self._values.open_at(self.node_position(found.name))

    def _close_values(self) -> None:
        if self._values is not None:
            box, self._values = self._values, None
            box.deleteLater()
            box.hide()
            self.setFocus()

    def _type(self, kind: str, value: float) -> None:
        self._change(with_band(self._eq(), self._state.selected, **{kind: value}))
        self._gesture.finish()

    def _turned(self, eq: Equalizer, name: str) -> None:
        self._state.selected = name
        self._change(eq)
        self._gesture.finish()
        self.selected.emit(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        names = [b.name for b in self._state.bands]
        walked = walked_by_key(names, self._state.selected, key)
        if walked is not None:
            self.select(walked)
        elif self._state.selected and self._can_edit() and self._edit(key, event):
            return
        elif key == Qt.Key.Key_Escape and self._state.selected:
            self.select("")
        else:
            super().keyPressEvent(event)

    def _edit(self, key: Qt.Key, event: QKeyEvent) -> bool:
        """Do what a key does to the chosen band; False if it does nothing."""
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        moved = moved_by_key(self._eq(), self._state.selected, key, fine=fine)
        if moved is not None:
            self._change(moved)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset_selected()
        elif key == Qt.Key.Key_O:
            self.toggle_selected()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.open_values()
        else:
            return False
        return True

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self._gesture.finish()
        super().keyReleaseEvent(event)

    # Painting

    def sizeHint(self) -> QSize:
        return QSize(640, 300)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 140)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._close_values()
        super().resizeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        plot, ratio = self._plot(), self.devicePixelRatioF()
        wanted = (self.size(), ratio, self._state.range_db, self.tokens.name, self.hasFocus())
        if wanted != self._ground_of:  # text and grid are the dear part, and rarely change
            self._ground_of = wanted
            self._ground = self.blank_picture()
            under = QPainter(self._ground)
            self.paint_ground(under)
            plot.paint_grid(under, self.tokens)
            under.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot.paint(painter, self.tokens)
        busy = self._drag is not None or self.hasFocus()
        name = self._state.hovered or (self._state.selected if busy else "")
        if name and self._values is None:
            plot.paint_told(painter, self.tokens, name)
        painter.end()
