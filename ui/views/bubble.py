"""The small box with values beside what the pointer or the keyboard is at."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from ui.theme import Tokens
from ui.theme.metrics import font

_PAD = 8.0
_GAP = 16.0


def paint_bubble(
    painter: QPainter,
    tokens: Tokens,
    anchor: QPointF,
    room: QRectF,
    title: str,
    values: str,
    *,
    tone: str = "wet",
    below: bool = False,
) -> QRectF:
    """Draw two lines above or below a point, inside a room, on the other side if it is too small.

    Returns:
        The box that was drawn.
    """
    bold, plain = font("small", bold=True), font("small")
    first, second = QFontMetricsF(bold), QFontMetricsF(plain)
    width = max(first.horizontalAdvance(title), second.horizontalAdvance(values)) + 2 * _PAD
    height = first.height() + (second.height() if values else 0) + _PAD * 1.5
    box = QRectF(anchor.x() - width / 2, anchor.y() - _GAP - height, width, height)
    if (below and anchor.y() + _GAP + height <= room.bottom()) or box.top() < room.top():
        box.moveTop(anchor.y() + _GAP)
    box.moveBottom(min(box.bottom(), room.bottom()))
    box.moveLeft(max(box.left(), room.left()))
    box.moveRight(min(box.right(), room.right()))
    painter.setPen(QPen(QColor(tokens.line), 1))
    painter.setBrush(QColor(tokens.raised))
    painter.drawRoundedRect(box, 6, 6)
    inner = box.adjusted(_PAD, _PAD * 0.75, -_PAD, -_PAD * 0.75)
    painter.setFont(bold)
    painter.setPen(QColor(tokens.text))
    painter.drawText(inner, Qt.AlignmentFlag.AlignTop, title)
    if values:
        painter.setFont(plain)
        painter.setPen(QColor(getattr(tokens, tone)))
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom, values)
    return box
