"""What every painted view shares: tokens, focus ring, repaint on a change of theme, a summary."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QWidget

from ui.theme import Tokens, current_tokens
from ui.theme.metrics import RADIUS_CONTROL


class Canvas(QWidget):
    """A widget that paints itself; it takes focus by Tab and by click."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    @property
    def tokens(self) -> Tokens:
        """The colours in use."""
        return current_tokens()

    def describe(self, summary: str) -> None:
        """Tell a screen reader what is to be seen; nothing happens if that is what it knows."""
        if summary != self.accessibleDescription():
            self.setAccessibleDescription(summary)
            event = QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
            QAccessible.updateAccessibility(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self.update()
        super().changeEvent(event)

    def focusInEvent(self, event: QEvent) -> None:
        self.update()
        super().focusInEvent(event)  # type: ignore[arg-type]

    def focusOutEvent(self, event: QEvent) -> None:
        self.update()
        super().focusOutEvent(event)  # type: ignore[arg-type]

    def blank_picture(self) -> QPixmap:
        """A transparent picture of the widget's size, in device pixels."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        return picture

    def paint_ground(self, painter: QPainter) -> None:
        """Fill the rounded ground and, with the keyboard's focus, draw its ring."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        path = QPainterPath()
        path.addRoundedRect(rect, RADIUS_CONTROL, RADIUS_CONTROL)
        painter.fillPath(path, QColor(self.tokens.field))
        edge = self.tokens.wet if self.hasFocus() else self.tokens.line
        painter.setPen(QPen(QColor(edge), 1))
        painter.drawPath(path)


def faded(colour: str, alpha: float) -> QColor:
    """A colour at an opacity 0..1."""
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result
