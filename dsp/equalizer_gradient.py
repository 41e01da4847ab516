"""The equalizer for the search: batches of settings in torch, differentiable in every parameter.

The same cookbook formulas as in ``dsp.equalizer``, designed by ``dasp_pytorch.signal.biquad`` in
float64.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from dasp_pytorch.signal import biquad

from dsp.equalizer import BUTTERWORTH_Q, NYQUIST_SHARE, STAGES, Equalizer

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
    Trapp 1998): exact to the last digits, and in half the time that following every small operation
    back would take.
    """

    @staticmethod
    def forward(ctx: Any, points: torch.Tensor, sample_rate: float) -> torch.Tensor:
        limit = NYQUIST_SHARE * sample_rate
        audible = _audible(points[1], limit)[..., None]
        steps = _STEP * torch.eye(3, dtype=points.dtype, device=points.device)[..., None, None]
        bounded = torch.stack((points[0], points[1].clamp(max=limit), points[2]))
        stepped = bounded + 1j * steps  # [slope, 3, B, S]
        found = stepped.new_empty(3, *audible.shape[:2], 6)
        for stage, places in _PLACES.items():
            own = stepped[..., places]
            section = biquad(*(x.flatten() for x in own.unbind(dim=1)), sample_rate, stage)
            found[:, :, places] = torch.cat(section, dim=-1).view(*own[:, 0].shape, 6)
        ctx.save_for_backward(torch.where(audible, found.imag / _STEP, 0.0))
        identity = torch.tensor([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]).to(points)
        return torch.where(audible, found[0].real, identity)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        (slopes,) = ctx.saved_tensors
        return (slopes * gradients[0]).sum(dim=-1), None


def _audible(frequency: torch.Tensor, limit: float) -> torch.Tensor:
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
    # Numerators and denominators as one matrix product.
    b0, b1, b2 = torch.cat((sos[..., :3], sos[..., 3:]), dim=1).unbind(dim=-1)  # [B, 2 S]
    constant, slope = (b0 + b1 + b2).square(), -4 * (b0 * b1 + 4 * b0 * b2 + b1 * b2)
    polynomials = torch.stack((constant, slope, 16 * b0 * b2), dim=-1)
    magnitudes = polynomials @ torch.stack((torch.ones_like(p), p, p * p))  # [B, 2 S, F]
    cascade: torch.Tensor = _Cascade.apply(magnitudes)  # type: ignore[no-untyped-call]
    return cascade


class _Cascade(torch.autograd.Function):
    """Product of the first half of the rows over that of the second, [B, 2 S, F] -> [B, F].

    Rows are at least ``_SMALLEST`` and have no gradient below it. Once differentiable, without the
    logarithm of every row that a plain product's gradient would need.
    """

    @staticmethod
    def forward(ctx: Any, magnitudes: torch.Tensor) -> torch.Tensor:
        bounded = magnitudes.clamp(min=_SMALLEST)
        numerator, denominator = bounded.chunk(2, dim=1)
        power = numerator.prod(dim=1) / denominator.prod(dim=1)
        ctx.save_for_backward(bounded, power)
        return power

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        bounded, power = ctx.saved_tensors
        found: torch.Tensor = (gradients[0] * power)[:, None] / bounded
        found.mul_((bounded - _SMALLEST).sign_())  # one, and nothing for what was bounded
        found.chunk(2, dim=1)[1].neg_()
        return found


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
