"""The slider: click or drag sets, Shift is fine, Ctrl-click is the default, arrows step."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from ui.theme import current_tokens
from ui.views.gesture import Gesture

_STEPS = 1000
_FINE = 0.1
_HANDLE = 7.0  # radius


class Slider(QSlider):
    """A position 0..1 with a default; a QSlider, so that screen readers know it.

    Args:
        name: Accessible name.
        default: Position of the default, 0..1.
        tone: Token of the filled part.
        from_default: Fill from the default's place instead of from the left end.
    """

    previewed = Signal(float)  # position, while it moves
    committed = Signal(float)  # position, once a gesture
    own_keys = frozenset({Qt.Key.Key_Home, Qt.Key.Key_End})

    def __init__(
        self,
        name: str,
        default: float = 0.0,
        parent: QWidget | None = None,
        *,
        tone: str = "wet",
        from_default: bool = False,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, _STEPS)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._default, self._tone, self._from_default = default, tone, from_default
        self._position = default
        self._ghost: float | None = None
        self._drag_x: float | None = None
        self._gesture = Gesture(self)
        self._gesture.finished.connect(lambda: self.committed.emit(self._position))
        self.set_position(default)

    def position(self) -> float:
        """Where it stands, 0..1, exactly as it was set."""
        return self._position

    def set_position(self, position: float) -> None:
        """Move it without a signal; a gesture in progress is dropped."""
        self._gesture.drop()
        self._place(position)

    def set_ghost(self, position: float | None) -> None:
        """A thin mark where the proposal stood; None for none."""
        self._ghost = position
        self.update()

    def _place(self, position: float) -> None:
        self._position = min(max(position, 0.0), 1.0)
        blocked = self.blockSignals(True)
        self.setValue(round(self._position * _STEPS))
        self.blockSignals(blocked)
        self.update()

    def _move(self, position: float) -> None:
        before = self._position
        self._place(position)
        if self._position != before:
            self._gesture.preview()
            self.previewed.emit(self._position)

    def reset(self) -> None:
        """Back to the default, as one step."""
        self._move(self._default)
        self._gesture.finish()

    def sizeHint(self) -> QSize:
        return QSize(120, 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(48, 20)

    def _span(self) -> tuple[float, float]:
        return _HANDLE + 1, max(1.0, self.width() - 2 * (_HANDLE + 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.reset()
            return
        start, length = self._span()
        x = event.position().x()
        self._drag_x = x
        handle_x = start + self._position * length
        if abs(x - handle_x) > _HANDLE + 2:
            self._move((x - start) / length)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag_x is None:
            return
        x = event.position().x()
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = (x - self._drag_x) * (_FINE if fine else 1.0)
        self._drag_x = x
        self._move(self._position + step / self._span()[1])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag_x = None
        self._gesture.finish()
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():  # a page that scrolls must not turn the knobs it passes
            event.ignore()
            return
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        delta = event.angleDelta().y() or event.angleDelta().x()
        self._move(self._position + delta / 120 * (0.001 if fine else 0.01))
        self._gesture.finish_soon()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = 0.001 if fine else 0.01
        moves = {
            Qt.Key.Key_Left: -step, Qt.Key.Key_Down: -step, Qt.Key.Key_Right: step,
            Qt.Key.Key_Up: step, Qt.Key.Key_PageDown: -0.1, Qt.Key.Key_PageUp: 0.1,
            Qt.Key.Key_Home: -1.0, Qt.Key.Key_End: 1.0,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in moves:
            self._move(self._position + moves[key])
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset()
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self._gesture.finish()
        super().keyReleaseEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return bool(super().event(event))

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        start, length = self._span()
        middle = self.height() / 2
        handle_x = start + self._position * length
        painter.setBrush(QColor(tokens.track))
        painter.drawRoundedRect(QRectF(1, middle - 2, self.width() - 2, 4), 2, 2)
        origin = start + self._default * length if self._from_default else 1.0
        left, right = min(origin, handle_x), max(origin, handle_x)
        painter.setBrush(QColor(getattr(tokens, self._tone) if self.isEnabled() else tokens.muted))
        painter.drawRoundedRect(QRectF(left, middle - 2, right - left, 4), 2, 2)
        if self._ghost is not None:
            ghost_x = start + self._ghost * length
            painter.setBrush(QColor(tokens.muted))
            painter.drawRect(QRectF(ghost_x - 0.75, middle - 6, 1.5, 12))
        center = QPointF(handle_x, middle)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.wet), 1.5))
            painter.drawEllipse(center, _HANDLE + 0.5, _HANDLE + 0.5)
            painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.text if self.isEnabled() else tokens.muted))
        painter.drawEllipse(center, _HANDLE - 2, _HANDLE - 2)
        painter.end()
