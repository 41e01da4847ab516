"""Batches that search: real words, the bundled encoder, real processes."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from tests.batch.conftest import RATE_HZ, events_of, tree
from tests.forked import forked
from text2fx_studio import load_preset, processes
from text2fx_studio.batch import Settings, make_plan
from text2fx_studio.benchmark.sound_measures import measure


@pytest.fixture(autouse=True)
def _quick_workers(monkeypatch):
    monkeypatch.setattr(processes, "fresh", forked)


@pytest.fixture
def sounds(tmp_path):
    """Recordings of several colours, lengths and rates, a silent one, and one with a NaN."""
    folder = tmp_path / "in"
    for number, (seconds, rate, channels) in enumerate(
        [(1.0, RATE_HZ, 1), (0.4, RATE_HZ, 2), (6.0, RATE_HZ, 1), (2.0, 48_000, 2)]
    ):
        rng = np.random.default_rng(number)
        count = round(seconds * rate)
        spectrum = np.fft.rfft(rng.standard_normal((channels, count)))
        tilt = np.arange(1, spectrum.shape[1] + 1) ** (-0.4 - 0.2 * number)
        sound = np.fft.irfft(spectrum * tilt, count)
        (folder / f"{number % 2}").mkdir(parents=True, exist_ok=True)
        soundfile.write(
            folder / f"{number % 2}" / f"sound {number}.flac",
            (0.2 * sound / np.abs(sound).max()).T, rate,
        )  # fmt: skip
    soundfile.write(folder / "silent.wav", np.zeros(RATE_HZ), RATE_HZ)
    soundfile.write(folder / "short.wav", np.full(400, 0.1), RATE_HZ)
    return folder


def centroid_octaves(path) -> float:
    """Of what can be heard: the energy of some of the noises lies below 20 Hz."""
    sound, rate = soundfile.read(path, always_2d=True)
    return measure(np.ascontiguousarray(sound.T), rate)["centroid"]


@pytest.mark.slow
def test_every_file_gets_its_own_setting_and_no_file_depends_on_another(sounds, tmp_path):
    table = tmp_path / "prompts.csv"
    table.write_text("file,prompt,scene\n0/*,bright,attic\n*,dark,cellar\n")
    plan = make_plan(sounds, tmp_path / "out", Settings(), prompts=table)
    found = events_of(plan, jobs=1)
    assert {e.file: e.reason.partition(": ")[2][:10] for e in found["failed"]} == {
        "silent.wav": "is silent ", "short.wav": "found 0.00",
    }  # fmt: skip
    assert len(found["done"]) == 4
    for event in found["done"]:
        assert event.accepted
        assert event.score_wet > event.score_dry
        preset = load_preset(tmp_path / "out" / event.preset)
        assert (preset.score_dry, preset.score_wet) == (event.score_dry, event.score_wet)
        assert preset.weights_hash == event.details["weights_sha256"]
        after = centroid_octaves(tmp_path / "out" / event.output)
        brighter = after > centroid_octaves(sounds / event.file)
        assert brighter == (preset.prompt == "bright")
        assert event.details["columns"]["scene"] == ("attic" if brighter else "cellar")
    # Some of the files, in two processes: the same bits.
    fewer = replace(plan, output_folder=tmp_path / "fewer", units=plan.units[1:3] + plan.units[-1:])
    events_of(fewer, jobs=2)
    whole, part = tree(tmp_path / "out"), tree(tmp_path / "fewer")
    assert len(part) == 4
    assert part == {name: whole[name] for name in part}
    resumed = events_of(plan, jobs=1, resume=True)
    assert "running" not in resumed
    assert resumed["finished"][0].failed == 2


@pytest.mark.slow
def test_a_pack_shares_one_setting_that_is_kept_when_files_come(sounds, tmp_path, inline):
    out = tmp_path / "out"
    settings = Settings(prompt="warm", amount=0.5)
    found = events_of(make_plan(sounds, out, settings, mode="shared"))
    assert len(found["done"]) == 6, "what is too short or silent to be heard gets it all the same"
    (shared,) = out.glob("shared-*.t2fx.json")
    setting = load_preset(shared)
    assert (setting.prompt, setting.amount, setting.accepted) == ("warm", 0.5, True)
    for event in found["done"]:
        assert load_preset(out / event.preset).chain == setting.chain
    scored = [e for e in found["done"] if e.score_wet is not None]
    assert len(scored) == 4
    assert np.mean([e.score_wet - e.score_dry for e in scored]) > 0
    line = json.loads((out / "batch.jsonl").read_text().splitlines()[0])
    assert line["preset"] == shared.name
    assert len(line["found_on"]) == 4

    (sounds / "new.flac").write_bytes((sounds / "0" / "sound 0.flac").read_bytes())
    before = shared.read_bytes()
    again = events_of(make_plan(sounds, out, settings, mode="shared"), resume=True)
    assert [e.file for e in again["running"]] == ["new.flac"]
    assert shared.read_bytes() == before
