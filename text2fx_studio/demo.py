"""A short loop made by synthesis, for a reader without a recording: drums, bass, chords.

Four bars at 120 bpm, A minor, F, C, G. Everything is computed here from sines and noise, so the
result is free of anyone's rights. The loop is seamless: what rings over its end is heard at its
start.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from dsp.atomic import AtomicFile
from text2fx_studio.errors import OutputError

SAMPLE_RATE_HZ = 44_100
BEATS_PER_MINUTE = 120.0
BARS = 4
PEAK_DBFS = -3.0
_SEED = 7
_BEAT_S = 60.0 / BEATS_PER_MINUTE
LOOP_S = BARS * 4 * _BEAT_S
# Midi notes: (bass, chord) of each bar.
_HARMONY = (
    (33, (57, 60, 64, 67)),
    (29, (53, 57, 60, 64)),
    (36, (55, 60, 64, 67)),
    (31, (55, 59, 62, 66)),
)

_ARPEGGIO = (0, 2, 3, 1, 2, 3, 1, 2)  # notes of the chord, in eighths

Signal = NDArray[np.float64]


def demo_loop(seconds: float = LOOP_S, sample_rate: int = SAMPLE_RATE_HZ) -> NDArray[np.float32]:
    """The loop, the same at every call; it has no silence and peaks at -3 dBFS.

    Args:
        seconds: Beyond 8 s the loop repeats, below it is cut.
        sample_rate: In Hz.

    Returns:
        float32, shape [2, seconds * sample_rate].
    """
    once = _loop(sample_rate)
    count = round(seconds * sample_rate)
    return np.tile(once, -(-count // once.shape[1]))[:, :count]


@lru_cache(maxsize=1)
def _loop(sample_rate: int) -> NDArray[np.float32]:
    pluck_of = cache(_pluck)
    mix = np.zeros((2, round(LOOP_S * sample_rate)))
    random = np.random.Generator(np.random.PCG64(_SEED))
    for bar, (bass, chord) in enumerate(_HARMONY):
        start = bar * 4.0
        for index, note in enumerate(chord):
            _add(mix, _pad(note, sample_rate), start, 0.1, pan=-0.6 + 0.4 * index)
        for step, index in enumerate(_ARPEGGIO):
            pluck = pluck_of(chord[index] + 12, sample_rate)
            _add(mix, pluck, start + step / 2, 0.17, pan=0.5 if step % 2 else -0.5)
        for beat, length, step in ((0, 0.9, 0), (1.5, 0.4, 0), (2, 0.9, 0), (3.5, 0.4, 7)):
            _add(mix, _bass(bass + step, length, sample_rate), start + beat, 0.2)
        for beat in (0.0, 2.0, 2.5):
            _add(mix, _kick(sample_rate), start + beat, 0.5)
        for beat in (1.0, 3.0):
            _add(mix, _snare(sample_rate, random), start + beat, 0.4)
        for eighth in range(8):
            loud = 0.07 if eighth % 2 else 0.045
            decay_s = 0.12 if eighth == 7 else 0.035
            _add(mix, _hat(sample_rate, random, decay_s), start + eighth / 2, loud, pan=0.3)
    shaped = np.tanh(mix)
    shaped -= shaped.mean(axis=1, keepdims=True)
    peak = float(np.abs(shaped).max())
    scaled: NDArray[np.float32] = (shaped * 10 ** (PEAK_DBFS / 20) / peak).astype(np.float32)
    return scaled


def write_loop(path: Path, *, overwrite: bool = False) -> None:
    """Write the loop as a 24-bit stereo WAV at 44.1 kHz.

    Raises:
        OutputError: The file exists and ``overwrite`` is False, or it cannot be written.
    """
    with AtomicFile(path, overwrite=overwrite, error=OutputError) as file:
        try:
            soundfile.write(
                file.path, demo_loop().T, SAMPLE_RATE_HZ, subtype="PCM_24", format="WAV"
            )
        except (OSError, RuntimeError) as error:
            raise OutputError(f"{path}: the demo loop cannot be written: {error}") from error
        file.commit()


def _add(mix: Signal, sound: Signal, beat: float, gain: float, pan: float = 0.0) -> None:
    """Add a mono or stereo sound at a beat with constant-power panning; it wraps at the end."""
    total = mix.shape[1]
    first = round(beat * _BEAT_S * total / LOOP_S)
    angle = (pan + 1) * math.pi / 4
    left_right = np.array([[math.cos(angle)], [math.sin(angle)]]) * math.sqrt(2)
    where = (first + np.arange(sound.shape[-1])) % total
    mix[:, where] += gain * left_right * sound


def _hz(note: float) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


def _seconds(length_s: float, sample_rate: int) -> Signal:
    return np.arange(round(length_s * sample_rate)) / sample_rate


def _sines(turn: Signal, count: int) -> Iterator[tuple[int, Signal]]:
    """Partials 1 to ``count`` of an angle: sin nx = 2 cos x sin (n-1)x - sin (n-2)x."""
    twice_cosine = 2 * np.cos(turn)
    before, sine = np.zeros_like(turn), np.sin(turn)
    for partial in range(1, count + 1):
        yield partial, sine
        before, sine = sine, twice_cosine * sine - before


def _pad(note: int, sample_rate: int) -> Signal:
    """One voice of the chord: three detuned voices a channel, soft partials, slow attack."""
    t = _seconds(4 * _BEAT_S + 0.4, sample_rate)
    length_s = float(t[-1])
    envelope = np.minimum(t / 0.18, 1.0) * np.clip((length_s - t) / 0.5, 0.0, 1.0)
    sides = []
    for detunes in ((-0.07, 0.0, 0.05), (-0.04, 0.02, 0.08)):
        voice = np.zeros_like(t)
        for detune in detunes:
            turn = 2 * math.pi * _hz(note + detune) * t + 7.0 * detune
            for partial, sine in _sines(turn, 8):
                voice += sine / partial**1.25
        sides.append(voice / 3)
    return np.asarray(np.stack(sides) * envelope)


def _pluck(note: int, sample_rate: int) -> Signal:
    t = _seconds(0.9, sample_rate)
    sound = np.zeros_like(t)
    fall, faster = np.exp(-3.0 * t), np.exp(-2.5 * t)
    for partial, sine in _sines(2 * math.pi * _hz(note) * t, 12):
        fall *= faster  # higher partials die sooner
        sound += sine * fall / partial**0.8
    return np.asarray(sound * np.minimum(t / 0.002, 1.0) * _tail(t))


def _bass(note: int, beats: float, sample_rate: int) -> Signal:
    t = _seconds(beats * _BEAT_S, sample_rate)
    turn = 2 * math.pi * _hz(note) * t
    bright = np.exp(-t / 0.12)
    sound = np.sin(turn) + 0.5 * np.sin(2 * turn) * (0.4 + bright)
    sound += 0.3 * np.sin(3 * turn) * bright + 0.15 * np.sin(5 * turn) * bright
    release = np.clip((float(t[-1]) - t) / 0.03, 0.0, 1.0)
    return np.asarray(sound * np.minimum(t / 0.004, 1.0) * release)


def _kick(sample_rate: int) -> Signal:
    t = _seconds(0.35, sample_rate)
    turn = 2 * math.pi * (48.0 * t + 6.0 * (1 - np.exp(-t / 0.025)))
    click = 0.25 * np.sin(2 * math.pi * 2100 * t) * np.exp(-t / 0.003)
    return np.asarray((np.sin(turn) * np.exp(-t / 0.11) + click) * _tail(t))


def _snare(sample_rate: int, random: np.random.Generator) -> Signal:
    t = _seconds(0.3, sample_rate)
    noise = np.diff(random.standard_normal(t.size + 1)) * 0.5
    body = np.sin(2 * math.pi * 185 * t) + 0.6 * np.sin(2 * math.pi * 330 * t)
    sound = noise * np.exp(-t / 0.07) + 0.7 * body * np.exp(-t / 0.05)
    return np.asarray(sound * _tail(t))


def _hat(sample_rate: int, random: np.random.Generator, decay_s: float) -> Signal:
    t = _seconds(0.3, sample_rate)
    noise = np.diff(random.standard_normal(t.size + 3), n=3) * 0.3
    return np.asarray(noise * np.exp(-t / decay_s) * _tail(t))


def _tail(t: Signal) -> Signal:
    """Fade the last 10 ms, so that nothing clicks."""
    return np.clip((float(t[-1]) - t) / 0.01, 0.0, 1.0)
