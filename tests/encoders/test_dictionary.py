"""The dictionary: senses of words and of their forms, in the format of WordNet's database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from text2fx_studio.encoders.dictionary import MOST_SENSES, Dictionary, Sense, installed_dictionary
from text2fx_studio.errors import EncoderError

PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
Entry = tuple[str, str, Sequence[tuple[str, int]], str]
"""Words with commas, part of speech, pointers (symbol, number of the entry), gloss."""

ENTRIES: tuple[Entry, ...] = (
    ("gleam,glint", "n", [("@", 1)], 'a faint light; "a gleam of hope"'),
    ("brightness", "n", [], "the quality of being bright"),
    ("gleam", "v", [("@", 3)], "shine weakly"),
    ("emit", "v", [], "send out"),
    ("goose", "n", [], "a loud water bird"),
    ("big(p),ice_cold", "a", [("&", 6)], "above the middle in size"),
    ("large", "a", [], "great"),
    ("swim", "v", [], "go through water"),
)


def written(folder: Path, entries: Sequence[Entry] = ENTRIES) -> Path:
    """A database of a few entries, its lines ending as Windows ends them."""
    data = dict.fromkeys(PARTS.values(), "  1 a licence  \n")
    places = []
    for words, part, pointers, gloss in entries:  # numbers have a fixed width: lengths are known
        places.append(len(data[PARTS[part]]))
        blanks = [(symbol, 0, entries[to][1]) for symbol, to in pointers]
        data[PARTS[part]] += _line(0, words.split(","), part, blanks, gloss)
    index: dict[str, dict[str, list[int]]] = {part: {} for part in PARTS.values()}
    data = dict.fromkeys(PARTS.values(), "  1 a licence  \n")
    for (words, part, pointers, gloss), place in zip(entries, places, strict=True):
        to = [(symbol, places[number], entries[number][1]) for symbol, number in pointers]
        data[PARTS[part]] += _line(place, words.split(","), part, to, gloss)
        for word in words.split(","):
            index[PARTS[part]].setdefault(word.partition("(")[0], []).append(place)
    for part, of in (("n", "noun"), ("v", "verb"), ("a", "adj"), ("r", "adv")):
        lines = [
            f"{word} {part} {len(at)} 0 {len(at)} 0 " + " ".join(f"{x:08d}" for x in at) + "  "
            for word, at in sorted(index[of].items())
        ]
        _write(folder / f"index.{of}", "  1 a licence  \n" + "\n".join(lines) + "\n")
        _write(folder / f"data.{of}", data[of])
        _write(folder / f"{of}.exc", "geese goose\n" if of == "noun" else "")
    return folder


def _line(
    place: int, words: list[str], part: str, to: Sequence[tuple[str, int, str]], gloss: str
) -> str:
    named = "".join(f" {word} 0" for word in words)
    pointers = "".join(f" {symbol} {at:08d} {of} 0000" for symbol, at, of in to)
    return f"{place:08d} 00 {part} {len(words):02x}{named} {len(to):03d}{pointers} | {gloss}  \n"


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.replace("\n", "\r\n").encode())


@pytest.fixture
def small(tmp_path: Path) -> Dictionary:
    return Dictionary(written(tmp_path))


def test_a_word_has_its_senses_without_their_examples(small: Dictionary) -> None:
    assert small.senses("gleam") == (
        Sense("a faint light", ("gleam", "glint"), ("brightness",)),
        Sense("shine weakly", ("gleam",), ("emit",)),
    )


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (" Glint ", ("gleam", "glint")),
        ("geese", ("goose",)),
        ("emits", ("emit",)),
        ("swimming", ("swim",)),
        ("larger", ("large",)),
        ("ice cold", ("big", "ice cold", "large")),
    ],
)
def test_forms_are_read_by_the_word(small: Dictionary, form: str, words: tuple[str, ...]) -> None:
    assert [sense.words for sense in small.senses(form)] == [words]


@pytest.mark.parametrize("word", ["", "xyzzy", "gle", "s", "licence", "1", "größe"])
def test_other_words_have_none(small: Dictionary, word: str) -> None:
    assert small.senses(word) == ()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"index\.noun"):
        Dictionary(tmp_path)


def test_the_installed_one_explains_rare_words() -> None:
    dictionary = installed_dictionary()
    (first, *_) = dictionary.senses("avuncular")
    assert "kindness" in first.definition
    assert "snow" in dictionary.senses("sleet")[0].definition
    assert "goose" in dictionary.senses("geese")[0].words
    assert len(dictionary.senses("run")) == MOST_SENSES
    assert dictionary.senses("qwertyish") == ()
