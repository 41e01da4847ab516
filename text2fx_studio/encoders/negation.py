"""Texts that take something away: "not bright", "less harsh", "warm without mud".

Sentence features hardly show it ("not bright" lies beside "bright"). Where the lexicon knows what
is taken away, a rule turns it over; else the network, which was taught such texts, is asked alone.
"""

from __future__ import annotations

import re

import numpy as np
import torch

from text2fx_studio.encoders.coordinates import (
    CURVE_COUNT,
    CURVE_SCALE_DB,
    DRY_POINT,
    ROOM_FROM,
    WET_LOW_DB,
    curve_frequencies_hz,
    point_curve_db,
)
from text2fx_studio.encoders.settings import (
    GAIN_CENTERS_HZ,
    GAIN_UNIT_DB,
    HIGH_PASS_LOGIT,
    LOW_PASS_LOGIT,
    SPACE_LOGIT,
    SURE_LOGIT,
    WET,
    WET_UNIT_DB,
)
from text2fx_studio.encoders.towers import GAIN_COUNT, SETTING_COUNT

# What follows is turned over, by so much of its own.
AMOUNTS = {
    "not": 0.7, "not so": 0.5, "not too": 0.4, "not at all": 0.9, "less": 0.6, "no": 0.7,
    "without": 0.6, "without being": 0.5, "with less": 0.6, "with no": 0.7, "reduce": 0.6,
    "reduce the": 0.6, "remove": 0.7, "remove the": 0.7, "cut the": 0.6, "tame the": 0.5,
    "kill the": 0.8, "lose the": 0.7, "take away the": 0.6, "take out the": 0.6,
    "get rid of the": 0.8,
}  # fmt: skip
MOST_DB = 9.0  # of a curve that is turned over: a filter's would be a boost without end
_WORDS = (
    "not", "no", "non", "less", "without", "never", "nothing", "minus", "fewer", "lose",
    "cut", "reduce", "remove", "avoid", "kill", "tame", "lacking", "free of",
    "take away", "take off", "take out", "get rid of", "too much", "instead of", "rather than",
)  # fmt: skip
_ANY = "|".join(_WORDS).replace(" ", r"\s+")
_PATTERN = re.compile(rf"\b(?:{_ANY})\b|n['’]t\b", re.IGNORECASE)
_LEADING = re.compile(
    rf"^(?P<negator>{'|'.join(sorted(AMOUNTS, key=len)[::-1])})\s+(?P<rest>\S.*)$".replace(
        " ", r"\s+"
    ),
    re.IGNORECASE,
)


def negates(text: str) -> bool:
    """Whether a text holds a word that turns another one round.

    What is remembered about similar texts must not be asked about such a text.
    """
    return _PATTERN.search(text) is not None


def split_negation(text: str) -> tuple[str, float]:
    """What a text takes away, and how much of it: ("bright", 0.7) for "not bright".

    Returns:
        The text and 0 where it does not begin with a negation, or negates twice.
    """
    found = _LEADING.match(text)
    if found is None or negates(found["rest"]):
        return text, 0.0
    return found["rest"], AMOUNTS[" ".join(found["negator"].lower().split())]


def opposite(point: torch.Tensor, amount: float) -> tuple[torch.Tensor, torch.Tensor]:
    """What "not" makes of a point: the curve turned over, a room asked away.

    Args:
        point: [27].
        amount: Of the curve, 0..1.

    Returns:
        Point [27], and the raw setting [17] that goes with it.
    """
    curve = point_curve_db(point)
    turned = -amount * MOST_DB * torch.tanh((curve - curve.median()) / MOST_DB)
    turned = turned - turned.mean()
    roomy = float(point[CURVE_COUNT]) > ROOM_FROM
    space = point.new_tensor(DRY_POINT if roomy else (0.0, 0.0, 0.0))
    gains = np.interp(
        np.log(GAIN_CENTERS_HZ), np.log(curve_frequencies_hz().numpy()), turned.cpu().numpy()
    )
    row = point.new_zeros(SETTING_COUNT)
    row[:GAIN_COUNT] = point.new_tensor(gains) / GAIN_UNIT_DB
    row[[HIGH_PASS_LOGIT, LOW_PASS_LOGIT]] = -SURE_LOGIT
    row[SPACE_LOGIT] = SURE_LOGIT if roomy else -SURE_LOGIT
    row[WET] = WET_LOW_DB / WET_UNIT_DB
    return torch.cat((turned / CURVE_SCALE_DB, space)), row
