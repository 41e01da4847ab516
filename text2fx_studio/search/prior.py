"""Where the search starts and what it thinks likely before it has heard the sound.

The prior is Gaussian on each parameter's own scale (dB, octaves): mean from the proposal that the
text alone suggests, or from the neutral setting; spread as declared by the parameter. Its weight in
the loss keeps settings moderate where the encoder does not care (a MAP estimate, as DiffVox does
for vocal settings).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from dsp.chain import Chain
from text2fx_studio.search.variables import Variables


@dataclass(frozen=True)
class Prior:
    """Gaussian prior over the search's variables.

    Attributes:
        mean: Positions on the parameters' scales, shape [P].
        spread: Standard deviations, shape [P], same units.
        weight: Factor of the penalty in the loss.
    """

    mean: torch.Tensor
    spread: torch.Tensor
    weight: float

    def penalty(self, positions: torch.Tensor) -> torch.Tensor:
        """Weight * mean over parameters of ((position - mean) / spread)^2, [B, P] -> [B]."""
        z = (positions - self.mean.to(positions)) / self.spread.to(positions)
        return self.weight * z.square().mean(dim=-1)


def prior_around(
    variables: Variables, chain: Chain, weight: float, confidence: float = 0.0
) -> Prior:
    """Prior with its mean at ``chain``.

    Args:
        variables: Of the search.
        chain: The likely setting: the text's proposal, or neutral.
        weight: See :class:`Prior`.
        confidence: 0..1 of the proposal; certain proposals have half the spread.
    """
    values = {e.kind: e.values for e in chain}
    mean = [
        min(max(v.parameter.to_scale(values[v.effect][v.parameter.name]), v.low), v.high)
        for v in variables.columns
    ]
    narrow = 1.0 - 0.5 * min(max(confidence, 0.0), 1.0)
    spread = [v.parameter.prior_spread * narrow for v in variables.columns]
    return Prior(
        torch.tensor(mean, dtype=torch.float64), torch.tensor(spread, dtype=torch.float64), weight
    )
