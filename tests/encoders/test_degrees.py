"""Words of degree scale what a text means."""

from __future__ import annotations

import pytest
import torch

from text2fx_studio.encoders import load_encoder
from text2fx_studio.encoders.coordinates import CURVE_COUNT, WETNESS_MOST
from text2fx_studio.encoders.degrees import DEGREES, scaled_point, split_degree
from text2fx_studio.encoders.proposal import propose


@pytest.mark.parametrize(
    "text,rest,amount",
    [
        ("slightly warm", "warm", 0.45),
        ("A little bit  harsh", "harsh", 0.5),
        ("make it very bright", "make it bright", 1.4),
        ("a slightly dull sound", "a dull sound", 0.45),
        ("warm", "warm", 1.0),
        ("very", "very", 1.0),
        ("the very end", "the very end", 1.0),
        ("superb", "superb", 1.0),
        ("a bitter taste", "a bitter taste", 1.0),
    ],
)
def test_only_a_leading_degree_is_taken_off(text: str, rest: str, amount: float) -> None:
    assert split_degree(text) == (rest, amount)


@pytest.mark.parametrize("word", ["warm", "gloomy", "like an old telephone"])
def test_degrees_are_in_order_in_the_space_and_in_the_proposal(word: str) -> None:
    encoder = load_encoder("fxsem")
    texts = [f"slightly {word}", word, f"very {word}"]
    points, _ = encoder.read_texts(texts)  # type: ignore[attr-defined]
    length = points[:, :CURVE_COUNT].norm(dim=-1)
    assert length[0] < length[1] < length[2]
    cosine = torch.nn.functional.cosine_similarity(points[0], points[2], dim=0)
    assert float(cosine) > 0.95
    proposals = [propose(encoder, text) for text in texts]
    spread = [max(p.gains_db) - min(p.gains_db) for p in proposals if p is not None]
    assert spread[0] < spread[1] < spread[2]


def test_no_degree_makes_a_room_wetter_than_rooms_are() -> None:
    point = torch.zeros(CURVE_COUNT + 3)
    point[CURVE_COUNT], point[CURVE_COUNT + 1] = 1.0, 0.5
    most = scaled_point(point, max(DEGREES.values()))
    assert float(most[CURVE_COUNT]) == pytest.approx(WETNESS_MOST)
    assert float(most[CURVE_COUNT + 1] / most[CURVE_COUNT]) == pytest.approx(0.5)
