"""The equalizer for the search: batches of settings in torch, differentiable in every parameter.

The same cookbook formulas as in ``dsp.equalizer``, designed by ``dasp_pytorch.signal.biquad`` in
float64.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from dasp_pytorch.signal import biquad

from dsp.equalizer import BUTTERWORTH_Q, NYQUIST_SHARE, STAGES, Equalizer

_NAMES_BY_STAGE = {
    stage: tuple(name for name, kind in STAGES if kind == stage)
    for stage in dict.fromkeys(kind for _, kind in STAGES)
}
_SMALLEST = 1e-30  # of a section's numerator or denominator


def sections(values: Mapping[str, torch.Tensor], sample_rate: float) -> torch.Tensor:
    """Design all stages of a batch of settings.

    Args:
        values: Physical value of every parameter, each of shape [B], in its declared unit.
        sample_rate: In Hz.

    Returns:
        Second-order sections (b0 b1 b2 a0 a1 a2, a0 = 1), float64, shape [B, 10, 6], in the order
        of ``STAGES``; stages that are off or beyond ``NYQUIST_SHARE`` are identity.
    """
    # Stages of one kind are designed in one call: the search spends its time on small operations.
    designed: dict[str, torch.Tensor] = {}
    for stage, names in _NAMES_BY_STAGE.items():
        found = _design(stage, names, values, sample_rate)
        designed |= dict(zip(names, found.unbind(dim=1), strict=True))
    return torch.stack([designed[name] for name, _ in STAGES], dim=1)


def _design(
    stage: str, names: Sequence[str], values: Mapping[str, torch.Tensor], sample_rate: float
) -> torch.Tensor:
    """Sections of the stages of one kind, [B, len(names), 6]."""
    frequency = torch.stack([values[f"{name}_frequency_hz"] for name in names], dim=1).double()
    limit = NYQUIST_SHARE * sample_rate
    audible = frequency < limit
    if stage in ("high_pass", "low_pass"):
        gain_db = torch.zeros_like(frequency)
        q = torch.full_like(frequency, BUTTERWORTH_Q)
        parameter = Equalizer.parameter(f"{names[0]}_frequency_hz")
        low_off = parameter.off == "low"
        audible = audible & (frequency > parameter.low if low_off else frequency < parameter.high)
    else:
        gain_db = torch.stack([values[f"{name}_gain_db"] for name in names], dim=1).double()
        q = torch.stack([values[f"{name}_q"] for name in names], dim=1).double()
    flat = (gain_db.flatten(), frequency.clamp(max=limit).flatten(), q.flatten())
    section = torch.cat(biquad(*flat, sample_rate, stage), dim=-1)
    identity = section.new_zeros(6)
    identity[0] = identity[3] = 1.0
    chosen = torch.where(audible.flatten()[:, None], section, identity)
    return chosen.reshape(*frequency.shape, 6)


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
