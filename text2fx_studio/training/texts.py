"""The texts that a training run learns from, and what the text tower remembers of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from text2fx_studio.encoders.minilm import MIDDLE_FEATURES, MiniLM
from text2fx_studio.encoders.settings import (
    HIGH_PASS_LOGIT,
    LOW_PASS_LOGIT,
    SPACE_LOGIT,
    SURE_LOGIT,
)
from text2fx_studio.encoders.towers import TextTower
from text2fx_studio.training import splits
from text2fx_studio.training.intents import Intent, Line, points_of, read_lexicon
from text2fx_studio.training.options import Options
from text2fx_studio.training.people import read_people
from text2fx_studio.training.people_meanings import people_meanings
from text2fx_studio.training.phrases import Phrase, draw_phrases
from text2fx_studio.training.sentences import SentenceStore
from text2fx_studio.training.sounds import Report

PHRASE_SEED = 0  # phrases are the same for every seed of a run
PAIRS = 8000
KIND_WEIGHT = {"plain": 1.5, "sentence": 1.0, "negation": 1.0, "strength": 1.0, "pair": 1.0}


@dataclass(frozen=True)
class Texts:
    """Phrases with their features and targets.

    Attributes:
        lines: The lexicon.
        taught: People's words that were learned from.
        own: What words mean by themselves, where that is not what the lexicon says; texts that
            the lexicon does not have are among ``phrases``, without weight in the training.
        phrases: The lexicon's texts, sentences around them, and people's other words.
    """

    lines: list[Line]
    taught: list[str]
    own: dict[str, Intent]
    phrases: list[Phrase]
    features: torch.Tensor
    points: torch.Tensor
    settings: torch.Tensor
    weights: torch.Tensor


def prepare_texts(options: Options, report: Report) -> Texts:
    """Phrases around the lexicon, with features and targets, and words as people use them."""
    store = SentenceStore(options.cache / "sentences", MiniLM())

    def embed(wanted: Sequence[str]) -> NDArray[np.float64]:
        # The middle layer: on words left out, people's curves are met better than with the last.
        rows = store.embed(wanted, report)[:, MIDDLE_FEATURES]
        return torch.nn.functional.normalize(rows.double(), dim=-1).numpy()

    lines = read_lexicon(options.lexicon)
    phrases = draw_phrases(lines, PHRASE_SEED, PAIRS)
    social = options.shared / "data" / "socialfx"
    taught: list[str] = []
    own: dict[str, Intent] = {}
    if (social / "eq.jsonl").is_file():
        frequencies, words = read_people(social)
        heard = [w for w in words if splits.people_fold(w.word) != options.held_fold]
        taught = [w.word for w in heard]
        own = people_meanings(lines, frequencies, heard, embed)
        known = {text for line in lines for text in line.texts}
        phrases += [Phrase(t, own[t], 0.0, (), "people") for t in own if t not in known]
    features = store.embed([p.text for p in phrases], report)
    weights = torch.tensor([p.weight * KIND_WEIGHT.get(p.kind, 0.0) for p in phrases])
    intents = [p.intent for p in phrases]
    return Texts(
        lines, taught, own, phrases, features, points_of(intents),
        torch.stack([intent.setting() for intent in intents]), weights,
    )  # fmt: skip


def remember_lexicon(tower: TextTower, texts: Texts, held: frozenset[str]) -> None:
    """Fill the tower's memory with the lexicon's texts, without those that hold a held-out stem."""
    rows = [
        i
        for i in splits.without_stems(texts.phrases, held)
        if texts.phrases[i].kind in ("plain", "people")
    ]
    lexicon = _outright(texts.points[rows], texts.settings[rows])
    own = lexicon.clone()
    places = {texts.phrases[i].text: place for place, i in enumerate(rows)}
    changed = [text for text in texts.own if text in places]
    if changed:
        intents = [texts.own[text] for text in changed]
        settings = torch.stack([intent.setting() for intent in intents])
        own[[places[text] for text in changed]] = _outright(points_of(intents), settings)
    names = [texts.phrases[i].text for i in rows]
    tower.remember(texts.features[rows], own, lexicon, names)


def _outright(points: torch.Tensor, settings: torch.Tensor) -> torch.Tensor:
    """Points [N, 27] and settings [N, 17] side by side, with sure logits for what is said."""
    said = settings.clone()
    for logit in (HIGH_PASS_LOGIT, LOW_PASS_LOGIT, SPACE_LOGIT):
        said[:, logit] = SURE_LOGIT * (2 * said[:, logit] - 1)
    return torch.cat((points, said), dim=-1)
