"""Words of degree before a text: "slightly warm" is "warm", weaker.

A sentence embedding hardly tells "slightly" from "very"; a rule does, for every word alike. What
the lexicon says about a text as a whole goes before the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import torch

from text2fx_studio.encoders.coordinates import CURVE_COUNT, WETNESS_MOST
from text2fx_studio.encoders.settings import (
    HIGH_PASS,
    HIGH_PASS_UNIT_HZ,
    LENGTH,
    LOW_PASS,
    LOW_PASS_UNIT_HZ,
    WET,
    WET_UNIT_DB,
)
from text2fx_studio.encoders.towers import GAIN_COUNT

DEGREES = {
    "slightly": 0.45, "a little bit": 0.5, "a little": 0.5, "a bit": 0.5, "a tiny bit": 0.35,
    "a touch": 0.4, "a tad": 0.4, "somewhat": 0.6, "subtly": 0.4, "mildly": 0.5, "faintly": 0.35,
    "moderately": 0.75, "fairly": 0.85,
    "very": 1.4, "really": 1.3, "extremely": 1.7, "super": 1.5, "incredibly": 1.6, "insanely": 1.7,
    "hugely": 1.6, "much more": 1.4, "a lot more": 1.4, "way more": 1.5, "way too": 1.6,
    "ridiculously": 1.7, "exceptionally": 1.5,
}  # fmt: skip
_LEADS = (
    "make it sound", "make it", "it should sound", "it sounds", "sounds", "sounding", "give it a",
    "i want it to be", "a", "an",
)  # fmt: skip


def either(words: Iterable[str]) -> str:
    """A pattern for any of some words or phrases, the longest first, with any white space."""
    return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(words, key=len)[::-1])


_PATTERN = re.compile(
    rf"^(?P<lead>(?:{either(_LEADS)})\s+)?(?P<degree>{either(DEGREES)})\s+(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_LEAD = re.compile(rf"^(?:{either(_LEADS)})\s+", re.IGNORECASE)
_OFF_HIGH_PASS_HZ, _OFF_LOW_PASS_HZ = 15.0, 22_000.0
_WET_STEP_DB = 5.6  # for twice the amount
_LEAST = 0.05


def split_degree(text: str) -> tuple[str, float]:
    """A text without its leading word of degree, and the amount that it stands for.

    Returns:
        The rest and 1 for no degree; ("warm", 0.45) for "slightly warm".
    """
    found = _PATTERN.match(text)
    if found is None:
        return text, 1.0
    amount = DEGREES[" ".join(found["degree"].lower().split())]
    return f"{found['lead'] or ''}{found['rest']}", amount


def without_lead(text: str) -> str:
    """A text without the request that opens it: "make it warm" -> "warm"."""
    return _LEAD.sub("", text)


def scaled_point(point: torch.Tensor, amount: float) -> torch.Tensor:
    """A point [27] at an amount; the room no wetter than there are rooms."""
    scaled = point * amount
    wetness = scaled[CURVE_COUNT].clamp(max=WETNESS_MOST)
    if float(scaled[CURVE_COUNT]) > WETNESS_MOST:
        scaled = torch.cat(
            (scaled[:CURVE_COUNT], scaled[CURVE_COUNT:] * (wetness / scaled[CURVE_COUNT]))
        )
    return scaled


def scaled_setting(row: torch.Tensor, amount: float) -> torch.Tensor:
    """Raw numbers of a setting [17] at an amount: gains in dB, filters in octaves, room in dB."""
    octaves = torch.log2(torch.tensor(max(amount, _LEAST)))
    scaled = row.clone()
    scaled[:GAIN_COUNT] = row[:GAIN_COUNT] * amount
    for place, off_hz, unit_hz in (
        (HIGH_PASS, _OFF_HIGH_PASS_HZ, HIGH_PASS_UNIT_HZ),
        (LOW_PASS, _OFF_LOW_PASS_HZ, LOW_PASS_UNIT_HZ),
    ):
        off = torch.log2(torch.tensor(off_hz / unit_hz))
        scaled[place] = off + amount * (row[place] - off)
    scaled[WET] = row[WET] + _WET_STEP_DB * octaves / WET_UNIT_DB
    scaled[LENGTH] = row[LENGTH] + 0.5 * octaves
    return scaled
