"""The stages of ``statistics`` that run over whole spectrograms, as few times as possible.

Each computes when it is made and keeps what its ``backward`` needs; gradients that several stages
give to the frames' weights are added up in place. Of the sums over frames each counts a frame by
its weight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

MEL_COUNT = 128
FINE, MIDDLE, COARSE = 64, 32, 16  # bands in which the statistics are taken
LAGS = (1, 4, 12, 24)  # frames of 20 ms
STEEP_LAG = 1  # of the lags, the one whose falls are squared
FLOOR = 1e-8  # of the sound's own power, added before every logarithm; below lies noise
GATE = 1e-4  # frames this far (-40 dB) below the sound's own power count half
_TINY = 1e-12
_SILENT = 1e-14  # mel power of a sound below every converter; keeps gradients finite
_LEAST_OWN = 1e-6
_LN10 = math.log(10.0)


class Level:
    """Level of a sound against its own K-weighted power, and each frame's weight 0..1.

    The sound's own power is the mean over frames weighted by their power, so silence does not
    count.

    Args:
        mel_power: [B, 128, T].
        loudness_weights: [128].

    Attributes:
        scale: Factor that brings the bands to the sound's own power, [B, 1, 1].
        relative: The K-weighted sum of the bands so scaled, [B, T].
        gate: The weight, [B, T].
    """

    def __init__(self, mel_power: torch.Tensor, loudness_weights: torch.Tensor) -> None:
        # Dividing by the peak first keeps the squares in float32's range; the spectrogram itself,
        # the one large tensor, is scaled once.
        self._peak = mel_power.amax(dim=(1, 2), keepdim=True).clamp_(min=_SILENT)
        self._weights = loudness_weights[:, None]
        self._frame = (mel_power * self._weights).sum(1) / self._peak[:, 0]
        self._sum = self._frame.sum(-1, keepdim=True).clamp_(min=_TINY)
        own = self._frame.square().sum(-1, keepdim=True) / self._sum
        self._sounds = own >= _LEAST_OWN
        self._own = own.clamp(min=_LEAST_OWN)
        self.relative = self._frame / self._own
        self.scale = 1 / (self._peak * self._own[:, :, None])
        self._gated = self.relative + GATE
        self.gate = self.relative / self._gated

    def backward(
        self,
        mel_power: torch.Tensor,
        of_scaled: torch.Tensor,
        of_relative: torch.Tensor,
        of_gate: torch.Tensor,
    ) -> torch.Tensor:
        """Gradients of scaled bands (overwritten), relative level and weights -> of the bands."""
        of_relative = of_relative + of_gate * GATE / self._gated.square()
        pulls = (of_scaled * mel_power).sum(-1).sum(-1)[:, None] * self.scale[:, 0]
        pulls += (of_relative * self.relative).sum(-1, keepdim=True)
        of_own = pulls.neg_() / self._own * self._sounds / self._sum
        of_frame = of_relative / self._own + (2 * self._frame - self._own) * of_own
        of_frame /= self._peak[:, 0]
        return of_scaled.mul_(self.scale).addcmul_(of_frame[:, None], self._weights)


class Bands:
    """All that is read from the spectrogram in more bands than ``COARSE``.

    Args:
        mel_power: [B, 128, T].
        scale: Of each sound, [B, 1, 1].
        gate: Weight of each frame, [B, T].

    Attributes:
        coarse: Scaled power in coarse bands, [B, 16, T].
        sums: Over frames: of the scaled power and of its log10 in fine bands, both [B, 64], of the
            squares of the latter's mean in middle bands [B, 32], and of how far each mel band's
            natural logarithm is from the next one's [B, 127].
    """

    def __init__(self, mel_power: torch.Tensor, scale: torch.Tensor, gate: torch.Tensor) -> None:
        self._gate = gate[:, None]
        scaled = mel_power * scale
        self._fine = _halved(scaled)
        self._fine_floored = self._fine + FLOOR
        self._fine_logs = self._fine_floored.log10()
        self._middle = _halved(self._fine_logs)
        self._floored = scaled.add_(FLOOR)
        logs = self._floored.log()
        steps = logs[:, 1:] - logs[:, :-1]
        self._sizes = torch.abs(steps, out=logs[:, 1:])
        self._signs = steps.sign_()
        self.coarse = _halved(_halved(self._fine))
        self.sums = [
            (x * self._gate).sum(-1)
            for x in (self._fine, self._fine_logs, self._middle.square(), self._sizes)
        ]

    def backward(
        self, of_coarse: torch.Tensor, of_sums: Sequence[torch.Tensor], of_gate: torch.Tensor
    ) -> torch.Tensor:
        """Gradients of ``coarse`` and ``sums`` -> of the scaled bands; adds to the weights'."""
        of_power, of_logs, of_squares, of_steps = (x[:, :, None] for x in of_sums)
        squared = self._middle * of_squares
        of_gate += (
            (self._fine * of_power).sum(1)
            + (self._fine_logs * of_logs).sum(1)
            + (squared * self._middle).sum(1)
            + (self._sizes * of_steps).sum(1)
        )
        # Fine bands: the logarithm counts by itself and in its middle band's square.
        of_fine = torch.empty_like(self._fine)
        torch.add(
            _grouped(of_logs.expand_as(of_fine), MIDDLE), squared[:, :, None],
            out=_grouped(of_fine, MIDDLE),
        )  # fmt: skip
        of_fine.div_(self._fine_floored).mul_(1 / _LN10).add_(of_power)
        # Mel bands: each step pulls at both its ends.
        pulls = self._signs * of_steps
        of_scaled = torch.empty_like(self._floored)
        torch.neg(pulls[:, 0], out=of_scaled[:, 0])
        torch.sub(pulls[:, :-1], pulls[:, 1:], out=of_scaled[:, 1:-1])
        of_scaled[:, -1] = pulls[:, -1]
        of_scaled.div_(self._floored)
        _grouped(of_scaled, FINE).add_(of_fine[:, :, None], alpha=FINE / MEL_COUNT)
        of_scaled.mul_(self._gate)
        return _grouped_add(of_scaled, of_coarse)


class Powers:
    """Weighted sums over frames of powers of the power in coarse bands: where it is loud, and soft.

    Args:
        coarse: [B, 16, T].
        gate: [B, T].

    Attributes:
        sums: Of each exponent after the other, [B, 2 * 16].
    """

    EXPONENTS = (0.25, 3.0)
    FLOORS = tuple(FLOOR**exponent for exponent in EXPONENTS)

    def __init__(self, coarse: torch.Tensor, gate: torch.Tensor) -> None:
        self._gate = gate[:, None]
        over = torch.relu(coarse - FLOOR)
        self._counts = over.sign()
        self._bounded = over.add_(FLOOR)
        # Roots and products are several times as fast as general powers.
        self._soft = self._bounded.sqrt().sqrt_()
        self._square = self._bounded.square()
        self._loud = self._square * self._bounded
        self.sums = torch.cat(
            [(x * self._gate).sum(-1) for x in (self._soft, self._loud)], dim=1
        )  # fmt: skip

    def backward(self, of_sums: torch.Tensor, of_gate: torch.Tensor) -> torch.Tensor:
        """Gradient of ``sums`` -> of the coarse bands; adds to the weights'."""
        of_soft, of_loud = (x[:, :, None] for x in of_sums.chunk(2, dim=-1))
        of_gate += (self._soft * of_soft).sum(1) + (self._loud * of_loud).sum(1)
        slope = (self._soft / self._bounded).mul_(0.25 * of_soft)
        slope.addcmul_(self._square, 3.0 * of_loud)
        return slope.mul_(self._counts).mul_(self._gate)


class Changes:
    """How band levels change over the lags, all lags at once.

    Each pair of frames counts by the product of both frames' weights.

    Args:
        level: log10 power, [B, M, T].
        gate: [B, T].

    Attributes:
        risen: Sum of the rises, [B, lags, M].
        moved: Sum of all changes, [B, lags, M].
        squares: Sum of the squared falls over the lag ``STEEP_LAG``, [B, M].
        weights: Sum of the pairs' weights, [B, lags].
    """

    def __init__(self, level: torch.Tensor, gate: torch.Tensor) -> None:
        batch, bands, frames = level.shape
        self._gate = gate
        # The first frames of a lag have no partner: they stay zero, and so weigh nothing.
        self._changes = level.new_zeros(batch, len(LAGS), bands, frames)
        self._both = gate.new_zeros(batch, len(LAGS), 1, frames)
        for index, lag in enumerate(LAGS):
            torch.sub(level[..., lag:], level[..., :-lag], out=self._changes[:, index, :, lag:])
            torch.mul(gate[:, lag:], gate[:, :-lag], out=self._both[:, index, 0, lag:])
        weighted = self._changes * self._both
        self._falls = self._changes[:, STEEP_LAG].clamp(max=0.0)
        self.squares = (self._falls * weighted[:, STEEP_LAG]).sum(-1)
        self.moved = weighted.sum(-1)
        self.risen = weighted.clamp_(min=0.0).sum(-1)
        self.weights = self._both[:, :, 0].sum(-1)

    def backward(
        self,
        of_risen: torch.Tensor,
        of_moved: torch.Tensor,
        of_squares: torch.Tensor,
        of_weights: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Gradients of the four -> of the levels and of the frames' weights."""
        # Gradient of a change by its weight, and by the change itself that of the weight: rises
        # and no change count with both, falls with the sum alone. `where` takes ten times as long.
        slope = torch.sign(self._changes).clamp_(max=0.0)
        slope.mul_(of_risen[..., None]).add_((of_risen + of_moved)[..., None])
        squared = self._falls * of_squares[..., None]
        slope[:, STEEP_LAG] += squared
        of_both = (slope * self._changes).sum(2) + of_weights[..., None]
        slope[:, STEEP_LAG] += squared  # a square's own slope is twice that
        slope.mul_(self._both)
        of_level = torch.zeros_like(slope[:, 0])
        of_gate = torch.zeros_like(self._gate)
        for index, lag in enumerate(LAGS):
            of_level[..., lag:] += slope[:, index, :, lag:]
            of_level[..., :-lag] -= slope[:, index, :, lag:]
            of_gate[:, lag:] += of_both[:, index, lag:] * self._gate[:, :-lag]
            of_gate[:, :-lag] += of_both[:, index, lag:] * self._gate[:, lag:]
        return of_level, of_gate


def _halved(x: torch.Tensor) -> torch.Tensor:
    """Mean of each two neighbouring bands: [B, M, T] -> [B, M / 2, T]."""
    return (x[:, ::2] + x[:, 1::2]).mul_(0.5)


def _grouped(x: torch.Tensor, bands: int) -> torch.Tensor:
    """View of bands by the wider band that they are in: [B, M, T] -> [B, bands, M / bands, T]."""
    return x.view(len(x), bands, -1, x.shape[-1])


def _grouped_add(of_bands: torch.Tensor, of_coarse: torch.Tensor) -> torch.Tensor:
    """Share the gradient of coarse bands out among their bands, in place."""
    _grouped(of_bands, COARSE).add_(of_coarse[:, :, None], alpha=COARSE / of_bands.shape[1])
    return of_bands
