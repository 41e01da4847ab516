"""Distances in units of length, in the lexicon's words."""

from __future__ import annotations

import pytest

from text2fx_studio.encoders import load_encoder
from text2fx_studio.encoders.distances import BEYOND, PLACES, without_lengths
from text2fx_studio.encoders.proposal import propose
from text2fx_studio.lexicon import load_lexicon


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a few inches away", "very close"),
        ("5cm from my ear", "very close"),
        ("just a few millimetres from your lips", "very close"),
        ("half a metre away from the mic", "very close"),
        ("a voice, 10 m away", "a voice, across the room"),
        ("a voice ten feet from the microphone", "a voice, across the room"),
        ("recorded from 20 yards away, dark", "recorded, far away, dark"),
        ("hundreds of feet away and dull", "far away and dull"),
        ("Bright but inches away", "Bright but very close"),
        ("two kilometers off", "a mile away"),
    ],
)
def test_a_length_is_a_place(text: str, said: str) -> None:
    assert without_lengths(text) == said


@pytest.mark.parametrize(
    "text",
    ["warm", "a foot pedal", "inch by inch", "footsteps away", "smiles from the crowd", "I'm away",
     "a twelve inch single", "the mile", "7 feet tall"],
)  # fmt: skip
def test_other_texts_are_left_alone(text: str) -> None:
    assert without_lengths(text) == text


def test_the_lexicon_has_every_place() -> None:
    lexicon = load_lexicon()
    for place in (*(name for _, name in PLACES), BEYOND):
        assert lexicon.lookup(place) is not None, place


def test_the_nearer_the_drier() -> None:
    encoder = load_encoder("fxsem")
    near, middle, far = (
        propose(encoder, f"a voice {length} away") for length in ("an inch", "20 feet", "200 yards")
    )
    assert near is not None
    assert middle is not None
    assert far is not None
    assert near.wet_db < -24.0 < middle.wet_db
    assert near.t60_s < middle.t60_s < far.t60_s
    assert near.gains_db[-1] > middle.gains_db[-1] > far.gains_db[-1]
