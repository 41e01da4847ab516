"""The float64 path that is drawn and rendered against the torch path that is searched."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp import equalizer, reverb
from dsp.chain import tensor_values
from dsp.equalizer import Equalizer
from tests.dsp.strategies import equalizers, reverbs

RATES = st.sampled_from([8_000, 22_050, 44_100, 48_000, 96_000, 192_000])
FREQUENCIES = np.geomspace(10, 96_000, 300)


@settings(max_examples=60)
@given(equalizers, RATES)
def test_sections_and_curves_are_those_of_the_search(effect, rate):
    ours = equalizer.design(effect.values, rate)
    theirs = equalizer.sections(tensor_values(effect), rate)[0].numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    # A low-pass is zero at half the rate; close to it, both are what rounding leaves.
    frequencies = FREQUENCIES[: np.searchsorted(FREQUENCIES, 0.48 * rate)]
    power = equalizer.section_power(ours, frequencies, rate)
    searched = equalizer.power_response(
        torch.from_numpy(theirs)[None], torch.from_numpy(frequencies), rate
    )[0].numpy()
    np.testing.assert_allclose(10 * np.log10(power), 10 * np.log10(searched), atol=1e-9)


def test_a_batch_is_designed_at_once():
    gains = np.array([-6.0, 0.0, 6.0])
    values = {**Equalizer().values, "bell_3_gain_db": gains, "bell_3_frequency_hz": 1000.0}
    values = {name: np.broadcast_to(value, 3) for name, value in values.items()}
    power = equalizer.section_power(equalizer.design(values, 48_000), [1000.0], 48_000)
    np.testing.assert_allclose(10 * np.log10(power[:, 0]), gains, atol=1e-9)


@settings(max_examples=12)
@given(reverbs, st.sampled_from([8_000, 44_100]))
def test_rooms_are_those_of_the_search(effect, rate):
    short = effect.replace(t60_s=min(effect.values["t60_s"], 1.5))
    ours = reverb.room_response(short.values, rate)
    theirs = reverb.impulse_response(tensor_values(short), rate)[0].numpy()
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9 * max(np.abs(ours).max(), 1e-30))
    np.testing.assert_allclose(
        reverb.decay_times_s(short.values), reverb.band_t60_s(tensor_values(short))[0], rtol=1e-9
    )


@pytest.mark.parametrize("module", ["dsp.chain", "dsp.render", "text2fx_studio.preset_library"])
def test_drawing_and_rendering_load_no_torch(module):
    script = f"""
import sys, numpy as np, {module}
from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from dsp.render import render_array
chain = Chain((Equalizer({{"bell_2_gain_db": 3.0}}), Reverb({{"wet_db": -10.0}})))
chain.frequency_response_db([100.0])
render_array(np.zeros((2, 4800), np.float32), 48_000, chain)
print("torch" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
