"""Texts of several parts: what is one thing, and what two things mean together."""

from __future__ import annotations

import pytest
import torch

from text2fx_studio.encoders import load_encoder
from text2fx_studio.encoders.coordinates import CURVE_COUNT, POINT_COUNT
from text2fx_studio.encoders.joined import SUM, joined_point, joined_setting, split_joined
from text2fx_studio.encoders.proposal import propose
from text2fx_studio.encoders.settings import (
    HIGH_PASS,
    HIGH_PASS_LOGIT,
    LENGTH,
    LOW_PASS,
    LOW_PASS_LOGIT,
    SPACE_LOGIT,
    WET,
)
from text2fx_studio.encoders.towers import GAIN_COUNT, SETTING_COUNT

KNOWN = {"warm", "dark", "rock and roll", "old telephone", "no reverb", "telephone"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("dark and muffled", ["dark", "muffled"]),
        ("dark, muffled, and wide", ["dark", "muffled", "wide"]),
        ("dark yet open", ["dark", "open"]),
        ("make it dark & open", ["dark", "open"]),
        ("warm but not muddy", ["warm", "not muddy"]),
        ("not muddy but warm", ["not muddy", "warm"]),
        ("slightly warm and very wide", ["slightly warm", "very wide"]),
        ("dark with no reverb", ["dark", "no reverb"]),
        ("dark without harshness", ["dark", "without harshness"]),
        ("dark, old telephone", ["dark", "old telephone"]),
        ("like a telephone, and dark", ["telephone", "dark"]),
    ],
)
def test_parts(text, parts):
    assert split_joined(text, KNOWN.__contains__) == tuple(parts)


@pytest.mark.parametrize(
    "text",
    [
        "warm", "rock and roll", "no echo and reverb", "not warm, wide", "warm and", ", warm",
        "black and white tv", "a monk who prays and sings in an abbey", "sand", "band",
        "a and b and c and d and e",
    ],
)  # fmt: skip
def test_one_thing(text):
    assert split_joined(text, KNOWN.__contains__) == (text,)


def test_points_are_added_and_the_wetter_room_is_kept():
    first, second = torch.zeros(POINT_COUNT), torch.zeros(POINT_COUNT)
    first[:4] = torch.tensor([1.0, -1.0, 2.0, -2.0])
    second[:4] = torch.tensor([3.0, -3.0, 0.0, 0.0])
    first[CURVE_COUNT:] = torch.tensor([0.2, 0.1, 0.0])
    second[CURVE_COUNT:] = torch.tensor([0.9, 0.5, -0.1])
    found = joined_point(torch.stack((first, second)))
    torch.testing.assert_close(found[:4], SUM * torch.tensor([2.0, -2.0, 1.0, -1.0]))
    assert torch.equal(found[CURVE_COUNT:], second[CURVE_COUNT:])
    first[CURVE_COUNT:], second[CURVE_COUNT:] = -0.1, 0.0  # asked for none, and silent
    both = joined_point(torch.stack((torch.stack((first, second)), torch.stack((second, first)))))
    assert torch.equal(both[:, CURVE_COUNT:], first[CURVE_COUNT:].expand(2, -1))


def test_settings_keep_the_narrower_band_and_the_wetter_room():
    rows = torch.zeros(3, SETTING_COUNT)
    rows[:, [HIGH_PASS_LOGIT, LOW_PASS_LOGIT, SPACE_LOGIT]] = torch.tensor(
        [[4.0, -4.0, 4.0], [4.0, 4.0, -4.0], [-4.0, 4.0, 4.0]]
    )
    rows[:, HIGH_PASS] = torch.tensor([0.5, 1.0, 9.0])
    rows[:, LOW_PASS] = torch.tensor([-9.0, 0.5, 0.2])
    rows[:, WET] = torch.tensor([-2.0, 0.0, -1.0])
    rows[:, LENGTH] = torch.tensor([0.1, 0.2, 0.3])
    rows[:, :GAIN_COUNT] = torch.tensor([1.0, 2.0, 3.0])[:, None]
    found = joined_setting(rows)
    assert found[HIGH_PASS_LOGIT] > 0
    assert found[HIGH_PASS] == 1.0
    assert found[LOW_PASS_LOGIT] > 0
    assert found[LOW_PASS] == pytest.approx(0.2)
    assert found[SPACE_LOGIT] > 0
    assert found[LENGTH] == pytest.approx(0.3)  # the second part is wetter, but says no space
    torch.testing.assert_close(found[:GAIN_COUNT], torch.full((GAIN_COUNT,), 2 * SUM))
    silent = rows[1:2].expand(2, -1)
    assert joined_setting(silent)[SPACE_LOGIT] < 0


def test_both_are_meant():
    encoder = load_encoder("fxsem")
    points = encoder.read_texts(["muffled", "dark", "muffled and dark"])[0][:, :CURVE_COUNT]
    for part in points[:2]:
        assert torch.cosine_similarity(part, points[2], dim=0) > 0.8
    assert points[2].norm() > points[:2].norm(dim=1).min()
    torch.testing.assert_close(
        encoder.member_points("muffled and dark").mean(0)[:CURVE_COUNT], points[2]
    )
    told = propose(encoder, "dark and in a cathedral")
    assert told is not None
    assert told.says_space > 0.5
    assert told.gains_db[0] > told.gains_db[-1]
