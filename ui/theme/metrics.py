"""Sizes in logical pixels: spacing 4-8-12-16-24, radii, and the type scale."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

SPACE_1, SPACE_2, SPACE_3, SPACE_4, SPACE_5 = 4, 8, 12, 16, 24
RADIUS_PANEL, RADIUS_CONTROL = 8, 6
CONTROL_HEIGHT = 30

Role = Literal["small", "body", "value", "title", "prompt", "headline"]
TYPE_PX: dict[Role, int] = {
    "small": 11, "body": 12, "value": 12, "title": 13, "prompt": 16, "headline": 20,
}  # fmt: skip
_SEMIBOLD: frozenset[Role] = frozenset({"title", "headline"})


def font(role: Role, *, bold: bool = False) -> QFont:
    """The application's font in a role; figures are tabular, so numbers never jump in width."""
    return QFont(_made(QApplication.font().key(), role, bold or role in _SEMIBOLD))


@lru_cache(maxsize=64)
def _made(_application_font: str, role: Role, bold: bool) -> QFont:
    """Made once for each face of the application: canvases ask for it at every paint."""
    result = QFont(QApplication.font())
    result.setPixelSize(TYPE_PX[role])
    if bold:
        result.setWeight(QFont.Weight.DemiBold)
    tabular(result)
    return result


def tabular(target: QFont) -> None:
    """Ask a font for figures of equal width, where it has them."""
    target.setFeature(QFont.Tag("tnum"), 1)
