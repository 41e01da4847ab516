"""Rooms to train on: our reverb over its range, and measured responses, with their coordinates."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch
from numpy.typing import NDArray

from dsp import reverb
from text2fx_studio.encoders.coordinates import DAMPING_MIDDLE

TEST_SHARE = 0.35
MEASURED_TIMES = 4  # as often as a synthetic room is each measured one drawn
COLOURED_SHARE = 0.75  # of the synthetic rooms
_COLOUR_DB, _DULLER_DB = 5.0, 1.2  # of a room's bands, and per octave, as measured rooms have them
_COLOUR_CENTERS_HZ = (50.0, 110.0, 240.0, 520.0, 1100.0, 2400.0, 5200.0, 11_000.0)
LONGEST_READ_S = 7.9  # a decay read as the longest possible is the recording's noise, not the room
_LONGEST_S = 6.0  # of a measured response


@dataclass(frozen=True)
class Room:
    """An impulse response without its direct sound, and what it is.

    Attributes:
        response: Mono at the training rate, normalised so that pink noise through it keeps its
            power (as ``dsp.reverb`` at wet 0 dB), float32 [L].
        t60_s: Decay time around 1 kHz.
        damping: 0..1 as in ``dsp.reverb``; of a measured room, the middle.
        name: Words for a measured room; empty for a synthetic one.
    """

    response: NDArray[np.float32]
    t60_s: float
    damping: float
    name: str = ""


def synthetic_rooms(count: int, sample_rate: int, seed: int) -> list[Room]:
    """Draw settings of ``dsp.reverb`` over its range, T60 stratified on a log scale."""
    rng = np.random.default_rng([seed, 1])
    places = (rng.permutation(count) + rng.random(count)) / count
    rooms = []
    for place in places:
        t60_s = reverb.T60_LOW_S * (reverb.T60_HIGH_S / reverb.T60_LOW_S) ** float(place)
        damping = float(rng.beta(1.5, 2.0))
        drawn = {
            "wet_db": 0.0, "t60_s": t60_s, "damping": damping,
            "predelay_ms": float(rng.choice([0.0, 5.0, 10.0, 10.0, 20.0, 40.0, 80.0])),
            "bass_ratio": 2.0 ** float(np.clip(rng.normal(0.0, 0.25), -1, 1)),
            "tone_db": float(np.clip(rng.normal(0.0, 2.5), -12, 12)),
        }  # fmt: skip
        values = {name: torch.tensor([value], dtype=torch.float64) for name, value in drawn.items()}
        response = reverb.impulse_response(values, sample_rate)[0, 0].numpy()
        rooms.append(Room(response.astype(np.float32), t60_s, damping))
    return rooms


def rooms_to_train_on(folder: Path, count: int, sample_rate: int, seed: int) -> list[Room]:
    """Synthetic rooms, most of them coloured, and the measured ones of the train split, repeated.

    A measured room is no smooth reverb: it colours what it throws back by several dB. Towers that
    met only smooth ones heard a living room as a dry and muffled recording.

    Args:
        folder: With a ``manifest.jsonl``; without one, all rooms are synthetic.
        count: Of synthetic rooms.
        sample_rate: In Hz.
        seed: Of the synthetic rooms and of their colours.
    """
    rng = np.random.default_rng([seed, 77])
    rooms = [
        room if place >= COLOURED_SHARE * count else coloured_room(room, sample_rate, rng)
        for place, room in enumerate(synthetic_rooms(count, sample_rate, seed))
    ]
    if (folder / "manifest.jsonl").is_file():
        # A decay read as the longest possible is the recording's noise, not the room.
        measured = [
            room
            for room in measured_rooms(folder, sample_rate)
            if room.t60_s < LONGEST_READ_S and split_of_room(room.name) == "train"
        ]
        rooms += measured * MEASURED_TIMES
    return rooms


def coloured_room(room: Room, sample_rate: int, rng: np.random.Generator) -> Room:
    """The same room with a tone of its own: random bands around a fall towards the treble."""
    count = len(room.response)
    octaves = np.log2(np.fft.rfftfreq(count, 1 / sample_rate).clip(20.0) / 1000.0)
    centers = np.log2(np.array(_COLOUR_CENTERS_HZ) / 1000.0)
    bells = np.exp(-0.5 * ((octaves[:, None] - centers) / rng.uniform(0.4, 1.2)) ** 2)
    tone_db = bells @ rng.normal(0.0, _COLOUR_DB, len(centers))
    tone_db += rng.normal(-_DULLER_DB, 1.0) * octaves.clip(-1.0, 4.0)
    response = np.fft.irfft(np.fft.rfft(room.response) * 10 ** (tone_db / 20), count)
    response /= pink_gain(response, sample_rate)
    return replace(room, response=response.astype(np.float32))


def measured_rooms(folder: Path, sample_rate: int) -> list[Room]:
    """Read the responses that ``manifest.jsonl`` in ``folder`` lists; the direct sound is cut off.

    T60 is read from the decay between -5 and -25 dB (Schroeder's backward integration, 1 kHz
    octave). A response is normalised like a synthetic room.
    """
    rooms = []
    for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        audio, rate = soundfile.read(folder / row["path"], dtype="float64", always_2d=True)
        mono = soxr.resample(audio.mean(1), rate, sample_rate)
        start = int(np.abs(mono).argmax())
        tail = mono[start + int(0.0025 * sample_rate) :][: int(_LONGEST_S * sample_rate)]
        t60_s = decay_time_s(tail, sample_rate)
        rooms.append(
            Room(
                (tail / pink_gain(tail, sample_rate)).astype(np.float32),
                min(max(t60_s, reverb.T60_LOW_S), reverb.T60_HIGH_S),
                DAMPING_MIDDLE,
                str(row["space"]),
            )
        )
    return rooms


def decay_time_s(response: NDArray[np.float64], sample_rate: int) -> float:
    """T60 in the octave around 1 kHz by a line through -5..-25 dB of the energy decay curve."""
    spectrum = np.fft.rfft(response, 2 * len(response))
    frequency = np.fft.rfftfreq(2 * len(response), 1 / sample_rate)
    spectrum[(frequency < 707) | (frequency > 1414)] = 0
    band = np.fft.irfft(spectrum)[: len(response)]
    energy = np.cumsum(band[::-1] ** 2)[::-1]
    level = 10 * np.log10(energy / energy[0] + 1e-12)
    inside = np.flatnonzero((level <= -5) & (level >= -25))
    if len(inside) < 16:
        return reverb.T60_LOW_S
    slope = np.polyfit(inside / sample_rate, level[inside], 1)[0]
    return float(-60.0 / min(slope, -1e-3))


def pink_gain(response: NDArray[np.float64], sample_rate: int) -> float:
    """Amplitude gain of pink noise (40 Hz to 16 kHz) through a response."""
    power = np.abs(np.fft.rfft(response)) ** 2
    frequency = np.fft.rfftfreq(len(response), 1 / sample_rate)
    use = (frequency >= 40) & (frequency <= min(16_000, sample_rate / 2))
    weight = 1 / frequency[use]
    return float(math.sqrt((power[use] * weight).sum() / weight.sum())) or 1.0


def split_of_room(name: str) -> str:
    """Split of a measured room by its name: positions and phases of one place stay together."""
    stem = "".join(c for c in name if not c.isdigit())
    number = int(hashlib.sha256(stem.encode()).hexdigest()[:8], 16) / 16**8
    return "test" if number < TEST_SHARE else "train"
