"""The text tower's raw numbers for an effect setting, and back to physical units."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from text2fx_studio.encoders.towers import GAIN_COUNT, SETTING_COUNT

GAIN_CENTERS_HZ = (60.0, 150.0, 350.0, 800.0, 1800.0, 4000.0, 8000.0, 14_000.0)
GAIN_UNIT_DB = 6.0
HIGH_PASS_LOGIT, HIGH_PASS, LOW_PASS_LOGIT, LOW_PASS = range(GAIN_COUNT, GAIN_COUNT + 4)
SPACE_LOGIT, LENGTH, WET, PREDELAY, DAMPING = range(GAIN_COUNT + 4, SETTING_COUNT)
HIGH_PASS_UNIT_HZ, LOW_PASS_UNIT_HZ = 200.0, 4000.0
PREDELAY_UNIT_MS = 50.0
WET_UNIT_DB = 10.0
NO_WET_DB = -48.0
SURE_LOGIT = 4.0  # of what is said outright


@dataclass(frozen=True)
class Setting:
    """A setting in physical units.

    Attributes:
        gains_db: At ``GAIN_CENTERS_HZ``.
        high_pass_hz: None for none.
        low_pass_hz: None for none.
        says_space: Probability that the text asks for a room (or for none), 0..1.
        t60_s: Decay time.
        wet_db: Level of the room; ``NO_WET_DB`` asks for none.
        predelay_ms: Predelay.
        damping: 0..1.
    """

    gains_db: tuple[float, ...]
    high_pass_hz: float | None
    low_pass_hz: float | None
    says_space: float
    t60_s: float
    wet_db: float
    predelay_ms: float
    damping: float


def pack(
    gains_db: tuple[float, ...],
    high_pass_hz: float | None,
    low_pass_hz: float | None,
    room: tuple[float, float, float, float] | None,
    says_space: bool,
) -> torch.Tensor:
    """A wanted setting as the tower's numbers, float32 [17]; NaN where nothing is wanted.

    Args:
        gains_db: Eight gains.
        high_pass_hz: None for none.
        low_pass_hz: None for none.
        room: (t60_s, wet_db, predelay_ms, damping), or None.
        says_space: Whether the text speaks of space at all ("dry" does).
    """
    row = torch.full((SETTING_COUNT,), math.nan)
    row[:GAIN_COUNT] = torch.tensor(gains_db) / GAIN_UNIT_DB
    row[HIGH_PASS_LOGIT] = float(high_pass_hz is not None)
    row[LOW_PASS_LOGIT] = float(low_pass_hz is not None)
    if high_pass_hz is not None:
        row[HIGH_PASS] = math.log2(high_pass_hz / HIGH_PASS_UNIT_HZ)
    if low_pass_hz is not None:
        row[LOW_PASS] = math.log2(low_pass_hz / LOW_PASS_UNIT_HZ)
    row[SPACE_LOGIT] = float(says_space)
    if room is not None:
        t60_s, wet_db, predelay_ms, damping = room
        row[LENGTH] = math.log2(t60_s)
        row[WET] = max(wet_db, -30.0) / WET_UNIT_DB
        row[PREDELAY] = predelay_ms / PREDELAY_UNIT_MS
        row[DAMPING] = damping
    return row


def unpack(row: torch.Tensor) -> Setting:
    """The tower's numbers [17] in physical units, within the effects' ranges."""
    value = [float(x) for x in row]

    def probability(index: int) -> float:
        return 1.0 / (1.0 + math.exp(-min(max(value[index], -30.0), 30.0)))

    def bounded(x: float, low: float, high: float) -> float:
        return min(max(x, low), high)

    high_pass = bounded(HIGH_PASS_UNIT_HZ * 2.0 ** bounded(value[HIGH_PASS], -6, 6), 20.0, 1500.0)
    low_pass = bounded(LOW_PASS_UNIT_HZ * 2.0 ** bounded(value[LOW_PASS], -6, 6), 200.0, 18_000.0)
    return Setting(
        tuple(bounded(g * GAIN_UNIT_DB, -18.0, 18.0) for g in value[:GAIN_COUNT]),
        high_pass if probability(HIGH_PASS_LOGIT) > 0.5 else None,
        low_pass if probability(LOW_PASS_LOGIT) > 0.5 else None,
        probability(SPACE_LOGIT),
        bounded(2.0 ** bounded(value[LENGTH], -5, 5), 0.1, 8.0),
        bounded(value[WET] * WET_UNIT_DB, NO_WET_DB, 6.0),
        bounded(value[PREDELAY] * PREDELAY_UNIT_MS, 0.0, 200.0),
        bounded(value[DAMPING], 0.0, 1.0),
    )
