"""Whether other seeds find the same setting, and whether another encoder hears it the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np

from dsp.chain import Chain
from text2fx_studio.search.engine import search
from text2fx_studio.search.losses import LossName
from text2fx_studio.search.options import Options
from text2fx_studio.search.preparation import encoder_for, listen
from text2fx_studio.search.scoring import embed_windows, score
from text2fx_studio.search.target import build_target, check_words
from text2fx_studio.search.windows import Source

_FREQUENCIES_HZ = np.geomspace(60.0, 14_000.0, 48)


@dataclass(frozen=True)
class SeedAgreement:
    """Searches that differ in their seed only.

    Attributes:
        scores: Score of each seed's result.
        spread_db: Mean over frequency of the standard deviation of the equalizers' responses; what
            is below about 1 dB sounds the same.
    """

    scores: tuple[float, ...]
    spread_db: float


@dataclass(frozen=True)
class SecondOpinion:
    """The same result, judged by an encoder that the search did not use.

    Attributes:
        encoder_id: Who judges.
        score_dry: Of the dry sound.
        score_wet: Of the result.
    """

    encoder_id: str
    score_dry: float
    score_wet: float

    @property
    def agrees(self) -> bool:
        """Whether it too finds the result nearer to the words than dry."""
        return self.score_wet > self.score_dry


def compare_seeds(
    source: Source, prompt: str, seeds: Sequence[int], **options: Unpack[Options]
) -> SeedAgreement:
    """Search once for each seed.

    Args:
        source: The recording.
        prompt: The words.
        seeds: At least two.
        **options: Of the search.
    """
    results = []
    for seed in seeds:
        wanted = options.copy()
        wanted["seed"] = seed
        results.append(search(source, prompt, **wanted))
    curves = np.stack(
        [r.proposal.frequency_response_db(_FREQUENCIES_HZ, source.sample_rate) for r in results]
    )
    curves -= curves.mean(axis=1, keepdims=True)
    return SeedAgreement(tuple(r.score_wet for r in results), float(curves.std(axis=0).mean()))


def ask_second(
    source: Source, prompt: str, setting: Chain, **options: Unpack[Options]
) -> SecondOpinion:
    """Judge a setting on rendered sound with the encoder that the options name.

    Args:
        source: The recording.
        prompt: The words.
        setting: The result.
        **options: ``encoder`` and ``checkpoint`` name the second encoder; ``device``, ``loss``.
    """
    encoder, device = encoder_for(options)
    loss: LossName = "directional" if options.get("loss") == "directional" else "cosine"
    target = build_target(check_words(prompt, options), encoder, loss, options)
    windows, _ = listen(source, encoder, device, None)
    dry = embed_windows(encoder, windows, Chain(), device, target.space)
    wet = embed_windows(encoder, windows, setting, device, target.space)
    return SecondOpinion(encoder.id, score(dry, dry, target), score(wet, dry, target))
