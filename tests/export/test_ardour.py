"""The LV2 bundles in Ardour, headless: its session holds the exported values."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from tests.export.lilv_reader import read_bundle
from text2fx_studio.export import impulse, lv2_lsp, lv2_x42

SCRIPT = """
AudioEngine:set_backend("None (Dummy)", "", "")
s = create_session({folder}, "proof", 48000)
tracks = s:new_audio_track(2, 2, nil, 1, "t", ARDOUR.PresentationInfo.max_order, {mode}, true)
t = tracks:front()
a = ARDOUR.LuaAPI.new_plugin(s, "{lsp}", ARDOUR.PluginType.LV2, {eq})
t:add_processor_by_index(a, 0, nil, true)
b = ARDOUR.LuaAPI.new_plugin(s, "{x42}", ARDOUR.PluginType.LV2, {room})
t:add_processor_by_index(b, 1, nil, true)
s:save_state("", false, false, false, false, false)
close_session()
quit()
"""


@pytest.mark.slow
def test_ardour_shows_the_exported_values(export, full_preset, tool, bundle, tmp_path):
    ardour = tool("ardour7-lua")
    bundle("lsp-plugins.lv2")
    bundle("zeroconvo.lv2")
    home = tmp_path / "home"
    bundles = [export(full_preset, name).paths[0].parent for name in ("lv2-lsp", "lv2-x42")]
    for path in bundles:
        shutil.copytree(path, home / ".lv2" / path.name)
    quoted = json.dumps(full_preset.name, ensure_ascii=False)
    room = json.dumps(f"{full_preset.name} (room only)", ensure_ascii=False)
    script = tmp_path / "proof.lua"
    session = tmp_path / "session"
    script.write_text(
        SCRIPT.format(
            folder=json.dumps(str(session)), mode="ARDOUR.TrackMode.Normal", lsp=lv2_lsp.PLUGIN,
            x42=lv2_x42.PLUGIN, eq=quoted, room=room,
        )
    )  # fmt: skip
    environment = {**os.environ, "HOME": str(home)}
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        environment.pop(name, None)
    subprocess.run([ardour, script], check=True, capture_output=True, timeout=120, env=environment)
    root = ElementTree.parse(session / "proof.ardour").getroot()
    found = {p.get("unique-id"): p for p in root.iter("Processor") if p.get("type") == "lv2"}

    def ports(uri):
        return {p.get("symbol"): float(p.get("value")) for p in found[uri].iter("Port")}

    (wanted,) = read_bundle(bundles[0])
    shown = ports(lv2_lsp.PLUGIN)
    for symbol, value in wanted.ports.items():
        assert shown[symbol] == pytest.approx(value, rel=1e-5, abs=1e-6), symbol
    levels = ports(lv2_x42.PLUGIN)
    assert (levels["dry"], levels["wet"], levels["enable"]) == (0.0, 0.0, 1.0)
    (kept,) = session.glob("plugins/*/state*/room.wav")
    heard, rate_hz = soundfile.read(kept, dtype="float32")
    assert rate_hz == 48_000
    assert np.array_equal(heard.T, impulse.room(full_preset.chain, 48_000).astype(np.float32))
