"""What each band and effect brought to the change of the score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.theme.metrics import font
from ui.views.quantity import signed
from ui.views.row_canvas import RowCanvas


class Share(NamedTuple):
    """One row: name, what was done there, part of the score's change, the same in per cent."""

    name: str
    what: str
    share: float
    percent: float


class ShareBars(RowCanvas):
    """Bars to the right of the middle helped, to the left worked against it."""

    least_px = 200

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What each band and effect brought", parent)

    def set_shares(self, shares: Sequence[Share]) -> None:
        """Show rows in the order given."""
        self.show_rows(shares, [f"{s.name} {s.what} {signed(s.percent, 0)} %" for s in shares])

    def row_tip(self, row: int) -> str:
        found: Share = self._rows[row]
        return f"{found.name}: {found.what}, {signed(found.share, 3)} of the score"

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self.tokens
        painter.setFont(font("small"))
        metrics = painter.fontMetrics()
        name_px = max((metrics.horizontalAdvance(s.name) for s in self._rows), default=0) + 10.0
        what_px = max((metrics.horizontalAdvance(s.what) for s in self._rows), default=0) + 10.0
        right = metrics.horizontalAdvance("−888 %") + 4.0
        left = name_px + what_px
        length = max(20.0, self.width() - left - right)
        lowest = min((s.percent for s in self._rows), default=0.0)
        highest = max((s.percent for s in self._rows), default=0.0)
        lowest, highest = min(lowest, 0.0), max(highest, 1.0)
        zero = left + length * -lowest / (highest - lowest)
        middle = Qt.AlignmentFlag.AlignVCenter
        for row, share in enumerate(self._rows):
            y = row * self.row_px
            painter.setPen(QColor(tokens.text))
            painter.drawText(QRectF(0, y, name_px, self.row_px), middle, share.name)
            painter.setPen(QColor(tokens.muted))
            box = QRectF(name_px, y, what_px - 10, self.row_px)
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, share.what)
            end = zero + length * share.percent / (highest - lowest)
            bar = QRectF(min(zero, end), y + self.row_px / 2 - 3, max(abs(end - zero), 1.5), 6)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.wet if share.percent >= 0 else tokens.muted))
            painter.drawRoundedRect(bar, 2, 2)
            painter.setPen(QColor(tokens.text if share.percent >= 0 else tokens.muted))
            box = QRectF(self.width() - right, y, right, self.row_px)
            text = f"{signed(share.percent, 0)} %"
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, text)
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.drawLine(QPointF(zero, 0), QPointF(zero, self.height()))
        painter.end()
