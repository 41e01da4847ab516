"""What a search hands back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dsp.chain import Chain

if TYPE_CHECKING:
    from text2fx_studio.preset import Preset


@dataclass(frozen=True)
class Progress:
    """One step of a running search.

    Attributes:
        step: Steps done.
        steps: Steps at the most.
        score: Best score so far by the fast path, prior excluded from nothing: 1 - loss.
        message: What is going on, for a status line.
        chain: Best setting so far; None before the first step.
    """

    step: int
    steps: int
    score: float
    message: str
    chain: Chain | None = None


@dataclass(frozen=True)
class SearchResult:
    """The setting that a search found, and how it compares with dry.

    Scores are 1 - loss on rendered waveforms (not the search's fast path), loudness-matched, mean
    over the windows: a cosine for both losses; under the directional loss dry scores 0.

    Attributes:
        chain: The setting to use, at the asked amount; neutral if not accepted.
        proposal: The best setting found at full amount, accepted or not.
        accepted: Whether it beat dry by the margin.
        reason: The verdict as a plain sentence.
        steps: Steps of the descent.
        seconds: Of the whole search, loading included.
        step_seconds: Of one step, all starts and windows together.
        history: Loss with prior, best over all starts, at every step.
        window_starts_s: Where the windows that were listened to begin.
        notes: What a person should know of how it was computed (a fallback to the CPU).
    """

    prompt: str
    chain: Chain
    proposal: Chain
    score_dry: float
    score_wet: float
    accepted: bool
    reason: str
    loss: str
    space: str
    amount: float
    seed: int
    encoder_id: str
    weights_hash: str
    device: str
    steps: int
    seconds: float
    history: tuple[float, ...] = ()
    window_starts_s: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    step_seconds: float = 0.0


@dataclass(frozen=True)
class Result(SearchResult):
    """A search's result with the processed sound: float32 [channels, samples (+ tail)]."""

    audio: NDArray[np.float32] = field(default_factory=lambda: np.zeros((1, 0), np.float32))

    @property
    def preset(self) -> Preset:
        """The result as a preset."""
        from text2fx_studio.preset import preset_from_result

        return preset_from_result(self)
