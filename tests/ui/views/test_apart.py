"""Marks that would cover each other are moved apart, a little and only then."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from ui.views.apart import apart

AREA = QRectF(0.0, 0.0, 600.0, 300.0)
LEAST = 18.0


def distance(a, b):
    return math.hypot(a.x() - b.x(), a.y() - b.y())


def test_what_is_apart_stays():
    places = {"a": QPointF(10.0, 10.0), "b": QPointF(40.0, 10.0)}
    assert apart(places, LEAST, AREA) == places


@pytest.mark.parametrize("fixed", ["", "a", "b"])
def test_two_at_one_point_are_seen_both(fixed):
    here = QPointF(300.0, 100.0)
    found = apart({"a": here, "b": here}, LEAST, AREA, fixed)
    assert distance(found["a"], found["b"]) >= LEAST - 0.1
    assert found["a"].y() < found["b"].y()
    if fixed:
        assert found[fixed] == here


def test_a_corner_has_room_for_three():
    corner = {name: QPointF(600.0, 300.0) for name in "abc"}
    found = apart(corner, LEAST, AREA)
    for place in found.values():
        assert AREA.contains(place)
    assert len({(round(p.x()), round(p.y())) for p in found.values()}) == 3


@given(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 300)), min_size=2, max_size=6))
def test_nothing_leaves_the_area_or_goes_far(points):
    places = {str(i): QPointF(x, y) for i, (x, y) in enumerate(points)}
    found = apart(places, LEAST, AREA)
    assert found.keys() == places.keys()
    for name, place in found.items():
        assert AREA.contains(place)
        assert distance(place, places[name]) <= LEAST * len(points)
    nearest = min(distance(found[a], found[b]) for a, b in combinations(found, 2))
    before = min(distance(places[a], places[b]) for a, b in combinations(places, 2))
    assert nearest >= min(before, LEAST) - 1.0
