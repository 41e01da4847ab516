"""Noise-shaped reverb: twelve bands of fixed seeded noise, each decaying with its own T60.

After J. A. Moorer, "About this reverberation business" (1979) and Steinmetz et al., "Filtered
noise shaping for time domain room impulse response estimation" (WASPAA 2021), the model that
``dasp_pytorch.functional.noise_shaped_reverberation`` implements. Differences that make it usable:
the noise is fixed, T60 is in seconds on a log scale, there is a predelay, the impulse response is
normalised, and convolution is by FFT.

    h_c(t) = wet / E * sum_b G_b * [ n_c(t) 10^(-3 t / T60_b) g_b ],  delayed by the predelay
    y_c    = x_c + h_c * x_c

G_b are raised-cosine crossfades on log frequency that sum to one, n_c is white noise of unit
variance, and E^2 = mean over bands of g_b^2 * sum_t 10^(-6 t / T60_b): pink noise through the wet
path at 0 dB has the power of the dry sound, whatever the decay.

What is drawn, rendered and exported is computed here with NumPy in float64; the search's
differentiable twins live in ``dsp.reverb_gradient``, and a test holds the two together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import soxr
from numpy.typing import ArrayLike, NDArray

from dsp.effect import Effect
from dsp.parameters import Parameter

if TYPE_CHECKING:
    from dsp.reverb_gradient import (
        band_t60_s,
        crossfades,
        gain_at,
        impulse_response,
        length_samples,
        t60_at,
        wet_scale,
    )

__all__ = [
    "BAND_CENTERS_HZ",
    "BAND_COUNT",
    "DECAY_RANGE_DB",
    "LONGEST_S",
    "T60_HIGH_S",
    "T60_LOW_S",
    "Reverb",
    "band_t60_s",
    "crossfades",
    "decay_times_s",
    "gain_at",
    "impulse_response",
    "length_samples",
    "noise",
    "response_samples",
    "room_gain",
    "room_response",
    "t60_at",
    "wet_scale",
]

BAND_COUNT = 12
BAND_CENTERS_HZ: tuple[float, ...] = tuple(
    40.0 * (16_000.0 / 40.0) ** (i / (BAND_COUNT - 1)) for i in range(BAND_COUNT)
)
T60_LOW_S, T60_HIGH_S = 0.1, 8.0
LONGEST_S = 10.0  # of one band, after the bass ratio
DECAY_RANGE_DB = 75.0  # the impulse response ends this far below its start, then fades out
NOISE_SEED = 20_250_117
NOISE_RATE_HZ = 48_000
FADE_S = 0.02
GUARD_S = 0.25  # circular room for the crossfades' ringing before the onset, cut off afterwards


class Reverb(Effect):
    """Setting of the reverb; wet at its low end is identity."""

    kind: ClassVar[str] = "reverb"
    title: ClassVar[str] = "Reverb"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "wet_db", "Wet", "dB", -48.0, 12.0, -48.0, search_low=-40.0, search_high=6.0,
            prior_spread=8.0, off="low", help="More of the room against the direct sound.",
        ),
        Parameter(
            "t60_s", "Decay T60", "s", T60_LOW_S, T60_HIGH_S, 1.0, "log", prior_spread=0.8,
            help="Longer: the time in which the room falls by 60 dB at 1 kHz.",
        ),
        Parameter(
            "predelay_ms", "Predelay", "ms", 0.0, 200.0, 10.0, prior_spread=10.0, searched=False,
            help="More time between the direct sound and the room: a larger space.",
        ),
        Parameter(
            "damping", "Damping", "", 0.0, 1.0, 0.4, prior_spread=0.25,
            help="More: the treble of the room dies away sooner, a softer, darker space.",
        ),
        Parameter(
            "bass_ratio", "Bass ratio", "", 0.5, 2.0, 1.0, "log", prior_spread=0.3,
            help="More: the bass of the room rings longer than the middle.",
        ),
        Parameter(
            "tone_db", "Room tone", "dB", -12.0, 12.0, 0.0, prior_spread=3.0,
            help="More: a brighter room; the tilt at 8 kHz against 1 kHz.",
        ),
    )  # fmt: skip

    def is_neutral(self) -> bool:
        """Whether there is no wet sound at all."""
        return not self.enabled or self.parameter("wet_db").is_off(self.values["wet_db"])

    def _scaled_values(self, amount: float) -> dict[str, float]:
        # Wet in dB and T60 in log time scale; the character of the room stays.
        t60 = self.parameter("t60_s").between(T60_LOW_S, self.values["t60_s"], amount)
        wet = self.parameter("wet_db")
        wet_db = wet.between(wet.low, self.values["wet_db"], amount)
        return {**self.values, "t60_s": t60, "wet_db": wet_db}


@lru_cache(maxsize=6)
def noise(sample_rate: int) -> np.ndarray:
    """The fixed noise of both channels at a sample rate, float64, shape [2, samples], read-only.

    It is drawn once at 48 kHz and converted from there, so a room is the same room at any rate.
    """
    count = int(LONGEST_S * DECAY_RANGE_DB / 60.0 * NOISE_RATE_HZ)
    master = np.random.Generator(np.random.PCG64(NOISE_SEED)).standard_normal((2, count))
    if sample_rate != NOISE_RATE_HZ:
        converted = soxr.resample(master.T, NOISE_RATE_HZ, sample_rate, quality="VHQ").T
        # As an impulse response, unit spectral density below the common Nyquist at every rate.
        master = converted * math.sqrt(NOISE_RATE_HZ / sample_rate)
    result: np.ndarray = np.ascontiguousarray(master)
    result.setflags(write=False)
    return result


def decay_times_s(
    values: Mapping[str, float], frequencies_hz: ArrayLike = BAND_CENTERS_HZ
) -> NDArray[np.float64]:
    """Decay time over frequency.

    T60(f) = t60 * (1 + (f / 1 kHz)^2)^(-0.4 damping) * bass_ratio^(1 / (1 + (f / 250 Hz)^2)),
    clipped to 0.05..10 s; scaled so that T60(1 kHz) = t60 at bass ratio 1.

    Args:
        values: The reverb's parameters.
        frequencies_hz: Shape [F]; the twelve bands by default.

    Returns:
        Seconds, shape [F].
    """
    f = np.asarray(frequencies_hz, dtype=np.float64)
    treble = ((1 + (f / 1000.0) ** 2) / 2.0) ** (-0.4 * values["damping"])
    low = values["bass_ratio"] ** (1 / (1 + (f / 250.0) ** 2))
    return np.asarray(np.clip(values["t60_s"] * treble * low, 0.05, LONGEST_S), dtype=np.float64)


def room_gain(
    values: Mapping[str, float], frequencies_hz: ArrayLike = BAND_CENTERS_HZ
) -> NDArray[np.float64]:
    """Amplitude of the room's start over frequency (room tone as a tilt), shape [F]."""
    f = np.maximum(np.asarray(frequencies_hz, dtype=np.float64), 1.0)
    octaves = np.clip(np.log2(f / 1000.0) / 3.0, -1.4, 1.4)
    return np.asarray(10 ** (values["tone_db"] * octaves / 20), dtype=np.float64)


def response_samples(values: Mapping[str, float], sample_rate: float) -> int:
    """Samples of the impulse response, predelay included."""
    decay_s = float(decay_times_s(values).max()) * DECAY_RANGE_DB / 60.0
    return math.ceil((values["predelay_ms"] / 1000.0 + decay_s) * sample_rate)


def room_response(values: Mapping[str, float], sample_rate: int) -> NDArray[np.float64]:
    """Wet impulse response of one setting (the dry path is not in it).

    Args:
        values: The reverb's parameters.
        sample_rate: In Hz.

    Returns:
        Shape [2, L]; all zero where the reverb is off.
    """
    from scipy import fft  # here: a window that shows a room opens without waiting for scipy

    length = response_samples(values, sample_rate)
    size = 1 << (length + int(GUARD_S * sample_rate) - 1).bit_length()
    sound = noise(sample_rate)[:, :length]
    seconds = np.arange(sound.shape[1]) / sample_rate
    fade = _fade_out(sound.shape[1], sample_rate)
    t60, gain = decay_times_s(values), room_gain(values)
    frequencies = np.arange(size // 2 + 1, dtype=np.float64) * (sample_rate / size)
    spectrum = np.zeros((2, size // 2 + 1), dtype=np.complex128)
    for band, weights in enumerate(_crossfades(frequencies)):
        touched = np.flatnonzero(weights)
        if not len(touched):
            continue
        part = slice(int(touched[0]), int(touched[-1]) + 1)
        decay = np.exp(seconds * (-math.log(1000.0) / t60[band])) * fade
        spectrum[:, part] += fft.rfft(sound * decay, size)[:, part] * (gain[band] * weights[part])
    spectrum *= np.exp(-2j * math.pi * frequencies * (values["predelay_ms"] / 1000.0))
    return np.ascontiguousarray(fft.irfft(spectrum, size)[:, :length] * _scale(values, sample_rate))


def _scale(values: Mapping[str, float], sample_rate: float) -> float:
    """The factor wet / E; the sum over t of 10^(-6 t / T60) is T60 * sample_rate / (6 ln 10)."""
    if Reverb.parameter("wet_db").is_off(values["wet_db"]):
        return 0.0
    energy = float(np.mean(room_gain(values) ** 2 * decay_times_s(values)))
    expected = energy * sample_rate / (6 * math.log(10.0))
    return float(10 ** (values["wet_db"] / 20) / math.sqrt(expected))


def _crossfades(frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    centers = np.log2(BAND_CENTERS_HZ)
    position = (np.log2(np.maximum(frequencies_hz, 1.0)) - centers[0]) / (centers[1] - centers[0])
    distance = np.abs(np.clip(position, 0, BAND_COUNT - 1) - np.arange(BAND_COUNT)[:, None])
    return np.asarray(np.where(distance < 1, 0.5 + 0.5 * np.cos(math.pi * distance), 0.0))


def _fade_out(count: int, sample_rate: float) -> NDArray[np.float64]:
    length = min(count, int(FADE_S * sample_rate))
    fade = np.ones(count)
    if length:
        fade[-length:] = 0.5 + 0.5 * np.cos(np.linspace(0, math.pi, length))
    return fade


def __getattr__(name: str) -> Any:
    # The search's tensor forms, loaded on first use: a window or a render needs no torch.
    if name in __all__:
        from dsp import reverb_gradient

        return getattr(reverb_gradient, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
