"""What the benchmarks measure is what happened to the sound."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.render import render_array
from dsp.reverb import Reverb
from text2fx_studio.benchmark import sound_measures as measures

RATE = 44_100
NOISE = (0.1 * np.random.default_rng(0).standard_normal((1, RATE))).astype(np.float32)


def test_measures_follow_the_equalizer() -> None:
    before = measures.measure(NOISE, RATE)
    treble = Chain((Equalizer({"high_shelf_gain_db": 9.0}),))
    after = measures.measure(render_array(NOISE, RATE, treble), RATE, NOISE.shape[1])
    assert measures.check_change("centroid", "up", before, after)
    assert measures.check_change("high", "up", before, after)
    assert not measures.check_change("high", "down", before, after)
    assert not measures.check_change("centroid", "up", before, before)
    assert before["space"] == measures.NO_ENERGY_DB


def test_room_is_measured_as_energy() -> None:
    chain = Chain((Equalizer(), Reverb({"wet_db": -6.0, "t60_s": 1.5})))
    rendered = render_array(NOISE, RATE, chain, tail=True)
    assert measures.room_db(NOISE, RATE, chain, rendered) == pytest.approx(-6.0, abs=3.0)
    assert measures.room_db(NOISE, RATE, Chain((Reverb(),)), NOISE) == measures.NO_ENERGY_DB
    after = {"space": -6.0}
    assert measures.check_change("space", "room", after, after)
    assert not measures.check_change("space", "none", after, after)


def test_an_empty_band_is_not_asked_about() -> None:
    silent = {"high": -80.0}
    assert measures.check_change("high", "up", silent, {"high": -70.0}) is None


@pytest.mark.parametrize("slope", [-4.5, 0.0, 3.0])
def test_tilt_is_the_slope_that_was_given(slope: float) -> None:
    frequency = np.fft.rfftfreq(RATE, 1 / RATE)
    octave = np.log2(np.maximum(frequency, 20.0) / 1000.0)
    noise = np.random.default_rng(1).standard_normal(RATE)
    # Pink noise is level per third octave: from there the slope is the tilt.
    size = 10 ** (slope * octave / 20) / np.sqrt(np.maximum(frequency, 20.0))
    sound = np.fft.irfft(np.fft.rfft(noise) * size, RATE)[None].astype(np.float32)
    levels = measures.third_octaves_db(sound, RATE)
    used = measures.filled_bands(levels)
    assert measures.tilt_db_per_octave(levels, used) == pytest.approx(slope, abs=0.25)
    quieter = measures.third_octaves_db(0.1 * sound, RATE)
    assert measures.tilt_db_per_octave(quieter, used) == pytest.approx(
        measures.tilt_db_per_octave(levels, used), abs=1e-3
    )
