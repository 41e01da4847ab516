"""REAPER's files: the chain read by rpp, the effect run by an interpreter of its language."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import rpp
import soundfile

from dsp.chain import Chain
from tests.export.conftest import one
from tests.export.eel import Effect
from text2fx_studio.export import impulse


def chunk(path):
    return rpp.loads(f"<FXCHAIN\n{path.read_text('utf-8')}>\n")


@pytest.mark.parametrize("rate_hz", [32_000, 48_000])
def test_the_effect_has_the_curve_of_the_app(export, eq_preset, rate_hz):
    source = one(export(eq_preset, "reaper"), ".jsfx").read_text("utf-8")
    effect = Effect(source, rate_hz)
    count = rate_hz // 16
    left = [effect.process(1.0 if n == 0 else 0.0, 0.0) for n in range(count)]
    assert all(right == 0.0 for _, right in left)
    spectrum = np.fft.rfft([value for value, _ in left], 8 * count)
    frequencies = np.fft.rfftfreq(8 * count, 1 / rate_hz)
    inside = (frequencies >= 30) & (frequencies <= min(16_000, 0.49 * rate_hz))
    measured = 20 * np.log10(np.abs(spectrum[inside]))
    wanted = eq_preset.chain.frequency_response_db(frequencies[inside], rate_hz)
    assert np.abs(measured - wanted).max() < 0.01


def test_the_chain_names_the_effect_and_holds_its_sliders(export, eq_preset):
    exported = export(eq_preset, "reaper")
    jsfx = one(exported, ".jsfx")
    root = chunk(one(exported, ".RfxChain"))
    (js,) = root.findall(".//JS")
    assert js.attrib[0] == f"text2fx/{jsfx.name}"
    (values,) = js.children
    sliders = Effect(jsfx.read_text("utf-8"), 48_000).sliders
    assert len(values) == 64
    assert [float(v) for v in values[: len(sliders)]] == list(sliders.values())
    assert set(values[len(sliders) :]) == {"-"}
    assert ["BYPASS", "0", "0", "0"] in root.children


def test_a_neutral_or_bypassed_equalizer_does_nothing(export, eq_preset):
    eq = type(eq_preset.chain.effects[0])
    for chain in (Chain((eq(),)), Chain((eq(eq_preset.chain.effects[0].values, enabled=False),))):
        exported = export(replace(eq_preset, chain=chain), "reaper", overwrite=True)
        effect = Effect(one(exported, ".jsfx").read_text("utf-8"), 48_000)
        sound = [(0.5, -0.25), (0.1, 0.2), (-0.7, 0.0)]
        assert [effect.process(*pair) for pair in sound] == sound


def test_a_room_goes_beside_it(export, full_preset):
    heard, rate_hz = soundfile.read(one(export(full_preset, "reaper"), ".wav"), dtype="float32")
    assert np.array_equal(heard.T, impulse.room(full_preset.chain, rate_hz).astype(np.float32))
