"""The rack's handlers, and the rack in a session."""

from __future__ import annotations

import json
import shutil

import pytest
import soundfile

from dsp.chain import Chain
from tests.plugins.conftest import RATE_HZ, noise, zam
from text2fx_studio.job_handlers import HANDLERS
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.preset import Preset
from text2fx_studio.session import Session, load_session, save_session, session_file


class Line:
    def __init__(self):
        self.told = []

    def cancelled(self):
        return False

    def progress(self, **data):
        json.dumps(data)
        self.told.append(data)


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    folder = tmp_path / "vst3"
    shutil.copytree(zam("ZamEQ2"), folder / "ZamEQ2.vst3")
    monkeypatch.setenv("TEXT2FX_PLUGIN_PATH", str(folder))
    return folder


def test_scan_search_and_render_with_plain_data_alone(plugins, tmp_path):
    line = Line()
    (info,) = HANDLERS["scan_plugins"](line)["plugins"]
    assert (info["name"], info["usable"]) == ("ZamEQ2", True)
    assert line.told[-1]["share"] == 1.0
    source, target = tmp_path / "in.wav", tmp_path / "out.wav"
    soundfile.write(source, noise(1, RATE_HZ).T, RATE_HZ, subtype="PCM_16")
    found = HANDLERS["search_plugin"](
        line, path=str(source), prompt="bright", plugin="ZamEQ2", keys=("boost_cut_h",),
        chain=Chain.parse("eq").to_data(), budget=4, device="cpu",
    )  # fmt: skip
    json.dumps(found)
    assert found["evaluations"] == 4
    plugin = HostedPlugin(info["name"], info["identifier"])
    preset = Preset(Chain.parse("eq"), "p", plugins=(plugin,))
    report = HANDLERS["render_rack"](
        line, source=str(source), target=str(target), preset=preset.to_data()
    )
    json.dumps(report)
    assert soundfile.info(target).frames == RATE_HZ


def test_a_session_keeps_the_rack():
    ours = Session(plugins=(HostedPlugin("Gone", "A" * 32, state=b"\x00kept", enabled=False),))
    save_session(ours)
    assert load_session() == ours


@pytest.mark.parametrize("plugins", [3, [{}], [{"name": "x", "format": "VST9"}], "x"])
def test_a_broken_rack_is_a_broken_session(plugins):
    save_session(Session())
    data = json.loads(session_file().read_text("utf-8"))
    session_file().write_text(json.dumps({**data, "plugins": plugins}))
    assert load_session() is None
