"""The loss over the steps of a search, as a thin line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.metrics import font
from ui.views.canvas import Canvas


class LossLine(Canvas):
    """How the search came down: steps to the right, loss upwards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Loss over the steps of the search", parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._history: tuple[float, ...] = ()
        self._steps = 0
        self.set_history(())

    def set_history(self, history: Sequence[float], steps: int = 0) -> None:
        """Show losses by step; ``steps`` is how many there will be, 0 for as many as there are."""
        self._history = tuple(v for v in history if np.isfinite(v))
        self._steps = max(steps, len(self._history))
        if self._history:
            first, last = self._history[0], self._history[-1]
            summary = f"{len(self._history)} steps, loss {first:.3f} to {last:.3f}"
        else:
            summary = "no steps yet"
        self.describe(summary)
        self.setToolTip(f"Loss of the search: {summary}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 30)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 30)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self.tokens
        words = f"{len(self._history)} steps" if self._history else ""
        painter.setFont(font("small"))
        wide = painter.fontMetrics().horizontalAdvance("888 steps") + 8
        area = QRectF(self.rect()).adjusted(1, 3, -wide, -4)
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.drawLine(QPointF(area.left(), area.bottom()), QPointF(area.right(), area.bottom()))
        painter.setPen(QColor(tokens.muted))
        box = QRectF(area.right() + 8, 0, wide, self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
        if len(self._history) >= 2:
            losses = np.array(self._history)
            span = max(float(losses.max() - losses.min()), 1e-9)
            xs = area.left() + area.width() * np.arange(len(losses)) / max(self._steps - 1, 1)
            ys = area.bottom() - area.height() * (losses - losses.min()) / span
            path = QPainterPath(QPointF(float(xs[0]), float(ys[0])))
            for x, y in zip(xs[1:].tolist(), ys[1:].tolist(), strict=True):
                path.lineTo(x, y)
            painter.setPen(QPen(QColor(tokens.wet), 1.25))
            painter.drawPath(path)
            painter.setBrush(QColor(tokens.wet))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(QPointF(float(xs[-1]), float(ys[-1])), 2.5, 2.5)
        painter.end()
