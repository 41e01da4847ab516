"""What is taken in the end: what was found, something gentler, or nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from text2fx_studio.search import engine
from text2fx_studio.search.engine import is_better, settle

DRY = 0.9


def gain(chain: Chain) -> float:
    equalizer = chain.get(Equalizer)
    assert equalizer is not None
    return equalizer.values["high_shelf_gain_db"]


def shelf(gain_db: float) -> Chain:
    return Chain((Equalizer({"high_shelf_gain_db": gain_db}),))


@pytest.fixture
def scored(monkeypatch):
    """Judge by how near the shelf is to ``best_db``; every decibel away costs a hundredth."""

    def at(best_db: float) -> None:
        def judge(_ready: object, found: Chain, amount: float) -> engine.Scores:
            near = [DRY + 0.02 - 0.01 * abs(gain(found) * share - best_db) for share in (1, amount)]
            return DRY, near[0], near[1]

        monkeypatch.setattr(engine, "judge", judge)

    return at


def ready(proposed: Chain | None):
    return SimpleNamespace(proposed=proposed)


def test_what_is_better_than_dry_is_taken_as_it_was_found(scored):
    scored(5.0)
    chain, scores = settle(ready(shelf(5.0)), shelf(6.0), 1.0)
    assert gain(chain) == 6.0
    assert is_better(scores)


@pytest.mark.parametrize(
    ("best_db", "proposed_db", "taken_db"), [(4.0, None, 4.0), (1.5, 3.0, 1.5), (3.0, 3.0, 3.0)]
)
def test_where_it_goes_too_far_the_best_of_gentler_ones_is(scored, best_db, proposed_db, taken_db):
    scored(best_db)
    proposed = None if proposed_db is None else shelf(proposed_db)
    chain, scores = settle(ready(proposed), shelf(8.0), 0.5)
    assert gain(chain) == pytest.approx(taken_db)
    assert is_better(scores)
    assert scores[2] == pytest.approx(DRY + 0.02 - 0.01 * abs(taken_db / 2 - best_db))


def test_where_nothing_is_better_what_was_found_is_told_with_its_scores(scored):
    scored(-9.0)
    chain, scores = settle(ready(shelf(3.0)), shelf(8.0), 1.0)
    assert gain(chain) == 8.0
    assert not is_better(scores)
