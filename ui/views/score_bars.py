"""The score before and after: two bars, two numbers."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.metrics import font
from ui.views.canvas import Canvas
from ui.views.quantity import MINUS

_ROW = 16.0


class ScoreBars(Canvas):
    """Similarity of words and sound, dry above, wet below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Score", parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            "How near the sound is to the words for the encoder, dry and shaped, at equal "
            "loudness. Compares settings for one prompt and one recording; it is not a grade."
        )
        self._dry: float | None = None
        self._wet: float | None = None

    def set_scores(self, dry: float | None, wet: float | None) -> None:
        """Show scores, usually -1..1; None while unknown."""
        self._dry, self._wet = dry, wet
        self.describe(f"dry {_figure(dry)}, wet {_figure(wet)}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, round(2 * _ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, round(2 * _ROW))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self.tokens
        painter.setFont(font("small"))
        metrics = painter.fontMetrics()
        left = metrics.horizontalAdvance("dry") + 12.0
        right = metrics.horizontalAdvance(f"{MINUS}0.88") + 10.0
        length = max(10.0, self.width() - left - right)
        top = max(abs(self._dry or 0.0), abs(self._wet or 0.0), 0.25) * 1.15
        rows = (("dry", self._dry, tokens.dry), ("wet", self._wet, tokens.wet))
        for row, (name, score, colour) in enumerate(rows):
            y = row * _ROW
            painter.setPen(QColor(tokens.muted))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y, left, _ROW), middle, name)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.track))
            painter.drawRoundedRect(QRectF(left, y + _ROW / 2 - 2.5, length, 5), 2.5, 2.5)
            if score is not None and score > 0:
                painter.setBrush(QColor(colour))
                wide = max(5.0, length * min(score / top, 1.0))
                painter.drawRoundedRect(QRectF(left, y + _ROW / 2 - 2.5, wide, 5), 2.5, 2.5)
            painter.setPen(QColor(colour))
            box = QRectF(self.width() - right, y, right, _ROW)
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, _figure(score))
        painter.end()


def _figure(score: float | None) -> str:
    return "–" if score is None else f"{score:.2f}".replace("-", MINUS)
