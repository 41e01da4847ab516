"""``text2fx lexicon``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from text2fx_studio.cli.main import main


def test_show_draws_the_bands_and_names_the_opposite(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lexicon", "show", "Bright!"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("bright  (timbre)")
    assert "8000 Hz" in out
    assert "opposite: dark" in out


def test_show_as_json_is_the_entry(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lexicon", "show", "telephone", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["high_pass_hz"], data["low_pass_hz"]) == (300.0, 3400.0)
    assert len(data["gains_db"]) == 8


def test_show_of_an_unknown_text_suggests(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lexicon", "show", "britght"]) == 2
    assert '"bright"' in capsys.readouterr().err


def test_show_of_an_unknown_word_says_by_which_words_it_is_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["lexicon", "show", "coruscating"]) == 2
    assert '"glittering"' in capsys.readouterr().err


def test_near_lists_nearest_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lexicon", "near", "mufled", "--limit", "2", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["near"]
    assert rows[0]["text"] == "muffled"
    assert len(rows) == 2


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_near_refuses_a_bad_limit(limit: str) -> None:
    assert main(["lexicon", "near", "warm", f"--limit={limit}"]) == 2


def test_near_of_nothing_like_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lexicon", "near", "zzzzqqqq"]) == 2
    assert "zzzzqqqq" in capsys.readouterr().err


def test_validate_says_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lexicon", "validate"]) == 0
    assert "valid" in capsys.readouterr().out


def test_validate_returns_1_for_bad_data(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "bad.jsonl").write_text("{}\n", "utf-8")
    assert main(["lexicon", "validate", str(tmp_path), "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["valid"] is False
    assert data["problems"][0]["place"].endswith("bad.jsonl:1")


def test_stats_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lexicon", "stats", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert sum(row["texts"] for row in data["categories"].values()) == data["texts"] >= 35_000
    assert sum(row["entries"] for row in data["categories"].values()) == data["entries"]
    assert data["single_words"] >= 14_000
