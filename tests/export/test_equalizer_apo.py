"""Equalizer APO text, read by a parser that knows nothing of the exporter."""

from __future__ import annotations

import locale
import re
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from scipy.signal import fftconvolve, sosfilt

from dsp.chain import Chain
from dsp.render import render_array
from tests.export.conftest import one
from tests.export.cookbook import coefficients, response_db

KINDS = {"PK": "PK", "LSC": "LS", "HSC": "HS", "HPQ": "HP", "LPQ": "LP"}
NUMBER = r"(-?\d+(?:\.\d+)?)"
FILTER = re.compile(
    rf"Filter (\d+): ON (PK|LSC|HSC|HPQ|LPQ) Fc {NUMBER} Hz(?: Gain {NUMBER} dB)? Q {NUMBER}"
)


def parse(text):
    preamp, stages, convolution = 0.0, [], None
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if found := re.fullmatch(rf"Preamp: {NUMBER} dB", line):
            preamp = float(found[1])
        elif found := re.fullmatch("Convolution: (.+)", line):
            convolution = found[1]
        else:
            found = FILTER.fullmatch(line)
            assert found, line
            assert int(found[1]) == len(stages) + 1
            gain_db = 0.0 if found[4] is None else float(found[4])
            stages.append((KINDS[found[2]], float(found[3]), gain_db, float(found[5])))
    return preamp, stages, convolution


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_the_curve_is_that_of_the_app(export, eq_preset, rate_hz):
    text = one(export(eq_preset, "equalizer-apo"), ".txt").read_text("utf-8")
    preamp, stages, _ = parse(text)
    assert len(stages) == 10
    frequencies = np.geomspace(20, 20_000, 400)
    heard = preamp + response_db(stages, frequencies, rate_hz)
    wanted = eq_preset.chain.frequency_response_db(frequencies, rate_hz)
    assert np.abs(heard - wanted).max() < 0.05


def test_text_and_room_together_are_the_rendered_sound(export, full_preset):
    exported = export(full_preset, "equalizer-apo")
    path = one(exported, ".txt")
    preamp, stages, convolution = parse(path.read_text("utf-8"))
    response, rate_hz = soundfile.read(path.parent / convolution)
    dry = 0.1 * np.random.default_rng(4).standard_normal((2, 24_000)).astype(np.float32)
    sos = []
    for stage in stages:
        b, a = coefficients(*stage, rate_hz)
        sos.append(np.concatenate((b, a)) / a[0])
    heard = 10 ** (preamp / 20) * sosfilt(np.array(sos), dry.astype(np.float64), axis=1)
    heard = fftconvolve(heard, response.T, axes=1)[:, :24_000]
    rendered = render_array(dry, rate_hz, full_preset.chain)[:, :24_000]
    assert 10 * np.log10(((rendered - heard) ** 2).mean() / (heard**2).mean()) < -80
    assert exported.fidelity == "exact"


def test_numbers_have_a_point_in_any_locale(export, eq_preset):
    before = locale.setlocale(locale.LC_ALL)
    try:
        for name in ("de_DE.UTF-8", "de_DE.utf8", "C"):
            try:
                locale.setlocale(locale.LC_ALL, name)
                break
            except locale.Error:
                continue
        text = one(export(eq_preset, "equalizer-apo"), ".txt").read_text("utf-8")
    finally:
        locale.setlocale(locale.LC_ALL, before)
    assert "," not in text.partition("\n")[2]


def test_a_name_cannot_add_lines(export, eq_preset):
    sly = replace(eq_preset, name="x\nPreamp: 30 dB", chain=Chain.parse("eq"))
    text = one(export(sly, "equalizer-apo"), ".txt").read_text("utf-8")
    assert parse(text) == (0.0, [], None)
