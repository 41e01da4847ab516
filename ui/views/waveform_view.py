"""The recording as a waveform: playhead, loop region, dry or wet colouring."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.metrics import font
from ui.views.canvas import Canvas, faded
from ui.views.envelope import fold
from ui.views.paths import strokes_path
from ui.views.quantity import format_time

Loop = tuple[float, float]
_PAD = 6.0
_GRIP = 6.0
_FINE = 0.1
_SHORTEST_S = 0.05
_RULER_PX = 16.0
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


class WaveformView(Canvas):
    """Click seeks, a drag sets the loop, its edges and its top bar can be moved; Shift is fine.

    Keys: Left and Right seek by a second (Shift: a tenth), A and B set the loop's ends at the
    playhead, Delete or Escape removes the loop.
    """

    seek_requested = Signal(float)  # seconds
    loop_changed = Signal(object)  # (start_s, end_s) or None, once a gesture

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Waveform", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._low, self._high = np.zeros(0), np.zeros(0)
        self._duration_s = 0.0
        self._position_s = 0.0
        self._loop: Loop | None = None
        self._wet = False
        self._busy = ""
        self._picture: QPixmap | None = None
        self._grab: Literal["", "start", "end", "move", "new"] = ""
        self._grab_s = 0.0
        self._grab_x = 0.0
        self._grab_loop: Loop | None = None
        self._free_x = self._pointer_x = 0.0  # the grabbed place, and where the pointer was
        self._describe()

    def set_envelope(self, low: ArrayLike, high: ArrayLike, duration_s: float) -> None:
        """Show a recording: its smallest and largest samples by bucket, shape [B] each."""
        self._low = np.asarray(low, dtype=np.float64)
        self._high = np.asarray(high, dtype=np.float64)
        self._duration_s = max(0.0, duration_s)
        self._busy = ""
        self._loop = None
        self._position_s = 0.0
        self._redraw()

    def clear(self) -> None:
        """Show no recording."""
        self.set_envelope((), (), 0.0)

    def set_busy(self, text: str) -> None:
        """Say what is going on instead of a waveform (``reading … 40 %``); empty for nothing."""
        self._busy = text
        self.update()

    def duration_s(self) -> float:
        """Length of the recording."""
        return self._duration_s

    def set_wet(self, wet: bool) -> None:
        """Colour the loop by what is heard: dry blue, wet orange."""
        if wet != self._wet:
            self._wet = wet
            self._redraw()

    def set_position_s(self, position_s: float) -> None:
        """Move the playhead; only its two places are repainted."""
        if position_s != self._position_s:
            for at in (self._position_s, position_s):
                x = round(self._x(at))
                self.update(QRect(x - 6, 0, 13, self.height()))
            self._position_s = position_s

    def position_s(self) -> float:
        """Where the playhead stands."""
        return self._position_s

    def set_loop(self, loop: Loop | None) -> None:
        """Show a loop region, or none."""
        if loop != self._loop:
            self._loop = loop
            self._redraw()

    def loop(self) -> Loop | None:
        """The loop region, (start_s, end_s), or None."""
        return self._loop

    # Geometry

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_PAD, _PAD, -_PAD, -_PAD)

    def _x(self, seconds: float) -> float:
        area = self._area()
        return area.left() + area.width() * (seconds / self._duration_s if self._duration_s else 0)

    def _seconds(self, x: float) -> float:
        area = self._area()
        share = (x - area.left()) / max(1.0, area.width())
        return float(min(max(share, 0.0), 1.0) * self._duration_s)

    def _redraw(self) -> None:
        self._picture = None
        self._describe()
        self.update()

    def _describe(self) -> None:
        if not self._duration_s:
            self.describe("no recording")
            return
        loop = "no loop"
        if self._loop is not None:
            loop = f"loop {format_time(self._loop[0])} to {format_time(self._loop[1])}"
        self.describe(f"{format_time(self._duration_s)} long, {loop}")

    # Mouse

    def _part(self, position: QPointF) -> Literal["start", "end", "move", "new"]:
        if self._loop is not None:
            start, end = (self._x(s) for s in self._loop)
            if abs(position.x() - end) <= _GRIP:
                return "end"
            if abs(position.x() - start) <= _GRIP:
                return "start"
            if start < position.x() < end and position.y() <= _PAD + 10:
                return "move"
        return "new"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._duration_s:
            return
        self._grab = self._part(event.position())
        self._grab_x = event.position().x()
        self._grab_s = self._seconds(self._grab_x)
        self._grab_loop = self._loop
        self._free_x = self._pointer_x = self._grab_x

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if not self._grab:
            shapes = {"start": Qt.CursorShape.SizeHorCursor, "end": Qt.CursorShape.SizeHorCursor,
                      "move": Qt.CursorShape.SizeAllCursor}  # fmt: skip
            part = self._part(event.position()) if self._duration_s else "new"
            self.setCursor(shapes.get(part, Qt.CursorShape.ArrowCursor))
            return
        if self._grab == "new" and abs(x - self._grab_x) < 4 and self._loop == self._grab_loop:
            return
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._free_x += (x - self._pointer_x) * (_FINE if fine else 1.0)
        self._pointer_x = x
        here = self._seconds(self._free_x)
        if self._grab == "new":
            self._set_loop_by_hand(self._grab_s, here)
        elif self._grab_loop is not None:
            start, end = self._grab_loop
            if self._grab == "move":
                shift = min(max(here - self._grab_s, -start), self._duration_s - end)
                self._set_loop_by_hand(start + shift, end + shift)
            else:
                self._set_loop_by_hand(*((here, end) if self._grab == "start" else (start, here)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._grab:
            return
        grabbed, self._grab = self._grab, ""
        if self._loop != self._grab_loop:
            self.loop_changed.emit(self._loop)
        elif grabbed == "new":
            self.seek_requested.emit(self._grab_s)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._loop is not None:
            self.set_loop(None)
            self.loop_changed.emit(None)

    def _set_loop_by_hand(self, first_s: float, second_s: float) -> None:
        start, end = sorted((first_s, second_s))
        shortest = min(_SHORTEST_S, self._duration_s)
        end = max(end, start + shortest)
        if end > self._duration_s:
            start, end = self._duration_s - shortest, self._duration_s
        self.set_loop((start, end))

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step_s = 0.1 if fine else 1.0
        targets = {
            Qt.Key.Key_Left: self._position_s - step_s, Qt.Key.Key_Right: self._position_s + step_s,
            Qt.Key.Key_Home: 0.0, Qt.Key.Key_End: self._duration_s,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if not self._duration_s:
            super().keyPressEvent(event)
        elif key in targets:
            self.seek_requested.emit(min(max(targets[key], 0.0), self._duration_s))
        elif key in (Qt.Key.Key_A, Qt.Key.Key_BracketLeft):
            end = self._loop[1] if self._loop else self._duration_s
            self._end_by_key(self._position_s, max(end, self._position_s))
        elif key in (Qt.Key.Key_B, Qt.Key.Key_BracketRight):
            start = self._loop[0] if self._loop else 0.0
            self._end_by_key(min(start, self._position_s), self._position_s)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Escape) and self._loop:
            self.set_loop(None)
            self.loop_changed.emit(None)
        else:
            super().keyPressEvent(event)

    def _end_by_key(self, start_s: float, end_s: float) -> None:
        before = self._loop
        self._set_loop_by_hand(start_s, end_s)
        if self._loop != before:
            self.loop_changed.emit(self._loop)

    # Painting

    def sizeHint(self) -> QSize:
        return QSize(640, 112)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 60)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._picture = None
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        self._picture = None
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_ground(painter)
        tokens = self.tokens
        if self._busy or not self._duration_s:
            painter.setFont(font("body"))
            painter.setPen(QColor(tokens.muted))
            text = self._busy or "No recording yet: drop one here, or open one"
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
            painter.end()
            return
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = self._draw(ratio)
        painter.drawPixmap(0, 0, self._picture)
        x = self._x(self._position_s)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.text))
        painter.drawRect(QRectF(x - 0.75, 2, 1.5, self.height() - 4))
        painter.drawPolygon([QPointF(x - 4.5, 2), QPointF(x + 4.5, 2), QPointF(x, 8)])
        painter.end()

    def _draw(self, ratio: float) -> QPixmap:
        """Waveform, loop and ruler, drawn once a change in device pixels."""
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens, area = self.tokens, self._area()
        ruler = area.height() >= 72
        tone = tokens.wet if self._wet else tokens.dry
        if self._loop is not None:
            start, end = (self._x(s) for s in self._loop)
            region = QRectF(start, area.top(), end - start, area.height())
            painter.setPen(QPen(QColor(tone), 1))
            painter.setBrush(faded(tone, 0.14))
            painter.drawRoundedRect(region, 3, 3)
            painter.fillRect(QRectF(start, area.top(), end - start, 3), QColor(tone))
        self._draw_wave(painter, area.adjusted(0, 4, 0, -_RULER_PX if ruler else 0), ratio, tone)
        if ruler:
            self._draw_ruler(painter, area)
        painter.end()
        return picture

    def _draw_wave(self, painter: QPainter, area: QRectF, ratio: float, tone: str) -> None:
        columns = max(1, round(area.width() * ratio))
        low, high = fold(self._low, self._high, columns)
        middle, half = area.center().y(), area.height() / 2
        xs = area.left() + (np.arange(columns) + 0.5) / ratio
        top = middle - np.clip(high, -1, 1) * half
        bottom = np.maximum(middle - np.clip(low, -1, 1) * half, top + 1 / ratio)
        inside = np.zeros(columns, dtype=bool)
        if self._loop is not None:
            start, end = (self._x(s) for s in self._loop)
            inside = (xs >= start) & (xs <= end)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for mask, colour in ((~inside, self.tokens.wave), (inside, tone)):
            painter.setPen(QPen(QColor(colour), 1 / ratio))
            painter.drawPath(strokes_path(xs[mask], top[mask], bottom[mask]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)

    def _draw_ruler(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(font("small"))
        step = next((s for s in _STEPS_S if self._x(s) - self._x(0) >= 64), _STEPS_S[-1])
        digits = 1 if step < 1 else 0
        count = int(self._duration_s / step)
        for index in range(count + 1):
            x = self._x(index * step)
            if x >= area.right() - 36:
                break
            painter.setPen(QPen(QColor(self.tokens.line), 1))
            painter.drawLine(QPointF(x, area.bottom() - 12), QPointF(x, area.bottom()))
            painter.setPen(QColor(self.tokens.muted))
            box = QRectF(x + 4, area.bottom() - 14, 60, 15)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, format_time(index * step, digits))
