"""Impulse responses: read by others, and the renderer's own sound when convolved."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
import soundfile
from scipy.signal import fftconvolve

from dsp.render import render_array
from tests.export.conftest import one


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_convolving_with_the_file_is_rendering(export, full_preset, rate_hz):
    path = one(export(full_preset, "ir", sample_rate_hz=rate_hz), "(whole, 100% wet).wav")
    response, found_hz = soundfile.read(path, always_2d=True)
    assert found_hz == rate_hz
    dry = 0.1 * np.random.default_rng(2).standard_normal((2, rate_hz // 2)).astype(np.float32)
    rendered = render_array(dry, rate_hz, full_preset.chain)[:, : dry.shape[1]]
    convolved = fftconvolve(dry.astype(np.float64), response.T, axes=1)[:, : dry.shape[1]]
    error = rendered - convolved
    assert 10 * np.log10((error**2).mean() / (convolved**2).mean()) < -110


def test_the_room_alone_with_the_dry_sound_beside_it_is_the_reverb(export, full_preset):
    from dataclasses import replace

    from tests.export.conftest import ROOM, Chain

    alone = replace(full_preset, chain=Chain((ROOM,)))
    response, rate_hz = soundfile.read(one(export(alone, "ir"), "(room, wet only).wav"))
    dry = 0.1 * np.random.default_rng(3).standard_normal((2, rate_hz // 2)).astype(np.float32)
    rendered = render_array(dry, rate_hz, alone.chain)[:, : dry.shape[1]]
    mixed = dry + fftconvolve(dry.astype(np.float64), response.T, axes=1)[:, : dry.shape[1]]
    assert 10 * np.log10(((rendered - mixed) ** 2).mean() / (mixed**2).mean()) < -110


def test_sox_reads_it_to_the_last_bit(export, full_preset, tool, tmp_path):
    sox = tool("sox")
    path = one(export(full_preset, "ir"), "(whole, 100% wet).wav")
    raw = tmp_path / "raw.f32"
    subprocess.run(
        [sox, path, "-t", "raw", "-e", "floating-point", "-b", "32", "-L", raw],
        check=True, capture_output=True,
    )  # fmt: skip
    wanted, _ = soundfile.read(path, dtype="float32")
    heard = np.fromfile(raw, dtype="<f4").reshape(-1, wanted.shape[1])
    # sox holds samples as 32-bit integers in between.
    assert np.abs(heard - wanted).max() <= 2.0**-24
    said = subprocess.run([sox, "--i", path], check=True, capture_output=True, text=True).stdout
    assert "48000" in said
    assert "Floating Point" in said


def test_the_same_preset_gives_the_same_bytes(export, full_preset):
    first = [path.read_bytes() for path in export(full_preset, "ir").paths]
    again = [path.read_bytes() for path in export(full_preset, "ir", overwrite=True).paths]
    assert first == again
