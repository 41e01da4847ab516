"""The prompts: their form, and that those marked unseen are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from text2fx_studio.benchmark import antonyms, prompts
from text2fx_studio.benchmark.sound_measures import BANDS_HZ


def test_prompts_are_well_formed() -> None:
    data = json.loads(prompts.PROMPTS.read_text("utf-8"))
    assert tuple(data["kinds"]) == prompts.KINDS
    rows = data["prompts"]
    assert len(rows) >= 120
    assert len({row["prompt"].lower() for row in rows}) == len(rows)
    allowed = {"centroid", "space", *BANDS_HZ}
    for row in rows:
        assert set(row) <= {"prompt", "kind", "checks", "unseen", "silent_about_space"}
        assert row["kind"] in prompts.KINDS
        assert row["checks"]
        assert set(row["checks"]) <= allowed
        for check, wanted in row["checks"].items():
            assert wanted in (("room", "none") if check == "space" else ("up", "down"))
        assert not (row.get("silent_about_space") and "space" in row["checks"])


def test_every_kind_is_there_seen_and_unseen() -> None:
    rows = prompts.read_prompts()
    for kind in prompts.KINDS:
        assert {p.unseen for p in rows if p.kind == kind} == {True, False}


def test_at_least_half_share_no_content_word_with_what_training_reads() -> None:
    read = prompts.read_in_training()
    rows = prompts.read_prompts()
    seen = {p.text: prompts.shared_words(p.text, read) for p in rows if p.unseen}
    assert {text: words for text, words in seen.items() if words} == {}
    assert sum(p.unseen for p in rows) >= len(rows) / 2
    assert all(prompts.content_words(p.text) for p in rows if p.unseen)


@pytest.mark.shared
def test_unseen_prompts_share_no_word_with_people(shared: Path) -> None:
    folder = shared / "data" / "socialfx"
    words = {json.loads(line)["word"] for line in _lines(folder / "eq.jsonl")}
    for line in _lines(folder / "reverb.jsonl"):
        words |= set(json.loads(line)["words"])
    read = prompts.read_in_training(words)
    seen = {
        p.text for p in prompts.read_prompts() if p.unseen and prompts.shared_words(p.text, read)
    }
    assert seen == set()


def test_shared_words_are_found_by_their_stems() -> None:
    read = frozenset({"bright", "echo"})
    assert prompts.shared_words("the brightest echoes within", read) == ("brightest",)
    assert prompts.shared_words("behind the wall", read) == ()


def test_a_choice_is_spread_over_the_file() -> None:
    chosen = prompts.choose(12)
    assert len({p.text for p in chosen}) == 12
    assert {p.kind for p in chosen} == set(prompts.KINDS)
    assert prompts.choose(None) == prompts.read_prompts() == prompts.choose(10_000)


def test_opposites_are_well_formed() -> None:
    pairs, degrees = antonyms.read_pairs()
    assert len(pairs) >= 60
    assert len({frozenset((p.first, p.second)) for p in pairs}) == len(pairs)
    assert {p.kind for p in pairs} == {"tone", "space"}
    assert all(p.first != p.second for p in pairs)
    assert len(set(degrees)) == len(degrees) >= 15


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()
