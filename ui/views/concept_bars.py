"""Concepts before and after: two bars each, blue above, orange below, and the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme.metrics import font
from ui.views.quantity import signed
from ui.views.row_canvas import RowCanvas


class ConceptBars(RowCanvas):
    """One row a concept: what rose first, then what fell."""

    row_px = 26

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Concepts before and after", parent)

    def set_changes(self, changes: Sequence[Mapping[str, Any]]) -> None:
        """Show changes: mappings with ``text``, ``before`` and ``after`` (weights from 0)."""
        rows = [(c["text"], float(c["before"]), float(c["after"])) for c in changes]
        self.show_rows(rows, [f"{t} {signed(after - before, 2)}" for t, before, after in rows])

    def row_tip(self, row: int) -> str:
        text, before, after = self._rows[row]
        return f"{text}: {before:.2f} before, {after:.2f} after"

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self.tokens
        painter.setFont(font("small"))
        metrics = painter.fontMetrics()
        middle = Qt.AlignmentFlag.AlignVCenter
        right = metrics.horizontalAdvance("+0.88") + 8.0
        widest = max((metrics.horizontalAdvance(t) for t, *_ in self._rows), default=0)
        left = min(widest + 10.0, self.width() * 0.42)
        length = max(20.0, self.width() - left - right)
        top = max((max(b, a) for _, b, a in self._rows), default=1.0) or 1.0
        for row, (text, before, after) in enumerate(self._rows):
            y = row * self.row_px
            painter.setPen(QColor(tokens.text))
            cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(left - 8))
            box = QRectF(0, y, left - 8, self.row_px)
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, cut)
            painter.setPen(Qt.PenStyle.NoPen)
            for value, colour, at in ((before, tokens.dry, 6.0), (after, tokens.wet, 14.0)):
                painter.setBrush(QColor(tokens.track))
                painter.drawRoundedRect(QRectF(left, y + at, length, 5), 2.5, 2.5)
                if value > 0:
                    painter.setBrush(QColor(colour))
                    wide = max(5.0, length * min(value / top, 1.0))
                    painter.drawRoundedRect(QRectF(left, y + at, wide, 5), 2.5, 2.5)
            change = after - before
            painter.setPen(QColor(tokens.wet if change >= 0 else tokens.dry))
            box = QRectF(self.width() - right, y, right, self.row_px)
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, signed(change, 2))
        painter.end()
