"""CMA-ES through a real equalizer, with an encoder whose meaning is known."""

from __future__ import annotations

import random

import numpy as np
import pytest

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from tests.plugins.conftest import RATE_HZ, noise, zam
from tests.search.toy_encoder import ToyEncoder
from text2fx_studio.errors import CancelledError, UsageError
from text2fx_studio.plugins import library
from text2fx_studio.plugins.host import PluginHost
from text2fx_studio.plugins.parameter import number_in
from text2fx_studio.plugins.search import search_plugin
from text2fx_studio.search.windows import ArraySource

KEYS = ("boost_cut_l", "boost_cut_h")


@pytest.fixture(scope="module")
def source():
    spectrum = np.fft.rfft(noise(2, 2 * RATE_HZ))
    pink = np.fft.irfft(spectrum / np.sqrt(np.arange(spectrum.shape[-1]) + 50), 2 * RATE_HZ)
    return ArraySource((0.2 * pink / pink.std()).astype(np.float32), RATE_HZ)


def run(source, prompt, keys=KEYS, **options):
    info = library.find(str(zam("ZamEQ2")))
    return search_plugin(
        source, prompt, info, keys, **{"encoder": ToyEncoder(), "device": "cpu", "budget": 40,
        **options}
    )  # fmt: skip


def test_words_move_the_plugin_their_way(source):
    bright, dark = run(source, "bright"), run(source, "dark")
    for found in (bright, dark):
        assert found.accepted
        assert found.score_after >= found.score_before + 0.005
        assert found.score_start == pytest.approx(found.score_before, abs=1e-3)
        assert found.evaluations <= 40
        assert len(found.history) == found.evaluations
        assert found.history[-1] == found.score_after
    tilt = [
        number_in(found.parameters["boost_cut_h"]) - number_in(found.parameters["boost_cut_l"])
        for found in (bright, dark)
    ]
    assert tilt[0] > 3 > -3 > tilt[1]


def test_the_state_found_is_the_one_that_was_heard(source):
    found = run(source, "bright")
    with PluginHost(zam("ZamEQ2")) as host:
        host.restore(found.plugin.state)
        shown = {p.key: p.text for p in host.parameters() if p.key in KEYS}
    assert shown == found.parameters


def test_the_seed_decides_and_no_generator_of_others_is_touched(source):
    np.random.seed(5)  # noqa: NPY002 - that it stays as it is, is what is tested
    random.seed(5)
    before = (np.random.get_state()[1].tolist(), random.getstate())  # noqa: NPY002
    first, second = run(source, "bright", seed=3), run(source, "bright", seed=3)
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before  # noqa: NPY002
    assert first.plugin == second.plugin
    assert first.history == second.history
    assert run(source, "bright", seed=4).history != first.history


def test_one_parameter_and_a_small_budget(source):
    found = run(source, "dark", keys=("boost_cut_h",), budget=9)
    assert found.evaluations == 9
    assert set(found.parameters) == {"boost_cut_h"}


def test_a_plugin_that_helps_no_more_is_left_out(source):
    bright = Chain((Equalizer({"high_shelf_gain_db": 18.0, "low_shelf_gain_db": -18.0}),))
    found = run(source, "plain", base=bright, keys=("master_gain",), budget=6)
    assert not found.accepted
    assert found.plugin is None


def test_before_and_after_the_chain(source):
    chain = Chain((Equalizer({"bell_3_gain_db": 6.0}),))
    for place in ("before", "after"):
        found = run(source, "bright", base=chain, place=place)
        assert found.plugin.place == place
        assert found.score_after > found.score_before


def test_cancelled_at_once(source):
    heard = []
    with pytest.raises(CancelledError):
        run(
            source, "bright", cancel=lambda: len(heard) >= 3,
            on_evaluation=lambda *said: heard.append(said),
        )  # fmt: skip
    assert len(heard) == 3


@pytest.mark.parametrize(
    ("keys", "options", "said"),
    [
        (("nope",), {}, "has no parameter 'nope' to search; it has boost_cut_1"),
        ((), {}, "allowed are 1 to 24"),
        (KEYS, {"budget": 1}, "at least 2"),
    ],
)
def test_refusals(source, keys, options, said):
    with pytest.raises(UsageError, match=said):
        run(source, "bright", keys=keys, **options)
