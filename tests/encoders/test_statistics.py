"""The statistics of ``fxsem``: what they are, their gradients by hand, and each sound by itself."""

from __future__ import annotations

import math

import pytest
import torch

from text2fx_studio.encoders.statistics import COUNT, statistics
from text2fx_studio.encoders.statistics_stages import (
    COARSE,
    FINE,
    FLOOR,
    GATE,
    LAGS,
    MEL_COUNT,
    MIDDLE,
    Powers,
)

EXPONENTS = Powers.EXPONENTS

WEIGHTS = torch.linspace(0.5, 1.5, MEL_COUNT, dtype=torch.float64)
SIZES = (FINE, FINE, MIDDLE, COARSE, *(COARSE for _ in EXPONENTS), len(LAGS) * 2 * (COARSE + 1),
         COARSE)  # fmt: skip


def decaying(sounds: int, frames: int, seed: int = 0) -> torch.Tensor:
    """Noise in bursts that fall by 40 dB, in every band, float64."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(sounds, MEL_COUNT, frames, generator=generator, dtype=torch.float64)
    return (noise - 9.0 * (torch.arange(frames) % 50) / 50).exp()


def plainly(mel_power: torch.Tensor) -> torch.Tensor:
    """The statistics of one sound [128, frames] that lags fit into, written down as they are."""
    frame = (mel_power * WEIGHTS[:, None]).sum(0)
    own = frame.square().sum() / frame.sum()
    relative, q = frame[None] / own, mel_power / own
    gate = relative[0] / (relative[0] + GATE)

    def mean(x, weight=gate):
        return (x * weight).sum(-1) / weight.sum()

    def pooled(x, bands):
        return x.reshape(bands, -1, *x.shape[1:]).mean(1)

    fine = (pooled(q, FINE) + FLOOR).log10()
    middle = pooled(fine, MIDDLE)
    coarse = pooled(q, COARSE)
    steps = mean((q + FLOOR).log10().diff(dim=0).abs())
    found = [
        (mean(pooled(q, FINE)) + FLOOR).log10(),
        mean(fine),
        (mean(middle.square()) - mean(middle).square() + 1e-4).sqrt(),
        pooled(torch.cat((steps, steps[-1:])), COARSE),
    ]
    found += [
        (mean(coarse.clamp(min=FLOOR) ** a) + FLOOR**a).log10() / a for a in EXPONENTS
    ]  # fmt: skip
    levels = (torch.cat((coarse, relative)) + FLOOR).log10()
    for lag in LAGS:
        change, both = levels[:, lag:] - levels[:, :-lag], gate[lag:] * gate[:-lag]
        rise, fall = mean(change.clamp(min=0.0), both), mean((-change).clamp(min=0.0), both)
        found += [rise, fall]
        if lag == 4:
            steep = mean(change.clamp(max=0.0).square(), both) / (fall + 0.02)
    return torch.cat([*found, steep[:-1]])


def test_they_are_what_their_formulas_say():
    sounds = decaying(2, 120)
    found = statistics(sounds, WEIGHTS)
    assert found.shape == (2, COUNT)
    assert sum(SIZES) == COUNT
    for sound, row in zip(sounds, found, strict=True):
        torch.testing.assert_close(row, plainly(sound), rtol=1e-9, atol=1e-9)
    single = statistics(sounds.float(), WEIGHTS.float())
    torch.testing.assert_close(single.double(), found, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("part", range(len(SIZES)))
def test_gradient_of_every_kind_is_that_of_the_plain_formulas(part):
    first = sum(SIZES[:part])
    weights = torch.zeros(COUNT, dtype=torch.float64)
    weights[first : first + SIZES[part]] = torch.linspace(-1.0, 1.5, SIZES[part]).double()
    sound = decaying(1, 90, seed=part)
    found, wanted = (
        torch.autograd.grad((values(x) * weights).sum(), x)[0]
        for values, x in (
            (lambda x: statistics(x, WEIGHTS)[0], sound.clone().requires_grad_(True)),
            (lambda x: plainly(x[0]), sound.clone().requires_grad_(True)),
        )
    )
    assert float(wanted.abs().max()) > 0
    torch.testing.assert_close(found, wanted, rtol=1e-8, atol=1e-10 * float(wanted.abs().max()))


@pytest.mark.parametrize("frames", [1, 2, 9, 49, 201])
def test_a_sound_reads_the_same_bits_whatever_is_beside_it(frames):
    def read(sounds):
        x = sounds.clone().requires_grad_(True)
        found = statistics(x, WEIGHTS.float())
        (found * torch.linspace(-1.0, 1.0, COUNT)).sum().backward()
        return found.detach(), x.grad

    sounds = decaying(8, frames).float()
    found, gradient = read(sounds)
    for first, count in ((0, 1), (3, 1), (1, 2), (5, 3), (2, 6)):
        part, own = read(sounds[first : first + count])
        assert torch.equal(part, found[first : first + count])
        assert torch.equal(own, gradient[first : first + count])


@pytest.mark.parametrize("frames", [1, 2, 4, 5, 20])
def test_a_lag_longer_than_the_sound_hears_no_movement(frames):
    found = statistics(decaying(1, frames), WEIGHTS)[0]
    moves, steep = found[-SIZES[-1] - SIZES[-2] : -SIZES[-1]], found[-SIZES[-1] :]
    for lag, values in zip(LAGS, moves.reshape(len(LAGS), -1), strict=True):
        assert bool((values == 0).all()) == (frames <= lag)
    assert bool((steep == 0).all()) == (frames <= 4)


@pytest.mark.parametrize("loud", [0.0, 1e-20, 1e-14, 1.0, 1e12])
def test_silence_and_gaps_leave_everything_finite(loud):
    x = loud * decaying(3, 60).float()
    x[0, :, 20:] = 0.0
    x[1, 64:] = 0.0
    x = x.requires_grad_(True)
    found = statistics(x, WEIGHTS.float())
    found.sum().backward()
    found = found.detach()
    assert bool(found.isfinite().all())
    assert x.grad is not None
    assert bool(x.grad.isfinite().all())
    if loud == 0.0:
        assert float(found[0, 0]) == pytest.approx(math.log10(FLOOR))
