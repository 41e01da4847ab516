"""Fixed, differentiable statistics of a mel power spectrogram: spectrum, movement, decay.

They do not change with level, nor when silence is added before or after the sound.

A step of the search spends much of its time here, so what runs over whole spectrograms does so as
few times as possible, forwards and backwards: the ``autograd.Function`` of this module are written
for that. They hold sums over bands and frames of one sound, never products with a whole batch, so
that a sound's numbers do not depend on how many are read with it. All are once differentiable.
"""

from __future__ import annotations

import math
from typing import Any

import torch

MEL_COUNT = 128
FINE, MIDDLE, COARSE = 64, 32, 16  # bands in which the statistics are taken
LAGS = (2, 8, 24, 48)  # frames of 10 ms
FLOOR = 1e-8  # of the sound's own power, added before every logarithm; below lies noise
GATE = 1e-4  # frames this far (-40 dB) below the sound's own power count half
_STEEP = 1  # of the lags, the one whose falls are squared
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
    scale, relative, gate = level_and_gate(mel_power, loudness_weights)
    total = gate.sum(-1).clamp(min=_LEAST_GATE)[:, None]

    def mean(x: torch.Tensor) -> torch.Tensor:
        return _gated_sum(x, gate) / total

    coarse_power, *sums = _Bands.apply(mel_power, scale, gate)  # type: ignore[no-untyped-call]
    fine_power, fine, middle_square, steps = (x / total for x in sums)
    spread = (middle_square - _pool(fine, MIDDLE).square()).clamp(min=0.0)
    # How far each mel band differs from the next: harmonics stand out, noise does not.
    roughness = torch.cat((steps, steps[:, -1:]), dim=1) / math.log(10.0)
    found = [
        torch.log10(fine_power + FLOOR),
        fine,
        torch.sqrt(spread + 1e-4),
        _pool(roughness, COARSE),
    ]
    bounded = torch.relu(coarse_power - FLOOR) + FLOOR  # clamp's gradient takes much longer
    for exponent in EXPONENTS:
        # Two roots, too, are several times as fast as the power of a quarter.
        power = bounded.sqrt().sqrt() if exponent == 0.25 else bounded**exponent
        found.append(torch.log10(mean(power) + FLOOR**exponent) / exponent)
    levels = torch.cat((coarse_power, relative[:, None]), dim=1)
    found += _movement(torch.log10(levels + FLOOR), gate)
    return torch.cat(found, dim=-1)


def level_and_gate(
    mel_power: torch.Tensor, loudness_weights: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Level of a sound against its own K-weighted power, and each frame's weight 0..1.

    The sound's own power is the mean over frames weighted by their power, so silence does not
    count. Returns the factor that brings the bands to it, [B, 1, 1], the K-weighted sum of the
    bands so scaled, and the weight, both [B, frames].
    """
    # Dividing by the peak first keeps the squares in float32's range; the spectrogram itself, the
    # one large tensor, is scaled once.
    peak = mel_power.detach().amax(dim=(1, 2), keepdim=True).clamp(min=_SILENT)
    frame = (mel_power * loudness_weights[:, None]).sum(1) / peak[:, 0]
    own = frame.square().sum(-1) / frame.sum(-1).clamp(min=_TINY)
    own = own.clamp(min=_LEAST_OWN)[:, None]
    relative = frame / own
    scale = 1 / (peak * own[:, :, None])
    return scale, relative, relative / (relative + GATE)


def _pool(x: torch.Tensor, bands: int) -> torch.Tensor:
    """Mean over neighbouring bands: [B, M] -> [B, bands]."""
    return x.reshape(len(x), bands, -1).mean(-1)


def _movement(level: torch.Tensor, gate: torch.Tensor) -> list[torch.Tensor]:
    """Rise and fall of band levels over the lags, and how steep the falls are.

    A lag that is longer than the sound gives zero.

    Args:
        level: log10 power, [B, bands + 1, frames]; the last row is the whole sound.
        gate: Weight of each frame, [B, frames].
    """
    risen, moved, squares, weights = _Changes.apply(level, gate)  # type: ignore[no-untyped-call]
    total = weights.clamp(min=_LEAST_GATE)[..., None]
    rise = risen / total
    fall = rise - moved / total
    steep = squares / total[:, _STEEP] / (fall[:, _STEEP] + 0.02)
    return [torch.stack((rise, fall), dim=2).flatten(1), steep[:, :-1]]


class _Bands(torch.autograd.Function):
    """All that is read from the spectrogram in more bands than ``COARSE``.

    Mel power [B, 128, T], each sound's scale [B, 1, 1] and its frames' weights [B, T] -> scaled
    power in coarse bands [B, 16, T], and weighted sums over frames: of the power and of its log10
    in fine bands, both [B, 64], of the squares of the latter's mean in middle bands [B, 32], and of
    how far each mel band's natural logarithm is from the next one's [B, 127].
    """

    @staticmethod
    def forward(
        ctx: Any, mel_power: torch.Tensor, scale: torch.Tensor, gate: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        scaled = mel_power * scale
        fine = _halved(scaled)
        fine_floored = fine + FLOOR
        fine_logs = fine_floored.log10()
        middle = _halved(fine_logs)
        floored = scaled.add_(FLOOR)
        steps = _steps(floored.log())
        sizes = steps.abs()
        ctx.save_for_backward(
            mel_power, scale, gate, fine, fine_floored, fine_logs, middle,
            floored, steps.sign_(), sizes,
        )  # fmt: skip
        summed = (_gated_sum(x, gate) for x in (fine, fine_logs, middle.square(), sizes))
        return _halved(_halved(fine)), *summed

    @staticmethod
    def backward(
        ctx: Any, *gradients: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        of_coarse, of_power, of_logs, of_squares, of_steps = gradients
        (mel_power, scale, gate, fine, fine_floored, fine_logs, middle,
         floored, signs, sizes) = ctx.saved_tensors  # fmt: skip
        of_gate = (
            _over_bands(of_power, fine)
            + _over_bands(of_logs, fine_logs)
            + _over_bands(of_squares, middle.square())
            + _over_bands(of_steps, sizes)
        )
        # Fine bands: the logarithm counts by itself and in its middle band's square.
        of_fine = _grouped(torch.empty_like(fine), MIDDLE)
        squared = (middle * of_squares[:, :, None])[:, :, None]
        torch.add(_grouped(of_logs[:, :, None], MIDDLE), squared, out=of_fine)
        of_fine = of_fine.reshape_as(fine).mul_(1 / math.log(10.0)).div_(fine_floored)
        of_fine.add_(of_power[:, :, None]).mul_(gate[:, None])
        _grouped(of_fine, COARSE).add_(of_coarse[:, :, None], alpha=COARSE / FINE)
        # Mel bands: each step pulls at both its ends.
        of_scaled = _of_steps(signs * of_steps[:, :, None]).mul_(gate[:, None]).div_(floored)
        _grouped(of_scaled, FINE).add_(of_fine[:, :, None], alpha=FINE / MEL_COUNT)
        of_scale = (of_scaled * mel_power).sum(-1).sum(-1)
        return of_scaled.mul_(scale), of_scale.reshape_as(scale), of_gate


class _Changes(torch.autograd.Function):
    """How band levels change over the lags, all lags at once.

    Level [B, M, T] and gate [B, T] -> sums over pairs of frames, each by the product of both
    frames' weights: of the rises and of all changes [B, lags, M], of the squared falls over the lag
    ``_STEEP`` [B, M], and of the weights [B, lags].
    """

    @staticmethod
    def forward(
        ctx: Any, level: torch.Tensor, gate: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        batch, bands, frames = level.shape
        # The first frames of a lag have no partner: they stay zero, and so weigh nothing.
        changes = level.new_zeros(batch, len(LAGS), bands, frames)
        both = gate.new_zeros(batch, len(LAGS), 1, frames)
        for index, lag in enumerate(LAGS):
            torch.sub(level[..., lag:], level[..., :-lag], out=changes[:, index, :, lag:])
            torch.mul(gate[:, lag:], gate[:, :-lag], out=both[:, index, 0, lag:])
        weighted = changes * both
        falls = changes[:, _STEEP].clamp(max=0.0)
        squares = (falls * weighted[:, _STEEP]).sum(-1)
        ctx.save_for_backward(gate, changes, both, falls)
        moved = weighted.sum(-1)
        return weighted.clamp_(min=0.0).sum(-1), moved, squares, both[:, :, 0].sum(-1)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        gate, changes, both, falls = ctx.saved_tensors
        of_rise, of_move, of_squares, of_weights = gradients
        # Gradient of a change by its weight, and by the change itself that of the weight: rises
        # and no change count with both, falls with the sum alone. `where` takes ten times as long.
        slope = torch.sign(changes).clamp_(max=0.0)
        slope.mul_(of_rise[..., None]).add_((of_rise + of_move)[..., None])
        squared = falls * of_squares[..., None]
        slope[:, _STEEP] += squared
        of_both = (slope * changes).sum(2) + of_weights[..., None]
        slope[:, _STEEP] += squared  # a square's own slope is twice that
        slope.mul_(both)
        of_level = torch.zeros_like(slope[:, 0])
        of_gate = torch.zeros_like(gate)
        for index, lag in enumerate(LAGS):
            of_level[..., lag:] += slope[:, index, :, lag:]
            of_level[..., :-lag] -= slope[:, index, :, lag:]
            of_gate[:, lag:] += of_both[:, index, lag:] * gate[:, :-lag]
            of_gate[:, :-lag] += of_both[:, index, lag:] * gate[:, lag:]
        return of_level, of_gate


def _gated_sum(x: torch.Tensor, gate: torch.Tensor) -> torch.Tensor:
    """Sum over frames, each by its weight: [B, M, T], [B, T] -> [B, M]."""
    # On a CPU many times as fast as a batched product of matrix and vector.
    return (x * gate[:, None]).sum(-1)


def _over_bands(weights: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Weighted sum over bands: [B, M], [B, M, T] -> [B, T]."""
    return (x * weights[:, :, None]).sum(1)


def _steps(x: torch.Tensor) -> torch.Tensor:
    """From each band to the next: [B, M, T] -> [B, M - 1, T]."""
    return x[:, 1:] - x[:, :-1]


def _of_steps(gradient: torch.Tensor) -> torch.Tensor:
    """Gradient of what :func:`_steps` was given: [B, M - 1, T] -> [B, M, T]."""
    batch, count, frames = gradient.shape
    found = gradient.new_empty(batch, count + 1, frames)
    torch.neg(gradient[:, 0], out=found[:, 0])
    torch.sub(gradient[:, :-1], gradient[:, 1:], out=found[:, 1:-1])
    found[:, -1] = gradient[:, -1]
    return found


def _halved(x: torch.Tensor) -> torch.Tensor:
    """Mean of each two neighbouring bands: [B, M, T] -> [B, M / 2, T]."""
    return (x[:, ::2] + x[:, 1::2]).mul_(0.5)


def _grouped(x: torch.Tensor, bands: int) -> torch.Tensor:
    """View of bands by the wider band that they are in: [B, M, T] -> [B, bands, M / bands, T]."""
    return x.view(len(x), bands, -1, x.shape[-1])
