"""Fixed, differentiable statistics of a mel power spectrogram: spectrum, movement, decay.

They do not change with level, nor when silence is added before or after the sound.

A step of the search spends most of its time here, so what runs over the whole spectrogram runs over
it as few times as possible, forwards and backwards.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

MEL_COUNT = 128
FINE, MIDDLE, COARSE = 64, 32, 16  # bands in which the statistics are taken
LAGS = (2, 8, 24, 48)  # frames of 10 ms
FLOOR = 1e-8  # of the sound's own power, added before every logarithm; below lies noise
GATE = 1e-4  # frames this far (-40 dB) below the sound's own power count half
EXPONENTS = (0.25, 3.0)

COUNT = FINE * 2 + MIDDLE + COARSE * (2 * len(LAGS) + len(EXPONENTS) + 2) + 2 * len(LAGS)
_TINY = 1e-12
_SILENT = 1e-14  # mel power of a sound below every converter; keeps gradients finite
_LEAST_OWN = 1e-6
_LEAST_GATE = 1e-3  # of the sum of all frames' weights, about their number where there is sound


def statistics(mel_power: torch.Tensor, loudness_weights: torch.Tensor) -> torch.Tensor:
    """All statistics of a batch.

    Args:
        mel_power: Power in 128 mel bands, [B, 128, frames], any level, silence allowed.
        loudness_weights: K-weighting of each band, [128].

    Returns:
        [B, ``COUNT``]; finite, with finite gradients.
    """
    q, relative, gate = level_and_gate(mel_power, loudness_weights)
    total = gate.sum(-1).clamp(min=_LEAST_GATE)[:, None]

    def mean(x: torch.Tensor) -> torch.Tensor:
        return torch.bmm(x, gate[:, :, None])[..., 0] / total

    fine_power = _pool(q, FINE)
    fine = torch.log10(fine_power + FLOOR)
    fine_mean = mean(fine)
    middle = _pool(fine, MIDDLE)
    middle_mean = mean(middle)
    spread = (mean(middle.square()) - middle_mean.square()).clamp(min=0.0)
    coarse_power = _pool(fine_power, COARSE)
    coarse = torch.log10(coarse_power + FLOOR)
    found = [
        torch.log10(mean(fine_power) + FLOOR),
        fine_mean,
        torch.sqrt(spread + 1e-4),
        _pool(_roughness(mean, q)[..., None], COARSE)[..., 0],
    ]
    found += [
        torch.log10(mean(coarse_power.clamp(min=FLOOR) ** a) + FLOOR**a) / a for a in EXPONENTS
    ]
    overall = torch.log10(relative + FLOOR)
    found += _movement(torch.cat((coarse, overall[:, None]), dim=1), gate)
    return torch.cat(found, dim=-1)


def level_and_gate(
    mel_power: torch.Tensor, loudness_weights: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Power relative to the sound's own K-weighted power, and each frame's weight 0..1.

    The sound's own power is the mean over frames weighted by their power, so silence does not
    count. Returns bands [B, M, frames], their K-weighted sum and the weight, both [B, frames].
    """
    # Dividing by the peak first keeps the squares in float32's range; the spectrogram itself, the
    # one large tensor, is scaled once.
    peak = mel_power.detach().amax(dim=(1, 2), keepdim=True).clamp(min=_SILENT)
    weights = loudness_weights.expand(len(mel_power), 1, -1)
    frame = torch.bmm(weights, mel_power)[:, 0] / peak[:, 0]
    own = frame.square().sum(-1) / frame.sum(-1).clamp(min=_TINY)
    own = own.clamp(min=_LEAST_OWN)[:, None]
    relative = frame / own
    scale = 1 / (peak * own[:, :, None])
    scaled: torch.Tensor = _Scaled.apply(mel_power, scale)  # type: ignore[no-untyped-call]
    return scaled, relative, relative / (relative + GATE)


def _pool(x: torch.Tensor, bands: int) -> torch.Tensor:
    """Mean over neighbouring bands: [B, M, frames] -> [B, bands, frames]."""
    batch, count, frames = x.shape
    size = count // bands
    return x.reshape(batch, bands, size, frames).sum(2) * (1 / size)  # a sum's gradient is a view


def _roughness(mean: Callable[[torch.Tensor], torch.Tensor], q: torch.Tensor) -> torch.Tensor:
    """How far each mel band differs from the next: harmonics stand out, noise does not; [B, M]."""
    logs = torch.log(q + FLOOR)
    steps: torch.Tensor = _Steps.apply(logs)  # type: ignore[no-untyped-call]
    difference = mean(steps.abs()) / math.log(10.0)
    return torch.cat((difference, difference[:, -1:]), dim=1)


def _movement(level: torch.Tensor, gate: torch.Tensor) -> list[torch.Tensor]:
    """Rise and fall of band levels over the lags, and how steep the falls are.

    Args:
        level: log10 power, [B, bands + 1, frames]; the last row is the whole sound.
        gate: Weight of each frame, [B, frames].
    """
    found = []
    steep = None
    for lag in LAGS:
        if level.shape[-1] <= lag:
            zero = level.new_zeros(level.shape[:2])
            found += [zero, zero]
            steep = zero[:, :-1] if steep is None else steep
            continue
        change = level[..., lag:] - level[..., :-lag]
        both = gate[:, lag:] * gate[:, :-lag]
        total = both.sum(-1).clamp(min=_LEAST_GATE)[:, None]
        rise = torch.bmm(change.clamp(min=0.0), both[:, :, None])[..., 0] / total
        fall = rise - torch.bmm(change, both[:, :, None])[..., 0] / total
        found += [rise, fall]
        if lag == LAGS[1]:
            squares = change.clamp(max=0.0).square()
            steep = torch.bmm(squares, both[:, :, None])[..., 0] / total / (fall + 0.02)
            steep = steep[:, :-1]
    if steep is None:
        steep = level.new_zeros((level.shape[0], level.shape[1] - 1))
    return [*found, steep]


class _Scaled(torch.autograd.Function):
    """x [B, M, T] times a number for each row [B, 1, 1], with one pass for that number's gradient.

    Once differentiable.
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x, scale)
        return x * scale

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x, scale = ctx.saved_tensors
        (gradient,) = gradients
        # Row by row: on a CPU a dot product is several times as fast as a batched matrix product.
        dots = [torch.dot(g.flatten(), y.flatten()) for g, y in zip(gradient, x, strict=True)]
        return gradient * scale, torch.stack(dots).reshape_as(scale)


class _Steps(torch.autograd.Function):
    """From each band to the next, [B, M, T] -> [B, M - 1, T]; once differentiable."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x[:, 1:] - x[:, :-1]

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        (step,) = gradients
        found = step.new_zeros(step.shape[0], step.shape[1] + 1, step.shape[2])
        found[:, 1:] = step
        found[:, :-1] -= step
        return found
