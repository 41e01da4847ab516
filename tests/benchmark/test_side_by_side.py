"""Work in several processes gives what work in this one gives, in order."""

from __future__ import annotations

from functools import partial

import pytest

from text2fx_studio.benchmark.side_by_side import side_by_side

_given: list[int] = []


def _begin(number: int) -> None:
    _given[:] = [number]


def _product(item: int) -> int:
    if item < 0:
        raise ValueError(f"{item} is negative")
    return item * _given[0]


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_is_found_stands_in_the_order_of_the_items(jobs: int) -> None:
    told: list[tuple[int, int]] = []
    found = side_by_side(
        _product, [5, 3, 4], jobs, lambda done, item: told.append((done, item)),
        begin=partial(_begin, 7),
    )  # fmt: skip
    assert found == [35, 21, 28]
    assert [done for done, _ in told] == [1, 2, 3]
    assert sorted(item for _, item in told) == [3, 4, 5]


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_first_error_is_raised(jobs: int) -> None:
    with pytest.raises(ValueError, match="-1 is negative"):
        side_by_side(_product, [1, -1, 2], jobs, lambda *_: None, begin=partial(_begin, 1))
