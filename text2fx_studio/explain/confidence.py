"""How sure a result is: margin over dry, agreement over windows and seeds, and whether the encoder
can tell at all.

"Can tell" asks whether the words pick anything out: the score of the prompt is measured over a
seeded spread of random settings; an encoder for which all of them score alike is guessing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from dsp.chain import Chain, tensor_values
from text2fx_studio.search.objective import Objective
from text2fx_studio.search.variables import Variables

RANDOM_SETTINGS = 24
RANDOM_SPREAD = 0.7  # standard deviation of a random setting's x
TELLS_APART = 0.03  # standard deviation of the score over random settings


@dataclass(frozen=True)
class Confidence:
    """Figures behind "how sure".

    Attributes:
        margin: Score of the result minus dry.
        better_windows: Share of the windows in which the result beats dry, 0..1.
        window_spread: Standard deviation over the windows of the gain in score; 0 for one window.
        random_spread: Standard deviation of the score over random settings.
        beats_random: Share of the random settings that the result beats, 0..1.
        can_tell: Whether the encoder tells settings apart for these words.
    """

    margin: float
    better_windows: float
    window_spread: float
    random_spread: float
    beats_random: float
    can_tell: bool

    @property
    def verdict(self) -> str:
        """One plain sentence."""
        if not self.can_tell:
            return "The encoder cannot tell: for these words all settings sound nearly alike to it."
        if self.margin < 0.02 or self.better_windows < 0.5:
            return "Unsure: hardly better than dry."
        if self.beats_random < 0.9 or self.better_windows < 1.0:
            return "Fairly sure: better than dry, not everywhere or not by much."
        return "Sure: better than dry in every window, and than random settings."


def measure_confidence(
    objective: Objective, variables: Variables, chain: Chain, *, seed: int = 0
) -> Confidence:
    """Measure on the search's windows, by its fast path.

    Args:
        objective: Of the search.
        variables: Of the search; random settings are drawn within their ranges.
        chain: The result.
        seed: Of the random settings.
    """
    settings = {
        e.kind: tensor_values(e) for e in chain if e.kind in {v.effect for v in variables.columns}
    }
    generator = torch.Generator().manual_seed(seed)
    x = RANDOM_SPREAD * torch.randn(
        RANDOM_SETTINGS, len(variables), generator=generator, dtype=torch.float64
    )
    with torch.no_grad():
        random = 1 - objective(variables.settings(x)).double().cpu().numpy()
        wet = 1 - objective.window_losses(settings)[0].double().cpu().numpy()
        dry = 1 - objective.dry_window_losses().double().cpu().numpy()
    gain = wet - dry
    spread = float(np.std(random))
    return Confidence(
        margin=float(gain.mean()),
        better_windows=float(np.mean(gain > 0)),
        window_spread=float(np.std(gain)) if len(gain) > 1 else 0.0,
        random_spread=spread,
        beats_random=float(np.mean(wet.mean() > random)),
        can_tell=math.isfinite(spread) and spread >= TELLS_APART,
    )
