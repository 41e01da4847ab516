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
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import ClassVar

import numpy as np
import soxr
import torch

from dsp.effect import Effect
from dsp.parameters import Parameter

BAND_COUNT = 12
BAND_CENTERS_HZ: tuple[float, ...] = tuple(
    40.0 * (16_000.0 / 40.0) ** (i / (BAND_COUNT - 1)) for i in range(BAND_COUNT)
)
T60_LOW_S, T60_HIGH_S = 0.1, 8.0
LONGEST_S = 10.0  # of one band, after the bass ratio
DECAY_RANGE_DB = 75.0  # the impulse response ends this far below its start, then fades out
NOISE_SEED = 20_250_117
NOISE_RATE_HZ = 48_000
_FADE_S = 0.02
_GUARD_S = 0.25  # circular room for the crossfades' ringing before the onset, cut off afterwards


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


def t60_at(values: Mapping[str, torch.Tensor], frequencies_hz: torch.Tensor) -> torch.Tensor:
    """Decay time over frequency.

    T60(f) = t60 * (1 + (f / 1 kHz)^2)^(-0.4 damping) * bass_ratio^(1 / (1 + (f / 250 Hz)^2)),
    clipped to 0.05..10 s; scaled so that T60(1 kHz) = t60 at bass ratio 1.

    Args:
        values: Parameters, each of shape [B].
        frequencies_hz: Shape [F].

    Returns:
        Seconds, shape [B, F].
    """
    f = frequencies_hz.to(values["t60_s"])
    damping, bass = values["damping"][:, None], values["bass_ratio"][:, None]
    treble = ((1 + (f / 1000.0) ** 2) / 2.0) ** (-0.4 * damping)
    low = bass ** (1 / (1 + (f / 250.0) ** 2))
    return (values["t60_s"][:, None] * treble * low).clamp(0.05, LONGEST_S)


def gain_at(values: Mapping[str, torch.Tensor], frequencies_hz: torch.Tensor) -> torch.Tensor:
    """Amplitude of the room's start over frequency (room tone as a tilt), shape [B, F]."""
    octaves = torch.log2(frequencies_hz.to(values["tone_db"]).clamp(min=1.0) / 1000.0) / 3.0
    return 10 ** (values["tone_db"][:, None] * octaves.clamp(-1.4, 1.4) / 20)


def band_t60_s(values: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """T60 of the twelve bands in seconds, shape [B, 12]."""
    return t60_at(values, torch.tensor(BAND_CENTERS_HZ))


def wet_scale(values: Mapping[str, torch.Tensor], sample_rate: float) -> torch.Tensor:
    """The factor wet / E of the module's equation, shape [B]; 0 where the reverb is off.

    The sum over t of 10^(-6 t / T60) is T60 * sample_rate / (6 ln 10).
    """
    energy = gain_at(values, torch.tensor(BAND_CENTERS_HZ)) ** 2 * band_t60_s(values)
    expected = energy.mean(dim=1) * sample_rate / (6 * math.log(10.0))
    wet = 10 ** (values["wet_db"] / 20)
    off = values["wet_db"] <= Reverb.parameter("wet_db").low
    scale: torch.Tensor = torch.where(off, torch.zeros_like(wet), wet) / expected.sqrt()
    return scale


def crossfades(frequencies_hz: torch.Tensor) -> torch.Tensor:
    """Raised-cosine weights of the twelve bands that sum to one at every frequency.

    Args:
        frequencies_hz: Shape [F].

    Returns:
        Shape [12, F].
    """
    centers = torch.tensor(BAND_CENTERS_HZ, dtype=torch.float64).log2()
    step = centers[1] - centers[0]
    position = (frequencies_hz.double().clamp(min=1.0).log2() - centers[0]) / step
    position = position.clamp(0, BAND_COUNT - 1)
    distance = (position[None] - torch.arange(BAND_COUNT, dtype=torch.float64)[:, None]).abs()
    weights: torch.Tensor = torch.where(distance < 1, 0.5 + 0.5 * torch.cos(math.pi * distance), 0)
    return weights


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


def length_samples(values: Mapping[str, torch.Tensor], sample_rate: float) -> int:
    """Samples of the longest impulse response in the batch, predelay included."""
    decay_s = float(band_t60_s(values).detach().max()) * DECAY_RANGE_DB / 60.0
    predelay_s = float(values["predelay_ms"].detach().max()) / 1000.0
    return math.ceil((predelay_s + decay_s) * sample_rate)


def impulse_response(values: Mapping[str, torch.Tensor], sample_rate: int) -> torch.Tensor:
    """Wet impulse responses of a batch of settings (the dry path is not in them).

    Args:
        values: Parameters, each of shape [B]; their dtype is the computation's.
        sample_rate: In Hz.

    Returns:
        Shape [B, 2, L]; all zero where the reverb is off. Differentiable in every parameter.
    """
    template = values["t60_s"]
    length = length_samples(values, sample_rate)
    size = 1 << (length + int(_GUARD_S * sample_rate) - 1).bit_length()
    n = torch.from_numpy(noise(sample_rate)[:, :length].copy()).to(template)
    seconds = torch.arange(n.shape[-1], device=n.device).to(n) / sample_rate
    frequencies = torch.fft.rfftfreq(size, 1 / sample_rate, device=n.device).double()
    weights = crossfades(frequencies.cpu()).to(n)
    t60, gain = band_t60_s(values), gain_at(values, torch.tensor(BAND_CENTERS_HZ))
    fade = _fade_out(n.shape[-1], sample_rate).to(n)

    spectrum = torch.zeros(
        (template.shape[0], 2, size // 2 + 1), device=n.device, dtype=_complex(n.dtype)
    )
    for band in range(BAND_COUNT):
        decay = torch.exp(-math.log(1000.0) * seconds / t60[:, band, None]) * fade
        shaped = torch.fft.rfft(n[None] * decay[:, None], size)
        touched = weights[band].nonzero()[:, 0]
        part = slice(int(touched[0]), int(touched[-1]) + 1) if len(touched) else slice(0)
        level = (gain[:, band, None] * weights[band, part])[:, None]
        spectrum[..., part] = spectrum[..., part] + shaped[..., part] * level
    delay_s = (values["predelay_ms"] / 1000.0)[:, None]
    turn = -2 * math.pi * frequencies.to(n) * delay_s
    spectrum = spectrum * torch.polar(torch.ones_like(turn), turn)[:, None]
    response: torch.Tensor = torch.fft.irfft(spectrum, size)[..., :length]
    return response * wet_scale(values, sample_rate)[:, None, None]


def _fade_out(count: int, sample_rate: float) -> torch.Tensor:
    length = min(count, int(_FADE_S * sample_rate))
    fade = torch.ones(count, dtype=torch.float64)
    if length:
        fade[-length:] = 0.5 + 0.5 * torch.cos(torch.linspace(0, math.pi, length).double())
    return fade


def _complex(dtype: torch.dtype) -> torch.dtype:
    return torch.complex128 if dtype == torch.float64 else torch.complex64
