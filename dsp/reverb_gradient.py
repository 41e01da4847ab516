"""The reverb for the search: batches of rooms in torch, differentiable in every parameter.

The same model and the same noise as in ``dsp.reverb``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch

from dsp.reverb import (
    BAND_CENTERS_HZ,
    BAND_COUNT,
    DECAY_RANGE_DB,
    FADE_S,
    GUARD_S,
    LONGEST_S,
    Reverb,
    noise,
)


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
    return t60_at(values, _centers_hz())


def wet_scale(values: Mapping[str, torch.Tensor], sample_rate: float) -> torch.Tensor:
    """The factor wet / E of the module's equation, shape [B]; 0 where the reverb is off.

    The sum over t of 10^(-6 t / T60) is T60 * sample_rate / (6 ln 10).
    """
    energy = gain_at(values, _centers_hz()) ** 2 * band_t60_s(values)
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
    centers = _centers_hz().log2()
    step = centers[1] - centers[0]
    position = (frequencies_hz.double().clamp(min=1.0).log2() - centers[0]) / step
    position = position.clamp(0, BAND_COUNT - 1)
    distance = (position[None] - torch.arange(BAND_COUNT, dtype=torch.float64)[:, None]).abs()
    weights: torch.Tensor = torch.where(distance < 1, 0.5 + 0.5 * torch.cos(math.pi * distance), 0)
    return weights


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
    size = 1 << (length + int(GUARD_S * sample_rate) - 1).bit_length()
    n = torch.from_numpy(noise(sample_rate)[:, :length].copy()).to(template)
    seconds = torch.arange(n.shape[-1], device=n.device).to(n) / sample_rate
    frequencies = torch.fft.rfftfreq(size, 1 / sample_rate, device=n.device, dtype=torch.float64)
    weights = crossfades(frequencies.cpu()).to(n)
    t60, gain = (
        band_t60_s(values),
        gain_at(values, _centers_hz()),
    )
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
    length = min(count, int(FADE_S * sample_rate))
    fade = torch.ones(count, dtype=torch.float64)
    if length:
        fade[-length:] = 0.5 + 0.5 * torch.cos(
            torch.linspace(0, math.pi, length, dtype=torch.float64)
        )
    return fade


def _complex(dtype: torch.dtype) -> torch.dtype:
    return torch.complex128 if dtype == torch.float64 else torch.complex64


def _centers_hz() -> torch.Tensor:
    return torch.tensor(BAND_CENTERS_HZ, dtype=torch.float64)
