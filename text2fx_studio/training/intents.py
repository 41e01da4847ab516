"""What a text wants, as numbers: an intent, its arithmetic (strength, negation, joining)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from text2fx_studio.encoders.coordinates import (
    DRY_POINT,
    POINT_COUNT,
    curve_frequencies_hz,
    curve_point,
    space_point,
)
from text2fx_studio.encoders.settings import GAIN_CENTERS_HZ, pack
from text2fx_studio.lexicon import Entry, load_lexicon
from text2fx_studio.training.colours import pass_curve_db

# "Dry" lies on the other side of silence about space: away from every room.
_CURVE_HZ = curve_frequencies_hz().double().numpy()
_LEAST_HZ, _MOST_HZ = 15.0, 22_000.0


@dataclass(frozen=True)
class Intent:
    """What a text asks for.

    Attributes:
        gains_db: At ``GAIN_CENTERS_HZ``, without the filters.
        high_pass_hz: None for none.
        low_pass_hz: None for none.
        space: ``none`` (says nothing), ``dry`` (asks for no room) or ``room``.
        wet: Share of the room in the mix, 0..1.
        t60_s: Decay time.
        predelay_ms: Predelay.
        damping: 0..1.
    """

    gains_db: tuple[float, ...]
    high_pass_hz: float | None = None
    low_pass_hz: float | None = None
    space: str = "none"
    wet: float = 0.0
    t60_s: float = 1.0
    predelay_ms: float = 10.0
    damping: float = 0.4

    @property
    def wet_db(self) -> float:
        """Level of the room against the direct sound."""
        share = min(max(self.wet, 1e-3), 0.95)
        return 20.0 * float(np.log10(share / (1.0 - share)))

    def curve_db(self, frequencies_hz: NDArray[np.float64] = _CURVE_HZ) -> NDArray[np.float64]:
        """The whole response: gains joined as in ``lexicon.curve``, and both filters."""
        inside = np.clip(frequencies_hz, GAIN_CENTERS_HZ[0], GAIN_CENTERS_HZ[-1])
        curve = PchipInterpolator(np.log2(GAIN_CENTERS_HZ), self.gains_db)(np.log2(inside))
        high = np.array([self.high_pass_hz or 1e-3])
        low = np.array([self.low_pass_hz or 1e9])
        return np.asarray(curve + pass_curve_db(high, low, frequencies_hz)[0], np.float64)

    def point(self) -> torch.Tensor:
        """Coordinates, float32 [27]."""
        return points_of([self])[0]

    def setting(self) -> torch.Tensor:
        """The numbers that the text tower learns to propose, float32 [17]."""
        room = None
        if self.space == "room":
            room = (self.t60_s, self.wet_db, self.predelay_ms, self.damping)
        elif self.space == "dry":
            room = (max(self.t60_s, 0.1), -30.0, self.predelay_ms, self.damping)
        return pack(self.gains_db, self.high_pass_hz, self.low_pass_hz, room, self.space != "none")

    def scaled(self, amount: float) -> Intent:
        """Weaker or stronger; filters move in octaves, the room in wet level and log time."""
        room = self.space == "room"
        shift = 14.0 * float(np.log2(max(amount, 0.1)))
        wet_db = min(self.wet_db + 0.4 * shift, 6.0)
        return replace(
            self,
            gains_db=tuple(g * amount for g in self.gains_db),
            high_pass_hz=_scaled_filter(self.high_pass_hz, _LEAST_HZ, amount),
            low_pass_hz=_scaled_filter(self.low_pass_hz, _MOST_HZ, amount),
            wet=_share(wet_db) if room else self.wet,
            t60_s=float(np.clip(self.t60_s * max(amount, 0.3) ** 0.5, 0.1, 8.0))
            if room
            else self.t60_s,
        )

    def opposite(self, amount: float = 0.7) -> Intent:
        """What "not" means: the curve turned over; a room becomes dry, dry stays unsaid."""
        curve = self.curve_db(np.array(GAIN_CENTERS_HZ))
        # Turning a filter over would be a boost without end: its curve is bounded first.
        bounded = 9.0 * np.tanh((curve - np.median(curve)) / 9.0)
        return Intent(
            tuple(float(-amount * g) for g in bounded),
            space="dry" if self.space == "room" else "none",
        )

    def joined(self, other: Intent, share: float = 0.5) -> Intent:
        """Both at once: curves between mean and sum, the more demanding filters, the room."""
        weight = (1.6 * (1.0 - share), 1.6 * share)
        gains = tuple(
            weight[0] * a + weight[1] * b
            for a, b in zip(self.gains_db, other.gains_db, strict=True)
        )
        room = self if _roominess(self) >= _roominess(other) else other
        if "dry" in (self.space, other.space) and room.space != "room":
            room = self if self.space == "dry" else other
        highs = [h for h in (self.high_pass_hz, other.high_pass_hz) if h]
        lows = [low for low in (self.low_pass_hz, other.low_pass_hz) if low]
        return Intent(
            gains, max(highs) if highs else None, min(lows) if lows else None,
            room.space, room.wet, room.t60_s, room.predelay_ms, room.damping,
        )  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One lexicon entry: texts of one meaning."""

    id: str
    texts: tuple[str, ...]
    intent: Intent
    confidence: float
    tags: tuple[str, ...]


def read_lexicon(folder: Path) -> list[Line]:
    """Every entry of the lexicon in ``folder``.

    Raises:
        LexiconError: It is not a valid lexicon.
    """
    return [
        Line(entry.id, entry.texts, intent_of(entry), entry.confidence, entry.tags)
        for entry in load_lexicon(folder).entries
    ]


def intent_of(entry: Entry) -> Intent:
    """A lexicon entry as an intent."""
    space = entry.space
    if space is None:
        return Intent(entry.gains_db, entry.high_pass_hz, entry.low_pass_hz)
    return Intent(
        entry.gains_db,
        entry.high_pass_hz,
        entry.low_pass_hz,
        "dry" if space.asks_for_none else "room",
        space.wet,
        float(np.clip(space.t60_s, 0.1, 8.0)),
        space.predelay_ms,
        space.damping,
    )


def _scaled_filter(frequency: float | None, off_hz: float, amount: float) -> float | None:
    if frequency is None:
        return None
    moved = off_hz * (frequency / off_hz) ** amount
    return float(np.clip(moved, 20.0, 20_000.0))


def _share(wet_db: float) -> float:
    ratio = 10.0 ** (wet_db / 20.0)
    return float(ratio / (1.0 + ratio))


def _roominess(intent: Intent) -> float:
    return intent.wet * intent.t60_s**0.5 if intent.space == "room" else -1.0


def points_of(intents: Sequence[Intent]) -> torch.Tensor:
    """Coordinates of many intents at once, float32 [N, 27]."""
    if not intents:
        return torch.zeros(0, POINT_COUNT)
    gains = np.array([intent.gains_db for intent in intents]).T
    inside = np.log2(np.clip(_CURVE_HZ, GAIN_CENTERS_HZ[0], GAIN_CENTERS_HZ[-1]))
    curves = PchipInterpolator(np.log2(GAIN_CENTERS_HZ), gains)(inside).T
    high = np.array([intent.high_pass_hz or 1e-3 for intent in intents])
    low = np.array([intent.low_pass_hz or 1e9 for intent in intents])
    curves = curves + pass_curve_db(high, low, _CURVE_HZ)
    rooms = torch.tensor([[i.wet_db, i.t60_s, i.damping] for i in intents])
    spaces = space_point(*rooms.unbind(dim=1))
    spaces[[i.space == "none" for i in intents]] = 0.0
    spaces[[i.space == "dry" for i in intents]] = torch.tensor(DRY_POINT)
    return torch.cat((curve_point(torch.from_numpy(curves).float()), spaces), dim=-1)
