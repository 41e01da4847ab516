"""``text2fx plugins`` and plugins in presets, as a user meets them."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from tests.plugins.conftest import zam
from tests.plugins.fake_plugin import make_bundle


@pytest.fixture
def scanned(text2fx, tmp_path, monkeypatch):
    """One good plugin and one that crashes."""
    import shutil

    folder = tmp_path / "vst3"
    shutil.copytree(zam("ZamEQ2"), folder / "ZamEQ2.vst3")
    make_bundle(folder, "Crasher", "crash")
    monkeypatch.setenv("TEXT2FX_PLUGIN_PATH", str(folder))
    done = text2fx("plugins", "scan", "--json")
    assert done.code == 0
    return {row["name"]: row for row in done.data["plugins"]}


def test_scan_and_list(text2fx, scanned):
    assert scanned["ZamEQ2"]["usable"]
    assert scanned["Crasher"]["status"] == "quarantined"
    said = text2fx("plugins", "list").out
    assert "quarantined: Crasher: crashed (SIG" in said
    assert "1 usable, 1 quarantined" in said


def test_show_in_the_plugins_own_units(text2fx, scanned):
    rows = {r["key"]: r for r in text2fx("plugins", "show", "zameq2", "--json").data["parameters"]}
    assert (rows["frequency_l"]["unit"], rows["frequency_l"]["high"]) == ("Hz", 14_000.0)
    assert "frequency_l" in text2fx("plugins", "show", "ZamEQ2").out


def test_run_and_a_preset_with_the_plugin_give_one_sound(text2fx, scanned, recording, out):
    settings = ("--set", "boost_cut_h=-12", "--set", "frequency_h=3000")
    done = text2fx("plugins", "run", recording, "ZamEQ2", *settings, "-o", out / "a.wav", "--json")
    assert done.code == 0
    wet, _ = soundfile.read(out / "a.wav")
    dry, _ = soundfile.read(recording)
    assert wet.shape == dry.shape
    assert wet.std() < 0.7 * dry.std()
    preset = out / "p.t2fx.json"
    assert text2fx("plugins", "add", "air", "ZamEQ2", *settings, "-o", preset).code == 0
    assert "Plugin after it: ZamEQ2" in text2fx("presets", "show", preset).out
    assert text2fx("render", recording, preset, "-o", out / "b.wav").code == 0
    assert text2fx("export", preset, "--to", "vstpreset", "-o", out / "x").code == 0
    (state,) = (out / "x").glob("*.vstpreset")
    shown = text2fx("plugins", "show", "ZamEQ2", "--state", state, "--json").data["parameters"]
    assert {r["key"]: r["text"] for r in shown}["frequency_h"].startswith("3000")
    done = text2fx("imports", state, "-o", out / "i.t2fx.json", "--json")
    assert (done.data["kind"], done.data["exact"]) == ("vstpreset", True)
    assert text2fx("render", recording, out / "i.t2fx.json", "-o", out / "c.wav").code == 0
    again, _ = soundfile.read(out / "c.wav")
    assert np.abs(again - wet).max() < 2**-22


def test_a_missing_plugin(text2fx, scanned, recording, out, monkeypatch, tmp_path):
    import shutil

    preset = out / "p.t2fx.json"
    text2fx("plugins", "add", "air", "ZamEQ2", "-o", preset)
    shutil.rmtree(tmp_path / "vst3")
    refused = text2fx("render", recording, preset, "-o", out / "a.wav")
    assert refused.code == 1
    assert "is not installed here" in refused.error_line()
    done = text2fx("render", recording, preset, "-o", out / "a.wav", "--skip-missing-plugins")
    assert done.code == 0
    assert "was left out" in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "Crasher"), 1, "is quarantined"),
        (("show", "Nothing"), 1, "no such plugin"),
        (("run", "IN", "ZamEQ2", "--set", "x", "-o", "OUT"), 2, "needed is KEY=VALUE"),
        (("run", "IN", "ZamEQ2", "--set", "frequency_l=1", "-o", "OUT"), 1, "20 to 14000 Hz"),
        (("scan", "/no/such/folder"), 2, "is no folder to scan"),
        (("show", "ZamEQ2", "--state", "IN"), 1, "no .vstpreset"),
    ],
)
def test_refusals(text2fx, scanned, recording, out, arguments, code, said):
    places = {"IN": recording, "OUT": out / "o.wav"}
    done = text2fx("plugins", *(places.get(a, a) for a in arguments))
    assert done.code == code
    assert said in done.error_line()
    assert list(out.iterdir()) == []


def test_apply_needs_both_options(text2fx, recording, out):
    done = text2fx("apply", recording, "warm", "-o", out / "o.wav", "--plugin", "ZamEQ2")
    assert done.code == 2
    assert "--search-params" in done.error_line()
