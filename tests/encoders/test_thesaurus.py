"""The thesaurus: what stands beside a word, and what fxsem makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from text2fx_studio.encoders import load_encoder
from text2fx_studio.encoders.coordinates import CURVE_COUNT
from text2fx_studio.encoders.fxsem import Fxsem
from text2fx_studio.encoders.memory import mark_of
from text2fx_studio.encoders.thesaurus import Thesaurus, installed_thesaurus
from text2fx_studio.errors import EncoderError

LIST = "gleam,Flash,glint,shine\r\nmurky,dark,dusky\r\nshine,gleam,short and sweet\r\n"


@pytest.fixture
def small(tmp_path: Path) -> Thesaurus:
    path = tmp_path / "words.txt"
    path.write_bytes(LIST.encode())
    return Thesaurus(path)


@pytest.mark.parametrize(
    ("word", "beside"),
    [
        ("gleam", ("flash", "glint", "shine")),
        (" Gleam ", ("flash", "glint", "shine")),
        ("glint", ("gleam",)),
        ("glinting", ("gleam",)),
        ("murkiness", ("dark", "dusky")),
        ("murkier", ("dark", "dusky")),
        ("shines", ("gleam", "short and sweet")),
        ("short and sweet", ("shine",)),
        ("short", ()),
        ("gle", ()),
        ("gleam,flash", ()),
        ("", ()),
    ],
)
def test_words_beside_a_word(small: Thesaurus, word: str, beside: tuple[str, ...]) -> None:
    assert small.near(word) == beside


@pytest.mark.parametrize(
    ("british", "american"),
    [("sombre", "somber"), ("vigour", "vigor"), ("sabre", "saber"), ("civilised", "civilized"),
     ("mesmerising", "mesmerizing"), ("colour", "color")],
)  # fmt: skip
def test_spellings_are_one(tmp_path: Path, british: str, american: str) -> None:
    path = tmp_path / "words.txt"
    path.write_text(f"{american},near\n")
    assert Thesaurus(path).near(british) == ("near",)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"words\.txt"):
        Thesaurus(tmp_path / "words.txt")


def test_the_installed_list_knows_rare_words() -> None:
    thesaurus = installed_thesaurus()
    assert "gloomy" in thesaurus.near("tenebrous")
    assert "glittering" in thesaurus.near("coruscating")
    assert thesaurus.near("qwertyish") == ()


@pytest.fixture(scope="module")
def encoder() -> Fxsem:
    found = load_encoder("fxsem")
    assert isinstance(found, Fxsem)
    return found


def tilt(encoder: Fxsem, text: str) -> float:
    """Upper half of the curve against the lower one."""
    curve = encoder.read_texts([text])[0][0, :CURVE_COUNT]
    half = CURVE_COUNT // 2
    return float(curve[half:].mean() - curve[:half].mean())


@pytest.mark.parametrize("text", ["tenebrous", "sounds tenebrous", "murksome and tenebrous"])
def test_a_dark_word_that_nobody_taught_is_dark(encoder: Fxsem, text: str) -> None:
    assert tilt(encoder, text) < -0.05


@pytest.mark.parametrize("text", ["coruscating", "it sounds coruscating", "coruscating, glinting"])
def test_a_bright_word_that_nobody_taught_is_bright(encoder: Fxsem, text: str) -> None:
    assert tilt(encoder, text) > 0.05


def test_what_is_not_taught_can_be_taken_away(encoder: Fxsem) -> None:
    assert tilt(encoder, "not coruscating") < -0.05


def test_a_phrase_is_read_by_its_strange_word(encoder: Fxsem) -> None:
    """Of two phrases that differ in one strange word, the one with the bright word is brighter."""
    dark, bright = "a tenebrous voice", "a coruscating voice"
    assert tilt(encoder, bright) - tilt(encoder, dark) > 0.1


def test_a_phrase_is_read_by_a_word_of_it_that_was_taught(encoder: Fxsem) -> None:
    tower = encoder.text_tower
    sentence = encoder.sentences(["zibbled and muffled"])
    alone = tower.read(sentence)
    with_word = tower.within(sentence, "muffled", alone, 0.3)
    assert torch.equal(tower.within(sentence, "zibbled", alone, 0.3), alone)
    lent = tower.within(sentence, "muffled", torch.zeros_like(alone), 1.0)
    said = lent[0, 0, :CURVE_COUNT]
    expected = 0.7 * alone[..., :CURVE_COUNT] + 0.3 * said
    torch.testing.assert_close(with_word[..., :CURVE_COUNT], expected)


def test_marks_do_not_know_case() -> None:
    assert mark_of("Warm") == mark_of("warm") != mark_of("warmer")
