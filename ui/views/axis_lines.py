"""Axes between opposite words, with the sound before and after on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.theme.metrics import font
from ui.views.quantity import signed
from ui.views.row_canvas import RowCanvas


class AxisLines(RowCanvas):
    """One row an axis: its words at both ends, a blue and an orange dot between."""

    row_px = 38

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Axes", parent)
        self.setToolTip(
            "How the sound stands to the words along each axis, before (blue) and after (orange); "
            "the middle is neither."
        )

    def set_axes(self, axes: Sequence[Mapping[str, Any]]) -> None:
        """Show axes: mappings with ``more`` and ``less`` (words), ``dry`` and ``wet``."""
        rows = [
            (", ".join(a["less"]), ", ".join(a["more"]), float(a["dry"]), float(a["wet"]))
            for a in axes
        ]
        told = [
            f"{less} against {more}: {signed(dry, 2)} before, {signed(wet, 2)} after"
            for less, more, dry, wet in rows
        ]
        self.show_rows(rows, told, "; ")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self.tokens
        painter.setFont(font("small"))
        metrics = painter.fontMetrics()
        reach = max((max(abs(d), abs(w)) for *_, d, w in self._rows), default=1.0) or 1.0
        half = self.width() / 2 - 8
        for row, (less, more, dry, wet) in enumerate(self._rows):
            y = row * self.row_px
            painter.setPen(QColor(tokens.muted))
            room = int(self.width() / 2 - 8)
            mode = Qt.TextElideMode.ElideRight
            painter.drawText(
                QRectF(0, y, room, 18), Qt.AlignmentFlag.AlignBottom,
                metrics.elidedText(less, mode, room),
            )  # fmt: skip
            painter.drawText(
                QRectF(self.width() - room, y, room, 18),
                Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight,
                metrics.elidedText(more, mode, room),
            )
            middle, level = self.width() / 2, y + 27.0
            painter.setPen(QPen(QColor(tokens.track), 2))
            painter.drawLine(QPointF(2, level), QPointF(self.width() - 2, level))
            painter.setPen(QPen(QColor(tokens.muted), 1))
            painter.drawLine(QPointF(middle, level - 4), QPointF(middle, level + 4))
            places = [middle + half * value / reach for value in (dry, wet)]
            painter.setPen(QPen(QColor(tokens.wet), 2))
            painter.drawLine(QPointF(places[0], level), QPointF(places[1], level))
            painter.setPen(QPen(QColor(tokens.panel), 1.5))
            for place, colour, radius in zip(
                places, (tokens.dry, tokens.wet), (4.5, 5.5), strict=True
            ):
                painter.setBrush(QColor(colour))
                painter.drawEllipse(QPointF(place, level), radius, radius)
        painter.end()
