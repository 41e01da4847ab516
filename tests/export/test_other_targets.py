"""EasyEffects, Audacity and the experimental targets: values and structure."""

from __future__ import annotations

import gzip
import json
import plistlib
import re
import struct
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.interpolate import make_interp_spline

from tests.export.conftest import ALL_STAGES, one
from tests.export.cookbook import response_db

# The ranges of EasyEffects 7's settings schema.
EQUALIZER_KEYS = {
    "bypass", "num-bands", "mode", "input-gain", "output-gain", "split-channels", "balance",
    "pitch-left", "pitch-right", "left", "right",
}  # fmt: skip
BAND_KEYS = {"type", "mode", "slope", "solo", "mute", "frequency", "gain", "q"}
KINDS = {"Bell": "PK", "Lo-shelf": "LS", "Hi-shelf": "HS", "Hi-pass": "HP", "Lo-pass": "LP"}


def test_easyeffects_keeps_to_its_schema_and_has_the_curve(export, full_preset):
    exported = export(full_preset, "easyeffects")
    data = json.loads(one(exported, ".json").read_text("utf-8"))["output"]
    assert data["plugins_order"] == ["equalizer#0", "convolver#0"]
    assert set(data) == {"blocklist", "plugins_order", "equalizer#0", "convolver#0"}
    eq = data["equalizer#0"]
    assert set(eq) == EQUALIZER_KEYS
    assert eq["left"] == eq["right"]
    bands = [eq["left"][f"band{n}"] for n in range(eq["num-bands"])]
    assert len(bands) == len(eq["left"]) == 10
    for band in bands:
        assert set(band) == BAND_KEYS
        assert (band["mode"], band["slope"]) == ("APO (DR)", "x1")
        assert -35 <= band["gain"] <= 35
    stages = [(KINDS[b["type"]], b["frequency"], b["gain"], b["q"]) for b in bands]
    frequencies = np.geomspace(20, 20_000, 200)
    heard = eq["output-gain"] + response_db(stages, frequencies, 48_000)
    wanted = full_preset.chain.frequency_response_db(frequencies, 48_000)
    assert np.abs(heard - wanted).max() < 0.001
    assert one(exported, ".irs").stem == data["convolver#0"]["kernel-name"]
    assert data["convolver#0"]["autogain"] is False


def test_audacity_has_the_curve_on_its_points(export, eq_preset):
    text = one(export(eq_preset, "audacity"), ".txt").read_text("utf-8")
    assert text.count("\n") == 1
    assert text.startswith("FilterCurve:")
    words = dict(re.findall(r'(\w+)="([^"]*)"', text))
    count = sum(1 for key in words if re.fullmatch(r"f\d+", key))
    f = np.array([float(words[f"f{n}"]) for n in range(count)])
    v = np.array([float(words[f"v{n}"]) for n in range(count)])
    assert (np.diff(f) > 0).all()
    assert words["FilterLength"] == "8191"
    between = np.geomspace(f[0], f[-1], 999)
    spline = make_interp_spline(np.log(f), v, k=3)(np.log(between))
    wanted = eq_preset.chain.frequency_response_db(between, 48_000)
    assert np.abs(spline - wanted).max() < 0.25


def test_reaeq_structure(export, eq_preset):
    data = one(export(eq_preset, "reaeq"), ".fxp").read_bytes()
    magic, size, kind, version, code, code_version, count = struct.unpack(">4si4si4sii", data[:28])
    assert (magic, kind, version, code, code_version) == (b"CcnK", b"FPCh", 1, b"reeq", 1100)
    assert size == len(data) - 8
    (length,) = struct.unpack(">i", data[56:60])
    chunk = data[60:]
    assert length == len(chunk)
    assert count == 1
    start, bands = struct.unpack("<ii", chunk[:8])
    assert (start, bands) == (33, 10)
    rows = [struct.unpack("<iidddb", chunk[8 + 33 * n : 41 + 33 * n]) for n in range(bands)]
    assert [row[0] for row in rows] == [4, 0, 8, 8, 8, 8, 8, 8, 1, 3]
    bell = rows[4]
    assert bell[2] == ALL_STAGES.values["bell_3_frequency_hz"]
    assert 20 * np.log10(bell[3]) == pytest.approx(-12.0)
    assert 2 ** (bell[4] / 2) / (2 ** bell[4] - 1) == pytest.approx(5.0)  # Q of a bandwidth
    tail = struct.unpack("<iidi", chunk[8 + 33 * bands :])
    assert tail[:2] == (1, 1)
    assert 20 * np.log10(tail[2]) == pytest.approx(-6.0)


def test_eq_eight_has_eight_bands_and_says_what_it_lost(export, eq_preset):
    exported = export(eq_preset, "eq-eight")
    root = ElementTree.fromstring(gzip.decompress(one(exported, ".adv").read_bytes()))
    sides = [root.find(f"Eq8/Bands.{n}/ParameterA") for n in range(8)]

    def value(side, name):
        return side.find(f"{name}/Manual").get("Value")

    assert [value(s, "IsOn") for s in sides] == ["true"] * 8
    assert {value(s, "Mode") for s in sides} == {"1", "3", "5", "6"}
    assert all(-15 <= float(value(s, "Gain")) <= 15 for s in sides)
    # Ten stages: the two smallest gains are the ones left out.
    assert len(exported.left_out) == 2
    assert {lost.split()[-2] for lost in exported.left_out} == {"150", "1500"}
    assert exported.fidelity == "lossy"
    assert exported.target.experimental


def test_aunbandeq_parameters(export, eq_preset):
    plist = plistlib.loads(one(export(eq_preset, "aunbandeq"), ".aupreset").read_bytes())
    assert plist["subtype"].to_bytes(4, "big") == b"nbeq"
    scope, element, count = struct.unpack(">III", plist["data"][:12])
    assert (scope, element) == (0, 0)
    assert len(plist["data"]) == 12 + 8 * count
    values = dict(struct.iter_unpack(">If", plist["data"][12:]))
    assert [values[1000 + n] for n in range(16)] == [0.0] * 10 + [1.0] * 6
    assert values[4004] == -12.0
    assert values[3004] == ALL_STAGES.values["bell_3_frequency_hz"]
    assert values[0] == -6.0
