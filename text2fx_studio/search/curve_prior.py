"""What is likely of an equalizer's response as a curve: the part of the prior that hears the sound.

It keeps what the words propose, more firmly in shape than in tilt, because recordings differ from
each other in tilt first (a dull take of a bright sound), and a filter is one parameter but half the
spectrum. Where the encoder can say what colour the recording has already, the likely curve gives a
part of it back. Whatever it has, the words are to be heard: the centroid of its energy goes the way
of their tilt by what is just noticed, or as far as that moves it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dsp.equalizer import Equalizer
from dsp.equalizer_gradient import power_response, sections
from text2fx_studio.lexicon.curve import Tone, intent_curve_db
from text2fx_studio.search.given_back import (
    SHAPE_GIVEN_BACK,
    Energy,
    HeardColour,
    strength_of,
    tilt_left_db,
)

CURVE_COUNT, CURVE_LOW_HZ, CURVE_HIGH_HZ = 32, 50.0, 15_000.0
KNEE_DB = 18.0  # a cut is a cut: depth beyond this hardly counts
TILT_SPREAD_DB, SHAPE_SPREAD_DB = 2.5, 2.0  # root mean square over the curve
FAINT_DB, EMPTY_DB = -72.0, -84.0  # against the strongest band: less counts, none to lift
LEAST_SHIFT, SHIFT_SPREAD = 0.05, 0.02  # of the centroid, in octaves: what is just heard
CLEAR_TILT_DB = 1.5  # at the curve's ends, from which words are bright or dark
LIFT_SPREAD_DB = 0.4  # of empty bands: there is nothing there but noise
_DB_PER_NEPER = 10 / math.log(10.0)  # of power


@dataclass(frozen=True)
class CurvePrior:
    """How far an equalizer's response is from the likely one, tilt and shape apart.

    Attributes:
        frequencies_hz: Equally spaced in octaves, [F].
        likely: Bent response that is likely, [F].
        sample_rate: Of the recording, in Hz.
        empty: How far the recording has no energy there, 0..1, [F].
        share: Of the recording's energy, summing to one, [F].
        octaves: Each frequency's above the centroid of that energy, [F].
        moved_db: How the likely curve differs from the words' own for what the recording has
            already and where it has nothing, [F].
        least_shift: Of the centroid of the recording's energy, in octaves, positive for upwards;
            a scalar.
    """

    frequencies_hz: torch.Tensor
    likely: torch.Tensor
    sample_rate: float
    empty: torch.Tensor
    share: torch.Tensor
    octaves: torch.Tensor
    moved_db: torch.Tensor
    least_shift: torch.Tensor

    @classmethod
    def around(
        cls,
        equalizer: Equalizer,
        sample_rate: float,
        heard: HeardColour | None = None,
        energy: Energy | None = None,
        tone: Tone | None = None,
    ) -> CurvePrior:
        """Around the response of a setting, less a part of the colour that is there already.

        Where the recording has no energy, nothing is likely to be lifted. With a ``tone``, around
        the curve that the words ask for, of which the setting is only a first fit.

        The centroid of the energy is to go as far as the words' tilt takes it, or as far as they
        do if they have none: bright is up also on a recording whose centroid the whole of their
        curve would take down. What cannot be moved, a single tone, need not be.
        """
        high = min(CURVE_HIGH_HZ, 0.45 * sample_rate)
        frequencies = torch.from_numpy(np.geomspace(CURVE_LOW_HZ, high, CURVE_COUNT))
        values = {
            name: torch.tensor([value], dtype=torch.float64)
            for name, value in equalizer.values.items()
        }
        share = torch.full_like(frequencies, 1 / CURVE_COUNT)
        empty = torch.zeros_like(frequencies)
        if energy is not None:
            level = energy.level_db - energy.level_db.max()
            at = torch.from_numpy(
                np.interp(frequencies.log2(), np.log2(energy.frequencies_hz), level)
            )
            empty = ((FAINT_DB - at) / (FAINT_DB - EMPTY_DB)).clamp(0.0, 1.0)
            share = torch.from_numpy(_energy_at(frequencies.numpy(), energy))
        octaves = (frequencies / 1000.0).log2()
        octaves = octaves - (octaves * share).sum()
        none = torch.zeros_like(frequencies)
        blank = cls(frequencies, none, sample_rate, empty, share, octaves, none, none[0])
        power = blank.power(values)
        if tone is not None:
            power = torch.from_numpy(10 ** (intent_curve_db(tone, frequencies.numpy()) / 10))[None]
        asked = blank.bent(power)[0]
        likely = asked
        if heard is not None:
            own = torch.from_numpy(
                np.interp(frequencies.log2(), np.log2(heard.frequencies_hz), heard.curve_db)
            )
            own = own - own.mean()
            # As if over the whole curve, so that it compares with a colour's root mean square.
            per_octave = 2 * float(_slope(own)[-1]) / float(octaves[-1] - octaves[0])
            sounding = (frequencies.clamp(heard.tilt.low_hz, heard.tilt.high_hz) / 1000.0).log2()
            line = per_octave * (sounding - sounding.mean())
            asked_tilt = float((asked * line).sum() / line.square().sum())
            left = tilt_left_db(asked_tilt, heard.tilt.db_per_octave / per_octave)
            likely = likely + (left - asked_tilt) * line
            shape = strength_of(float(asked.square().mean().sqrt())) * SHAPE_GIVEN_BACK
            likely = likely - shape * (own - (own * _slope(own)).mean() * _slope(own))
        likely = likely - empty * likely.clamp(min=0.0)
        tilt = (asked * _slope(asked)).mean() * _slope(asked)
        if float(tilt.abs().max()) >= CLEAR_TILT_DB:
            power = torch.pow(10.0, tilt / 10)[None]
        shift = blank.shift(power * share)[0].clamp(-LEAST_SHIFT, LEAST_SHIFT)
        moved = likely - asked
        return cls(frequencies, likely, sample_rate, empty, share, octaves, moved, shift)

    def power(
        self, values: Mapping[str, torch.Tensor], designed: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Power responses of settings [B] at ``frequencies_hz``, [B, F]."""
        device = next(iter(values.values())).device
        if designed is None:
            designed = sections(values, self.sample_rate)
        return power_response(designed, self.frequencies_hz.to(device), self.sample_rate) + 1e-12

    def shift(self, energy: torch.Tensor) -> torch.Tensor:
        """How far the centroid of energy [B, F] lies above the recording's own, in octaves, [B]."""
        return (energy * self.octaves.to(energy)).sum(dim=-1) / energy.sum(dim=-1)

    def bent(self, power: torch.Tensor) -> torch.Tensor:
        """Responses in dB of mean zero, deep cuts bent to ``KNEE_DB``, [B, F] -> [B, F]."""
        level = 10 * torch.log10(power.mean(dim=-1, keepdim=True))
        bent = KNEE_DB * torch.tanh((10 * torch.log10(power) - level) / KNEE_DB)
        return bent - bent.mean(dim=-1, keepdim=True)

    def __call__(
        self, values: Mapping[str, torch.Tensor], designed: torch.Tensor | None = None
    ) -> torch.Tensor:
        """(tilt / its spread)^2 + (shape / its spread)^2 of the deviation, + lifted noise, [B].

        And what the centroid's shift lacks.
        """
        return self.of_power(self.power(values, designed))

    def of_power(self, power: torch.Tensor) -> torch.Tensor:
        """The same of power responses at ``frequencies_hz``, [B, F] -> [B]."""
        found: torch.Tensor = _Penalty.apply(power, self)  # type: ignore[no-untyped-call]
        return found


class _Penalty(torch.autograd.Function):
    """Power responses [B, F] -> what :class:`CurvePrior` says of them, [B].

    The slope comes with it: in a few dozen operations on a few numbers each, following them back
    would take several times as long. Once differentiable.
    """

    @staticmethod
    def forward(ctx: Any, power: torch.Tensor, prior: CurvePrior) -> torch.Tensor:
        count, line = power.shape[-1], _slope(power)
        likely, empty, share, octaves = (
            x.to(power) for x in (prior.likely, prior.empty, prior.share, prior.octaves)
        )
        level_db, mean = 10 * torch.log10(power), power.mean(dim=-1, keepdim=True)
        bent = torch.tanh((level_db - 10 * torch.log10(mean)) / KNEE_DB)
        deviation = KNEE_DB * (bent - bent.mean(dim=-1, keepdim=True)) - likely
        lean = (deviation * line).mean(dim=-1, keepdim=True)
        tilt, whole = lean[:, 0].square(), deviation.square().mean(dim=-1)
        energy = power * share
        total = energy.sum(dim=-1, keepdim=True)
        lifted = empty * (level_db - 10 * torch.log10(total)).clamp(min=0.0)
        noise = (lifted * (level_db - 10 * torch.log10(total))).mean(dim=-1)
        shift = (energy * octaves).sum(dim=-1) / total[:, 0]
        least = prior.least_shift.to(power)
        short = (least.abs() - least.sign() * shift).clamp(min=0.0)

        of_deviation = lean * line * (1 / TILT_SPREAD_DB**2 - 1 / SHAPE_SPREAD_DB**2)
        of_deviation = (of_deviation + deviation / SHAPE_SPREAD_DB**2) * (2 / count)
        of_bent = of_deviation - of_deviation.mean(dim=-1, keepdim=True)
        of_level = of_bent * (1 - bent.square())
        of_lifted = lifted * (2 / count / LIFT_SPREAD_DB**2)
        of_mean = of_level.sum(dim=-1, keepdim=True) / (count * mean)
        of_total = of_lifted.sum(dim=-1, keepdim=True) / total
        of_power = ((of_level + of_lifted) / power - of_mean - of_total * share) * _DB_PER_NEPER
        of_shift = (-2 / SHIFT_SPREAD**2) * (short * least.sign())[:, None]
        of_power += of_shift * share * (octaves - shift[:, None]) / total
        ctx.save_for_backward(of_power)
        return (
            tilt / TILT_SPREAD_DB**2
            + (whole - tilt) / SHAPE_SPREAD_DB**2
            + noise / LIFT_SPREAD_DB**2
            + short.square() / SHIFT_SPREAD**2
        )

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        (of_power,) = ctx.saved_tensors
        return gradients[0][:, None] * of_power, None


def _energy_at(frequencies_hz: NDArray[np.float64], energy: Energy) -> NDArray[np.float64]:
    """Share of a recording's energy around each of ascending frequencies, [F], summing to one."""
    edges = np.sqrt(frequencies_hz[1:] * frequencies_hz[:-1])
    bands = energy.frequencies_hz, 10 ** ((energy.level_db - energy.level_db.max()) / 10)
    lines_hz, power = energy.lines or bands
    places = np.searchsorted(edges, lines_hz)
    found = np.bincount(places, power, len(frequencies_hz))
    return np.asarray(found / found.sum())


def _slope(like: torch.Tensor) -> torch.Tensor:
    """A straight line over the octaves of mean zero and mean square one, [F]."""
    return _line(like.dtype, like.device)


@lru_cache(maxsize=8)
def _line(dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    slope = torch.linspace(-1.0, 1.0, CURVE_COUNT, dtype=dtype, device=device)
    return slope / slope.square().mean().sqrt()
