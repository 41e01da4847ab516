"""Whether other seeds find the same setting, and whether another encoder hears it the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack, cast

import numpy as np

from dsp.chain import Chain
from dsp.reverb import Reverb
from text2fx_studio.encoders.protocol import Encoder, Listener
from text2fx_studio.encoders.registry import load_listener
from text2fx_studio.search.effort import effort_for
from text2fx_studio.search.engine import search
from text2fx_studio.search.fallback import on_device
from text2fx_studio.search.options import Options, check_loss
from text2fx_studio.search.scoring import embed_windows, score
from text2fx_studio.search.target import build_target, check_words
from text2fx_studio.search.threads import cpu_threads
from text2fx_studio.search.windows import CONTEXT_S, Source, loud_windows, window_seconds

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

    def to_data(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "encoder": self.encoder_id,
            "score_dry": self.score_dry,
            "score_wet": self.score_wet,
            "agrees": self.agrees,
        }


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
    """Judge a setting on rendered sound with an encoder that the search did not use.

    It listens to its own windows, chosen for its own length, and compares in its whole space: axes
    belong to one encoder.

    Args:
        source: The recording.
        prompt: The words; empty where the options hold concepts.
        setting: The result.
        **options: ``encoder`` (any of ``registry.load_listener``) and ``checkpoint`` name the
            judge; ``concepts``, ``device`` and ``loss`` as in the search.
    """
    opinion, _ = on_device(options, lambda on: _ask(source, prompt, setting, on), lambda _: None)
    return opinion


def _ask(source: Source, prompt: str, setting: Chain, options: Options) -> SecondOpinion:
    device = options["device"]
    named = options.get("encoder", "fxsem")
    judge: Listener = (
        load_listener(named, checkpoint=options.get("checkpoint"), device=device)
        if isinstance(named, str)
        else named.to(device)
    )
    whole = options.copy()
    whole["space"] = "full"
    loss = check_loss(options.get("loss", "cosine"))
    with cpu_threads(judge.cpu_threads if device == "cpu" else None):
        # What reads the words asks for no more than a listener offers.
        target = build_target(check_words(prompt, options), cast(Encoder, judge), loss, whole)
        windows = loud_windows(
            source,
            window_seconds(judge, source.frames / source.sample_rate),
            count=effort_for(judge, device).windows,
            context_s=0.0 if setting.get(Reverb) is None else CONTEXT_S,
        )
        dry = embed_windows(judge, windows, Chain(), device, target.space)
        wet = embed_windows(judge, windows, setting, device, target.space)
    return SecondOpinion(judge.id, score(dry, dry, target), score(wet, dry, target))
