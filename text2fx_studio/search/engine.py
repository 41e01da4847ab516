"""The search from a recording and a prompt to a setting: prepare, descend, judge."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, Unpack

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from dsp.audio_file import AudioReader
from dsp.chain import Chain
from dsp.render import render_array
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.errors import AudioContentError, CancelledError
from text2fx_studio.search.effort import effort_for
from text2fx_studio.search.fallback import on_device
from text2fx_studio.search.losses import LossName
from text2fx_studio.search.optimizer import Descent, Schedule, descend
from text2fx_studio.search.options import (
    PRIOR_WEIGHT,
    OnProgress,
    Options,
    check_amount,
    check_chain,
    check_loss,
    check_prior_weight,
    check_space,
)
from text2fx_studio.search.preparation import Prepared, encoder_for, prepare
from text2fx_studio.search.result import Progress, Result, SearchResult
from text2fx_studio.search.scoring import embed_windows, score
from text2fx_studio.search.target import Target, build_target, check_words
from text2fx_studio.search.threads import cpu_threads
from text2fx_studio.search.windows import ArraySource, FileSource, Source

ACCEPT_MARGIN = 0.002  # in score: what a setting must beat dry by

Scores = tuple[float, float, float]  # dry, with the full setting, with it at the amount asked for


def search(source: Source, prompt: str, **options: Unpack[Options]) -> SearchResult:
    """Find the effect settings that bring a recording closest to a prompt.

    Args:
        source: The recording; it is read once in blocks, its loudest windows once more.
        prompt: How it should sound, in English; empty where ``concepts`` are given.
        **options: See :class:`Options`.

    Returns:
        The result; ``accepted`` is False, and the chain neutral, where nothing beats dry.

    Raises:
        UsageError: Prompt, loss, space, amount or device are not usable as given.
        ParameterError: The chain names an unknown effect.
        AudioContentError: The recording is too short, silent, or not finite.
        EncoderError: The encoder cannot be loaded.
        CancelledError: ``cancel`` returned True.
    """
    began = time.perf_counter()
    progress = options.get("progress")
    found, notes = on_device(
        options,
        lambda on: _search(source, prompt, on),
        lambda message: _say(progress, message),
    )
    return replace(found, notes=notes, seconds=time.perf_counter() - began)


@dataclass(frozen=True)
class Asked:
    """What is asked of a search, checked.

    Attributes:
        words: The tidied prompt, or the concepts.
        chain: Neutral, the effects to search.
    """

    words: str
    loss: LossName
    space: str
    amount: float
    chain: Chain
    seed: int
    prior_weight: float

    @classmethod
    def of(cls, prompt: str, options: Options) -> Self:
        """Check a request before anything heavy is loaded.

        Raises:
            UsageError: Prompt, loss, space or amount are not usable as given.
            ParameterError: The chain names an unknown effect.
        """
        return cls(
            words=check_words(prompt, options),
            loss=check_loss(options.get("loss", "cosine")),
            space=check_space(options.get("space", "full")),
            amount=check_amount(options.get("amount", 1.0)),
            chain=check_chain(options.get("chain", "eq")),
            seed=options.get("seed", 0),
            prior_weight=check_prior_weight(options.get("prior_weight", PRIOR_WEIGHT)),
        )

    def prepare(self, source: Source, target: Target, encoder: Encoder, device: str) -> Prepared:
        """Listen to a recording and get ready to descend."""
        return prepare(
            source, target, self.chain, encoder, device,
            seed=self.seed, prior_weight=self.prior_weight,
        )  # fmt: skip

    def conclude(self, ready: Prepared, descent: Descent, step_seconds: float) -> SearchResult:
        """Judge what a descent found on the rendered sound."""
        found, scores = settle(ready, ready.as_chain(_winner(descent)), self.amount)
        dry, full, scaled = scores
        accepted = is_better(scores)
        return SearchResult(
            prompt=self.words,
            chain=found.with_amount(self.amount) if accepted else self.chain,
            proposal=found,
            score_dry=dry,
            score_wet=scaled if accepted else dry,
            accepted=accepted,
            reason=_reason(accepted, self.words, dry, full, ready.held_still),
            loss=self.loss,
            space=self.space,
            amount=self.amount,
            seed=self.seed,
            encoder_id=ready.encoder.id,
            weights_hash=ready.encoder.weights_hash,
            device=ready.device,
            steps=descent.steps,
            seconds=0.0,
            step_seconds=step_seconds,
            history=descent.history,
            window_starts_s=ready.windows.starts_s,
        )


def _search(source: Source, prompt: str, options: Options) -> SearchResult:
    asked = Asked.of(prompt, options)
    progress = options.get("progress")
    _say(progress, "loading the encoder")
    encoder, device = encoder_for(options)
    _say(progress, "listening to the recording")
    with cpu_threads(encoder.cpu_threads if device == "cpu" else None):
        target = build_target(asked.words, encoder, asked.loss, options)
        ready = asked.prepare(source, target, encoder, device)
        descending = time.perf_counter()
        descent = _descend(
            ready, options.get("schedule", effort_for(encoder, device).schedule), options
        )
        step_seconds = (time.perf_counter() - descending) / (descent.steps + 1)
        _say(progress, "checking the result on the rendered sound")
        return asked.conclude(ready, descent, step_seconds)


def apply_file(source: Path, prompt: str, **options: Unpack[Options]) -> SearchResult:
    """:func:`search` on a file, which is read in parts and never held whole."""
    with AudioReader(source) as reader:
        return search(FileSource(reader, source.name), prompt, **options)


def optimize(
    audio: ArrayLike,
    sample_rate: int,
    prompt: str,
    *,
    tail: bool = True,
    **options: Unpack[Options],
) -> Result:
    """Shape a recording in memory.

    Args:
        audio: Float samples, shape [channels, samples] or [samples].
        sample_rate: In Hz.
        prompt: How it should sound.
        tail: Whether a reverb may ring on after the end.
        **options: See :class:`Options`.

    Returns:
        The result, with the processed audio.

    Raises:
        AudioContentError: The array has not one or two dimensions; see :func:`search` for others.
    """
    samples: NDArray[np.float32] = np.asarray(audio, dtype=np.float32)
    if samples.ndim == 1:
        samples = samples[None]
    if samples.ndim != 2 or samples.shape[0] > samples.shape[1]:
        raise AudioContentError(
            f"audio: found an array of shape {samples.shape}, needed is [channels, samples]"
        )
    found = search(ArraySource(samples, int(sample_rate)), prompt, **options)
    rendered = render_array(samples, int(sample_rate), found.chain, tail=tail)
    return Result(**vars(found), audio=rendered)


def _descend(ready: Prepared, schedule: Schedule, options: Options) -> Descent:
    progress, cancel = options.get("progress"), options.get("cancel")

    def on_step(step: int, best_loss: float, x: torch.Tensor) -> None:
        if cancel is not None and cancel():
            raise CancelledError("the search was cancelled; nothing was changed")
        if progress is not None:
            found = ready.as_chain(x)
            message = f"shaping: {ready.target.label}"
            progress(Progress(step, schedule.steps, 1 - best_loss, message, found))

    return descend(ready.objective, ready.variables, ready.prior, ready.starts, schedule, on_step)


def settle(ready: Prepared, found: Chain, amount: float) -> tuple[Chain, Scores]:
    """What was found, or where that is no better than dry, the best of gentler settings that is.

    The prior keeps the words' way even where the recording is near them already, and then goes
    too far: half of what was found, the words' own proposal and half of that are tried.

    Args:
        ready: The search.
        found: What the descent ended at, a setting of its chain.
        amount: 0..1, of the third score.

    Returns:
        (the setting, its scores); what was found where nothing is better than dry.
    """
    scores = judge(ready, found, amount)
    if is_better(scores):
        return found, scores
    gentler = [found.with_amount(0.5)]
    if ready.proposed is not None:
        gentler += [ready.proposed, ready.proposed.with_amount(0.5)]
    tried = [(chain, judge(ready, chain, amount)) for chain in gentler]
    best = max(tried, key=lambda pair: pair[1][1])
    return best if is_better(best[1]) else (found, scores)


def is_better(scores: Scores) -> bool:
    """Whether the full setting scores enough above dry to be taken."""
    return scores[1] - scores[0] >= ACCEPT_MARGIN


def judge(ready: Prepared, found: Chain, amount: float) -> Scores:
    """Scores of dry, of the full setting, and of the setting at ``amount``, on waveforms."""

    def placed(chain: Chain) -> torch.Tensor:
        return embed_windows(ready.encoder, ready.windows, chain, ready.device, ready.target.space)

    dry = placed(Chain())
    full = score(placed(found), dry, ready.target)
    scaled = full if amount == 1.0 else score(placed(found.with_amount(amount)), dry, ready.target)
    return score(dry, dry, ready.target), full, scaled


def _winner(descent: Descent) -> torch.Tensor:
    return descent.best[int(descent.losses.argmin())]


def _say(progress: Callable[[Progress], None] | OnProgress | None, message: str) -> None:
    if progress is not None:
        progress(Progress(0, 0, 0.0, message))


def _reason(accepted: bool, prompt: str, dry: float, wet: float, held_still: bool) -> str:
    moved = f"score {dry:.3f} dry, {wet:.3f} shaped"
    if not accepted:
        return f"no better than dry for {prompt!r} ({moved}): the sound stays as it is"
    note = "; the prompt says nothing about space, so no reverb was added" if held_still else ""
    return f"closer to {prompt!r} than dry ({moved}){note}"
