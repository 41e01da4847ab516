"""What the search thinks likely before it has heard the sound: a MAP estimate's Gaussian prior.

Three parts share one weight. On the parameters (each on its own scale, dB or octaves): mean from
the proposal that the text alone suggests, or from the neutral setting; spread as declared. On the
room: its level and length are two parameters among thirty, and would be drowned without a part of
their own. On the equalizer's response as a curve, see ``curve_prior``: the mean of the parameters
is moved along with it, or the two would pull against each other. DiffVox (Yu et al., 2025) puts a
Gaussian prior on vocal settings likewise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.equalizer_fit import fit_equalizer
from dsp.equalizer_gradient import sections
from dsp.reverb import Reverb
from text2fx_studio.lexicon.curve import Tone
from text2fx_studio.search.curve_prior import CurvePrior
from text2fx_studio.search.given_back import Energy, HeardColour
from text2fx_studio.search.variables import Variables

Settings = Mapping[str, Mapping[str, torch.Tensor]]

ROOM = ("wet_db", "t60_s")
FILTERS = ("high_pass_frequency_hz", "low_pass_frequency_hz")


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
