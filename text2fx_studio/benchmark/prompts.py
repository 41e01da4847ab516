"""The prompts of ``directions.json``: Text2FX's four kinds, with the changes they should cause.

A prompt marked ``unseen`` shares no content word, stem for stem, with anything that training read:
the lexicon's texts, the templates around them, and people's words. A test holds the marks to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from text2fx_studio.encoders.content_words import content_words
from text2fx_studio.lexicon import load_lexicon
from text2fx_studio.training import phrases
from text2fx_studio.training.splits import stem, stems

PROMPTS = Path(__file__).with_name("directions.json")
KINDS = ("concrete", "abstract", "combination", "imagery")
CHAIN = "eq,reverb"


@dataclass(frozen=True)
class Prompt:
    """A prompt and what it should do.

    Attributes:
        text: As a person would write it.
        kind: One of ``KINDS``.
        checks: ``centroid`` or a band: ``up`` or ``down``; ``space``: ``room`` or ``none``.
        unseen: Whether it shares no content word with what training read.
        silent_about_space: Whether it says nothing of a room, so that none may appear.
    """

    text: str
    kind: str
    checks: Mapping[str, str]
    unseen: bool
    silent_about_space: bool


@lru_cache(maxsize=1)
def read_prompts() -> tuple[Prompt, ...]:
    """All prompts, in the order of the file."""
    rows = json.loads(PROMPTS.read_text("utf-8"))["prompts"]
    return tuple(
        Prompt(
            row["prompt"], row["kind"], row["checks"], row.get("unseen", False),
            row.get("silent_about_space", False),
        )
        for row in rows
    )  # fmt: skip


def choose(count: int | None) -> tuple[Prompt, ...]:
    """``count`` prompts spread over the file, so over kinds and marks; None for all."""
    every = read_prompts()
    if count is None or count >= len(every):
        return every
    places = np.linspace(0, len(every) - 1, count).round().astype(int)
    return tuple(every[int(i)] for i in places)


def read_in_training(people_words: Iterable[str] = ()) -> frozenset[str]:
    """Stems of everything that training reads: lexicon, templates and the given people's words."""
    templates = [*phrases.PLAIN, *phrases.JOINED, *phrases.WITHOUT_ROOM]
    templates += [text for text, _ in (*phrases.NEGATED, *phrases.STRENGTH)]
    texts = [text for text, _ in load_lexicon().texts()]
    texts += [template.replace("{}", " ") for template in templates]
    found: set[str] = set()
    for text in (*texts, *people_words):
        found |= stems(text)
    return frozenset(found)


def shared_words(text: str, read: frozenset[str]) -> tuple[str, ...]:
    """Content words of a text whose stem training has read."""
    return tuple(word for word in content_words(text) if stem(word) in read)
