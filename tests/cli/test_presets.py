"""``text2fx presets``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from tests.cli.conftest import Run
from text2fx_studio import Preset, load_preset, save_preset
from text2fx_studio.preset_format import preset_schema
from text2fx_studio.preset_library import factory_folder, library, user_folder

FACTORY = sorted(factory_folder().glob("*.t2fx.json"))


@pytest.mark.parametrize("path", FACTORY, ids=lambda p: p.name.split(".")[0])
def test_factory_presets_do_something_safe(path: Path) -> None:
    preset = load_preset(path)
    assert preset.tags
    assert preset.description.endswith(".")
    assert not preset.chain.is_neutral()
    response = preset.chain.frequency_response_db([63, 125, 250, 500, 1000, 2000, 4000, 8000])
    assert response.max() < 12
    assert preset.chain.tail_s() < 12


def test_factory_presets_do_what_they_are_called() -> None:
    def response(slug: str, *frequencies_hz: float) -> list[float]:
        preset = load_preset(factory_folder() / f"{slug}.t2fx.json")
        return [float(g) for g in preset.chain.frequency_response_db(frequencies_hz)]

    low, middle, high = response("telephone", 100, 1500, 8000)
    assert low < -15 < 0 < middle
    assert high < -12
    low, high = response("air", 200, 14_000)
    assert high - low > 3
    mud, voice = response("de-mud", 280, 3000)
    assert mud < -3
    assert voice > 0
    bass, treble = response("muffled-next-door", 80, 4000)
    assert bass - treble > 30
    tails = [
        load_preset(factory_folder() / f"{slug}.t2fx.json").chain.tail_s()
        for slug in ("small-room", "concert-hall", "cathedral")
    ]
    assert tails == sorted(tails)
    assert tails[0] < 1
    assert tails[2] > 5


def test_lists_factory_and_own_presets(text2fx: Run) -> None:
    folder = user_folder()
    folder.mkdir(parents=True)
    save_preset(
        Preset(Chain.parse("eq"), "Mine", tags=("voice",)), folder / "my-own.t2fx.json"
    )  # fmt: skip
    (folder / "broken.t2fx.json").write_text("{")
    done = text2fx("presets", "list")
    assert (done.code, done.err) == (0, "")
    assert len(FACTORY) >= 16
    for path in FACTORY:
        assert path.name.split(".")[0] in done.out
    assert "my-own" in done.out
    assert "(yours)" in done.out
    assert "not valid" in done.out
    rows = text2fx("presets", "list", "--tag", "Voice", "--json").data["presets"]
    assert "my-own" in {row["preset"] for row in rows}
    assert all("voice" in row["tags"] for row in rows)
    assert "No preset" in text2fx("presets", "list", "--tag", "zzz").out


def test_own_presets_hide_factory_presets_of_the_same_name(text2fx: Run) -> None:
    folder = user_folder()
    folder.mkdir(parents=True)
    save_preset(Preset(Chain.parse("eq"), "My air"), folder / "air.t2fx.json")
    assert "My air" in text2fx("presets", "show", "air").out


def test_the_user_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXT2FX_PRESETS", str(tmp_path))
    assert user_folder() == tmp_path
    save_preset(Preset(Chain.parse("eq"), "x"), tmp_path / "x.t2fx.json")
    assert [entry.slug for entry in library() if entry.origin == "user"] == ["x"]


def test_shows_a_preset_in_words(text2fx: Run, tmp_path: Path) -> None:
    path = tmp_path / "p.t2fx.json"
    equalizer = Equalizer(
        {"low_shelf_gain_db": 3.0, "bell_5_gain_db": -2.5, "bell_5_frequency_hz": 3150.0}
    )
    preset = Preset(
        Chain((equalizer,)), "Warm", prompt="warm", loss="cosine", space="full", seed=4,
        amount=1.0, encoder="fxsem-1", score_dry=0.1, score_wet=0.25, tags=("a", "b"),
    )  # fmt: skip
    save_preset(preset, path)
    said = text2fx("presets", "show", path).out
    for words in (
        "Low shelf +3.0 dB below 100 Hz", "Bell -2.5 dB at 3.1 kHz", '"warm"', "seed 4",
        "Match 0.100 -> 0.250 (+0.150)", "a, b",
    ):  # fmt: skip
        assert words in said
    assert text2fx("presets", "show", path, "--json").data == preset.to_data()


def test_shows_rooms_and_neutral_presets(text2fx: Run, tmp_path: Path) -> None:
    said = text2fx("presets", "show", "cathedral").out
    assert "a cathedral" in said
    assert "decay 5.2 s" in said
    save_preset(Preset(Chain.parse("eq"), "Flat"), tmp_path / "p.t2fx.json")
    assert "Nothing is changed" in text2fx("presets", "show", tmp_path / "p.t2fx.json").out


def test_validate_names_each_file_and_fails_if_any_is_bad(text2fx: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.t2fx.json"
    bad.write_text('{"format": "t2fx", "version": 1, "name": "x", "chain": [], "volume": 11}')
    done = text2fx("presets", "validate", FACTORY[0], bad, tmp_path / "none.t2fx.json")
    assert done.code == 1
    first, second, third = done.out.splitlines()
    assert first == f"{FACTORY[0]}: valid"
    assert str(bad) in second
    assert "'volume'" in second
    assert "no such file" in third
    assert text2fx("presets", "validate", *FACTORY).code == 0
    data = text2fx("presets", "validate", FACTORY[0], bad, "--json").data
    assert data["valid"] is False
    assert [row["valid"] for row in data["files"]] == [True, False]


def test_prints_the_schema(text2fx: Run) -> None:
    assert json.loads(text2fx("presets", "schema").out) == preset_schema()


def test_needs_an_action(text2fx: Run) -> None:
    assert text2fx("presets").code == 2
    assert text2fx("presets", "show", "no-such").code == 1
