"""Paints the equalizer: grid, spectra, deaf regions, ghost, curve, nodes. No input handling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from ui.theme import Tokens
from ui.theme.metrics import font
from ui.views.apart import apart
from ui.views.bubble import paint_bubble
from ui.views.canvas import faded
from ui.views.eq_bands import Band
from ui.views.log_axis import LABELLED_HZ, MINOR_HZ, LogAxis, short_hz
from ui.views.paths import line_path
from ui.views.quantity import format_quantity, signed

CURVE_HZ: NDArray[np.float64] = np.geomspace(20.0, 20_000.0, 512)
NODE_RADIUS = 9.0
SPECTRUM_RANGE_DB = 66.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 16.0, 12.0, 22.0

Curve = NDArray[np.float64]


@dataclass
class PlotState:
    """What is drawn; arrays over :data:`CURVE_HZ` in dB, spectra in dB of full scale."""

    range_db: float = 12.0
    curve_db: Curve = field(default_factory=lambda: np.zeros(len(CURVE_HZ)))
    ghost_db: Curve | None = None
    single_db: Curve | None = None
    dry_db: Curve | None = None
    wet_db: Curve | None = None
    spectrum_top_db: float = 0.0
    passband_hz: tuple[float, float] | None = None
    bands: Sequence[Band] = ()
    selected: str = ""
    hovered: str = ""
    enabled: bool = True

    def set_spectra(
        self, frequencies_hz: ArrayLike, dry_db: ArrayLike | None, wet_db: ArrayLike | None
    ) -> None:
        """Take spectra at any ascending frequencies; None for none."""
        self.dry_db = None if dry_db is None else on_curve_grid(frequencies_hz, dry_db)
        self.wet_db = None if wet_db is None else on_curve_grid(frequencies_hz, wet_db)
        tops = [float(s.max()) for s in (self.dry_db, self.wet_db) if s is not None]
        if tops:  # the scale follows in steps, so that live spectra do not make it swim
            self.spectrum_top_db = 6.0 * math.ceil(max(tops) / 6.0)


class EqPlot:
    """The geometry and the painting for a widget of a given size."""

    def __init__(self, width: float, height: float, state: PlotState) -> None:
        self.area = QRectF(
            _LEFT, _TOP, max(20.0, width - _LEFT - _RIGHT), max(20.0, height - _TOP - _BOTTOM)
        )
        self.state = state
        self.axis = LogAxis(20.0, 20_000.0, self.area.left(), self.area.width())
        self._xs = self.axis.xs(CURVE_HZ)

    def y(self, gain_db: float) -> float:
        """Pixel of a gain, unclipped."""
        share = gain_db / self.state.range_db
        return self.area.center().y() - share * self.area.height() / 2

    def gain_db(self, y: float) -> float:
        """Gain of a pixel, unclipped."""
        share = (self.area.center().y() - y) / (self.area.height() / 2)
        return float(share * self.state.range_db)

    def node(self, band: Band) -> QPointF:
        """Where a band's node stands: at its own frequency and gain, kept inside the plot."""
        x = min(max(self.axis.x(band.frequency_hz), self.area.left()), self.area.right())
        y = self.y(band.gain_db or 0.0)
        return QPointF(x, min(max(y, self.area.top()), self.area.bottom()))

    def nodes(self) -> dict[str, QPointF]:
        """Where the nodes are drawn and caught: those that sound do not cover each other.

        The chosen one stands where it is, so that a hand does not lose it.
        """
        found = {band.name: self.node(band) for band in self.state.bands}
        shown = {b.name: found[b.name] for b in self.state.bands if b.on}
        return found | apart(shown, 2 * NODE_RADIUS, self.area, fixed=self.state.selected)

    def paint(self, painter: QPainter, tokens: Tokens) -> None:
        """Paint all that moves, over the grid."""
        painter.save()
        painter.setClipRect(self.area.adjusted(0, -1, 0, 1))
        self._spectra(painter, tokens)
        self._curves(painter, tokens)
        self._deaf(painter, tokens)
        painter.restore()
        self._nodes(painter, tokens)
        if self.state.bands and not any(band.on for band in self.state.bands):
            painter.setFont(font("small"))
            painter.setPen(QColor(tokens.muted))
            box = self.area.adjusted(0, 0, 0, -8)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
            painter.drawText(box, flags, "Flat. Drag a node, or double-click anywhere")

    def paint_told(self, painter: QPainter, tokens: Tokens, name: str) -> None:
        """A bubble with a band's values beside its node."""
        found = next((b for b in self.state.bands if b.name == name), None)
        if found is None:
            return
        title = f"{found.title}  {format_quantity(found.frequency_hz, 'Hz')}"
        values = "12 dB per octave" if found.on else "off"
        if found.gain_db is not None and found.q is not None:
            values = f"{format_quantity(found.gain_db, 'dB')}   Q {found.q:.2f}"
        elif not found.on:
            title = found.title
        below = (found.gain_db or 0.0) < 0
        place = self.nodes()[name]
        paint_bubble(painter, tokens, place, self.area, title, values, below=below)

    def paint_grid(self, painter: QPainter, tokens: Tokens) -> None:
        """Paint what only a change of size, range or theme moves."""
        area = self.area
        painter.setFont(font("small"))
        for frequency in MINOR_HZ:
            strong = frequency in LABELLED_HZ
            painter.setPen(QPen(QColor(tokens.line) if strong else faded(tokens.grid, 0.6), 1))
            x = round(self.axis.x(frequency)) + 0.5
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setPen(QColor(tokens.muted))
        for frequency in LABELLED_HZ:
            if area.width() < 320 and frequency in (50, 200, 500, 2000, 5000):
                continue
            box = QRectF(self.axis.x(frequency) - 24, area.bottom() + 3, 48, 16)
            box.moveRight(min(box.right(), area.right() + _RIGHT + 8))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, short_hz(frequency))
        for step in (-2, -1, 0, 1, 2):
            gain = step * self.state.range_db / 2
            y = round(self.y(gain)) + 0.5
            painter.setPen(QPen(QColor(tokens.muted if step == 0 else tokens.grid), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(tokens.muted))
            digits = 1 if self.state.range_db == 3 and step % 2 else 0
            painter.drawText(
                QRectF(0, y - 8, _LEFT - 13, 16),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                signed(gain, digits),
            )

    def _deaf(self, painter: QPainter, tokens: Tokens) -> None:
        if self.state.passband_hz is None:
            return
        low, high = self.state.passband_hz
        area = self.area
        sides = (
            (area.left(), self.axis.x(low)) if low > 20 else (0.0, 0.0),
            (self.axis.x(high), area.right()) if high < 20_000 else (0.0, 0.0),
        )
        for left, right in sides:
            if right - left < 2:
                continue
            rect = QRectF(left, area.top(), right - left, area.height())
            painter.fillRect(rect, faded(tokens.window, 0.72))
            painter.setPen(QPen(QColor(tokens.line), 1))
            edge = right if left == area.left() else left
            painter.drawLine(QPointF(edge, area.top()), QPointF(edge, area.bottom()))
            painter.setPen(QColor(tokens.muted))
            painter.setFont(font("small"))
            words = "not heard"
            wide = painter.fontMetrics().horizontalAdvance(words)
            if wide + 8 <= rect.width():
                top = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
                painter.drawText(rect.adjusted(0, 4, 0, 0), top, words)
            elif rect.width() >= 12:
                painter.save()
                painter.translate(rect.center().x(), rect.top() + 6)
                painter.rotate(90)
                painter.drawText(QRectF(0, -8, wide + 8, 16), Qt.AlignmentFlag.AlignCenter, words)
                painter.restore()

    def _spectra(self, painter: QPainter, tokens: Tokens) -> None:
        bottom = self.area.bottom()
        for levels, colour, filled in (
            (self.state.dry_db, tokens.dry, True),
            (self.state.wet_db, tokens.wet, False),
        ):
            if levels is None:
                continue
            below = (self.state.spectrum_top_db - levels) / SPECTRUM_RANGE_DB
            ys = np.minimum(self.area.top() + self.area.height() * (0.12 + 0.88 * below), bottom)
            line = line_path(self._xs[::2], ys[::2])
            if filled:
                shape = QPainterPath(line)
                shape.lineTo(self.area.right(), bottom + 2)
                shape.lineTo(self.area.left(), bottom + 2)
                shape.closeSubpath()
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # its edge is drawn
                painter.fillPath(shape, faded(colour, 0.14))
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(QPen(faded(colour, 0.6), 1))
            painter.drawPath(line)

    def _curves(self, painter: QPainter, tokens: Tokens) -> None:
        state = self.state
        if state.single_db is not None and state.enabled:
            shape = self._path(state.single_db, every=2)
            shape.lineTo(self._xs[-1], self.y(0))
            shape.lineTo(self._xs[0], self.y(0))
            painter.fillPath(shape, faded(tokens.wet, 0.16))
        if state.ghost_db is not None:
            pen = QPen(QColor(tokens.muted), 1)  # a thin pen is dashed twenty times as fast
            pen.setDashPattern([4, 4])
            painter.setPen(pen)
            painter.drawPath(self._path(state.ghost_db, every=2))
        colour = tokens.wet if state.enabled else tokens.muted
        pen = QPen(QColor(colour), 2.25)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPath(self._path(state.curve_db, every=2))

    def _path(self, gains_db: Curve, every: int = 1) -> QPainterPath:
        ys = self.area.center().y() - gains_db[::every] / self.state.range_db * (
            self.area.height() / 2
        )
        return line_path(self._xs[::every], ys)

    def _nodes(self, painter: QPainter, tokens: Tokens) -> None:
        painter.setFont(font("small", bold=True))
        active = self.state.enabled
        # Bands that do nothing lie below, the chosen one on top.
        order = sorted(self.state.bands, key=lambda b: (b.on, b.name == self.state.selected))
        places = self.nodes()
        for band in order:
            center, own = places[band.name], self.node(band)
            if center != own:  # a thread to where it belongs
                painter.setPen(QPen(faded(tokens.wet if active else tokens.muted, 0.8), 1.5))
                painter.drawLine(own, center)
            chosen = band.name == self.state.selected
            near = band.name == self.state.hovered
            radius = NODE_RADIUS if band.on or chosen or near else NODE_RADIUS - 2.5
            colour = tokens.wet if band.on and active else tokens.muted
            if chosen:
                painter.setPen(QPen(faded(colour, 0.45), 4))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(center, radius + 2.5, radius + 2.5)
            filled = band.on and near
            painter.setBrush(QColor(colour if filled else tokens.field))
            painter.setPen(QPen(QColor(colour), 2 if band.on else 1))
            painter.drawEllipse(center, radius, radius)
            if radius == NODE_RADIUS:
                ink = tokens.on_wet if filled and active else tokens.text
                painter.setPen(QColor(ink if band.on else tokens.muted))
                box = QRectF(center.x() - 12, center.y() - 8, 24, 16)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, band.label)


def on_curve_grid(frequencies_hz: ArrayLike, levels_db: ArrayLike) -> Curve:
    """Levels at any ascending frequencies, read at :data:`CURVE_HZ`; silence is -200 dB."""
    at = np.log(np.maximum(np.asarray(frequencies_hz, dtype=np.float64), 1e-3))
    levels = np.nan_to_num(np.asarray(levels_db, np.float64), nan=-200.0, neginf=-200.0)
    return np.interp(np.log(CURVE_HZ), at, levels)
