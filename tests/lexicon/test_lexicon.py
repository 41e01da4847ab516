"""Looking up, completing, neighbours and opposites."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from text2fx_studio.lexicon import Lexicon, load_lexicon
from text2fx_studio.lexicon.load import _load, lexicon_folder


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon()


@pytest.mark.parametrize("text", ["lo-fi", "Lo-Fi", "  LO   FI ", "lo fi!", "“lo-fi”"])
def test_lookup_ignores_case_space_and_punctuation(lexicon: Lexicon, text: str) -> None:
    entry = lexicon.lookup(text)
    assert entry is not None
    assert "lo-fi" in entry.texts


@pytest.mark.parametrize("text", ["", "  ", "!?", "qwertyuiop", "warm qwertyuiop"])
def test_lookup_of_the_unknown_is_none(lexicon: Lexicon, text: str) -> None:
    assert lexicon.lookup(text) is None


def test_every_text_leads_to_its_entry(lexicon: Lexicon) -> None:
    assert all(lexicon.lookup(text) is entry for text, entry in lexicon.texts())
    assert all(lexicon[entry.id] is entry for entry in lexicon.entries)
    assert "warm" in lexicon
    assert "no such id" not in lexicon


def test_complete_puts_texts_that_start_so_first(lexicon: Lexicon) -> None:
    found = lexicon.complete("brigh", limit=5)
    assert found[0] == "bright"
    assert len(found) == 5
    assert all(text.casefold().startswith("brigh") for text in found)


def test_complete_goes_on_to_later_words(lexicon: Lexicon) -> None:
    found = lexicon.complete("cathedral", limit=50)
    assert found[0] == "cathedral"
    assert "in a cathedral" in found


@pytest.mark.parametrize(("prefix", "limit"), [("", 5), ("  ", 5), ("warm", 0), ("zzzz", 5)])
def test_complete_may_find_nothing(lexicon: Lexicon, prefix: str, limit: int) -> None:
    assert lexicon.complete(prefix, limit) == []


@pytest.mark.parametrize(
    ("typed", "meant"), [("britght", "bright"), ("mufled", "muffled"), ("cathederal", "cathedral")]
)
def test_near_forgives_spelling(lexicon: Lexicon, typed: str, meant: str) -> None:
    text, entry, score = lexicon.near(typed, limit=3)[0]
    assert text == meant
    assert meant in entry.texts
    assert 0.6 <= score <= 1.0


def test_near_gives_each_entry_once_and_keeps_the_limit(lexicon: Lexicon) -> None:
    found = lexicon.near("warm", limit=7)
    assert found[0][0] == "warm"
    assert found[0][2] == 1.0
    assert len({entry.id for _, entry, _ in found}) == len(found) == 7
    assert [score for *_, score in found] == sorted((s for *_, s in found), reverse=True)


def test_near_follows_an_embedding(lexicon: Lexicon) -> None:
    def embed(texts: Sequence[str]) -> NDArray[np.float64]:
        same = ("toastier than toast", "dark")
        return np.array([[1.0, 0.0] if t in same else [0.1, 1.0] for t in texts])

    text, _, score = lexicon.near("toastier than toast", limit=1, embed=embed)[0]
    assert text == "dark"
    assert score == pytest.approx(1.0)


def test_antonym_pairs_come_once(lexicon: Lexicon) -> None:
    pairs = [frozenset((a.id, b.id)) for a, b in lexicon.antonym_pairs()]
    assert len(set(pairs)) == len(pairs)
    assert frozenset(("bright", "dark")) in pairs
    assert frozenset(("dry", "wet")) in pairs


@pytest.mark.alone
def test_loading_is_quick_and_done_once() -> None:
    ratios = []
    for _ in range(3):
        start = time.process_time()
        for file in lexicon_folder().glob("*.jsonl"):
            for line in file.read_text(encoding="utf-8").splitlines():
                json.loads(line)
        bare = time.process_time() - start
        _load.cache_clear()
        start = time.process_time()
        first = load_lexicon()
        ratios.append((time.process_time() - start) / bare)
        assert load_lexicon() is first
    # About five times the bare reading, side by side as machines differ: 0.1 s on a desktop.
    assert min(ratios) < 8.0


def test_package_does_not_load_torch_or_scipy() -> None:
    code = (
        "import sys; from text2fx_studio.lexicon import load_lexicon; load_lexicon();"
        "from text2fx_studio.lexicon.curve import intent_curve_db;"
        "sys.exit(bool({'torch', 'scipy', 'jsonschema'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
