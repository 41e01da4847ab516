"""Texts of several parts: "dark and muffled" is dark, and muffled.

A sentence embedding of both lies between them and reads as half of each; a rule keeps both. What
the lexicon says about a text as a whole goes before the rule ("rock and roll").
"""

from __future__ import annotations

import re
from collections.abc import Callable

import torch

from text2fx_studio.encoders.coordinates import CURVE_COUNT, ROOM_FROM
from text2fx_studio.encoders.degrees import split_degree, without_lead
from text2fx_studio.encoders.negation import negates, split_negation
from text2fx_studio.encoders.settings import (
    HIGH_PASS,
    HIGH_PASS_LOGIT,
    LENGTH,
    LOW_PASS,
    LOW_PASS_LOGIT,
    SPACE_LOGIT,
    WET,
    WET_UNIT_DB,
)
from text2fx_studio.encoders.towers import GAIN_COUNT

SUM = 1.3  # of the parts' mean: two that agree are more than one, and less than both
MOST_PARTS, MOST_WORDS = 4, 5  # words of a part: longer ones are sentences
_JOINT = re.compile(
    r"\s*,\s*(?:(?:and|but|yet)\s+)?|\s+(?:and|but|yet|&|\+)\s+|\s+with\s+(?=no\b)|\s+(?=without\b)",
    re.IGNORECASE,
)
_TURNS = re.compile(r"\b(?:but|yet)\b", re.IGNORECASE)
_LIKE = re.compile(r"^like\s+(?:an?\s+|the\s+)?", re.IGNORECASE)


def split_joined(text: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    """The parts of a text, each of which says something by itself.

    Args:
        text: As :func:`text2fx_studio.encoders.fxsem.normalise_text` writes it.
        known: Whether the lexicon has a text.

    Returns:
        Two parts or more, without requests ("make it"); the text alone where it is one thing,
        where the lexicon has it as a whole, or where a part is neither one word nor known.
        "no echo and reverb" is one thing.
    """
    joints = list(_JOINT.finditer(text))
    parts = [without_lead(part.strip()) for part in _JOINT.split(text)]
    if not 2 <= len(parts) <= MOST_PARTS or not all(parts):
        return (text,)
    if max(len(part.split()) for part in parts) > MOST_WORDS or known(text):
        return (text,)
    for part, joint in zip(parts, joints, strict=False):
        if negates(part) and not _TURNS.search(joint.group()):
            return (text,)
    for index, part in enumerate(parts):
        named = _LIKE.sub("", part)
        if known(named) and not known(part):
            parts[index] = named
            continue
        plain = without_lead(split_negation(split_degree(part)[0])[0])
        if len(plain.split()) > 1 and not known(plain):
            return (text,)
    return tuple(parts)


def joined_point(points: torch.Tensor) -> torch.Tensor:
    """Points of parts, [N, ..., 27], as one [..., 27]: both curves, and the wetter room.

    Where no part asks for a room, one that asks for none is heard.
    """
    curve = SUM * points[..., :CURVE_COUNT].mean(0)
    wetness = points[..., CURVE_COUNT]
    roomiest = torch.where(wetness.amax(0) > ROOM_FROM, wetness.argmax(0), wetness.argmin(0))
    space = points[..., CURVE_COUNT:].gather(
        0, roomiest[None, ..., None].expand(1, *points.shape[1:-1], points.shape[-1] - CURVE_COUNT)
    )[0]
    return torch.cat((curve, space), dim=-1)


def joined_setting(rows: torch.Tensor) -> torch.Tensor:
    """Raw numbers of parts' settings, [N, 17], as one: sums, the narrower band, the wetter room."""
    found = rows[_roomiest(rows)].clone()
    found[:GAIN_COUNT] = SUM * rows[:, :GAIN_COUNT].mean(0)
    for logit, place, narrow in (
        (HIGH_PASS_LOGIT, HIGH_PASS, 1.0),
        (LOW_PASS_LOGIT, LOW_PASS, -1.0),
    ):
        asking = rows[rows[:, logit] > 0]
        chosen = rows[rows[:, logit].argmax()]
        if len(asking):
            chosen = asking[(narrow * asking[:, place]).argmax()]
        found[[logit, place]] = chosen[[logit, place]]
    return found


def _roomiest(rows: torch.Tensor) -> int:
    """Which part decides on space: the roomiest that speaks of it, else the one most likely to."""
    speaking = rows[:, SPACE_LOGIT] > 0
    if not bool(speaking.any()):
        return int(rows[:, SPACE_LOGIT].argmax())
    roominess = 10.0 ** (rows[:, WET] * WET_UNIT_DB / 20) * 2.0 ** (0.5 * rows[:, LENGTH])
    return int(torch.where(speaking, roominess, -1.0).argmax())
