"""An empty state: one place to drop on or to press."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.icons import draw_icon
from ui.theme.metrics import RADIUS_PANEL, font
from ui.views.canvas import Canvas, faded


class DropTarget(Canvas):
    """A dashed frame with two lines of text. The owner accepts the drop itself.

    Args:
        title: What to do.
        hint: What is taken.
    """

    pressed = Signal()

    def __init__(self, title: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._title, self._hint = title, hint
        self._hovered = False
        self.describe(hint)

    def set_hovered(self, hovered: bool) -> None:
        """Whether something is held over it."""
        self._hovered = hovered
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, 160)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 96)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self.tokens
        lively = self._hovered or self.hasFocus()
        pen = QPen(QColor(tokens.wet if lively else tokens.muted), 1.25)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.setBrush(faded(tokens.wet, 0.08) if self._hovered else QColor(tokens.field))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, RADIUS_PANEL, RADIUS_PANEL)
        middle = box.center().y()
        colour = tokens.wet if self._hovered else tokens.muted
        draw_icon(painter, "drop", QRectF(box.center().x() - 16, middle - 44, 32, 32), colour)
        center = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font("title"))
        painter.setPen(QColor(tokens.text))
        painter.drawText(QRectF(box.left(), middle - 6, box.width(), 20), center, self._title)
        painter.setFont(font("small"))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(QRectF(box.left(), middle + 16, box.width(), 16), center, self._hint)
        painter.end()
