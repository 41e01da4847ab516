"""Bad data: the error names the file, the line and the field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from text2fx_studio.lexicon import Entry, LexiconError, load_lexicon
from text2fx_studio.lexicon.validate import validate_folder

WARM: dict[str, Any] = {
    "id": "warm", "texts": ["warm", "warmth"], "gains_db": [2, 4, 3, 0, -1, -3, -5, -6],
    "high_pass_hz": None, "low_pass_hz": None, "space": None, "drive": 0.1, "dynamics": None,
    "strength": 0.7, "confidence": 0.8, "tags": ["timbre"], "antonym": None,
}  # fmt: skip
COLD = {
    **WARM, "id": "cold", "texts": ["cold"], "gains_db": [-3, -4, -3, 0, 1, 3, 5, 6],
}  # fmt: skip
ROOM = {"t60_s": 1.0, "wet": 0.3, "predelay_ms": 10, "damping": 0.5}


def write(folder: Path, *rows: object) -> Path:
    path = folder / "test.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in WARM.items() if key != name}


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ("{not json", "not valid JSON"),
        ("[1, 2]", "object is needed"),
        (without("gains_db"), "'gains_db' is missing"),
        ({**WARM, "gains_db": [1, 2, 3]}, "gains_db"),
        ({**WARM, "gains_db": ["a"] * 8}, "gains_db"),
        ({**WARM, "texts": []}, "texts"),
        ({**WARM, "texts": "warm"}, "texts"),
        ({**WARM, "strength": float("nan")}, "strength"),
        ({**WARM, "strength": True}, "strength"),
        ({**WARM, "low_pass_hz": "3k"}, "low_pass_hz"),
        ({**WARM, "space": 3}, "space"),
        ({**WARM, "space": {"t60_s": 1.0}}, "'wet' is missing"),
        ({**WARM, "id": 7}, "id"),
        ({**WARM, "tags": [1]}, "tags"),
        ({**WARM, "antonym": 4}, "antonym"),
        ({**WARM, "antonym": "nobody"}, "'nobody'"),
        ({**WARM, "id": "cold"}, "stands already"),
        ({**WARM, "texts": ["Cold!"]}, "stands already"),
    ],
)
def test_loading_names_file_line_and_fault(tmp_path: Path, row: object, names: str) -> None:
    write(tmp_path, COLD, "", row)
    with pytest.raises(LexiconError, match=r"test\.jsonl:3: ") as caught:
        load_lexicon(tmp_path)
    assert names in str(caught.value)


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"no \*\.jsonl"):
        load_lexicon(tmp_path)


def test_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LexiconError, match=r"test\.jsonl"):
        load_lexicon(tmp_path)


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ({**WARM, "gains_db": [30, 0, 0, 0, 0, 0, 0, 0]}, "gains_db.0"),
        ({**WARM, "gains_db": [6] * 8}, "level alone"),
        ({**WARM, "colour": "red"}, "colour"),
        ({**WARM, "id": "Warm Tone"}, "id"),
        ({**WARM, "texts": [" warm"]}, "texts.0"),
        ({**WARM, "texts": ["?!"]}, "neither a letter"),
        ({**WARM, "space": {**ROOM, "t60_s": 20}}, "space"),
        ({**WARM, "space": {**ROOM, "wet": 0.05}}, "means dry"),
        ({**WARM, "high_pass_hz": 3000, "low_pass_hz": 300}, "not below"),
        ({**WARM, "drive": 2}, "drive"),
        ({**WARM, "antonym": "warm"}, "its own opposite"),
        ({**WARM, "antonym": "nobody"}, "'nobody'"),
        ({**WARM, "antonym": "cold"}, "names no antonym"),
        ({**WARM, "texts": ["COLD"]}, "stands already"),
        (without("tags"), "tags"),
    ],
)
def test_validation_names_file_line_and_fault(tmp_path: Path, row: object, names: str) -> None:
    write(tmp_path, COLD, row)
    problems = [str(problem) for problem in validate_folder(tmp_path)]
    assert len(problems) == 1
    assert "test.jsonl:2: " in problems[0]
    assert names in problems[0]


def test_antonym_on_the_same_side_is_a_problem(tmp_path: Path) -> None:
    toasty = {**WARM, "id": "toasty", "texts": ["toasty"], "antonym": "warm"}
    write(tmp_path, {**WARM, "antonym": "toasty"}, toasty)
    messages = [problem.message for problem in validate_folder(tmp_path)]
    assert len(messages) == 2
    assert all("not on the opposite side" in message for message in messages)


def test_good_data_have_no_problems_and_survive_the_round_trip(tmp_path: Path) -> None:
    warm = {**WARM, "antonym": "cold", "space": ROOM, "high_pass_hz": 30}
    write(tmp_path, warm, {**COLD, "antonym": "warm"})
    assert validate_folder(tmp_path) == []
    assert load_lexicon(tmp_path)["warm"].to_data() == warm
    assert Entry.from_data(warm).space is not None
