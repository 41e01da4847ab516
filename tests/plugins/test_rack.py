"""Presets with plugins: rendered, missing, saved and read again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.render import render_array
from tests.plugins.conftest import RATE_HZ, noise, zam
from text2fx_studio.errors import CancelledError, PluginMissingError, PresetError
from text2fx_studio.plugins import library
from text2fx_studio.plugins.host import PluginHost
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.plugins.rack import Rack, render_preset
from text2fx_studio.plugins.rack_level import loudness_change_db
from text2fx_studio.preset import Preset, dump, load_preset, save_preset

CHAIN = Chain((Equalizer({"bell_3_gain_db": 6.0}),))
GONE = HostedPlugin("Gone", "A" * 32, state=b"\x00\xffkept")


def hosted(name: str, place: str, values: dict[str, float]) -> HostedPlugin:
    path = zam(name)
    with PluginHost(path) as host:
        host.set(values)
        about, state = host.description, host.state()
    return HostedPlugin(
        about["name"], about["identifier"], place=place, path=str(path), state=state
    )


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "in.wav"
    soundfile.write(path, noise(2, RATE_HZ // 2).T, RATE_HZ, subtype="PCM_24")
    return path


def test_signal_order_before_chain_after(tmp_path, recording):
    before = hosted("ZamComp", "before", {"threshold": -40.0})
    after = hosted("ZamEQ2", "after", {"boost_cut_l": -6.0})
    sound = noise(1, 20_000)
    with Rack([after, before]) as rack:
        heard = rack.process(sound, RATE_HZ, CHAIN)
        hosts = {plugin.name: host for plugin, host in rack.hosts}
        step = hosts["ZamComp"].process(sound, RATE_HZ)
        step = render_array(step, RATE_HZ, CHAIN, tail=False)
        wanted = hosts["ZamEQ2"].process(step, RATE_HZ)
    assert heard.shape == sound.shape
    assert np.abs(heard - wanted).max() < 1e-5


def test_a_file_is_rendered_with_plugins_and_keeps_its_format(tmp_path, recording):
    plugin = hosted("ZamEQ2", "after", {"master_gain": -6.0})
    target = tmp_path / "out.wav"
    report = render_preset(recording, target, Preset(Chain(), "p", plugins=(plugin,)))
    dry, _ = soundfile.read(recording)
    wet, rate_hz = soundfile.read(target)
    assert (rate_hz, soundfile.info(target).subtype) == (RATE_HZ, "PCM_24")
    assert wet.shape == dry.shape
    level = 20 * np.log10(wet.std() / dry.std())
    assert abs(level + 6.0) < 0.05
    assert report.safety_gain_db == 0.0


@pytest.mark.slow
def test_a_tail_rings_out(tmp_path, recording):
    plugin = hosted("ZamVerb", "after", {"wet_dry": 50.0})
    preset = Preset(Chain(), "p", plugins=(plugin,))
    report = render_preset(recording, tmp_path / "long.wav", preset)
    assert report.tail_s > 0.3
    cut = render_preset(recording, tmp_path / "cut.wav", preset, tail=False)
    assert cut.tail_s == 0.0


def test_a_missing_plugin_is_an_error_or_left_out(tmp_path, recording):
    preset = Preset(CHAIN, "p", plugins=(GONE,))
    with pytest.raises(PluginMissingError, match="Gone"):
        render_preset(recording, tmp_path / "a.wav", preset)
    assert not (tmp_path / "a.wav").exists()
    report = render_preset(recording, tmp_path / "a.wav", preset, skip_missing=True)
    assert "plugin Gone is not installed here and was left out" in report.notes
    bypassed = replace(preset, plugins=(replace(GONE, enabled=False),))
    render_preset(recording, tmp_path / "b.wav", bypassed)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_a_preset_keeps_what_it_cannot_load(tmp_path):
    first = Preset(CHAIN, "p", plugins=(GONE, replace(GONE, place="before", enabled=False)))
    path = tmp_path / "p.t2fx.json"
    save_preset(first, path)
    again = load_preset(path)
    assert again == first
    assert dump(again) == path.read_text("utf-8")


@pytest.mark.parametrize(
    ("field", "value"),
    [("state", "not base64!"), ("state", "QQ"), ("place", "under"), ("format", "VST2"),
     ("name", ""), ("extra", 1), ("path", "a\nb")],
)  # fmt: skip
def test_bad_plugin_data_is_refused(field, value):
    data = Preset(CHAIN, "p", plugins=(GONE,)).to_data()
    data["plugins"][0][field] = value
    with pytest.raises(PresetError, match=r"p\.json"):
        Preset.from_data(data, "p.json")


def test_a_plugin_that_was_never_scanned_is_found_by_its_path():
    plugin = hosted("ZamEQ2", "after", {})
    assert library.remembered() == []
    assert library.resolve(plugin).name == "ZamEQ2"


def test_the_level_of_a_rack_is_measured(tmp_path):
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise(2, 10 * RATE_HZ).T, RATE_HZ)
    with PluginHost(zam("ZamEQ2")) as host:
        host.set({"master_gain": -7.0})
        quiet = HostedPlugin(host.name, host.description["identifier"], path=str(host.path),
                             state=host.state())  # fmt: skip
    chain = Chain((Equalizer(),))
    assert loudness_change_db(path, chain, (quiet,)) == pytest.approx(-7.0, abs=0.1)
    gone = HostedPlugin("Gone", "A" * 32)
    assert loudness_change_db(path, chain, (gone,)) == pytest.approx(0.0, abs=0.01)
    with pytest.raises(CancelledError):
        loudness_change_db(path, chain, (), cancel=lambda: True)
    soundfile.write(path, np.zeros((RATE_HZ, 1)), RATE_HZ)
    assert loudness_change_db(path, chain, (quiet,)) == 0.0
