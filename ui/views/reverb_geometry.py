"""Where the room's decays and handles stand, and what a handle's new place means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from dsp.reverb import BAND_CENTERS_HZ, Reverb, decay_times_s, room_gain

Handle = Literal["start", "decay", "treble"]
HANDLES: tuple[Handle, ...] = ("start", "decay", "treble")
HANDLE_TITLES: dict[Handle, str] = {"start": "Room", "decay": "Decay", "treble": "Treble"}
TOP_DB, BOTTOM_DB = 12.0, -84.0
HANDLE_FALL_DB = 30.0  # the decay's handles sit where it has fallen by half of 60 dB
MIDDLE_HZ, TREBLE_HZ = 1000.0, 8000.0
SPANS_S: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0, 12.0)
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 12.0, 10.0, 20.0


def fitting_span_s(room: Reverb) -> float:
    """The shortest time axis that shows the room's decay at 1 kHz whole."""
    needed = room.values["predelay_ms"] / 1000 + 1.05 * room.values["t60_s"]
    return next((s for s in SPANS_S if s >= needed), SPANS_S[-1])


@dataclass(frozen=True)
class ReverbGeometry:
    """A room drawn into a widget of a given size over a given time."""

    room: Reverb
    width: float
    height: float
    span_s: float

    @property
    def area(self) -> QRectF:
        """The plot inside the axes."""
        wide = max(20.0, self.width - _LEFT - _RIGHT)
        return QRectF(_LEFT, _TOP, wide, max(20.0, self.height - _TOP - _BOTTOM))

    @property
    def predelay_s(self) -> float:
        """Where the room begins."""
        return self.room.values["predelay_ms"] / 1000.0

    def x(self, seconds: float) -> float:
        """Pixel of a time."""
        return self.area.left() + self.area.width() * seconds / self.span_s

    def seconds(self, x: float) -> float:
        """Time of a pixel, unclipped."""
        return (x - self.area.left()) / self.area.width() * self.span_s

    def y(self, level_db: float) -> float:
        """Pixel of a level."""
        return self.area.top() + self.area.height() * (TOP_DB - level_db) / (TOP_DB - BOTTOM_DB)

    def level_db(self, y: float) -> float:
        """Level of a pixel, unclipped."""
        return TOP_DB - (y - self.area.top()) / self.area.height() * (TOP_DB - BOTTOM_DB)

    def lines(self) -> list[tuple[QPointF, QPointF]]:
        """Start and end of every band's straight decay in dB, low band first."""
        times = decay_times_s(self.room.values)
        starts = self.room.values["wet_db"] + 20 * np.log10(room_gain(self.room.values))
        return [self._line(float(s), float(t)) for s, t in zip(starts, times, strict=True)]

    def _line(self, start_db: float, t60_s: float) -> tuple[QPointF, QPointF]:
        fall_db = start_db - BOTTOM_DB
        end_s = self.predelay_s + t60_s * fall_db / 60
        first = QPointF(self.x(self.predelay_s), self.y(start_db))
        return first, QPointF(self.x(end_s), self.y(BOTTOM_DB))

    def handle(self, which: Handle) -> QPointF:
        """Where a handle stands."""
        wet_db = self.room.values["wet_db"]
        if which == "start":
            return QPointF(self.x(self.predelay_s), self.y(wet_db))
        frequency = MIDDLE_HZ if which == "decay" else TREBLE_HZ
        if which == "treble":
            wet_db += 20 * math.log10(float(room_gain(self.room.values, [frequency])[0]))
        half_s = self._t60(frequency) * HANDLE_FALL_DB / 60
        return QPointF(self.x(self.predelay_s + half_s), self.y(wet_db - HANDLE_FALL_DB))

    def _t60(self, frequency_hz: float) -> float:
        return float(decay_times_s(self.room.values, [frequency_hz])[0])

    def moved(self, which: Handle, place: QPointF) -> Reverb:
        """The room whose handle stands as near to a place as its parameters allow."""
        seconds = self.seconds(place.x())
        if which == "start":
            return with_values(
                self.room, predelay_ms=1000 * seconds, wet_db=self.level_db(place.y())
            )
        t60_s = (seconds - self.predelay_s) * 60 / HANDLE_FALL_DB
        values = self.room.values
        if which == "decay":
            # T60 at 1 kHz is t60 times what the bass ratio does there.
            bass = self._t60(MIDDLE_HZ) / values["t60_s"]
            return with_values(self.room, t60_s=t60_s / bass)
        plain = float(decay_times_s({**values, "damping": 0.0}, [TREBLE_HZ])[0])
        ratio = min(max(t60_s / plain, 1e-3), 1.0)
        slope = 0.4 * math.log((1 + (TREBLE_HZ / 1000) ** 2) / 2)
        return with_values(self.room, damping=-math.log(ratio) / slope)


def with_values(room: Reverb, **values: float) -> Reverb:
    """A copy with some values changed, clipped to their ranges."""
    return room.replace(**{n: Reverb.parameter(n).clip(v) for n, v in values.items()})


def band_levels(room: Reverb) -> NDArray[np.float64]:
    """Centre in Hz, T60 in seconds and start in dB of the twelve bands, shape [12, 3]."""
    starts = room.values["wet_db"] + 20 * np.log10(room_gain(room.values))
    return np.stack((np.array(BAND_CENTERS_HZ), decay_times_s(room.values), starts), axis=1)
