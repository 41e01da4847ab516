"""Fixed, differentiable statistics of a mel power spectrogram: spectrum, movement, decay.

They do not change with level, nor when silence is added before or after the sound.
"""

from __future__ import annotations

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
    q, gate = level_and_gate(mel_power, loudness_weights)
    total = gate.sum(-1).clamp(min=_LEAST_GATE)[:, None]

    def mean(x: torch.Tensor) -> torch.Tensor:
        return torch.bmm(x, gate[:, :, None])[..., 0] / total

    fine_power = _pool(q, FINE)
    fine = torch.log10(fine_power + FLOOR)
    fine_mean = mean(fine)
    middle = _pool(fine, MIDDLE)
    middle_mean = mean(middle)
    spread = (mean(middle.square()) - middle_mean.square()).clamp(min=0.0)
    coarse_power = _pool(q, COARSE)
    coarse = torch.log10(coarse_power + FLOOR)
    found = [
        torch.log10(mean(fine_power) + FLOOR),
        fine_mean,
        torch.sqrt(spread + 1e-4),
        mean(_roughness(q)),
    ]
    found += [
        torch.log10(mean(coarse_power.clamp(min=FLOOR) ** a) + FLOOR**a) / a for a in EXPONENTS
    ]
    overall = torch.log10((q * loudness_weights[:, None]).sum(1, keepdim=True) + FLOOR)
    found += _movement(torch.cat((coarse, overall), dim=1), gate)
    return torch.cat(found, dim=-1)


def level_and_gate(
    mel_power: torch.Tensor, loudness_weights: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Power relative to the sound's own K-weighted power, and each frame's weight 0..1.

    The sound's own power is the mean over frames weighted by their power, so silence does not
    count. Returns [B, M, frames] and [B, frames].
    """
    # Dividing by the peak first keeps the squares in float32's range; the spectrogram itself, the
    # one large tensor, is scaled once.
    peak = mel_power.detach().amax(dim=(1, 2), keepdim=True).clamp(min=_SILENT)
    frame = torch.einsum("bmt,m->bt", mel_power, loudness_weights) / peak[:, 0]
    own = frame.square().sum(-1) / frame.sum(-1).clamp(min=_TINY)
    own = own.clamp(min=_LEAST_OWN)[:, None]
    relative = frame / own
    return mel_power * (1 / (peak * own[:, :, None])), relative / (relative + GATE)


def _pool(x: torch.Tensor, bands: int) -> torch.Tensor:
    """Mean over neighbouring bands: [B, M, frames] -> [B, bands, frames]."""
    batch, count, frames = x.shape
    return x.reshape(batch, bands, count // bands, frames).mean(2)


def _roughness(q: torch.Tensor) -> torch.Tensor:
    """How far neighbouring mel bands differ: harmonics stand out, noise does not; 16 bands."""
    fine = torch.log10(q + FLOOR)
    difference = (fine[:, 1:] - fine[:, :-1]).abs()
    difference = torch.cat((difference, difference[:, -1:]), dim=1)
    return _pool(difference, COARSE)


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
        fall = torch.bmm((-change).clamp(min=0.0), both[:, :, None])[..., 0] / total
        found += [rise, fall]
        if lag == LAGS[1]:
            squares = change.clamp(max=0.0).square()
            steep = torch.bmm(squares, both[:, :, None])[..., 0] / total / (fall + 0.02)
            steep = steep[:, :-1]
    if steep is None:
        steep = level.new_zeros((level.shape[0], level.shape[1] - 1))
    return [*found, steep]
