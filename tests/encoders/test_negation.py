"""Texts that take something away are turned over."""

from __future__ import annotations

import pytest
import torch

from text2fx_studio.encoders import load_encoder
from text2fx_studio.encoders.coordinates import (
    CURVE_COUNT,
    DRY_POINT,
    POINT_COUNT,
    curve_frequencies_hz,
    point_curve_db,
)
from text2fx_studio.encoders.negation import MOST_DB, negates, opposite, split_negation
from text2fx_studio.encoders.proposal import propose
from text2fx_studio.encoders.settings import unpack


@pytest.mark.parametrize(
    "text", ["not bright", "isn't harsh", "less  boomy", "get rid of the mud", "No reverb"]
)
def test_negations_are_found(text: str) -> None:
    assert negates(text)


@pytest.mark.parametrize("text", ["notable", "bright", "a cutlass", "nova", "lessons in jazz"])
def test_other_words_are_no_negations(text: str) -> None:
    assert not negates(text)


@pytest.mark.parametrize(
    ("text", "rest", "amount"),
    [
        ("not bright", "bright", 0.7),
        ("Not  at all bright", "bright", 0.9),
        ("less harsh", "harsh", 0.6),
        ("get rid of the boom", "boom", 0.8),
        ("remove presence", "presence", 0.7),
        ("bright", "bright", 0.0),
        ("notable", "notable", 0.0),
        ("not", "not", 0.0),
        ("bright, not harsh", "bright, not harsh", 0.0),
        ("not without warmth", "not without warmth", 0.0),
    ],
)
def test_what_is_taken_away(text: str, rest: str, amount: float) -> None:
    assert split_negation(text) == ((rest, amount) if amount else (text, 0.0))


def test_a_curve_is_turned_over_and_a_cut_is_no_endless_boost() -> None:
    point = torch.zeros(POINT_COUNT)
    point[:CURVE_COUNT] = torch.linspace(1.0, -1.0, CURVE_COUNT)
    turned, row = opposite(point, 0.7)
    curve = point_curve_db(turned)
    assert float(torch.cosine_similarity(curve, point[:CURVE_COUNT], dim=0)) < -0.9
    assert float(curve.max() - curve.min()) <= 2 * 0.7 * MOST_DB
    assert torch.equal(turned[CURVE_COUNT:], torch.zeros(POINT_COUNT - CURVE_COUNT))
    told = unpack(row)
    assert told.gains_db[0] < 0 < told.gains_db[-1]
    nearest = int((curve_frequencies_hz() - 800).abs().argmin())
    assert told.gains_db[3] == pytest.approx(float(curve[nearest]), abs=1.0)
    assert told.says_space < 0.5
    assert told.high_pass_hz is None


def test_a_room_is_asked_away() -> None:
    point = torch.zeros(POINT_COUNT)
    point[CURVE_COUNT:] = torch.tensor([0.9, 0.5, 0.0])
    turned, row = opposite(point, 0.7)
    torch.testing.assert_close(turned[CURVE_COUNT:], torch.tensor(DRY_POINT))
    told = unpack(row)
    assert told.says_space > 0.5
    assert told.wet_db <= -30.0


@pytest.mark.parametrize("text", ["remove presence", "not at all muffled", "less spiky"])
def test_what_the_lexicon_knows_is_turned_over(text: str) -> None:
    encoder = load_encoder("fxsem")
    rest, _ = split_negation(text)
    points = encoder.read_texts([text, rest])[0][:, :CURVE_COUNT]
    assert float(torch.cosine_similarity(points[0], points[1], dim=0)) < -0.5
    told, turned = propose(encoder, rest), propose(encoder, text)
    assert told is not None
    assert turned is not None
    assert sum(a * b for a, b in zip(told.gains_db, turned.gains_db, strict=True)) < 0
