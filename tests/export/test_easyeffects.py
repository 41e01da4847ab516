"""EasyEffects, a program of others, opens what is exported for it and for Equalizer APO."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from tests.export.conftest import one
from tests.export.cookbook import response_db
from tests.export.easyeffects_host import PROGRAMS, EasyEffects
from text2fx_studio.preset import Preset

FREQUENCIES_HZ = np.geomspace(20.0, 20_000.0, 400)
OTHER = Chain((Equalizer({"bell_2_gain_db": 3.0, "high_shelf_gain_db": -4.0}),))


@pytest.mark.slow
def test_both_formats_are_the_apps_curve_in_easyeffects(export, tool, eq_preset, tmp_path):
    for program in PROGRAMS:
        tool(program)
    own = one(export(Preset(chain=OTHER, name="other"), "easyeffects"), ".json")
    text = one(export(eq_preset, "equalizer-apo"), ".txt")
    plain = tmp_path / "curve.txt"  # keys are pressed for its name
    plain.write_bytes(text.read_bytes())
    with EasyEffects(tmp_path / "home", own) as program:
        loaded = program.read()
        program.import_apo(plain)
        imported = program.read()
    for (gain_db, stages), chain in ((loaded, OTHER), (imported, eq_preset.chain)):
        heard = gain_db + response_db(stages, FREQUENCIES_HZ, 48_000)
        wanted = chain.frequency_response_db(FREQUENCIES_HZ, 48_000)
        assert np.abs(heard - wanted).max() < 0.05
    assert len(imported[1]) == 10
