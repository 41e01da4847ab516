"""Mel filter banks and the loudness weightings that encoders share."""

from __future__ import annotations

import math
from typing import Literal

import torch

MelScale = Literal["htk", "slaney"]
MelNorm = Literal["none", "area"]

# ITU-R BS.1770-5, tables 1 and 2: the two K-weighting sections at 48 kHz (b0 b1 b2, a1 a2).
_K_SECTIONS = (
    (
        (1.53512485958697, -2.69169618940638, 1.19839281085285),
        (-1.69065929318241, 0.73248077421585),
    ),
    ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621)),
)
_K_RATE_HZ = 48_000.0
_A_POLES_HZ = (20.598997, 107.65265, 737.86223, 12194.217)  # IEC 61672-1:2013, annex E
_A_1_KHZ = 0.7943  # |H| there before it is set to one


def hz_to_mel(frequency_hz: torch.Tensor, scale: MelScale = "htk") -> torch.Tensor:
    """Hz to mel: HTK is 2595 log10(1 + f / 700); Slaney is linear below 1 kHz, log above."""
    if scale == "htk":
        return 2595.0 * torch.log10(1.0 + frequency_hz / 700.0)
    linear = frequency_hz * 3 / 200
    log = 15.0 + torch.log(frequency_hz.clamp(min=1e-9) / 1000.0) * 27 / math.log(6.4)
    return torch.where(frequency_hz >= 1000.0, log, linear)


def mel_to_hz(mel: torch.Tensor, scale: MelScale = "htk") -> torch.Tensor:
    """Inverse of :func:`hz_to_mel`."""
    if scale == "htk":
        return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    return torch.where(
        mel >= 15.0, 1000.0 * torch.exp((mel - 15.0) * math.log(6.4) / 27), mel * 200 / 3
    )


def mel_filterbank(
    sample_rate: int,
    n_fft: int,
    mel_count: int,
    low_hz: float,
    high_hz: float,
    *,
    scale: MelScale = "htk",
    norm: MelNorm = "none",
    least_width_hz: float = 0.0,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Triangular filters, equally spaced in mel.

    Args:
        sample_rate: In Hz.
        n_fft: Length of the Fourier transform; F = n_fft // 2 + 1 bins.
        mel_count: M.
        low_hz: Lower edge of the first triangle.
        high_hz: Upper edge of the last triangle.
        scale: Which mel scale.
        norm: ``area`` divides each triangle by half its width (Slaney's choice).
        least_width_hz: Each side of a triangle is at least this wide. The width of a bin
            (sample_rate / n_fft) leaves no filter empty at low frequencies.

    Returns:
        Filters, float32 [M, F], and their centers in Hz, float32 [M].
    """
    ends = hz_to_mel(torch.tensor([low_hz, high_hz], dtype=torch.float64), scale)
    points = mel_to_hz(
        torch.linspace(float(ends[0]), float(ends[1]), mel_count + 2, dtype=torch.float64), scale
    )
    centers = points[1:-1]
    left = torch.minimum(points[:-2], centers - least_width_hz)
    right = torch.maximum(points[2:], centers + least_width_hz)
    bins = bin_frequencies(sample_rate, n_fft).double()
    rising = (bins[None] - left[:, None]) / (centers - left)[:, None]
    falling = (right[:, None] - bins[None]) / (right - centers)[:, None]
    filters = torch.minimum(rising, falling).clamp(min=0.0)
    if norm == "area":
        filters = filters * (2.0 / (right - left))[:, None]
    return filters.float(), centers.float()


def bin_frequencies(sample_rate: int, n_fft: int) -> torch.Tensor:
    """Frequencies in Hz of the bins of a real Fourier transform, float32 [n_fft // 2 + 1]."""
    return torch.arange(n_fft // 2 + 1, dtype=torch.float64).mul(sample_rate / n_fft).float()


def k_weighting_power(frequencies_hz: torch.Tensor) -> torch.Tensor:
    """Power response of BS.1770's K-weighting (0 dB near 1 kHz up to the standard's offset).

    Args:
        frequencies_hz: Shape [F], below 24 kHz.

    Returns:
        |H|^2, float32 [F].
    """
    w = 2 * math.pi * frequencies_hz.double() / _K_RATE_HZ
    z = torch.polar(torch.ones_like(w), -w)
    power = torch.ones_like(w)
    for b, a in _K_SECTIONS:
        numerator = b[0] + b[1] * z + b[2] * z * z
        denominator = 1.0 + a[0] * z + a[1] * z * z
        power = power * (numerator.abs() / denominator.abs()).square()
    return power.float()


def a_weighting_power(frequencies_hz: torch.Tensor) -> torch.Tensor:
    """Power response of IEC 61672-1's A-weighting (annex E, equation E.1), 0 dB at 1 kHz.

    Args:
        frequencies_hz: Shape [F].

    Returns:
        |H|^2, float32 [F].
    """
    square = frequencies_hz.double().square()
    first, second, third, last = (pole**2 for pole in _A_POLES_HZ)
    size = last * square.square() / ((square + first) * (square + last))
    size = size / ((square + second) * (square + third)).sqrt()
    return (size / _A_1_KHZ).square().float()
