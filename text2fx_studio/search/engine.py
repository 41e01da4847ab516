"""The search from a recording and a prompt to a setting."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from dsp.audio_file import AudioReader
from dsp.chain import Chain
from dsp.render import render_array
from dsp.reverb import Reverb
from dsp.spectrum import CachedSpectrum
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.encoders.registry import load_encoder
from text2fx_studio.errors import AudioContentError, UsageError
from text2fx_studio.search.losses import LOSSES, LossName, text_target
from text2fx_studio.search.objective import Objective
from text2fx_studio.search.optimizer import Descent, Schedule, descend
from text2fx_studio.search.prior import prior_around
from text2fx_studio.search.prompt import check_prompt
from text2fx_studio.search.result import Progress, Result, SearchResult
from text2fx_studio.search.scoring import embed_windows, score
from text2fx_studio.search.starts import SPACE_THRESHOLD, Proposal, build_starts, propose_chain
from text2fx_studio.search.variables import Variables
from text2fx_studio.search.windows import CONTEXT_S, ArraySource, Source, loud_windows, to_encoder

ACCEPT_MARGIN = 0.005  # in score: what a setting must beat dry by
PRIOR_WEIGHT = 0.02
STARTS = 4
SPACES = ("full",)

OnProgress = Callable[[Progress], None]


class SearchCancelled(UsageError):
    """The caller's ``cancel`` returned True; nothing was changed."""

    exit_code = 130


def search(
    source: Source,
    prompt: str,
    *,
    chain: str = "eq",
    encoder: str | Encoder = "fxsem",
    checkpoint: Path | None = None,
    loss: str = "cosine",
    space: str = "full",
    amount: float = 1.0,
    seed: int = 0,
    device: str = "auto",
    schedule: Schedule | None = None,
    progress: OnProgress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> SearchResult:
    """Find the effect settings that bring a recording closest to a prompt.

    Args:
        source: The recording; only its loudest windows are read twice.
        prompt: How it should sound, in English.
        chain: Effects joined by commas, ``eq``, ``reverb``, ``eq,reverb``.
        encoder: Name, or an encoder object.
        checkpoint: Weights file for encoders that need one.
        loss: ``cosine`` or ``directional``.
        space: ``full``.
        amount: 0..1, how much of the found setting the result's chain holds.
        seed: Of the jittered starts; the same seed gives bit-identical results on one machine.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        schedule: Of the descent.
        progress: Called after every step.
        cancel: Asked before every step.

    Returns:
        The result; ``accepted`` is False, and the chain neutral, where nothing beats dry.

    Raises:
        UsageError: Prompt, loss, space, chain or device are not usable as given.
        AudioContentError: The recording is too short, silent, or not finite.
        EncoderError: The encoder cannot be loaded.
    """
    began = time.perf_counter()
    prompt = check_prompt(prompt)
    loss_name = _check_loss(loss)
    if space not in SPACES:
        raise UsageError(f"space: found {space!r}, allowed is {', '.join(SPACES)}")
    template = Chain.parse(chain)
    if not 0.0 <= amount <= 1.0:
        raise UsageError(f"amount: found {amount:g}, allowed is 0 to 1")
    place = resolve_device(device)
    _say(progress, Progress(0, 0, 0.0, "loading the encoder"))
    enc = load_encoder(encoder, checkpoint=checkpoint, device=place) if isinstance(
        encoder, str
    ) else encoder.to(place)  # fmt: skip

    _say(progress, Progress(0, 0, 0.0, "listening to the recording"))
    with_reverb = template.get(Reverb) is not None
    windows = loud_windows(source, enc.window_s, context_s=CONTEXT_S if with_reverb else 0.0)
    target = text_target(loss_name, prompt, enc.embed_text)
    proposal = _proposal_for(enc, prompt)
    proposed = propose_chain(template, proposal, source.sample_rate) if proposal else None
    searched, held_still = _without_silent_room(template, proposal)
    variables = Variables(searched, enc.passband_hz)
    centre = _only(proposed, searched) if proposed is not None else searched
    starts = build_starts(
        variables, searched, _only(proposed, searched) if proposed is not None else None,
        count=STARTS, seed=seed,
    )  # fmt: skip
    prior = prior_around(
        variables, centre, PRIOR_WEIGHT, proposal.confidence if proposal is not None else 0.0
    )
    mono, context = to_encoder(
        windows.segments, windows.sample_rate, enc.sample_rate,
        windows.context / windows.sample_rate, enc.window_s,
    )  # fmt: skip
    room = centre.get(Reverb)
    cached = CachedSpectrum(
        enc,
        mono.to(place),
        context=context,
        file_rate_hz=source.sample_rate,
        predelay_ms=room.values["predelay_ms"] if room is not None else 0.0,
        with_reverb=room is not None,
    )
    if room is not None:
        variables = Variables(
            searched.replace(Reverb(dict(room.values))), enc.passband_hz
        )  # holds the predelay that the cache was made for
    objective = Objective(enc, cached, target, loss_name)
    plan = schedule or Schedule()

    def on_step(step: int, best_loss: float, x: torch.Tensor) -> None:
        if cancel is not None and cancel():
            raise SearchCancelled("cancelled")
        if progress is not None:
            found = _merge(template, variables.to_chain(x))
            progress(Progress(step, plan.steps, 1 - best_loss, f"shaping: {prompt}", found))

    descent = descend(objective, variables, prior, starts, plan, on_step)
    _say(progress, Progress(descent.steps, plan.steps, 0.0, "checking the result by ear"))
    found = _merge(template, variables.to_chain(_winner(descent)))
    dry_embeddings = embed_windows(enc, windows, Chain(), place)
    score_dry = score(dry_embeddings, dry_embeddings, target, loss_name)
    shaped = found.with_amount(amount)
    score_full = score(embed_windows(enc, windows, found, place), dry_embeddings, target, loss_name)
    score_wet = (
        score_full
        if amount == 1.0
        else score(embed_windows(enc, windows, shaped, place), dry_embeddings, target, loss_name)
    )
    accepted = score_full - score_dry >= ACCEPT_MARGIN
    return SearchResult(
        prompt=prompt,
        chain=shaped if accepted else template,
        proposal=found,
        score_dry=score_dry,
        score_wet=score_wet if accepted else score_dry,
        accepted=accepted,
        reason=_reason(accepted, prompt, score_dry, score_full, held_still),
        loss=loss_name,
        space=space,
        amount=amount,
        seed=seed,
        encoder_id=enc.id,
        weights_hash=enc.weights_hash,
        device=place,
        steps=descent.steps,
        seconds=time.perf_counter() - began,
        history=descent.history,
        window_starts_s=windows.starts_s,
    )


def apply_file(source: Path, prompt: str, **options: object) -> SearchResult:
    """:func:`search` on a file, which is read in parts and never held whole."""
    with AudioReader(source) as reader:
        return search(_FileSource(reader, source.name), prompt, **options)  # type: ignore[arg-type]


def optimize(
    audio: ArrayLike, sample_rate: int, prompt: str, *, tail: bool = True, **options: object
) -> Result:
    """Shape a recording in memory.

    Args:
        audio: Float samples, shape [channels, samples] or [samples].
        sample_rate: In Hz.
        prompt: How it should sound.
        tail: Whether a reverb may ring on after the end.
        **options: As :func:`search`: chain, encoder, checkpoint, loss, space, amount, seed,
            device, schedule, progress, cancel.

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
    source = ArraySource(samples, int(sample_rate))
    found = search(source, prompt, **options)  # type: ignore[arg-type]
    rendered = render_array(samples, int(sample_rate), found.chain, tail=tail)
    return Result(**vars(found), audio=rendered)


def resolve_device(device: str) -> str:
    """The device to run on: ``auto`` picks CUDA, then MPS, then the CPU.

    Raises:
        UsageError: The device is unknown or not present.
    """
    present = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if device == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if present[name])
    if device.split(":")[0] not in present:
        raise UsageError(f"device: found {device!r}, allowed are auto, cpu, cuda, mps")
    if not present[device.split(":")[0]]:
        raise UsageError(f"device: {device!r} is not present on this machine; use auto or cpu")
    return device


class _FileSource:
    """An open file as a source."""

    def __init__(self, reader: AudioReader, name: str) -> None:
        self._reader = reader
        self.name = name
        self.sample_rate = reader.info.sample_rate
        self.frames = reader.info.frames

    def read(self, start: int, frames: int) -> NDArray[np.float32]:
        return self._reader.read(start, frames)


def _check_loss(loss: str) -> LossName:
    for name in LOSSES:
        if name == loss:
            return name
    raise UsageError(f"loss: found {loss!r}, allowed are {', '.join(LOSSES)}")


def _say(progress: OnProgress | None, event: Progress) -> None:
    if progress is not None:
        progress(event)


def _proposal_for(encoder: Encoder, prompt: str) -> Proposal | None:
    """What the words alone suggest; it comes from the bundled text tower whatever the encoder."""
    from text2fx_studio.encoders.proposal import propose

    return propose(encoder, prompt)


def _without_silent_room(chain: Chain, proposal: Proposal | None) -> tuple[Chain, bool]:
    """Leave the reverb out of the search where the words say nothing about space.

    Encoders drift towards more room for any prompt; silence about space means no change of it.
    """
    if proposal is None or proposal.says_space >= SPACE_THRESHOLD or len(chain.effects) == 1:
        return chain, False
    kept = tuple(e for e in chain if not isinstance(e, Reverb))
    return Chain(kept), len(kept) < len(chain.effects)


def _only(chain: Chain, like: Chain) -> Chain:
    kinds = {e.kind for e in like}
    return Chain(tuple(e for e in chain if e.kind in kinds))


def _merge(template: Chain, found: Chain) -> Chain:
    merged = template
    for effect in found:
        merged = merged.replace(effect)
    return merged


def _winner(descent: Descent) -> torch.Tensor:
    return descent.best[int(descent.losses.argmin())]


def _reason(accepted: bool, prompt: str, dry: float, wet: float, held_still: bool) -> str:
    moved = f"score {dry:.3f} dry, {wet:.3f} shaped"
    if not accepted:
        return f"no better than dry for {prompt!r} ({moved}): the sound stays as it is"
    note = "; the prompt says nothing about space, so no reverb was added" if held_still else ""
    return f"closer to {prompt!r} than dry ({moved}){note}"
