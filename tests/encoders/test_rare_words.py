"""What books say of a word that nobody taught, and how much of it counts."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.encoders.test_dictionary import written
from text2fx_studio.encoders import load_encoder
from text2fx_studio.encoders.coordinates import CURVE_COUNT
from text2fx_studio.encoders.dictionary import Dictionary
from text2fx_studio.encoders.fxsem import Fxsem
from text2fx_studio.encoders.memory import BESIDE_DOUBT, BESIDE_SHARE, Memory
from text2fx_studio.encoders.rare_words import BROADER, DEFINING, RELATED, Book, Group, RareWords
from text2fx_studio.encoders.thesaurus import Thesaurus


@pytest.fixture
def books(tmp_path: Path) -> RareWords:
    path = tmp_path / "words.txt"
    path.write_text("gleam,flash,shine\n")
    return RareWords(Thesaurus(path), Dictionary(written(tmp_path)))


def test_each_book_says_what_it_knows(books: RareWords) -> None:
    thesaurus, dictionary = books.about("gleam")
    assert thesaurus == (Group(("flash", "shine"), 1.0),)
    assert dictionary == (
        Group(("gleam", "glint"), RELATED),
        Group(("brightness",), BROADER),
        Group(("faint", "light"), DEFINING),
        Group(("gleam",), RELATED / 2),
        Group(("emit",), BROADER / 2),
        Group(("shine", "weakly"), DEFINING / 2),
    )


def test_in_a_phrase_the_thesaurus_alone_is_asked(books: RareWords) -> None:
    assert books.beside("gleam") == ((Group(("flash", "shine"), 1.0),),)


def test_a_word_in_no_book_has_nothing_said_of_it(books: RareWords) -> None:
    assert books.about("xyzzy") == ()
    assert books.about("") == ()


class _Shut(RareWords):
    def about(self, text: str) -> tuple[Book, ...]:
        raise AssertionError(text)

    beside = about


@pytest.fixture(scope="module")
def encoder() -> Fxsem:
    found = load_encoder("fxsem")
    assert isinstance(found, Fxsem)
    return found


def test_what_was_taught_asks_no_book(encoder: Fxsem) -> None:
    asking = Fxsem(encoder.audio_tower, encoder.text_tower, rare_words=_Shut())
    for text in ("warm", "not bright", "old telephone"):
        assert torch.equal(asking.embed_text([text]), encoder.embed_text([text]))
    with pytest.raises(AssertionError, match="coruscating"):
        asking.embed_text(["coruscating"])


def test_a_word_of_the_dictionary_alone_is_read_by_it(encoder: Fxsem, tmp_path: Path) -> None:
    """The same word, once defined by bright words and once by dark ones."""
    empty = tmp_path / "words.txt"
    empty.write_text("nothing,nought\n")
    read = []
    for definition in ("bright shrill piercing glittering", "dark muffled dull gloomy"):
        folder = tmp_path / definition[:4]
        folder.mkdir()
        noun = Dictionary(written(folder, [("zibble", "n", [], definition)]))
        asking = Fxsem(
            encoder.audio_tower, encoder.text_tower, rare_words=RareWords(Thesaurus(empty), noun)
        )
        curve = asking.read_texts(["zibble"])[0][0, :CURVE_COUNT]
        read.append(float(curve[CURVE_COUNT // 2 :].mean() - curve[: CURVE_COUNT // 2].mean()))
    assert read[0] > read[1] + 0.2


def test_words_beside_one_speak_the_more_the_more_they_are() -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.nn.functional.normalize(torch.randn(300, 384, generator=generator), dim=-1)
    names = [f"text {i}" for i in range(300)]
    memory = Memory(384, 2)
    meanings = torch.ones(300, 2)
    meanings[:, 1] = torch.nan
    memory.fill(features, meanings, meanings, names)
    rows = memory.places(["Text 3", "text 4", "unknown", "TEXT 5"])
    assert rows == [3, 4, 5]
    word, guess = features[10:11], torch.zeros(4, 1, 2)
    few = memory.beside(word, [[(rows[:1], 1.0)]], guess)
    more = memory.beside(word, [[(rows, 1.0)]], guess)
    assert few.shape == (4, 1, 2)
    assert float(few[0, 0, 0]) == pytest.approx(BESIDE_SHARE / (1 + BESIDE_DOUBT))
    assert float(more[0, 0, 0]) == pytest.approx(BESIDE_SHARE * 3 / (3 + BESIDE_DOUBT))
    assert float(more[0, 0, 1]) == 0.0  # nothing is said there
    assert torch.equal(memory.beside(word, [], guess), guess)
    assert torch.equal(memory.beside(word, [[([], 1.0)]], guess), guess)


def test_books_say_as_much_as_each_other_and_groups_by_weight_and_number() -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.nn.functional.normalize(torch.randn(300, 384, generator=generator), dim=-1)
    memory = Memory(384, 300)
    memory.fill(features, torch.eye(300), torch.eye(300), [f"text {i}" for i in range(300)])
    books = [[([0], 1.0)], [([1, 2, 3, 4], 0.5), ([5], 1.0), ([], 9.0)]]
    found = memory.beside(features[10:11], books, torch.zeros(1, 300))[0]
    share = BESIDE_SHARE * 4 / (4 + BESIDE_DOUBT)  # one word, four of one half each, one
    assert float(found.sum()) == pytest.approx(share, rel=1e-3)
    assert float(found[0]) == pytest.approx(share / 2, rel=1e-3)
    assert float(found[1:5].sum()) == pytest.approx(share / 4, rel=1e-3)  # 0.5 * sqrt(4) against 1
    assert float(found[5]) == pytest.approx(share / 4, rel=1e-3)
