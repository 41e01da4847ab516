"""LV2 bundles, as lilv reads them and as LSP's plugin sounds with them."""

from __future__ import annotations

import subprocess

import numpy as np
import soundfile

from tests.export.conftest import ALL_STAGES
from tests.export.lilv_reader import read_bundle
from text2fx_studio.export import impulse, lv2_lsp

RATE_HZ = 48_000
PERIOD = 65_536
PERIODS = 4


def periodic_noise(seed):
    """Noise with the same power in every bin of its period: its spectrum has no holes."""
    generator = np.random.default_rng(seed)
    turn = np.exp(2j * np.pi * generator.random(PERIOD // 2 + 1))
    turn[[0, -1]] = 1.0
    period = np.fft.irfft(turn, PERIOD)
    return (0.1 * period / period.std()).astype(np.float32)


def test_lilv_reads_every_port_and_the_name_in_any_script(export, eq_preset):
    exported = export(eq_preset, "lv2-lsp")
    (preset,) = read_bundle(exported.paths[0].parent)
    assert preset.label == eq_preset.name
    assert preset.plugin == lv2_lsp.PLUGIN
    types = [preset.ports[f"ft_{n}"] for n in range(16)]
    assert types == [2, 5, 1, 1, 1, 1, 1, 1, 3, 4] + [0] * 6
    assert {preset.ports[f"fm_{n}"] for n in range(16)} == {6.0}
    assert preset.ports["f_4"] == ALL_STAGES.values["bell_3_frequency_hz"]
    assert abs(20 * np.log10(preset.ports["g_4"]) + 12.0) < 1e-4
    assert abs(20 * np.log10(preset.ports["g_out"]) + 6.0) < 1e-4


def test_lsp_on_noise_has_the_curve_of_the_app(export, eq_preset, tool, bundle, tmp_path):
    lv2apply = tool("lv2apply")
    bundle("lsp-plugins.lv2")
    (preset,) = read_bundle(export(eq_preset, "lv2-lsp").paths[0].parent)
    period = periodic_noise(5)
    dry, wet = tmp_path / "dry.wav", tmp_path / "wet.wav"
    soundfile.write(dry, np.tile(period[:, None], (PERIODS, 2)), RATE_HZ, subtype="FLOAT")
    controls = [word for s, v in preset.ports.items() for word in ("-c", s, repr(v))]
    subprocess.run(
        [lv2apply, "-i", dry, "-o", wet, *controls, preset.plugin], check=True, capture_output=True
    )
    heard, _ = soundfile.read(wet, dtype="float32")
    last = heard[2 * PERIOD : 3 * PERIOD]
    frequencies = np.fft.rfftfreq(PERIOD, 1 / RATE_HZ)
    inside = (frequencies >= 30) & (frequencies <= 16_000)
    for channel in range(2):
        ratio = np.fft.rfft(last[:, channel]) / np.fft.rfft(period)
        measured = 20 * np.log10(np.abs(ratio[inside]))
        wanted = eq_preset.chain.frequency_response_db(frequencies[inside], RATE_HZ)
        assert np.abs(measured - wanted).max() < 0.1


def test_unused_bands_are_written_as_off(export, eq_preset):
    from dataclasses import replace

    from dsp.chain import Chain

    silent = replace(eq_preset, chain=Chain.parse("eq"))
    (preset,) = read_bundle(export(silent, "lv2-lsp").paths[0].parent)
    assert [preset.ports[f"ft_{n}"] for n in range(16)] == [0] * 16


def test_the_convolver_bundle_has_the_whole_and_the_room(export, full_preset):
    exported = export(full_preset, "lv2-x42")
    folder = exported.paths[0].parent
    presets = {preset.label: preset for preset in read_bundle(folder)}
    assert set(presets) == {full_preset.name, f"{full_preset.name} (room only)"}
    whole, room = presets[full_preset.name], presets[f"{full_preset.name} (room only)"]
    assert (whole.ports["dry"], whole.ports["wet"]) == (-60.0, 0.0)
    assert (room.ports["dry"], room.ports["wet"]) == (0.0, 0.0)
    heard, rate_hz = soundfile.read(folder / "room.wav", dtype="float32")
    assert rate_hz == RATE_HZ
    wanted = impulse.room(full_preset.chain, RATE_HZ).astype(np.float32)
    assert np.array_equal(heard.T, wanted)


def test_a_mono_response_is_written_for_both_channels(export, eq_preset):
    exported = export(eq_preset, "lv2-x42")
    heard, _ = soundfile.read(exported.paths[0].parent / "whole.wav")
    assert heard.shape[1] == 2
    assert np.array_equal(heard[:, 0], heard[:, 1])
