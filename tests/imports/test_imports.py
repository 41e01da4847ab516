"""Other programs' settings as presets."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.chain import Chain
from dsp.gain import Gain
from tests.export.conftest import ALL_STAGES
from tests.export.cookbook import response_db
from tests.imports.fuzz import CLASS_ID, seeds
from text2fx_studio.errors import ImportFileError, PluginMissingError, PresetError
from text2fx_studio.export.write import export_preset
from text2fx_studio.imports.apo_text import parse_apo
from text2fx_studio.imports.read import read_any
from text2fx_studio.plugins import library
from text2fx_studio.preset import Preset, load_preset

FREQUENCIES_HZ = np.geomspace(20, 20_000, 300)
AUTOEQ = """Preamp: -6.2 dB
Filter 1: ON LSC Fc 105 Hz Gain 5.5 dB Q 0.70
Filter 2: ON PK Fc 63 Hz Gain -2.9 dB Q 0.62
Filter 3: ON PK Fc 206 Hz Gain -3.2 dB Q 0.93
Filter 4: ON PK Fc 1353 Hz Gain -2.3 dB Q 1.77
Filter 5: ON PK Fc 2914 Hz Gain 4.1 dB Q 1.6
Filter 6: ON PK Fc 4623 Hz Gain -5.9 dB Q 3.4
Filter 7: ON PK Fc 6234 Hz Gain 3.4 dB Q 4.5
Filter 8: ON HSC Fc 10000 Hz Gain -1.6 dB Q 0.70
"""


def read(tmp_path, text, name="eq.txt"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_any(path)


def curve(found):
    return found.preset.chain.frequency_response_db(FREQUENCIES_HZ)


def test_what_we_export_comes_back_as_it_was(tmp_path):
    preset = Preset(Chain((ALL_STAGES, Gain({"gain_db": -6.0}))), "back")
    (done,) = export_preset(preset, ["equalizer-apo"], tmp_path)
    found = read_any(done.paths[0])
    assert found.exact
    assert found.notes == ()
    wanted = preset.chain.frequency_response_db(FREQUENCIES_HZ)
    assert np.abs(curve(found) - wanted).max() < 0.01


def test_autoeq_with_six_bells_is_taken_over(tmp_path):
    found = read(tmp_path, AUTOEQ, "Some Headphones ParametricEQ.txt")
    stages = [
        ("LS", 105, 5.5, 0.7), ("PK", 63, -2.9, 0.62), ("PK", 206, -3.2, 0.93),
        ("PK", 1353, -2.3, 1.77), ("PK", 2914, 4.1, 1.6), ("PK", 4623, -5.9, 3.4),
        ("PK", 6234, 3.4, 4.5), ("HS", 10_000, -1.6, 0.7),
    ]  # fmt: skip
    wanted = -6.2 + response_db(stages, FREQUENCIES_HZ, 48_000)
    assert np.abs(curve(found) - wanted).max() < 0.05
    assert found.exact
    assert found.preset.name == "Some Headphones ParametricEQ"


def test_more_filters_than_stages_are_fitted_and_it_says_how_far_off(tmp_path):
    more = AUTOEQ + "Filter 9: ON PK Fc 8200 Hz Gain -2.1 dB Q 2\n"
    found = read(tmp_path, more)
    assert not found.exact
    (note,) = found.notes
    assert "at most" in note
    stages = [
        ("LS", 105, 5.5, 0.7), ("PK", 63, -2.9, 0.62), ("PK", 206, -3.2, 0.93),
        ("PK", 1353, -2.3, 1.77), ("PK", 2914, 4.1, 1.6), ("PK", 4623, -5.9, 3.4),
        ("PK", 6234, 3.4, 4.5), ("HS", 10_000, -1.6, 0.7), ("PK", 8200, -2.1, 2.0),
    ]  # fmt: skip
    wanted = -6.2 + response_db(stages, FREQUENCIES_HZ, 48_000)
    off = np.abs(curve(found) - wanted).max()
    assert off < 1.0
    assert off == pytest.approx(float(note.split()[-3]), abs=0.05)


def test_a_graphic_equalizer_is_fitted(tmp_path):
    found = read(tmp_path, "GraphicEQ: 20 -3; 100 4; 400 0; 1000 -2; 3000 3; 8000 -4; 20000 0\n")
    log = np.log(FREQUENCIES_HZ)
    hz = np.log([20, 100, 400, 1000, 3000, 8000, 20_000])
    wanted = np.interp(log, hz, [-3, 4, 0, -2, 3, -4, 0])
    assert np.sqrt(np.mean((curve(found) - wanted) ** 2)) < 0.5


def test_forms_of_lines():
    text = parse_apo(
        b"preamp: -1,5 dB\r\nFilter 1: ON PK Fc 1 kHz Gain 3 dB BW Oct 1\n"
        b"Filter: ON LP Fc 9000 Hz\nFilter 3: OFF PK Fc 1 Hz Gain 9 dB Q 1\n"
        b"Filter 4: ON NO Fc 50 Hz\nFilter 5: ON None\nDevice: all\n"
        b"Filter: ON LS Fc 80 Hz Gain 4 dB",
        "x",
    )
    assert text.preamp_db == -1.5
    bell, low_pass, shelf = text.stages
    assert bell.frequency_hz == 1000.0
    assert bell.q == pytest.approx(math.sqrt(2), rel=1e-6)
    assert (low_pass.kind, low_pass.q) == ("low_pass", math.sqrt(0.5))
    # The corner of a shelf lies below its middle.
    assert shelf.frequency_hz == pytest.approx(80 * 10 ** (4 / 72), rel=1e-6)
    assert len(text.ignored) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no line of an equalizer"),
        ("hello\nworld", "no line of an equalizer"),
        ("Filter 1: ON PK Fc 1000 Hz Gain 3 dB", "no width"),
        ("Filter 1: ON PK Gain 3 dB Q 1", "no frequency"),
        ("Filter 1: ON LSC Fc 100 Hz Q 1", "no gain"),
        ("Filter 1: ON PK Fc 1e9 Hz Gain 3 dB Q 1", "allowed is 1 to 100000"),
        ("Preamp: 999 dB", "allowed is -120 to 120"),
        ("GraphicEQ: 20 x", "no pair of Hz and dB"),
        ("GraphicEQ: 100 1; 50 2", "rising"),
        ("\n".join(["Filter 1: ON PK Fc 1000 Hz Gain 3 dB Q 1"] * 300), "more than 200"),
    ],
)
def test_bad_texts(tmp_path, text, said):
    with pytest.raises(ImportFileError, match=said):
        read(tmp_path, text)


def test_our_own_presets_and_plugin_presets(tmp_path):
    whole = seeds()
    path = tmp_path / "p.t2fx.json"
    path.write_bytes(whole["preset"][0])
    assert read_any(path).preset == load_preset(path)
    path.write_bytes(b'{"format": "t2fx"}')
    with pytest.raises(PresetError):
        read_any(path)
    state = tmp_path / "my.vstpreset"
    state.write_bytes(whole["vstpreset"][0])
    with pytest.raises(PluginMissingError, match=CLASS_ID):
        read_any(state)
    library._remember(
        [library.PluginInfo("/x", "", "ok", name="Z", identifier=CLASS_ID, widths=(2,))]
    )
    (plugin,) = read_any(state).preset.plugins
    assert (plugin.name, plugin.state) == ("Z", whole["vstpreset"][0])


def test_no_such_file_and_a_folder(tmp_path):
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(ImportFileError, match="cannot be read"):
            read_any(path)
