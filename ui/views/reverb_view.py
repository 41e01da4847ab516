"""The room as decays by band, with handles for predelay, level, decay and damping."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from dsp.reverb import BAND_CENTERS_HZ, Reverb
from ui.theme.metrics import font
from ui.views.bubble import paint_bubble
from ui.views.canvas import Canvas, faded
from ui.views.gesture import Gesture
from ui.views.quantity import format_quantity, format_value, signed
from ui.views.reverb_geometry import (
    HANDLE_TITLES,
    HANDLES,
    Handle,
    ReverbGeometry,
    fitting_span_s,
    with_values,
)

_RADIUS = 7.0
_HIT = _RADIUS + 6
_FINE = 0.1
_DEFAULTS: dict[Handle, tuple[str, ...]] = {
    "start": ("predelay_ms", "wet_db"), "decay": ("t60_s",), "treble": ("damping",),
}  # fmt: skip
_NAMED_BANDS = (1, 6, 10)  # about 70 Hz, 1 kHz and 9 kHz


class ReverbView(Canvas):
    """Decay curve of every band. Drag a handle; Shift is fine; Ctrl-click is the default.

    Keys: Page Up and Page Down choose a handle, arrows move it, Delete is its default.
    """

    room_previewed = Signal(object)  # Reverb, while something moves
    room_committed = Signal(object, str)  # Reverb and what was done, once a gesture

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Reverb decay", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._room = Reverb()
        self._ghost: Reverb | None = None
        self._span_s = fitting_span_s(self._room)
        self._selected: Handle | None = None
        self._hovered: Handle | None = None
        self._drag: QPointF | None = None
        self._pointer = QPointF()
        self._editable = True
        self._gesture = Gesture(self)
        self._gesture.finished.connect(self._commit)
        self._show()

    def room(self) -> Reverb:
        """The room as it is shown."""
        return self._room

    def set_room(self, room: Reverb) -> None:
        """Show a room without a signal."""
        self._gesture.drop()
        self._drag = None
        self._room = room
        self._span_s = fitting_span_s(room)
        self._show()

    def preview_room(self, room: Reverb) -> None:
        """Show a room that is being changed elsewhere: the time axis only grows meanwhile."""
        self._room = room
        self._span_s = max(self._span_s, fitting_span_s(room))
        self._show()

    def set_ghost(self, room: Reverb | None) -> None:
        """Keep a proposal as a dashed decay."""
        self._ghost = room
        self.update()

    def set_editable(self, editable: bool) -> None:
        """While a search moves the room, hands are off."""
        self._editable = editable

    def handle_position(self, which: Handle) -> QPointF:
        """Where a handle stands in the widget."""
        return self._geometry().handle(which)

    def _geometry(self, room: Reverb | None = None) -> ReverbGeometry:
        return ReverbGeometry(room or self._room, self.width(), self.height(), self._span_s)

    def _show(self) -> None:
        parts = [
            f"{p.title} {format_value(p, self._room.values[p.name])}" for p in Reverb.parameters
        ]
        self.describe(", ".join(parts))
        self.update()

    def _change(self, room: Reverb) -> None:
        if room != self._room:
            self.preview_room(room)
            self._gesture.preview()
            self.room_previewed.emit(room)

    def _commit(self) -> None:
        values = self._room.values
        if self._selected == "start":
            what = f"Predelay {values['predelay_ms']:.0f} ms, wet {signed(values['wet_db'], 1)} dB"
        elif self._selected == "treble":
            what = f"Damping {values['damping']:.2f}"
        else:
            what = f"Decay {values['t60_s']:.2f} s"
        self.room_committed.emit(self._room, what)
        if self._drag is None:
            self._span_s = fitting_span_s(self._room)
            self.update()

    def _at(self, position: QPointF) -> Handle | None:
        if not self._editable:
            return None
        geometry = self._geometry()
        hits = []
        for which in HANDLES:
            offset = geometry.handle(which) - position
            hits.append((math.hypot(offset.x(), offset.y()), which))
        distance, which = min(hits)
        return which if distance <= _HIT else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        which = self._at(event.position())
        self._selected = which
        self.update()
        if which is None:
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._reset(which)
            return
        self._drag = self._geometry().handle(which)
        self._pointer = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None or self._selected is None:
            hovered = self._at(event.position())
            if hovered != self._hovered:
                self._hovered = hovered
                shape = Qt.CursorShape.SizeAllCursor if hovered else Qt.CursorShape.ArrowCursor
                self.setCursor(shape)
                self.update()
            return
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = event.position() - self._pointer
        self._pointer = event.position()
        self._drag += step * (_FINE if fine else 1.0)
        geometry = self._geometry()
        span = self._span_s
        self._change(geometry.moved(self._selected, self._drag))
        if self._span_s != span:  # the axis grew: the free place moves with it
            self._drag.setX(self._geometry().x(geometry.seconds(self._drag.x())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = None
            self._gesture.finish()

    def leaveEvent(self, event: object) -> None:
        self._hovered = None
        self.update()

    def _reset(self, which: Handle) -> None:
        names = _DEFAULTS[which]
        defaults = {n: Reverb.parameter(n).default for n in names if n != "wet_db"}
        if which == "start":
            defaults["wet_db"] = Reverb.parameter("wet_db").default
        self._change(with_values(self._room, **defaults))
        self._gesture.finish()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        walk = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
        if key in walk:
            step = walk[key]
            if self._selected is None:
                self._selected = HANDLES[0 if step > 0 else -1]
            else:
                here = HANDLES.index(self._selected) + step
                self._selected = HANDLES[min(max(here, 0), len(HANDLES) - 1)]
            self.update()
        elif self._selected is None or not self._editable:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._reset(self._selected)
        elif not self._step(key, fine=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)):
            super().keyPressEvent(event)

    def _step(self, key: Qt.Key, *, fine: bool) -> bool:
        """Move the chosen handle by a key; False if the key does nothing."""
        across = {Qt.Key.Key_Right: 1.0, Qt.Key.Key_Left: -1.0}.get(key, 0.0)
        along = {Qt.Key.Key_Up: 1.0, Qt.Key.Key_Down: -1.0}.get(key, 0.0)
        if not across and not along:
            return False
        share = _FINE if fine else 1.0
        values = self._room.values
        if self._selected == "start":
            changed = with_values(
                self._room,
                predelay_ms=values["predelay_ms"] + across * share * 5,
                wet_db=values["wet_db"] + along * share,
            )
        elif self._selected == "decay":
            factor = 2.0 ** ((across + along) * share / 6)
            changed = with_values(self._room, t60_s=values["t60_s"] * factor)
        else:
            damping = values["damping"] - (across + along) * share * 0.05
            changed = with_values(self._room, damping=round(damping, 6))
        self._change(changed)
        return True

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self._gesture.finish()
        super().keyReleaseEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(300, 150)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 100)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_ground(painter)
        geometry, area = self._geometry(), self._geometry().area
        self._paint_axes(painter, geometry)
        painter.save()
        painter.setClipRect(area)
        off = self._room.is_neutral()
        colour = self.tokens.muted if off else self.tokens.wet
        lines = geometry.lines()
        for index, (start, end) in enumerate(lines):
            named = index in _NAMED_BANDS
            alpha = 1.0 - 0.5 * index / len(lines) if named else 0.18
            painter.setPen(QPen(faded(colour, alpha), 2 if named else 1))
            painter.drawLine(start, end)
        if self._ghost is not None and not self._ghost.is_neutral():
            pen = QPen(QColor(self.tokens.muted), 1.25)
            pen.setDashPattern([4, 4])
            painter.setPen(pen)
            painter.drawLine(*self._geometry(self._ghost).lines()[_NAMED_BANDS[1]])
        painter.setPen(QPen(QColor(self.tokens.dry), 2))
        painter.drawLine(QPointF(area.left(), geometry.y(0)), QPointF(area.left(), area.bottom()))
        painter.restore()
        if not off:
            self._paint_names(painter, geometry)
        self._paint_handles(painter, geometry, colour)
        if off:
            painter.setFont(font("small"))
            painter.setPen(QColor(self.tokens.muted))
            corner = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
            painter.drawText(area.adjusted(0, 2, -4, 0), corner, "off: turn Wet up to hear it")
        painter.end()

    def _paint_axes(self, painter: QPainter, geometry: ReverbGeometry) -> None:
        area = geometry.area
        painter.setFont(font("small"))
        for level in (0, -30, -60):
            y = round(geometry.y(level)) + 0.5
            painter.setPen(QPen(QColor(self.tokens.grid), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(self.tokens.muted))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 8, area.left() - 5, 16), right, signed(level, 0))
        for part in range(5):
            seconds = self._span_s * part / 4
            x = round(geometry.x(seconds)) + 0.5
            painter.setPen(QPen(QColor(self.tokens.grid), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            if part % 2 and area.width() < 200:
                continue
            painter.setPen(QColor(self.tokens.muted))
            box = QRectF(x - 30, area.bottom() + 2, 60, 16)
            if part == 4:
                box.moveRight(area.right() + 6)
            unit = " s" if part == 4 else ""
            flag = Qt.AlignmentFlag.AlignRight if part == 4 else Qt.AlignmentFlag.AlignHCenter
            painter.drawText(box, flag, f"{seconds:g}{unit}")

    def _paint_names(self, painter: QPainter, geometry: ReverbGeometry) -> None:
        """Name three bands where their lines leave the plot, if they are apart enough to read."""
        area = geometry.area
        painter.setFont(font("small"))
        taken: list[QRectF] = []
        for index in _NAMED_BANDS:
            start, end = geometry.lines()[index]
            if start.y() >= area.bottom() - 24:
                continue
            share = (area.bottom() - 10 - start.y()) / (end.y() - start.y())
            x = start.x() + share * (end.x() - start.x())
            y = area.bottom() - 10
            if x > area.right() - 44:
                share = (area.right() - 44 - start.x()) / (end.x() - start.x())
                x, y = area.right() - 44, start.y() + share * (end.y() - start.y())
            box = QRectF(x + 4, y - 14, 44, 14)
            if any(box.intersects(other) for other in taken):
                continue
            taken.append(box)
            painter.setPen(QColor(self.tokens.muted))
            center = BAND_CENTERS_HZ[index]
            name = f"{center:.0f} Hz" if center < 1000 else f"{center / 1000:.0f} kHz"
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_handles(self, painter: QPainter, geometry: ReverbGeometry, colour: str) -> None:
        for which in HANDLES:
            center = geometry.handle(which)
            chosen, near = which == self._selected, which == self._hovered
            if chosen:
                painter.setPen(QPen(faded(colour, 0.45), 4))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(center, _RADIUS + 2, _RADIUS + 2)
            painter.setPen(QPen(QColor(colour), 2))
            painter.setBrush(QColor(colour if near else self.tokens.field))
            painter.drawEllipse(center, _RADIUS - 1, _RADIUS - 1)
        told = self._hovered or (self._selected if self.hasFocus() or self._drag else None)
        if told is not None:
            title, values = HANDLE_TITLES[told], self._values_of(told)
            paint_bubble(painter, self.tokens, geometry.handle(told), geometry.area, title, values)

    def _values_of(self, which: Handle) -> str:
        values = self._room.values
        if which == "start":
            wet = format_value(Reverb.parameter("wet_db"), values["wet_db"])
            return f"{format_quantity(values['predelay_ms'], 'ms')}   {wet}"
        if which == "decay":
            return f"T60 {format_quantity(values['t60_s'], 's')}"
        return f"damping {values['damping']:.2f}"
