"""The lexicon's single words as people use them: meanings corrected by the people map.

They hold for the words themselves. What lies around them, words that nobody taught and everything
longer than a word, is read by the lexicon: there, what people draw for its neighbours says little.

Which words, and how far, is decided per kind of word (``SHARE``), by leaving words out: words of
mood go people's way, words of timbre most of the way but never against the lexicon. Words of force
("soft", "hard") say how one plays and not which bands; there people alone decide. All others
(places, devices, materials, technical words) and everything longer than a word stay as they are.
Words with a filter in their meaning stay too: their shape is not one that people could draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.encoders.settings import GAIN_CENTERS_HZ
from text2fx_studio.training.intents import Intent, Line
from text2fx_studio.training.people import PeopleWord
from text2fx_studio.training.people_map import Embed, PeopleMap, centers_of, shape_of

Vector = NDArray[np.float64]

SHARE: Mapping[str, float] = {
    "timbre": 0.75, "emotion": 1.0, "quality": 1.0, "everyday": 1.0, "visual": 0.8, "taste": 0.8,
    "touch_motion": 0.5,
}  # fmt: skip
FORCE = frozenset(
    ("soft", "hard", "quiet", "loud", "gentle", "strong", "weak", "powerful", "mild", "tender")
)
LEAST_AGREEMENT = 0.7  # r with the lexicon that a word of timbre keeps
DEPTH_DB = 3.0  # rms of a word whose lexicon meaning is flat or unknown
SHALLOW_DB = 1.0
_CENTERS = np.array(GAIN_CENTERS_HZ)


def people_meanings(
    lines: Sequence[Line],
    frequencies_hz: Vector,
    taught: Sequence[PeopleWord],
    embed: Embed,
) -> dict[str, Intent]:
    """Single words of the lexicon that people use otherwise, and people's other words.

    Args:
        lines: The lexicon.
        frequencies_hz: Of people's curves.
        taught: People's words that may be learned from.
        embed: Sentence embeddings, see :class:`PeopleMap`.

    Returns:
        By text, as the lexicon writes it; texts that are not in it are not among the lexicon's.
    """
    if not taught:
        return {}
    meanings: dict[str, Intent] = {}
    for line in lines:
        for text in line.texts:
            meanings.setdefault(text.lower(), line.intent)
    people = PeopleMap.fit(frequencies_hz, taught, meanings, embed)
    settings = {w.word: w for w in taught}
    found: dict[str, Intent] = {}
    for line in lines:
        single = [t for t in line.texts if _may_change(t, line, settings)]
        found |= _corrected(line, single, people, frequencies_hz, settings)
    flat = Intent((0.0,) * len(GAIN_CENTERS_HZ))
    for word in (w.word for w in taught if w.word not in meanings):
        line = Line(f"people-{word}", (word,), flat, 0.0, ("everyday",))
        found |= _corrected(line, [word], people, frequencies_hz, settings)
    return found


def _may_change(text: str, line: Line, settings: Mapping[str, PeopleWord]) -> bool:
    intent = line.intent
    if " " in text or intent.high_pass_hz or intent.low_pass_hz:
        return False
    return _share(line.tags) > 0 or text.lower() in settings


def _share(tags: Iterable[str]) -> float:
    return max((SHARE.get(tag, 0.0) for tag in tags), default=0.0)


def _corrected(
    line: Line,
    texts: Sequence[str],
    people: PeopleMap,
    frequencies_hz: Vector,
    settings: Mapping[str, PeopleWord],
) -> dict[str, Intent]:
    if not texts:
        return {}
    own = shape_of(line.intent.curve_db(_CENTERS))
    known = bool(own.any())
    guesses = people.shapes(texts, [line.intent if known else None] * len(texts))
    share = _share(line.tags) if known else 1.0
    depth_db = float(np.std(line.intent.curve_db(_CENTERS)))
    if depth_db < SHALLOW_DB:
        depth_db = DEPTH_DB
    found = {}
    for text, guess in zip(texts, guesses, strict=True):
        word = settings.get(text.lower())
        force = text.lower() in FORCE
        toward = guess
        if word is not None:
            toward = _blend(guess, centers_of(frequencies_hz, word.curve), word.trust)
        keep = 1.0 if force else share if word is None else max(share, word.trust)
        if "timbre" in line.tags and not force:
            while keep > 0.05 and _agreement(_blend(own, toward, keep), own) < LEAST_AGREEMENT:
                keep -= 0.05
        shape = _blend(own, toward, keep)
        gains = tuple(float(g) for g in (depth_db * shape).clip(-12.0, 12.0))
        found[text] = replace(line.intent, gains_db=gains)
    return found


def _blend(a: Vector, b: Vector, share: float) -> Vector:
    mixed = (1.0 - share) * a + share * b
    size = float(np.sqrt(np.mean(mixed**2)))
    return np.asarray(mixed / size if size > 1e-9 else mixed)


def _agreement(a: Vector, b: Vector) -> float:
    return float(np.mean(a * b))
