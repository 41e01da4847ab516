"""The meaning benchmarks measure what they say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.render import render_array
from dsp.reverb import Reverb
from text2fx_studio.benchmark import directions, words
from text2fx_studio.encoders import load_encoder
from text2fx_studio.training.people import PeopleWord, read_people

RATE = 44_100
NOISE = (0.1 * np.random.default_rng(0).standard_normal((1, RATE))).astype(np.float32)
EMPTY = directions.NO_ENERGY_DB


def test_measures_follow_the_equalizer() -> None:
    before = directions.measure(NOISE, RATE)
    treble = Chain((Equalizer({"high_shelf_gain_db": 9.0}),))
    after = directions.measure(render_array(NOISE, RATE, treble), RATE, NOISE.shape[1])
    assert directions.check_change("centroid", "up", before, after)
    assert directions.check_change("high", "up", before, after)
    assert not directions.check_change("high", "down", before, after)
    assert not directions.check_change("centroid", "up", before, before)
    assert before["space"] == EMPTY


def test_room_is_measured_as_energy() -> None:
    chain = Chain((Equalizer(), Reverb({"wet_db": -6.0, "t60_s": 1.5})))
    rendered = render_array(NOISE, RATE, chain, tail=True)
    assert directions.room_db(NOISE, RATE, chain, rendered) == pytest.approx(-6.0, abs=3.0)
    assert directions.room_db(NOISE, RATE, Chain((Reverb(),)), NOISE) == EMPTY
    after = {"space": -6.0}
    assert directions.check_change("space", "room", after, after)
    assert not directions.check_change("space", "none", after, after)


def test_an_empty_band_is_not_asked_about() -> None:
    silent = {"high": -80.0}
    assert directions.check_change("high", "up", silent, {"high": -70.0}) is None


def test_prompts_are_well_formed() -> None:
    rows = json.loads(directions.PROMPTS.read_text("utf-8"))["prompts"]
    assert len(rows) >= 60
    assert len({row["prompt"] for row in rows}) == len(rows)
    assert {row["kind"] for row in rows} == {"concrete", "abstract", "combination", "imagery"}
    allowed = {"centroid", "space", *directions.BANDS_HZ}
    for row in rows:
        assert row["checks"]
        assert set(row["checks"]) <= allowed
        for check, wanted in row["checks"].items():
            assert wanted in (("room", "none") if check == "space" else ("up", "down"))


def test_agreement_is_a_correlation_over_the_band() -> None:
    frequencies = np.geomspace(20, 19_682, 40)
    use = (frequencies >= words.LOW_HZ) & (frequencies <= words.HIGH_HZ)
    rising = np.log2(frequencies)
    word = PeopleWord("bright", 5, rising - rising.mean())
    assert words.agreement(3 * rising + 7, word, use) == pytest.approx(1.0)
    assert words.agreement(-rising, word, use) == pytest.approx(-1.0)
    assert words.agreement(np.zeros(40), word, use) == 0.0


@pytest.mark.slow
@pytest.mark.shared
def test_both_run_on_shared_data(shared: Path) -> None:
    encoder = load_encoder("fxsem")
    found = directions.run(shared, encoder=encoder, clips=1, prompts=2)
    assert found["checks"] >= 2
    assert found["worse_than_dry"] == 0
    assert found["met"]["search"] >= found["met"]["random"]
    agreed = words.run(shared, encoder=encoder, clips=1, least_count=10)
    assert -1 <= agreed["mean_r"]["search"] <= 1
    assert -1 <= agreed["ceiling_split_half_r"] <= 1
    everybody = words.split_half(
        shared,
        [w for w in read_people(shared / "data" / "socialfx")[1] if w.count >= 8],
        np.r_[False, False, np.full(32, True), np.full(6, False)],
        0,
    )
    assert everybody == pytest.approx(0.55, abs=0.15)
