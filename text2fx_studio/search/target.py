"""What the sound is to meet: a prompt, or concepts with weights, seen in one of the spaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import torch

from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.encoders.registry import load_encoder
from text2fx_studio.errors import UsageError
from text2fx_studio.search.losses import LossName, text_target
from text2fx_studio.search.options import Options
from text2fx_studio.search.prompt import check_prompt
from text2fx_studio.search.starts import SPACE_THRESHOLD, PlainProposal, Proposal
from text2fx_studio.spaces.space import Space, make_space

AXES_FILE = "{}-axes.safetensors"  # beside the bundled weights, by the encoder's family


@dataclass(frozen=True)
class Target:
    """The words' side of a search.

    Attributes:
        label: What was asked for, as a person wrote it.
        loss: Which loss.
        space: Where sounds and words are compared.
        text: The prompt's embedding, or its direction, in the space, shape [d].
        proposal: What the words alone suggest.
    """

    label: str
    loss: LossName
    space: Space
    text: torch.Tensor
    proposal: Proposal | None


def check_words(prompt: str, options: Options) -> str:
    """What was asked for: the tidied prompt, or the concepts as they were written.

    Raises:
        UsageError: Both are given, or the concepts are not of the form ``echo:+0.6,muffled:-0.4``.
        PromptError: Neither is given, or the prompt cannot be read.
    """
    concepts = options.get("concepts")
    if concepts is None:
        return check_prompt(prompt)
    if prompt.strip():
        raise UsageError("give a prompt or concepts, not both")
    from text2fx_studio.concepts.decompose import parse_concepts

    return ", ".join(f"{name}:{weight:+g}" for name, weight in parse_concepts(concepts).items())


def build_target(label: str, encoder: Encoder, loss: LossName, options: Options) -> Target:
    """Place the words in the space.

    Args:
        label: From :func:`check_words`.
        encoder: Reads the words.
        loss: Which loss.
        options: ``concepts``, ``space`` and ``axes`` are used.

    Raises:
        UsageError: The space needs axes and there are none.
        EncoderError: The axes belong to another encoder.
    """
    space = space_for(encoder, options)

    def placed(texts: list[str]) -> torch.Tensor:
        return space.text(encoder.embed_text(texts))

    concepts = options.get("concepts")
    if concepts is None:
        return Target(label, loss, space, text_target(loss, label, placed), _words(encoder, label))
    from text2fx_studio.concepts.decompose import (
        concept_direction,
        concept_target,
        parse_concepts,
    )
    from text2fx_studio.concepts.dictionary import dictionary_for

    weights = parse_concepts(concepts)
    dictionary = dictionary_for(encoder)
    if loss == "cosine":
        text = space.text(concept_target(dictionary, weights, encoder)[None])[0]
    else:
        # A direction is a difference of two places, so a space's shift falls out of it.
        ends = torch.stack((concept_direction(dictionary, weights, encoder),
                            torch.zeros(encoder.dim)))  # fmt: skip
        text = space.text(ends)[0] - space.text(ends)[1]
    return Target(label, loss, space, text, _mixed(encoder, weights))


def space_for(encoder: Encoder, options: Options) -> Space:
    """The space that the options ask for, with the axes they name or the bundled ones."""
    from text2fx_studio.spaces.pls import PlsSvd

    name = options.get("space", "full")
    if name == "full":
        return make_space(name, encoder.dim)
    axes = options.get("axes") or bundled_axes(encoder)
    pls = None if axes is None else PlsSvd.load(axes)
    return make_space(name, encoder.dim, pls, encoder)


def bundled_axes(encoder: Encoder) -> Path | None:
    """The axes that ship for an encoder with just these weights, or None."""
    from text2fx_studio.spaces.pls import PlsSvd

    family = encoder.id.partition("-")[0]
    path = Path(str(files("text2fx_studio.encoders") / "weights" / AXES_FILE.format(family)))
    if not path.is_file() or PlsSvd.load(path).weights_hash != encoder.weights_hash:
        return None
    return path


def _words(encoder: Encoder, prompt: str) -> Proposal | None:
    """What the words alone suggest; the bundled text tower says it for every encoder."""
    from text2fx_studio.encoders.proposal import propose

    return propose(encoder, prompt) or propose(load_encoder("fxsem"), prompt)


def _mixed(encoder: Encoder, weights: Mapping[str, float]) -> Proposal | None:
    """The weighted sum of what the concepts suggest; space comes from the heaviest wanted one."""
    gains = [0.0] * 8
    room: Proposal | None = None
    for name, weight in sorted(weights.items(), key=lambda item: item[1]):
        proposal = _words(encoder, name)
        if proposal is None:
            return None
        gains = [g + weight * p for g, p in zip(gains, proposal.gains_db, strict=True)]
        if weight > 0 and proposal.says_space >= SPACE_THRESHOLD:
            room = proposal
    base = PlainProposal(gains_db=tuple(max(-12.0, min(12.0, g)) for g in gains))
    if room is None:
        return base
    return replace(
        base, says_space=room.says_space, t60_s=room.t60_s, wet_db=room.wet_db,
        predelay_ms=room.predelay_ms, damping=room.damping,
    )  # fmt: skip
