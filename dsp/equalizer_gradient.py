"""The equalizer for the search: batches of settings in torch, differentiable in every parameter.

The same cookbook formulas as in ``dsp.equalizer``, in float64. The search spends its time on the
number of operations here, not on their size, so stages go through them together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from dsp.equalizer import BUTTERWORTH_Q, NYQUIST_SHARE, STAGES, Equalizer

_BELLS = tuple(name for name, stage in STAGES if stage == "peaking")
_SHELVES = ("low_shelf", "high_shelf")  # the one is the other with -cos, as are the two below
_PASSES = ("low_pass", "high_pass")
_DESIGNED = (*_BELLS, *_SHELVES, *_PASSES)
_IN_ORDER = [_DESIGNED.index(name) for name, _ in STAGES]
_SMALLEST = 1e-30  # of a section's numerator or denominator
_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def sections(values: Mapping[str, torch.Tensor], sample_rate: float) -> torch.Tensor:
    """Design all stages of a batch of settings.

    Args:
        values: Physical value of every parameter, each of shape [B], in its declared unit.
        sample_rate: In Hz.

    Returns:
        Second-order sections (b0 b1 b2 a0 a1 a2, a0 = 1), float64, shape [B, 10, 6], in the order
        of ``STAGES``; stages that are off or beyond ``NYQUIST_SHARE`` are identity.
    """
    frequency = _stacked(values, _DESIGNED, "frequency_hz")
    limit = NYQUIST_SHARE * sample_rate
    w0 = (2 * math.pi / sample_rate) * frequency.clamp(max=limit)
    cos, sin = w0.cos(), w0.sin()
    shaped = _BELLS + _SHELVES
    root = torch.exp(_stacked(values, shaped, "gain_db") * (math.log(10.0) / 80))  # sqrt(A)
    alpha = sin[:, : len(shaped)] / (2 * _stacked(values, shaped, "q"))
    bells, shelves = slice(len(_BELLS)), slice(len(_BELLS), len(shaped))
    passes = slice(len(shaped), None)
    designed = torch.cat(
        (
            _peaking(root[:, bells], cos[:, bells], alpha[:, bells]),
            _shelving(root[:, shelves], cos[:, shelves], alpha[:, shelves]),
            _passing(cos[:, passes], sin[:, passes] / (2 * BUTTERWORTH_Q)),
        ),
        dim=1,
    )
    designed = designed / designed[..., 3:4]
    chosen = torch.where(
        _audible(frequency, limit)[..., None], designed, designed.new_tensor(_IDENTITY)
    )
    return chosen[:, _IN_ORDER]


def _stacked(
    values: Mapping[str, torch.Tensor], names: Sequence[str], parameter: str
) -> torch.Tensor:
    """One parameter of several stages, float64 [B, len(names)]."""
    return torch.stack([values[f"{name}_{parameter}"] for name in names], dim=1).double()


def _audible(frequency_hz: torch.Tensor, limit_hz: float) -> torch.Tensor:
    """Which of the stages ``_DESIGNED`` act, [B, 10] -> bool [B, 10]."""
    lowest, highest = [-math.inf] * len(_DESIGNED), [limit_hz] * len(_DESIGNED)
    for index, name in enumerate(_PASSES, start=len(_DESIGNED) - len(_PASSES)):
        parameter = Equalizer.parameter(f"{name}_frequency_hz")
        if parameter.off == "low":
            lowest[index] = parameter.low
        else:
            highest[index] = min(parameter.high, limit_hz)
    found: torch.Tensor = (frequency_hz > frequency_hz.new_tensor(lowest)) & (
        frequency_hz < frequency_hz.new_tensor(highest)
    )
    return found


def _peaking(root: torch.Tensor, cos: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """Bells of sqrt(A), cos(w0) and alpha, each [B, N] -> [B, N, 6], not divided by a0."""
    a = root.square()
    boost, cut, middle = alpha * a, alpha / a, -2 * cos
    return torch.stack((1 + boost, middle, 1 - boost, 1 + cut, middle, 1 - cut), dim=-1)


def _shelving(root: torch.Tensor, cos: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """``_SHELVES``, as :func:`_peaking`."""
    sign = cos.new_tensor((1.0, -1.0))
    a = root.square()
    plus, minus, turn, skirt = a + 1, a - 1, sign * cos, 2 * root * alpha
    minus_turn, plus_turn, double = minus * turn, plus * turn, 2 * sign
    above, below = plus - minus_turn, plus + minus_turn
    rows = (
        a * (above + skirt), double * a * (minus - plus_turn), a * (above - skirt),
        below + skirt, -double * (minus + plus_turn), below - skirt,
    )  # fmt: skip
    return torch.stack(rows, dim=-1)


def _passing(cos: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """``_PASSES``, as :func:`_peaking`."""
    sign = cos.new_tensor((1.0, -1.0))
    edge = 1 - sign * cos
    half = edge / 2
    return torch.stack((half, sign * edge, half, 1 + alpha, -2 * cos, 1 - alpha), dim=-1)


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
