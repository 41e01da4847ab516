"""Real mouse events, with modifiers held during the move and exact sub-pixel places."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
_LEFT = Qt.MouseButton.LeftButton
_NO = Qt.MouseButton.NoButton


def send(widget: QWidget, kind: QEvent.Type, place: QPointF, modifiers=NONE) -> None:
    button = _NO if kind == QEvent.Type.MouseMove else _LEFT
    held = _NO if kind == QEvent.Type.MouseButtonRelease else _LEFT
    event = QMouseEvent(kind, place, widget.mapToGlobal(place), button, held, modifiers)
    QApplication.sendEvent(widget, event)


def hover(widget: QWidget, place: QPointF) -> None:
    event = QMouseEvent(QEvent.Type.MouseMove, place, widget.mapToGlobal(place), _NO, _NO, NONE)
    QApplication.sendEvent(widget, event)


def press(widget: QWidget, place: QPointF, modifiers=NONE) -> None:
    send(widget, QEvent.Type.MouseButtonPress, place, modifiers)


def move(widget: QWidget, place: QPointF, modifiers=NONE) -> None:
    send(widget, QEvent.Type.MouseMove, place, modifiers)


def release(widget: QWidget, place: QPointF, modifiers=NONE) -> None:
    send(widget, QEvent.Type.MouseButtonRelease, place, modifiers)


def drag(widget: QWidget, start: QPointF, end: QPointF, modifiers=NONE, steps: int = 4) -> None:
    press(widget, start)
    for step in range(1, steps + 1):
        move(widget, start + (end - start) * step / steps, modifiers)
    release(widget, end, modifiers)


def double_click(widget: QWidget, place: QPointF) -> None:
    press(widget, place)
    release(widget, place)
    send(widget, QEvent.Type.MouseButtonDblClick, place)
    release(widget, place)


def wheel(widget: QWidget, place: QPointF, clicks: int, modifiers=NONE) -> bool:
    event = QWheelEvent(
        place, widget.mapToGlobal(place), QPoint(), QPoint(0, 120 * clicks), _NO, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    return event.isAccepted()
