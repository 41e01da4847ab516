"""Fixed, differentiable statistics of a mel power spectrogram: spectrum, movement, decay.

They do not change with level, nor when silence is added before or after the sound.

A step of the search spends much of its time here, so gradients are written by hand, see
``statistics_stages``: following every small operation back took half as long again. Sums run over
bands and frames of one sound, never products with a whole batch, so that a sound's numbers do not
depend on how many are read with it. Once differentiable.
"""

from __future__ import annotations

import math
from typing import Any

import torch

from text2fx_studio.encoders.statistics_stages import (
    COARSE,
    FINE,
    FLOOR,
    LAGS,
    MEL_COUNT,
    MIDDLE,
    STEEP_LAG,
    Bands,
    Changes,
    Level,
    Powers,
)

COUNT = FINE * 2 + MIDDLE + COARSE * (2 * len(LAGS) + len(Powers.EXPONENTS) + 2) + 2 * len(LAGS)
_LEAST_WEIGHT = 1e-3  # of the sum of all frames' weights, about their number where there is sound
_SPREAD_FLOOR = 1e-4
_FALL_FLOOR = 0.02
_LN10 = math.log(10.0)
_MEANS = [FINE, FINE, MIDDLE, MEL_COUNT - 1, len(Powers.EXPONENTS) * COARSE]


def statistics(mel_power: torch.Tensor, loudness_weights: torch.Tensor) -> torch.Tensor:
    """All statistics of a batch.

    Args:
        mel_power: Power in 128 mel bands, [B, 128, frames], any level, silence allowed.
        loudness_weights: K-weighting of each band, [128].

    Returns:
        [B, ``COUNT``]; finite, with finite gradients.
    """
    found: torch.Tensor = _Statistics.apply(mel_power, loudness_weights)  # type: ignore[no-untyped-call]
    return found


class _Statistics(torch.autograd.Function):
    """:func:`statistics`, forwards and backwards."""

    @staticmethod
    def forward(ctx: Any, mel_power: torch.Tensor, loudness_weights: torch.Tensor) -> torch.Tensor:
        level = Level(mel_power, loudness_weights)
        bands = Bands(mel_power, level.scale, level.gate)
        powers = Powers(bands.coarse, level.gate)
        loud = torch.cat((bands.coarse, level.relative[:, None]), dim=1).add_(FLOOR)
        changes = Changes(loud.log10(), level.gate)
        means = _Means(torch.cat((*bands.sums, powers.sums), dim=1), level.gate)
        moves = _Moves(changes)
        if ctx.needs_input_grad[0]:
            ctx.stages = level, bands, powers, loud, changes, means, moves
            ctx.save_for_backward(mel_power)
        return torch.cat((*means.found, *moves.found), dim=-1)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        level, bands, powers, loud, changes, means, moves = ctx.stages
        (mel_power,) = ctx.saved_tensors
        sizes = [part.shape[1] for part in means.found]
        *of_means, of_moves = torch.split(gradients[0], [*sizes, COUNT - sum(sizes)], dim=-1)
        *of_sums, of_power_sums = torch.split(means.of_sums(of_means), _MEANS, dim=-1)
        of_loud, of_gate = changes.backward(*moves.of_changes(of_moves))
        of_loud.div_(loud).mul_(1 / _LN10)
        of_gate += means.of_weight()
        of_coarse = powers.backward(of_power_sums, of_gate).add_(of_loud[:, :-1])
        of_mel = bands.backward(of_coarse, of_sums, of_gate)
        return level.backward(mel_power, of_mel, of_loud[:, -1], of_gate), None


class _Means:
    """What is told of weighted means over frames.

    Args:
        sums: Over frames, each by its weight, [B, sum(``_MEANS``)].
        gate: The frames' weights, [B, T].
    """

    def __init__(self, sums: torch.Tensor, gate: torch.Tensor) -> None:
        whole = gate.sum(-1)
        self._weight = whole.clamp(min=_LEAST_WEIGHT)[:, None]
        self._counts = (whole >= _LEAST_WEIGHT)[:, None]
        self._means = sums / self._weight
        power, self._logs, squares, steps, powers = torch.split(self._means, _MEANS, dim=-1)
        self._power = power + FLOOR
        self._middle = _pooled(self._logs, MIDDLE)
        spread = squares - self._middle.square()
        self._spread = (spread.clamp(min=0.0) + _SPREAD_FLOOR).sqrt()
        self._varies = spread >= 0.0
        # How far each mel band differs from the next: harmonics stand out, noise does not.
        roughness = _pooled(torch.cat((steps, steps[:, -1:]), dim=1), COARSE) / _LN10
        self._powers = powers + powers.new_tensor(Powers.FLOORS).repeat_interleave(COARSE)
        self._roots = powers.new_tensor(Powers.EXPONENTS).repeat_interleave(COARSE)
        self.found = (
            self._power.log10(), self._logs, self._spread, roughness,
            self._powers.log10() / self._roots,
        )  # fmt: skip

    def of_sums(self, gradients: list[torch.Tensor]) -> torch.Tensor:
        """Gradients of ``found`` -> gradient of the sums."""
        of_power, of_logs, of_spread, of_roughness, of_powers = gradients
        of_squares = of_spread / self._spread * 0.5 * self._varies
        of_middle = _shared(-2.0 * of_squares * self._middle, FINE)
        of_steps = _shared(of_roughness, MEL_COUNT) / _LN10
        of_steps[:, -2] += of_steps[:, -1]
        self._of_means = torch.cat(
            (
                of_power / self._power / _LN10, of_logs + of_middle, of_squares, of_steps[:, :-1],
                of_powers / self._powers / self._roots / _LN10,
            ),
            dim=1,
        )  # fmt: skip
        return self._of_means / self._weight

    def of_weight(self) -> torch.Tensor:
        """Gradient of each frame's weight by the division, after :meth:`of_sums`, [B, 1]."""
        pull = -(self._of_means * self._means).sum(-1, keepdim=True) / self._weight
        return pull * self._counts


class _Moves:
    """Rise and fall of band levels over the lags, and how steep the falls are.

    A lag that is longer than the sound gives zero.
    """

    def __init__(self, changes: Changes) -> None:
        self._weight = changes.weights.clamp(min=_LEAST_WEIGHT)[..., None]
        self._counts = (changes.weights >= _LEAST_WEIGHT)[..., None]
        self._rise = changes.risen / self._weight
        self._moved = changes.moved / self._weight
        fall = self._rise - self._moved
        self._squares = changes.squares / self._weight[:, STEEP_LAG]
        self._fall = fall[:, STEEP_LAG] + _FALL_FLOOR
        self._steep = self._squares / self._fall
        self.found = (torch.stack((self._rise, fall), dim=2).flatten(1), self._steep[:, :-1])

    def of_changes(
        self, gradient: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Gradient of ``found`` -> those of :class:`Changes`' rises, moves, squares, weights."""
        of_pairs = gradient[:, :-COARSE].reshape(len(gradient), len(LAGS), 2, COARSE + 1)
        of_rise, of_fall = of_pairs[:, :, 0], of_pairs[:, :, 1].clone()
        of_squares = torch.nn.functional.pad(gradient[:, -COARSE:], (0, 1)) / self._fall
        of_fall[:, STEEP_LAG] -= of_squares * self._steep
        of_rise = of_rise + of_fall
        pull = (of_rise * self._rise - of_fall * self._moved).sum(-1, keepdim=True)
        pull[:, STEEP_LAG] += (of_squares * self._squares).sum(-1, keepdim=True)
        of_weights = (-pull / self._weight * self._counts)[..., 0]
        return (
            of_rise / self._weight, -of_fall / self._weight,
            of_squares / self._weight[:, STEEP_LAG], of_weights,
        )  # fmt: skip


def _pooled(x: torch.Tensor, bands: int) -> torch.Tensor:
    """Mean over neighbouring bands: [B, M] -> [B, bands]."""
    return x.reshape(len(x), bands, -1).mean(-1)


def _shared(gradient: torch.Tensor, bands: int) -> torch.Tensor:
    """Gradient of what :func:`_pooled` was given: [B, M] -> [B, bands]."""
    times = bands // gradient.shape[1]
    return gradient.repeat_interleave(times, dim=1).div_(times)
