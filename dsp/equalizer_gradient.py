"""The equalizer for the search: batches of settings in torch, differentiable in every parameter.

Designed by ``dsp.equalizer`` itself, in float64; a test holds sections and slopes against
``dasp_pytorch.signal.biquad``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dsp.equalizer import BUTTERWORTH_Q, NYQUIST_SHARE, STAGES, Equalizer, biquad

_KINDS = [kind for _, kind in STAGES]
# Stages of one kind stand side by side and are designed in one call.
_PLACES = {
    kind: slice(_KINDS.index(kind), _KINDS.index(kind) + _KINDS.count(kind))
    for kind in dict.fromkeys(_KINDS)
}
_FILTERS = [
    (place, Equalizer.parameter(f"{name}_frequency_hz"))
    for place, (name, kind) in enumerate(STAGES)
    if kind in ("high_pass", "low_pass")
]
_STEP = 1e-20  # into the complex plane: its square vanishes beside one
_STEPS = 1j * _STEP * np.eye(3)[:, :, None, None]
_IDENTITY = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
_SMALLEST = 1e-30  # of a section's numerator or denominator


def sections(values: Mapping[str, torch.Tensor], sample_rate: float) -> torch.Tensor:
    """Design all stages of a batch of settings.

    Args:
        values: Physical value of every parameter, each of shape [B], in its declared unit.
        sample_rate: In Hz.

    Returns:
        Second-order sections (b0 b1 b2 a0 a1 a2, a0 = 1), float64, shape [B, 10, 6], in the order
        of ``STAGES``; stages that are off or beyond ``NYQUIST_SHARE`` are identity. Once
        differentiable.
    """
    frequency = torch.stack([values[f"{name}_frequency_hz"] for name, _ in STAGES], dim=1)
    none, flat = torch.zeros_like(frequency[:, 0]), torch.full_like(frequency[:, 0], BUTTERWORTH_Q)
    gain_db = torch.stack([values.get(f"{name}_gain_db", none) for name, _ in STAGES], dim=1)
    q = torch.stack([values.get(f"{name}_q", flat) for name, _ in STAGES], dim=1)
    designed: torch.Tensor = _Sections.apply(  # type: ignore[no-untyped-call]
        torch.stack((gain_db, frequency, q)).double(), sample_rate
    )
    return designed


class _Sections(torch.autograd.Function):
    """Gain, frequency and Q of all stages, [3, B, S] -> sections [B, S, 6].

    The slopes come with the design, by a step of each of the three into the complex plane (Squire,
    Trapp 1998): exact to the last digits. The arrays are too small for torch: each of its
    operations would take several times as long.
    """

    @staticmethod
    def forward(ctx: Any, points: torch.Tensor, sample_rate: float) -> torch.Tensor:
        limit = NYQUIST_SHARE * sample_rate
        gain_db, frequency, q = points.detach().cpu().numpy()
        audible = _audible(frequency, limit)[..., None]
        bounded = np.stack((gain_db, np.minimum(frequency, limit), q))
        stepped = bounded + _STEPS  # [slope, 3, B, S]
        found = np.empty((3, *frequency.shape, 6), np.complex128)
        for stage, places in _PLACES.items():
            own = stepped[..., places]
            found[:, :, places] = biquad(stage, own[:, 0], own[:, 1], own[:, 2], sample_rate)
        slopes = np.where(audible, found.imag / _STEP, 0.0)
        ctx.save_for_backward(torch.from_numpy(slopes).to(points.device))
        return torch.from_numpy(np.where(audible, found[0].real, _IDENTITY)).to(points.device)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        (slopes,) = ctx.saved_tensors
        return (slopes * gradients[0]).sum(dim=-1), None


def _audible(frequency: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    """Which stages are not off, [B, S]."""
    audible = frequency < limit
    for place, end in _FILTERS:
        own = frequency[:, place]
        audible[:, place] &= own > end.low if end.off == "low" else own < end.high
    return audible


def power_response(
    sos: torch.Tensor, frequencies_hz: torch.Tensor, sample_rate: float
) -> torch.Tensor:
    """Squared magnitude of a cascade of second-order sections.

    With p = sin^2(w / 2), which keeps its precision at low frequencies,
    |b0 + b1 z^-1 + b2 z^-2|^2 = (b0 + b1 + b2)^2 - 4 (b0 b1 + 4 b0 b2 + b1 b2) p + 16 b0 b2 p^2.

    Args:
        sos: Shape [B, S, 6], float64.
        frequencies_hz: Shape [F]; frequencies above half the sample rate read as half of it.
        sample_rate: In Hz.

    Returns:
        |H|^2, float64, shape [B, F].
    """
    w = 2 * math.pi * frequencies_hz.double().clamp(max=sample_rate / 2) / sample_rate
    p = torch.sin(w / 2).square()
    found: torch.Tensor = _Cascade.apply(  # type: ignore[no-untyped-call]
        sos, torch.stack((torch.ones_like(p), p, p * p))
    )
    return found


class _Cascade(torch.autograd.Function):
    """Sections [B, S, 6] and powers 0..2 of p [3, F] -> squared magnitude of all, [B, F].

    Squares of numerators and denominators are at least ``_SMALLEST``, without gradient below it.
    Once differentiable, without the logarithm of each that a plain product's gradient would need.
    """

    @staticmethod
    def forward(ctx: Any, sos: torch.Tensor, powers: torch.Tensor) -> torch.Tensor:
        # Numerators and denominators as one matrix product.
        coefficients = torch.cat((sos[..., :3], sos[..., 3:]), dim=1)  # [B, 2 S, 3]
        c0, c1, c2 = coefficients.unbind(dim=-1)
        ends, whole = c0 * c2, coefficients.sum(dim=-1)
        slope = (c0 + c2).mul_(c1).add_(ends, alpha=4.0)
        polynomials = torch.stack((whole.square(), -4 * slope, 16 * ends), dim=-1)
        bounded = (polynomials @ powers).clamp_(min=_SMALLEST)  # [B, 2 S, F]
        numerator, denominator = bounded.chunk(2, dim=1)
        power = numerator.prod(dim=1) / denominator.prod(dim=1)
        ctx.save_for_backward(coefficients, whole, powers, bounded, power)
        return power

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        coefficients, whole, powers, bounded, power = ctx.saved_tensors
        of_squares = (gradients[0] * power)[:, None] / bounded
        of_squares.mul_((bounded - _SMALLEST).sign_())  # one, and nothing for what was bounded
        of_squares.chunk(2, dim=1)[1].neg_()
        of_whole, of_slope, of_ends = (of_squares @ powers.T).unbind(dim=-1)
        c0, c1, c2 = coefficients.unbind(dim=-1)
        of_all, of_slope, of_ends = 2 * whole * of_whole, -4 * of_slope, 16 * of_ends
        of_ends.add_(of_slope, alpha=4.0)
        found = torch.stack(
            (c1 * of_slope + c2 * of_ends, (c0 + c2) * of_slope, c1 * of_slope + c0 * of_ends),
            dim=-1,
        ).add_(of_all[..., None])
        return torch.cat(found.chunk(2, dim=1), dim=-1), None


def complex_response(
    sos: torch.Tensor, frequencies_hz: torch.Tensor, sample_rate: float
) -> torch.Tensor:
    """Complex response of a cascade of second-order sections; arguments as `power_response`.

    Returns:
        H, complex128, shape [B, F].
    """
    w = 2 * math.pi * frequencies_hz.double().clamp(max=sample_rate / 2) / sample_rate
    delay = torch.polar(torch.ones_like(w), -w)
    powers = torch.stack((torch.ones_like(delay), delay, delay * delay))
    numerator = sos[..., :3].to(powers.dtype) @ powers
    denominator = sos[..., 3:].to(powers.dtype) @ powers
    return (numerator / denominator).prod(dim=1)
