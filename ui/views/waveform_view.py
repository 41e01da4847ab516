"""The recording as a waveform: playhead, loop region, dry or wet colouring."""

from __future__ import annotations

from collections.abc import Callable
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
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.metrics import font
from ui.views.canvas import Canvas
from ui.views.quantity import format_time
from ui.views.time_window import ZOOM, TimeWindow
from ui.views.waveform_scene import WaveformScene

Loop = tuple[float, float]
_PAD = 6.0
_GRIP = 6.0
_FINE = 0.1
_SHORTEST_S = 0.05


_SHORTEST_VIEW_S = 0.2
_ZOOM_KEYS: dict[Qt.Key, Callable[[TimeWindow, float], TimeWindow]] = {
    Qt.Key.Key_Plus: lambda seen, at_s: seen.following(at_s).zoomed(ZOOM, at_s),
    Qt.Key.Key_Equal: lambda seen, at_s: seen.following(at_s).zoomed(ZOOM, at_s),
    Qt.Key.Key_Minus: lambda seen, at_s: seen.zoomed(1 / ZOOM, at_s),
    Qt.Key.Key_0: lambda seen, _: TimeWindow.whole(seen.duration_s, seen.shortest_s),
    Qt.Key.Key_PageDown: lambda seen, _: seen.scrolled(0.8),
    Qt.Key.Key_PageUp: lambda seen, _: seen.scrolled(-0.8),
}


class WaveformView(Canvas):
    """Click seeks, a drag sets the loop, its edges and its top bar can be moved; Shift is fine.

    The wheel zooms at the pointer; with Shift, or sideways, it scrolls. Keys: Left and Right seek
    by a second (Shift: a tenth), [ and ] set the loop's ends at the playhead, Delete or Escape
    removes the loop; + and - zoom at the playhead, 0 shows all, Z the loop, Page Up and Page Down
    scroll.
    """

    own_keys = frozenset({Qt.Key.Key_Home})

    seek_requested = Signal(float)  # seconds
    loop_changed = Signal(object)  # (start_s, end_s) or None, once a gesture

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Waveform", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._low, self._high = np.zeros(0), np.zeros(0)
        self._duration_s = 0.0
        self._seen = TimeWindow()
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
        bucket_s = self._duration_s / max(len(self._low), 1)
        self._seen = TimeWindow.whole(self._duration_s, max(_SHORTEST_VIEW_S, 256 * bucket_s))
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
            if self._seen.start_s <= self._position_s <= self._seen.end_s:
                self._show(self._seen.following(position_s))  # unless one has scrolled away
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
        return self._seen.x(seconds, self._area())

    def _seconds(self, x: float) -> float:
        area = self._area()
        share = (x - area.left()) / max(1.0, area.width())
        return float(self._seen.start_s + min(max(share, 0.0), 1.0) * self._seen.span_s)

    def seen(self) -> TimeWindow:
        """What is in view."""
        return self._seen

    def _show(self, seen: TimeWindow) -> None:
        if seen != self._seen:
            self._seen = seen
            self._redraw()

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
        view = ""
        if not self._seen.fits:
            start, end = (format_time(t, 1) for t in (self._seen.start_s, self._seen.end_s))
            view = f", {start} to {end} in view"
        self.describe(f"{format_time(self._duration_s)} long, {loop}{view}")

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

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        if not self._duration_s or delta.isNull():
            event.ignore()
            return
        across = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if across or abs(delta.x()) > abs(delta.y()):
            self._show(self._seen.scrolled(-0.1 * (delta.x() or delta.y()) / 120))
        else:
            here = self._seconds(event.position().x())
            self._show(self._seen.zoomed(ZOOM ** (delta.y() / 120), here))
        event.accept()

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
        elif key in _ZOOM_KEYS:
            self._show(_ZOOM_KEYS[key](self._seen, self._position_s))
        elif key == Qt.Key.Key_Z and self._loop is not None:
            self._show(self._seen.around(*self._loop))
        elif key == Qt.Key.Key_BracketLeft:
            end = self._loop[1] if self._loop else self._duration_s
            self._end_by_key(self._position_s, max(end, self._position_s))
        elif key == Qt.Key.Key_BracketRight:
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
        if not self._seen.start_s <= self._position_s <= self._seen.end_s:
            painter.end()
            return
        x = self._x(self._position_s)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.text))
        painter.drawRect(QRectF(x - 0.75, 2, 1.5, self.height() - 4))
        painter.drawPolygon([QPointF(x - 4.5, 2), QPointF(x + 4.5, 2), QPointF(x, 8)])
        painter.end()

    def _draw(self, ratio: float) -> QPixmap:
        """Drawn once a change, in device pixels."""
        picture = self.blank_picture()
        painter = QPainter(picture)
        tone = self.tokens.wet if self._wet else self.tokens.dry
        scene = WaveformScene(self._area(), self._seen, self._loop, tone, self.tokens)
        scene.paint(painter, self._low, self._high, ratio)
        painter.end()
        return picture
