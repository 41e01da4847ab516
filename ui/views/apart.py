"""Moves marks that would cover each other a little apart."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF

_ROUNDS = 12


def apart(
    places: Mapping[str, QPointF], least_px: float, area: QRectF, fixed: str = ""
) -> dict[str, QPointF]:
    """Places of round marks, with those that are too near pushed away from each other.

    Args:
        places: By name; in this order, the first of two at one point goes up.
        least_px: Between two centers.
        area: No mark leaves it.
        fixed: One that stays where it is; empty for none.
    """
    found = {name: QPointF(place) for name, place in places.items()}
    names = list(found)
    for _ in range(_ROUNDS):
        moved = False
        for index, first in enumerate(names):
            for second in names[index + 1 :]:
                moved |= _push(found, first, second, least_px, fixed)
        for name in names:
            if name != fixed:
                found[name] = _inside(found[name], area)
        if not moved:
            break
    return found


def _push(places: dict[str, QPointF], first: str, second: str, least_px: float, fixed: str) -> bool:
    gap = places[second] - places[first]
    distance = math.hypot(gap.x(), gap.y())
    if distance >= least_px - 0.01:
        return False
    x, y = (gap.x() / distance, gap.y() / distance) if distance > 1e-6 else (0.0, 1.0)
    missing = least_px - distance
    for name, sign in ((first, -1.0), (second, 1.0)):
        share = 0.5 if fixed not in (first, second) else float(name != fixed)
        places[name] += QPointF(sign * share * missing * x, sign * share * missing * y)
    return True


def _inside(place: QPointF, area: QRectF) -> QPointF:
    return QPointF(
        min(max(place.x(), area.left()), area.right()),
        min(max(place.y(), area.top()), area.bottom()),
    )
