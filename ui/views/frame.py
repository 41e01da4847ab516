"""A widget on the window's ground, for pictures."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget


def framed(widget: QWidget, width: int, height: int) -> QWidget:
    """Put a widget on the window's ground, at a size."""
    ground = QWidget()
    ground.setProperty("ground", "window")
    column = QVBoxLayout(ground)
    column.setContentsMargins(12, 12, 12, 12)
    column.addWidget(widget)
    ground.resize(width, height)
    return ground
