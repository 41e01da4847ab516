"""Real plugins in their own processes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.plugins.conftest import RATE_HZ, ZAM, noise, zam
from text2fx_studio.errors import PluginCrashError, PluginError
from text2fx_studio.plugins.host import PluginHost
from text2fx_studio.plugins.parameter import is_hidden, key_of, number_in
from text2fx_studio.plugins.vstpreset import parse_vstpreset


@pytest.mark.parametrize("name", ZAM)
def test_mono_and_stereo_and_the_state_outlives_the_process(name):
    path = zam(name)
    sounds = [noise(channels, RATE_HZ // 2) for channels in (1, 2)]
    with PluginHost(path) as host:
        moved = {p.key: 0.3 + 0.4 * p.raw for p in host.parameters() if not p.choices}
        host.set_raw(moved)
        state = host.state()
        before = [host.process(sound, RATE_HZ) for sound in sounds]
        texts = {p.key: p.text for p in host.parameters()}
        identifier = host.description["identifier"]
    for sound, out in zip(sounds, before, strict=True):
        assert out.shape == sound.shape
        assert np.isfinite(out).all()
    with PluginHost(path) as fresh:
        fresh.restore(state)
        assert {p.key: p.text for p in fresh.parameters()} == texts
        after = [fresh.process(sound, RATE_HZ) for sound in sounds]
    for one, other in zip(before, after, strict=True):
        if name == "ZamTube":  # it starts from memory that it never set: two runs differ, too
            assert np.abs(one - other).max() < 1e-3
        else:
            assert np.array_equal(one, other)
    assert parse_vstpreset(state, "state").class_id == identifier


def test_values_are_set_exactly_in_the_plugins_own_units(eq):
    eq.set({"frequency_l": 200.0, "boost_cut_l": -7.5, "frequency_1": "1234 Hz", "peaks_on": 1})
    shown = {p.key: p for p in eq.parameters()}
    assert number_in(shown["frequency_l"].text) == 200.0
    assert number_in(shown["boost_cut_l"].text) == -7.5
    assert number_in(shown["frequency_1"].text) == 1234.0
    assert shown["frequency_l"].unit == "Hz"
    assert (shown["frequency_l"].low, shown["frequency_l"].high) == (20.0, 14_000.0)
    with pytest.raises(PluginError, match="allowed is 20 to 14000"):
        eq.set({"frequency_l": 5.0})
    with pytest.raises(PluginError, match="has no parameter 'nope'; it has boost_cut_1"):
        eq.set({"nope": 1.0})
    with pytest.raises(PluginError, match="no value 'loud'"):
        eq.set({"boost_cut_l": "loud"})


def test_the_equalizer_does_what_its_values_say(eq):
    eq.set({"boost_cut_h": 12.0, "frequency_h": 4000.0})
    impulse = np.zeros((2, 8192), dtype=np.float32)
    impulse[:, 100] = 0.5
    heard = eq.process(impulse, RATE_HZ)
    gain_db = 20 * np.log10(np.abs(np.fft.rfft(heard, axis=1)) / 0.5)
    frequencies = np.fft.rfftfreq(8192, 1 / RATE_HZ)
    assert np.abs(gain_db[:, frequencies < 300]).max() < 0.5
    high = gain_db[:, (frequencies > 15_000) & (frequencies < 18_000)]
    assert np.abs(high - 12.0).max() < 1.0
    assert np.array_equal(heard[0], heard[1])


def test_a_sound_in_blocks_is_the_sound_in_one():
    sound = noise(2, 200_000)
    with PluginHost(zam("ZamVerb")) as host:
        whole = host.process(sound, 48_000, tail=True)
        cuts = np.split(sound, [1, 999, 70_000, 70_001, 150_000], axis=1)
        parts = list(host.run(cuts, 48_000, 2, tail=True))
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    assert whole.shape[1] > sound.shape[1]  # the room rings on
    assert np.abs(whole[:, -1]).max() < 1e-4


def test_latency_is_taken_off():
    impulse = np.zeros((2, 6000), dtype=np.float32)
    impulse[:, 3000] = 0.25
    with PluginHost(zam("ZaMaximX2")) as host:
        assert host.description["latency_samples"] > 0
        out = host.process(impulse, RATE_HZ)
    assert out.shape == impulse.shape
    assert int(np.abs(out[0]).argmax()) == 3000


def test_six_channels_through_a_stereo_and_a_mono_plugin(eq):
    sound = noise(6, 4000)
    eq.set({"boost_cut_1": 6.0})
    heard = eq.process(sound, RATE_HZ)
    alone = eq.process(sound[4:5], RATE_HZ)
    assert np.array_equal(heard[4:5], alone)
    with PluginHost(zam("ZamCompX2")) as host:
        assert host.process(sound[:5], RATE_HZ).shape == (5, 4000)


def test_a_foreign_state_is_refused_and_the_plugin_lives_on(eq):
    with PluginHost(zam("ZamVerb")) as other:
        state = other.state()
    with pytest.raises(PluginError, match="not one of this plugin"):
        eq.restore(state)
    with pytest.raises(PluginError):
        eq.restore(b"VST3" + b"\0" * 100)
    assert eq.process(noise(1, 2000), RATE_HZ).shape == (1, 2000)


def test_a_process_that_dies_is_a_message():
    import os
    import signal

    with PluginHost(zam("ZamEQ2")) as host:
        os.kill(host._process._process.pid, signal.SIGSEGV)
        with pytest.raises(PluginCrashError, match="ZamEQ2: crashed"):
            host.process(noise(1, 2000), RATE_HZ)


def test_no_plugin_at_all(tmp_path):
    file = tmp_path / "x.vst3"
    file.write_text("no")
    with pytest.raises(PluginError, match="no plugin that can be loaded"):
        PluginHost(file)


@pytest.mark.parametrize(
    ("text", "number"),
    [("-6.0 dB", -6.0), ("1.2 kHz", 1200.0), ("3,5 ms", 3.5), ("off", None), ("-inf", None)],
)
def test_numbers_in_texts(text, number):
    assert number_in(text) == number


def test_what_is_hidden():
    assert key_of("Boost/Cut 1") == "boost_cut_1"
    assert is_hidden("Buffer Size", automatable=False, steps=32_768)
    assert is_hidden("Gain Reduction", automatable=False, steps=2**31 - 1)
    assert not is_hidden("Room", automatable=False, steps=7)
    assert not is_hidden("Mix", automatable=True, steps=2**31 - 1)


def test_samples_that_are_no_numbers_are_refused(eq, monkeypatch):
    real = eq._process.ask

    def spoil(op, *arrays, **fields):
        reply, out = real(op, *arrays, **fields)
        return reply, [a * np.float32("nan") for a in out] if op == "process" else out

    monkeypatch.setattr(eq._process, "ask", spoil)
    with pytest.raises(PluginError, match="not numbers"):
        eq.process(noise(1, 2000), RATE_HZ)


def test_mutated_states_never_reach_further_than_the_plugins_process():
    import random

    from tests.imports.fuzz import mutate

    rng = random.Random(4)
    path = zam("ZamEQ2")
    with PluginHost(path) as host:
        state = host.state()
    host = PluginHost(path)
    try:
        for _ in range(100):
            try:
                host.restore(mutate(state, rng))
                heard = host.process(noise(1, 1000), RATE_HZ)
                assert np.isfinite(heard).all()
            except PluginCrashError:
                host.close()
                host = PluginHost(path)
            except PluginError:
                continue
        host.restore(state)
        assert host.state() == state
    finally:
        host.close()
