"""The result in concepts and along the axes that sounds and words share."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from dsp.chain import Chain, tensor_values
from dsp.spectrum import CachedSpectrum
from text2fx_studio.concepts.decompose import Change, Concept, Decomposer, changes
from text2fx_studio.concepts.dictionary import Dictionary, dictionary_for, every_word_for
from text2fx_studio.encoders.proposal import neutral_embedding
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.explain.word_map import make_map
from text2fx_studio.search.losses import POSITIVE_TEMPLATE
from text2fx_studio.search.objective import Objective
from text2fx_studio.search.target import Target, bundled_axes
from text2fx_studio.spaces.pls import PlsSvd
from text2fx_studio.spaces.space import full_space

SHOWN = 10
AXIS_NAMES = 3
AXES_SHOWN = 6
PATH_STEPS = 8
LEADING = 10
LEADING_DISTINCT = 0.9


@dataclass(frozen=True)
class ConceptStory:
    """What the sparse concepts say.

    Attributes:
        target: Concepts of the prompt, the largest first.
        rose: Concepts whose weight grew from dry to the result, the largest rise first.
        fell: Concepts whose weight shrank, the largest fall first.
        residual_dry: Share of the dry sound that no concept says, 0..1.
        residual_wet: The same of the result.
        kkt_gap: Largest violation of optimality among the three decompositions.
    """

    target: tuple[Concept, ...]
    rose: tuple[Change, ...]
    fell: tuple[Change, ...]
    residual_dry: float
    residual_wet: float
    kkt_gap: float


@dataclass(frozen=True)
class AxisShare:
    """One axis of the direct effect t_j a_j (u_j . v_j), COMET's equation 6.

    Attributes:
        axis: Number, from 0.
        more: Phrases nearest to its positive end.
        less: Phrases nearest to its negative end.
        dry: Direct effect of the prompt with the dry sound.
        wet: Direct effect of the prompt with the result.
    """

    axis: int
    more: tuple[str, ...]
    less: tuple[str, ...]
    dry: float
    wet: float


@dataclass(frozen=True)
class Journey:
    """The way from dry to the result on the map of words.

    Attributes:
        words: All words of the map, with their places [(word, x, y)].
        path: Places from dry (first) to the result (last), [(x, y)].
        prompt: Place of the prompt.
        near_dry: Words near the dry sound on the map.
        near_wet: Words near the result.
    """

    words: tuple[tuple[str, float, float], ...]
    path: tuple[tuple[float, float], ...]
    prompt: tuple[float, float]
    near_dry: tuple[str, ...]
    near_wet: tuple[str, ...]


@dataclass(frozen=True)
class Story:
    """Concepts and the map always; axes where an encoder has fitted ones."""

    concepts: ConceptStory
    axes: tuple[AxisShare, ...]
    journey: Journey

    def to_data(self) -> dict[str, Any]:
        """Plain data; of the map only the way, not all its words."""
        data = asdict(self)
        del data["journey"]["words"]
        return data


def tell_story(encoder: Encoder, cached: CachedSpectrum, prompt: str, setting: Chain) -> Story:
    """Decompose prompt, dry sound and result.

    Args:
        encoder: Whose space.
        cached: The windows.
        prompt: The words.
        setting: The result.
    """
    dictionary = led_by_meaning(dictionary_for(encoder), encoder, prompt)
    axes_file = bundled_axes(encoder)
    axes = PlsSvd.load(axes_file) if axes_file is not None else None
    if axes is not None:
        axes.check_encoder(encoder)
    no_gap = neutral_embedding(encoder) is not None  # both sides count from there
    decomposer = Decomposer(dictionary, None if axes is None or no_gap else axes.audio_mean)
    text = encoder.embed_text([POSITIVE_TEMPLATE.format(prompt)]).cpu()
    path = sound_path(encoder, cached, setting)
    dry, wet = path[0], path[-1]
    target = decomposer.decompose(text, "text")[0]
    before, after = decomposer.decompose(torch.stack((dry, wet)), "audio")
    moved = changes(before, after)
    concepts = ConceptStory(
        target=target.concepts[:SHOWN],
        rose=tuple(c for c in moved if c.rise > 0)[:SHOWN],
        fell=tuple(c for c in reversed(moved) if c.rise < 0)[:SHOWN],
        residual_dry=before.residual,
        residual_wet=after.residual,
        kkt_gap=max(target.kkt_gap, before.kkt_gap, after.kkt_gap),
    )
    shares = () if axes is None else axis_shares(axes, dictionary, text[0], dry, wet)
    return Story(concepts, shares, _journey(every_word_for(encoder), decomposer, text, path))


def led_by_meaning(dictionary: Dictionary, encoder: Encoder, prompt: str) -> Dictionary:
    """The dictionary with the prompt's own words at its head.

    A sparse sum takes one of several near-synonyms, whichever happens to lie closest; with the
    prompt's own words first, what is like them is told in their name.
    """
    near = own_words(dictionary, encoder, prompt, LEADING)
    return dictionary.led_by(near, encoder).distinct(LEADING_DISTINCT)


def own_words(dictionary: Dictionary, encoder: Encoder, prompt: str, count: int) -> tuple[str, ...]:
    """The prompt's meaning in words: those that stand in it, then those nearest to it."""
    inside = re.findall(r"[\w-]+", prompt.lower())
    named = [word for word in inside if word in dictionary.places]
    near = nearest_words(dictionary, encoder, prompt, count)
    return tuple(dict.fromkeys((*named, *near)))[:count]


def nearest_words(
    dictionary: Dictionary, encoder: Encoder, prompt: str, count: int
) -> tuple[str, ...]:
    """The dictionary's words nearest to a prompt in meaning, the nearest first."""
    (direction,) = dictionary.directions([prompt], encoder)
    order = np.argsort(-(dictionary.atoms @ direction), kind="stable")[:count]
    return tuple(dictionary.concepts[int(i)] for i in order)


def sound_path(
    encoder: Encoder, cached: CachedSpectrum, setting: Chain, steps: int = PATH_STEPS
) -> torch.Tensor:
    """Embeddings from dry (first row) to the result (last), at amounts in equal steps.

    Returns:
        Mean over the windows, unit norm, float32 [steps + 1, D] on the CPU.
    """
    nowhere = Target("", "cosine", full_space(encoder.dim), torch.zeros(encoder.dim), None)
    objective = Objective(encoder, cached, nowhere)
    rows = []
    with torch.no_grad():
        for step in range(steps + 1):
            settings = {
                e.kind: tensor_values(e)
                for e in setting.with_amount(step / steps)
                if not e.is_neutral() and e.kind in ("eq", "reverb")
            }
            rows.append(objective.embeddings(cached.mel_power(settings))[0].mean(0))
    return torch.nn.functional.normalize(torch.stack(rows), dim=-1).cpu()


def _journey(
    every_word: Dictionary, decomposer: Decomposer, text: torch.Tensor, path: torch.Tensor
) -> Journey:
    word_map = make_map(every_word.concepts, every_word.atoms)
    places = word_map.place(decomposer.centred(path, "audio"))
    (prompt,) = word_map.place(decomposer.centred(text, "text"))
    return Journey(
        words=tuple(
            (word, float(x), float(y))
            for word, (x, y) in zip(word_map.words, word_map.places, strict=True)
        ),
        path=tuple((float(x), float(y)) for x, y in places),
        prompt=(float(prompt[0]), float(prompt[1])),
        near_dry=tuple(word_map.near(places[0], AXIS_NAMES)),
        near_wet=tuple(word_map.near(places[-1], AXIS_NAMES)),
    )


def axis_shares(
    axes: PlsSvd,
    dictionary: Dictionary,
    text: torch.Tensor,
    dry: torch.Tensor,
    wet: torch.Tensor,
) -> tuple[AxisShare, ...]:
    """Direct effect of every axis of the head, those that changed most first."""
    t = axes.text_scores(text.double()) * axes.alignment
    direct_dry = (t * axes.audio_scores(dry.double()))[: axes.head_size]
    direct_wet = (t * axes.audio_scores(wet.double()))[: axes.head_size]
    order = (direct_wet - direct_dry).abs().argsort(descending=True)[:AXES_SHOWN].tolist()
    scores = dictionary.atoms @ axes.U.numpy()

    def names(axis: int, sign: float) -> tuple[str, ...]:
        best = np.argsort(-sign * scores[:, axis], kind="stable")[:AXIS_NAMES]
        return tuple(dictionary.concepts[int(i)] for i in best)

    return tuple(
        AxisShare(j, names(j, 1.0), names(j, -1.0), float(direct_dry[j]), float(direct_wet[j]))
        for j in order
    )
