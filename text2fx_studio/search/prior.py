"""What the search thinks likely before it has heard the sound: a MAP estimate's Gaussian prior.

Three parts share one weight. On the parameters (each on its own scale, dB or octaves): mean from
the proposal that the text alone suggests, or from the neutral setting; spread as declared. On the
room: its level and length are two parameters among thirty, and would be drowned without a part of
their own. On the equalizer's response as a curve: it keeps what the words propose, more firmly in
shape than in tilt, because recordings differ from each other in tilt first (a dull take of a bright
sound), and a filter is one parameter but half the spectrum. Where the encoder can say what colour
the recording has already, the likely curve gives a part of it back: a dull take of a bright sound
needs more treble than a bright one. Whatever it has, the words are to be heard: the centroid of its
energy goes the way of their tilt by what is just noticed, or as far as that moves it. The mean of
the parameters is moved along with the curve, or the two would pull against each other. DiffVox (Yu
et al., 2025) puts a Gaussian prior on vocal settings likewise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.equalizer_fit import fit_equalizer
from dsp.equalizer_gradient import power_response, sections
from dsp.reverb import Reverb
from text2fx_studio.lexicon.curve import Tone, intent_curve_db
from text2fx_studio.search.given_back import (
    SHAPE_GIVEN_BACK,
    Energy,
    HeardColour,
    strength_of,
    tilt_left_db,
)
from text2fx_studio.search.variables import Variables

Settings = Mapping[str, Mapping[str, torch.Tensor]]

ROOM = ("wet_db", "t60_s")
FILTERS = ("high_pass_frequency_hz", "low_pass_frequency_hz")
CURVE_COUNT, CURVE_LOW_HZ, CURVE_HIGH_HZ = 32, 50.0, 15_000.0
KNEE_DB = 18.0  # a cut is a cut: depth beyond this hardly counts
TILT_SPREAD_DB, SHAPE_SPREAD_DB = 5.0, 2.0  # root mean square over the curve
FAINT_DB, EMPTY_DB = -72.0, -84.0  # against the strongest band: less counts, none to lift
LEAST_SHIFT, SHIFT_SPREAD = 0.05, 0.02  # of the centroid, in octaves: what is just heard
CLEAR_TILT_DB = 1.5  # at the curve's ends, from which words are bright or dark
LIFT_SPREAD_DB = 0.4  # of empty bands: there is nothing there but noise


@dataclass(frozen=True)
class Prior:
    """Gaussian prior over the search's variables.

    Attributes:
        mean: Positions on the parameters' scales, shape [P].
        spread: Standard deviations, shape [P], same units.
        weight: Factor of the penalty in the loss.
        curve: Of the equalizer's response; None for a chain without one.
        room: Places of the reverb's level and length among the variables.
    """

    mean: torch.Tensor
    spread: torch.Tensor
    weight: float
    curve: CurvePrior | None = None
    room: tuple[int, ...] = ()

    def design(self, settings: Settings) -> torch.Tensor | None:
        """The equalizer's sections [B, S, 6], if the curve's part will ask for them."""
        if self.weight == 0.0 or self.curve is None:
            return None
        return sections(settings[Equalizer.kind], self.curve.sample_rate)

    def penalty(
        self, positions: torch.Tensor, settings: Settings, designed: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Weight * (mean over parameters of ((position - mean) / spread)^2, + the same
        over the room's level and length, + the curve's part).

        Args:
            positions: On the parameters' scales, [B, P].
            settings: The same in physical units, by effect and parameter, each [B].
            designed: The equalizer's sections of the same settings, where they are known already.

        Returns:
            [B].
        """
        if self.weight == 0.0:
            return positions.new_zeros(positions.shape[0])
        z = ((positions - self.mean.to(positions)) / self.spread.to(positions)).square()
        found = z.mean(dim=-1)
        if self.room:
            found = found + z[:, list(self.room)].mean(dim=-1)
        if self.curve is not None:
            found = found + self.curve(settings[Equalizer.kind], designed)
        return self.weight * found


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

    def _short(self, energy: torch.Tensor) -> torch.Tensor:
        """How much the centroid's shift lacks, in octaves, [B]."""
        least = self.least_shift.to(energy)
        return (least.abs() - least.sign() * self.shift(energy)).clamp(min=0.0)

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
        power = self.power(values, designed)
        deviation = self.bent(power)
        deviation = deviation - self.likely.to(deviation)
        tilt = (deviation * _slope(deviation)).mean(dim=-1).square()
        whole = deviation.square().mean(dim=-1)
        energy = power * self.share.to(power)
        lifted = (10 * torch.log10(power / energy.sum(dim=-1, keepdim=True))).clamp(min=0.0)
        noise = (self.empty.to(power) * lifted.square()).mean(dim=-1)
        return (
            tilt / TILT_SPREAD_DB**2
            + (whole - tilt) / SHAPE_SPREAD_DB**2
            + noise / LIFT_SPREAD_DB**2
            + self._short(energy).square() / SHIFT_SPREAD**2
        )


def _energy_at(frequencies_hz: NDArray[np.float64], energy: Energy) -> NDArray[np.float64]:
    """Share of a recording's energy around each of ascending frequencies, [F], summing to one."""
    edges = np.sqrt(frequencies_hz[1:] * frequencies_hz[:-1])
    bands = energy.frequencies_hz, 10 ** ((energy.level_db - energy.level_db.max()) / 10)
    lines_hz, power = energy.lines or bands
    places = np.searchsorted(edges, lines_hz)
    found = np.bincount(places, power, len(frequencies_hz))
    return np.asarray(found / found.sum())


def _moved(equalizer: Equalizer, curve: CurvePrior) -> Equalizer:
    """A likely setting with its gains moved as its likely curve is; its filters stay."""
    if not bool(curve.moved_db.any()):
        return equalizer
    frequencies = curve.frequencies_hz.numpy()
    filters = {name: equalizer.values[name] for name in FILTERS}
    bare = equalizer.replace(**{name: Equalizer().values[name] for name in FILTERS})
    response = Chain((bare,)).frequency_response_db(frequencies, curve.sample_rate)
    wanted = response + curve.moved_db.numpy()
    return fit_equalizer(wanted, frequencies, curve.sample_rate, bare).replace(**filters)


def _slope(like: torch.Tensor) -> torch.Tensor:
    """A straight line over the octaves of mean zero and mean square one, [F]."""
    return _line(like.dtype, like.device)


@lru_cache(maxsize=8)
def _line(dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    slope = torch.linspace(-1.0, 1.0, CURVE_COUNT, dtype=dtype, device=device)
    return slope / slope.square().mean().sqrt()


def prior_around(
    variables: Variables,
    chain: Chain,
    weight: float,
    sample_rate: float,
    confidence: float = 0.0,
    heard: HeardColour | None = None,
    energy: Energy | None = None,
    tone: Tone | None = None,
) -> Prior:
    """Prior with its mean at ``chain``, moved for what the recording has already.

    Args:
        variables: Of the search.
        chain: The likely setting: the text's proposal, or neutral.
        weight: See :class:`Prior`.
        sample_rate: Of the recording, in Hz.
        confidence: 0..1 of the proposal; certain proposals have half the spread.
        heard: The colour that the encoder hears in the recording, where it can say.
        energy: Where the recording has energy; None for everywhere.
        tone: The curve that the words ask for; None for the response of ``chain``.
    """
    equalizer = chain.get(Equalizer)
    curve = None
    if equalizer is not None:
        curve = CurvePrior.around(equalizer, sample_rate, heard, energy, tone)
        chain = chain.replace(_moved(equalizer, curve))
    values = {e.kind: e.values for e in chain}
    mean = [
        min(max(v.parameter.to_scale(values[v.effect][v.parameter.name]), v.low), v.high)
        for v in variables.columns
    ]
    narrow = 1.0 - 0.5 * min(max(confidence, 0.0), 1.0)
    spread = [v.parameter.prior_spread * narrow for v in variables.columns]
    return Prior(
        torch.tensor(mean, dtype=torch.float64),
        torch.tensor(spread, dtype=torch.float64),
        weight,
        curve,
        tuple(
            place
            for place, v in enumerate(variables.columns)
            if v.effect == Reverb.kind and v.parameter.name in ROOM
        ),
    )
