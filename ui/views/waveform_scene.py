"""Paints a waveform, its loop and its ruler; no input handling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ui.theme import Tokens
from ui.theme.metrics import font
from ui.views.canvas import faded
from ui.views.envelope import fold
from ui.views.paths import strokes_path
from ui.views.quantity import format_time
from ui.views.time_window import TimeWindow

_RULER_PX = 16.0
_TALL_PX = 72.0  # from here on there is room for a ruler
_STEPS_S = (
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600,
)  # fmt: skip

Column = NDArray[np.float64]


@dataclass(frozen=True)
class WaveformScene:
    """What is drawn, and where.

    Attributes:
        area: In pixels.
        seen: The stretch in view.
        loop: (start_s, end_s), or None.
        tone: Colour of the loop.
        tokens: All other colours.
    """

    area: QRectF
    seen: TimeWindow
    loop: tuple[float, float] | None
    tone: str
    tokens: Tokens

    def paint(self, painter: QPainter, low: Column, high: Column, ratio: float) -> None:
        """Paint an envelope, shapes [B], over the whole recording.

        Args:
            painter: On a transparent ground.
            low: Smallest sample of each bucket.
            high: Largest sample of each bucket.
            ratio: Device pixels to a pixel.
        """
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, ruler = self.area, self.area.height() >= _TALL_PX
        painter.save()
        painter.setClipRect(area.adjusted(-1, -1, 1, 1))
        if self.loop is not None:
            start, end = self._ends(self.loop)
            region = QRectF(start, area.top(), end - start, area.height())
            painter.setPen(QPen(QColor(self.tone), 1))
            painter.setBrush(faded(self.tone, 0.14))
            painter.drawRoundedRect(region, 3, 3)
            painter.fillRect(QRectF(start, area.top(), end - start, 3), QColor(self.tone))
        within = area.adjusted(0, 4, 0, -_RULER_PX if ruler else 0)
        self._wave(painter, within, low, high, ratio)
        if ruler:
            self._ruler(painter)
        painter.restore()
        if not self.seen.fits:
            self._whole(painter)

    def _ends(self, loop: tuple[float, float]) -> tuple[float, float]:
        return self.seen.x(loop[0], self.area), self.seen.x(loop[1], self.area)

    def _wave(
        self, painter: QPainter, area: QRectF, low: Column, high: Column, ratio: float
    ) -> None:
        columns = max(1, round(area.width() * ratio))
        per_s = len(low) / self.seen.duration_s
        first = int(self.seen.start_s * per_s)
        last = max(first + 1, round(self.seen.end_s * per_s))
        low, high = fold(low[first:last], high[first:last], columns)
        middle, half = area.center().y(), area.height() / 2
        xs = area.left() + (np.arange(columns) + 0.5) / ratio
        top = middle - np.clip(high, -1, 1) * half
        bottom = np.maximum(middle - np.clip(low, -1, 1) * half, top + 1 / ratio)
        inside = np.zeros(columns, dtype=bool)
        if self.loop is not None:
            start, end = self._ends(self.loop)
            inside = (xs >= start) & (xs <= end)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for mask, colour in ((~inside, self.tokens.wave), (inside, self.tone)):
            painter.setPen(QPen(QColor(colour), 1 / ratio))
            painter.drawPath(strokes_path(xs[mask], top[mask], bottom[mask]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)

    def _ruler(self, painter: QPainter) -> None:
        painter.setFont(font("small"))
        area, seen = self.area, self.seen
        widths = ((step, area.width() * step / seen.span_s) for step in _STEPS_S)
        step = next((step for step, wide in widths if wide >= 64), _STEPS_S[-1])
        digits = 2 if step < 0.1 else 1 if step < 1 else 0
        for index in range(int(np.ceil(seen.start_s / step)), int(seen.end_s / step) + 1):
            x = seen.x(index * step, area)
            if x >= area.right() - 36:
                break
            painter.setPen(QPen(QColor(self.tokens.line), 1))
            painter.drawLine(QPointF(x, area.bottom() - 12), QPointF(x, area.bottom()))
            painter.setPen(QColor(self.tokens.muted))
            box = QRectF(x + 4, area.bottom() - 14, 60, 15)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, format_time(index * step, digits))

    def _whole(self, painter: QPainter) -> None:
        """A bar at the bottom: which part of the recording is in view."""
        area, seen = self.area, self.seen
        bar = QRectF(area.left(), area.bottom() + 2.0, area.width(), 2.0)
        painter.fillRect(bar, QColor(self.tokens.track))
        bar.setLeft(area.left() + area.width() * seen.start_s / seen.duration_s)
        bar.setWidth(max(area.width() * seen.span_s / seen.duration_s, 6.0))
        painter.fillRect(bar, QColor(self.tokens.muted))
