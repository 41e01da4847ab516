"""What the search thinks likely before it has heard the sound: a MAP estimate's Gaussian prior.

Two parts share one weight. On the parameters (each on its own scale, dB or octaves): mean from the
proposal that the text alone suggests, or from the neutral setting; spread as declared. On the
equalizer's response as a curve: it keeps what the words propose, more firmly in shape than in
tilt, because recordings differ from each other in tilt first (a dull take of a bright sound), and
a filter is one parameter but half the spectrum. Where the encoder can say what colour the recording
has already, the likely curve gives a part of it back: a dull take of a bright sound needs more
treble than a bright one. DiffVox (Yu et al., 2025) puts a Gaussian prior on
vocal settings likewise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.equalizer_gradient import power_response, sections
from text2fx_studio.search.variables import Variables

Settings = Mapping[str, Mapping[str, torch.Tensor]]

CURVE_COUNT, CURVE_LOW_HZ, CURVE_HIGH_HZ = 32, 50.0, 15_000.0
KNEE_DB = 18.0  # a cut is a cut: depth beyond this hardly counts
TILT_SPREAD_DB, SHAPE_SPREAD_DB = 4.5, 3.0  # root mean square over the curve
TILT_GIVEN_BACK, SHAPE_GIVEN_BACK = 1.0, 0.4  # of the colour that is heard in the recording


@dataclass(frozen=True)
class HeardColour:
    """Tonal colour of a recording against what sounds are like on the whole.

    Attributes:
        frequencies_hz: Ascending, [K].
        curve_db: Mean zero, [K].
    """

    frequencies_hz: NDArray[np.float64]
    curve_db: NDArray[np.float64]


@dataclass(frozen=True)
class Prior:
    """Gaussian prior over the search's variables.

    Attributes:
        mean: Positions on the parameters' scales, shape [P].
        spread: Standard deviations, shape [P], same units.
        weight: Factor of the penalty in the loss.
        curve: Of the equalizer's response; None for a chain without one.
    """

    mean: torch.Tensor
    spread: torch.Tensor
    weight: float
    curve: CurvePrior | None = None

    def penalty(self, positions: torch.Tensor, settings: Settings) -> torch.Tensor:
        """Weight * (mean over parameters of ((position - mean) / spread)^2 + the curve's part).

        Args:
            positions: On the parameters' scales, [B, P].
            settings: The same in physical units, by effect and parameter, each [B].

        Returns:
            [B].
        """
        if self.weight == 0.0:
            return positions.new_zeros(positions.shape[0])
        z = (positions - self.mean.to(positions)) / self.spread.to(positions)
        found = z.square().mean(dim=-1)
        if self.curve is not None:
            found = found + self.curve(settings[Equalizer.kind])
        return self.weight * found


@dataclass(frozen=True)
class CurvePrior:
    """How far an equalizer's response is from the likely one, tilt and shape apart.

    Attributes:
        frequencies_hz: Equally spaced in octaves, [F].
        likely: Bent response of the likely setting, [F].
        sample_rate: Of the recording, in Hz.
    """

    frequencies_hz: torch.Tensor
    likely: torch.Tensor
    sample_rate: float

    @classmethod
    def around(
        cls, equalizer: Equalizer, sample_rate: float, heard: HeardColour | None = None
    ) -> CurvePrior:
        """Around the response of a setting, less a part of the colour that is there already."""
        high = min(CURVE_HIGH_HZ, 0.45 * sample_rate)
        frequencies = torch.from_numpy(np.geomspace(CURVE_LOW_HZ, high, CURVE_COUNT))
        values = {
            name: torch.tensor([value], dtype=torch.float64)
            for name, value in equalizer.values.items()
        }
        empty = cls(frequencies, torch.zeros(CURVE_COUNT, dtype=torch.float64), sample_rate)
        likely = empty.bent(values)[0]
        if heard is not None:
            own = torch.from_numpy(
                np.interp(frequencies.log2(), np.log2(heard.frequencies_hz), heard.curve_db)
            )
            own = own - own.mean()
            tilt = (own * _slope(own)).mean() * _slope(own)
            likely = likely - TILT_GIVEN_BACK * tilt - SHAPE_GIVEN_BACK * (own - tilt)
        return cls(frequencies, likely, sample_rate)

    def bent(self, values: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Responses in dB of mean zero, deep cuts bent to ``KNEE_DB``: values [B] -> [B, F]."""
        device = next(iter(values.values())).device
        power = power_response(
            sections(values, self.sample_rate), self.frequencies_hz.to(device), self.sample_rate
        )
        level = 10 * torch.log10(power.mean(dim=-1, keepdim=True))
        bent = KNEE_DB * torch.tanh((10 * torch.log10(power + 1e-12) - level) / KNEE_DB)
        return bent - bent.mean(dim=-1, keepdim=True)

    def __call__(self, values: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """(tilt / its spread)^2 + (shape / its spread)^2 of the deviation, [B]."""
        deviation = self.bent(values)
        deviation = deviation - self.likely.to(deviation)
        tilt = (deviation * _slope(deviation)).mean(dim=-1).square()
        whole = deviation.square().mean(dim=-1)
        return tilt / TILT_SPREAD_DB**2 + (whole - tilt) / SHAPE_SPREAD_DB**2


def _slope(like: torch.Tensor) -> torch.Tensor:
    """A straight line over the octaves of mean zero and mean square one, [F]."""
    slope = torch.linspace(-1.0, 1.0, CURVE_COUNT, dtype=like.dtype, device=like.device)
    return slope / slope.square().mean().sqrt()


def prior_around(
    variables: Variables,
    chain: Chain,
    weight: float,
    sample_rate: float,
    confidence: float = 0.0,
    heard: HeardColour | None = None,
) -> Prior:
    """Prior with its mean at ``chain``.

    Args:
        variables: Of the search.
        chain: The likely setting: the text's proposal, or neutral.
        weight: See :class:`Prior`.
        sample_rate: Of the recording, in Hz.
        confidence: 0..1 of the proposal; certain proposals have half the spread.
        heard: The colour that the encoder hears in the recording, where it can say.
    """
    values = {e.kind: e.values for e in chain}
    mean = [
        min(max(v.parameter.to_scale(values[v.effect][v.parameter.name]), v.low), v.high)
        for v in variables.columns
    ]
    narrow = 1.0 - 0.5 * min(max(confidence, 0.0), 1.0)
    spread = [v.parameter.prior_spread * narrow for v in variables.columns]
    equalizer = chain.get(Equalizer)
    return Prior(
        torch.tensor(mean, dtype=torch.float64),
        torch.tensor(spread, dtype=torch.float64),
        weight,
        None if equalizer is None else CurvePrior.around(equalizer, sample_rate, heard),
    )
