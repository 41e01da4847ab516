"""The lexicon corrected by people: who is moved, how far, and what stays."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from text2fx_studio.encoders.settings import GAIN_CENTERS_HZ
from text2fx_studio.training.intents import Intent, Line
from text2fx_studio.training.people import PeopleWord
from text2fx_studio.training.people_map import PeopleMap, shape_of
from text2fx_studio.training.people_meanings import LEAST_AGREEMENT, people_meanings

FREQUENCIES = np.geomspace(20.0, 19_682.0, 40)
TREBLE = tuple(np.linspace(-6.0, 6.0, 8))
BASS = tuple(np.linspace(6.0, -6.0, 8))
CENTERS = np.array(GAIN_CENTERS_HZ)


def embed(texts: Sequence[str]) -> np.ndarray:
    """A stand-in: every text its own random direction, the same at every call."""
    rows = [np.random.default_rng(zlib.crc32(t.encode())).normal(size=24) for t in texts]
    return np.stack([row / np.linalg.norm(row) for row in rows])


def people(word: str, slope: float, count: int = 8) -> PeopleWord:
    curve = slope * np.linspace(-1.0, 1.0, 40)
    return PeopleWord(word, count, curve - curve.mean())


def line(text: str, gains: tuple[float, ...], tag: str, **more: float) -> Line:
    return Line(text, (text, f"a {text} voice"), Intent(gains, **more), 0.9, (tag,))


def shape(meanings: Mapping[str, Intent], text: str) -> np.ndarray:
    return shape_of(meanings[text].curve_db(CENTERS))


# In this village everyone draws the opposite of what the book says.
WORDS = [f"word{i}" for i in range(30)]
BOOK = [line(w, TREBLE if i % 2 else BASS, "emotion") for i, w in enumerate(WORDS)]
TAUGHT = [people(w, -1.0 if i % 2 else 1.0) for i, w in enumerate(WORDS)]


def test_the_map_learns_what_people_make_of_the_lexicon() -> None:
    meanings = {w: entry.intent for w, entry in zip(WORDS, BOOK, strict=True)}
    fitted = PeopleMap.fit(FREQUENCIES, TAUGHT, meanings, embed)
    (drawn,) = fitted.shapes(["unheard"], [Intent(TREBLE)])
    assert drawn[0] > 0.5 > -0.5 > drawn[-1]
    assert np.mean(drawn**2) == pytest.approx(1.0)


def test_words_of_mood_go_peoples_way_and_keep_their_depth() -> None:
    found = people_meanings([*BOOK, line("eerie", TREBLE, "emotion")], FREQUENCIES, TAUGHT, embed)
    assert shape(found, "eerie") @ shape_of(np.array(BASS)) > 0
    assert np.std(found["eerie"].gains_db) == pytest.approx(np.std(TREBLE), rel=0.05)


def test_words_of_timbre_never_turn_against_the_lexicon() -> None:
    found = people_meanings([*BOOK, line("crisp", TREBLE, "timbre")], FREQUENCIES, TAUGHT, embed)
    agreement = float(np.mean(shape(found, "crisp") * shape_of(np.array(TREBLE))))
    assert agreement >= LEAST_AGREEMENT - 0.02


@pytest.mark.parametrize(
    "entry",
    [
        line("canyon", TREBLE, "place"),
        line("phone", TREBLE, "emotion", low_pass_hz=3000.0),
    ],
    ids=["a place", "a filter"],
)
def test_others_stay_as_they_are(entry: Line) -> None:
    found = people_meanings([*BOOK, entry], FREQUENCIES, TAUGHT, embed)
    assert not found.keys() & set(entry.texts)


def test_longer_texts_keep_the_lexicons_meaning() -> None:
    found = people_meanings([*BOOK, line("eerie", TREBLE, "emotion")], FREQUENCIES, TAUGHT, embed)
    assert not [text for text in found if " " in text]


def test_words_that_only_people_know_are_added() -> None:
    found = people_meanings(BOOK, FREQUENCIES, [*TAUGHT, people("zingy", 1.0, 30)], embed)
    assert float(np.mean(shape(found, "zingy") * shape_of(np.array(TREBLE)))) > 0.7


def test_without_people_nothing_changes() -> None:
    assert people_meanings(BOOK, FREQUENCIES, [], embed) == {}
