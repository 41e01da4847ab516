"""What every painted list of rows shares: as high as its rows, a tooltip for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.views.canvas import Canvas


class RowCanvas(Canvas):
    """A subclass paints ``_rows``, each ``row_px`` high.

    Attributes:
        row_px: Height of a row.
        least_px: Least width.
    """

    row_px = 22
    least_px = 180

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._rows: tuple[Any, ...] = ()

    def show_rows(self, rows: Sequence[Any], told: Sequence[str], joint: str = ", ") -> None:
        """Show rows; ``told`` is what a screen reader says of each."""
        self._rows = tuple(rows)
        self.describe(joint.join(told) or "none")
        self.updateGeometry()
        self.update()

    def row_tip(self, row: int) -> str:
        """Tooltip of a row; empty for that of the whole."""
        return ""

    def sizeHint(self) -> QSize:
        return QSize(280, max(1, len(self._rows)) * self.row_px)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.least_px, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = event.pos().y() // self.row_px
            tip = self.row_tip(row) if 0 <= row < len(self._rows) else ""
            if tip:
                QToolTip.showText(event.globalPos(), tip, self)
                return True
        return bool(super().event(event))
