"""Texts to train on: lexicon texts in sentences, negated, weakened, strengthened, joined."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from text2fx_studio.training.intents import Intent, Line

PLAIN = (
    "a {} sound", "make it {}", "make it sound {}", "i want it to be {}",
    "sounds {}", "{} tone", "like {}", "it should sound {}", "give it a {} character",
    "{} vibe", "a recording that is {}",
)  # fmt: skip
NEGATED = (
    ("not {}", 0.7), ("less {}", 0.6), ("this sound is not {}", 0.7), ("not so {}", 0.5),
    ("make it less {}", 0.6), ("not too {}", 0.4), ("without being {}", 0.5),
    ("a sound that is not {}", 0.7), ("reduce the {}", 0.6), ("not at all {}", 0.9),
)  # fmt: skip
STRENGTH = (
    ("slightly {}", 0.45), ("a bit {}", 0.5), ("a little {}", 0.5), ("a touch {}", 0.4),
    ("somewhat {}", 0.6), ("subtly {}", 0.4), ("very {}", 1.4), ("really {}", 1.3),
    ("extremely {}", 1.7), ("super {}", 1.5), ("much more {}", 1.4), ("incredibly {}", 1.6),
    ("a slightly {} sound", 0.45), ("a very {} sound", 1.4), ("make it a bit {}", 0.5),
    ("make it very {}", 1.4), ("this sound is very {}", 1.4), ("this sound is slightly {}", 0.45),
    ("way too {}", 1.6), ("quite {}", 1.0), ("more {}", 1.0),
)  # fmt: skip
WITHOUT_ROOM = (
    "{} but not {}", "{}, not {}", "{} and not {}", "{} with no reverb", "{} without reverb",
    "{} but dry", "dry and {}", "{}, no echo", "{} without any room",
)  # fmt: skip
JOINED = ("{} and {}", "{}, {}", "{} but {}", "{} yet {}", "{} with {}")
_NO_SECOND_NEGATION = (
    "not ", "less ", "no ", "cut ", "remove ", "reduce ", "without ", "un", "de-"
)  # fmt: skip


@dataclass(frozen=True)
class Phrase:
    """A text, what it asks for, and how much to trust that (0..1).

    Attributes:
        sources: Indices of the lexicon lines behind it.
        kind: ``plain``, ``sentence``, ``negation``, ``strength`` or ``pair``; ``people`` for a
            word that only people have, which is remembered and not trained on.
    """

    text: str
    intent: Intent
    weight: float
    sources: tuple[int, ...]
    kind: str


def draw_phrases(lines: Sequence[Line], seed: int, pairs: int) -> list[Phrase]:
    """Every lexicon text plainly, and a random choice of sentences around it.

    The choice around a text depends on the seed and on that text alone: a lexicon that has grown
    leaves the phrases of its old texts, and their stored features, as they were.

    Args:
        lines: The lexicon.
        seed: Where chance starts.
        pairs: How many joined phrases.
    """
    found: list[Phrase] = []
    adjectives: list[tuple[int, str]] = []
    for index, line in enumerate(lines):
        for text in line.texts:
            found.append(Phrase(text, line.intent, line.confidence, (index,), "plain"))
            short = len(text.split()) <= 2
            if short:
                adjectives.append((index, text))
            found += _around(index, line, text, short, _generator(seed, text))
    adjectives.sort(key=lambda pair: zlib.crc32(pair[1].encode()))
    for number in range(min(pairs, 4 * len(adjectives))):
        i, a = adjectives[number % len(adjectives)]
        rng = _generator(seed + 1 + number // len(adjectives), a)
        j, b = adjectives[int(rng.random() * len(adjectives))]
        found.append(_pair(lines, i, a, j, b, rng))
    rooms = [(i, text) for i, text in adjectives if lines[i].intent.space == "room"]
    for number in range(pairs // 6 if rooms else 0):
        i, a = adjectives[(7 * number) % len(adjectives)]
        rng = _generator(seed + 101, a)
        j, b = rooms[int(rng.random() * len(rooms))]
        text = str(rng.choice(WITHOUT_ROOM)).format(a, b)
        intent = replace(lines[i].intent, space="dry", wet=0.02, t60_s=0.1)
        found.append(Phrase(text, intent, 0.8 * lines[i].confidence, (i, j), "pair"))
    return found


def _generator(seed: int, text: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(text.encode())])


def _around(
    index: int, line: Line, text: str, short: bool, rng: np.random.Generator
) -> list[Phrase]:
    found = []
    weight = line.confidence
    for template in rng.choice(PLAIN, 1, replace=False):
        sentence = str(template).format(text)
        found.append(Phrase(sentence, line.intent, weight, (index,), "sentence"))
    found.append(Phrase(f"this sound is {text}", line.intent, weight, (index,), "sentence"))
    if not short:
        return found
    if not text.startswith(_NO_SECOND_NEGATION):
        for k in rng.choice(len(NEGATED), 1 + int(rng.random() < 0.4), replace=False):
            template, amount = NEGATED[int(k)]
            opposite = line.intent.opposite(amount)
            found.append(
                Phrase(template.format(text), opposite, 0.8 * weight, (index,), "negation")
            )
    for k in rng.choice(len(STRENGTH), 1, replace=False):
        template, amount = STRENGTH[int(k)]
        scaled = line.intent.scaled(amount)
        found.append(Phrase(template.format(text), scaled, weight, (index,), "strength"))
    return found


def _pair(
    lines: Sequence[Line], i: int, a: str, j: int, b: str, rng: np.random.Generator
) -> Phrase:
    first, second = lines[i].intent, lines[j].intent
    weight = 0.8 * min(lines[i].confidence, lines[j].confidence)
    if rng.random() < 0.25 and not b.startswith(_NO_SECOND_NEGATION):
        text = str(rng.choice(("{} but not {}", "{} and not {}", "{}, not {}", "{} but less {}")))
        second = second.opposite(0.5)
        return Phrase(text.format(a, b), first.joined(second, 0.4), weight, (i, j), "pair")
    text = str(rng.choice(JOINED)).format(a, b)
    if rng.random() < 0.3:
        text = str(rng.choice(PLAIN)).format(text)
    return Phrase(text, first.joined(second), weight, (i, j), "pair")
