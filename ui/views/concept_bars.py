"""Concepts before and after: two bars each, blue above, orange below, and the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.theme.metrics import font
from ui.views.canvas import Canvas
from ui.views.quantity import signed

ROW_PX = 26


class ConceptBars(Canvas):
    """One row a concept: what rose first, then what fell."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Concepts before and after", parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._rows: tuple[tuple[str, float, float], ...] = ()

    def set_changes(self, changes: Sequence[Mapping[str, Any]]) -> None:
        """Show changes: mappings with ``text``, ``before`` and ``after`` (weights from 0)."""
        self._rows = tuple((c["text"], float(c["before"]), float(c["after"])) for c in changes)
        told = [f"{t} {signed(after - before, 2)}" for t, before, after in self._rows]
        self.describe(", ".join(told) or "none")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, max(1, len(self._rows)) * ROW_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = event.pos().y() // ROW_PX
            if 0 <= row < len(self._rows):
                text, before, after = self._rows[row]
                QToolTip.showText(
                    event.globalPos(), f"{text}: {before:.2f} before, {after:.2f} after", self
                )
            return True
        return bool(super().event(event))

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
            y = row * ROW_PX
            painter.setPen(QColor(tokens.text))
            cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(left - 8))
            box = QRectF(0, y, left - 8, ROW_PX)
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
            box = QRectF(self.width() - right, y, right, ROW_PX)
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, signed(change, 2))
        painter.end()
