"""``text2fx apply``: what it writes, says and returns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.cli.conftest import FakeSearch, Run
from text2fx_studio import __version__, load_preset

JSON_KEYS = {
    "input", "output", "preset", "encoder", "loss", "score_dry", "score_wet", "accepted", "steps",
    "seconds", "device", "parameters", "true_peak_dbtp", "safety_gain_db", "lufs_in", "lufs_out",
    "notes",
}  # fmt: skip


def test_writes_the_shaped_recording_and_says_what_was_done(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path
) -> None:
    target = out / "bright.wav"
    done = text2fx("apply", recording, "  bright \n and crisp ", "-o", target)
    assert done.code == 0
    assert done.err == ""
    assert fake_search.asked[0]["prompt"] == "bright and crisp"
    assert "High shelf +4.2 dB above 8.1 kHz" in done.out
    assert "Match 0.213 -> 0.287 (+0.074)" in done.out
    assert f"Wrote {target}" in done.out
    dry, rate = soundfile.read(recording)
    wet, wet_rate = soundfile.read(target)
    assert (wet.shape, wet_rate) == (dry.shape, rate)
    assert soundfile.info(target).subtype == "PCM_24"
    power = np.abs(np.fft.rfft(wet[:, 0])) ** 2 / np.abs(np.fft.rfft(dry[:, 0])) ** 2
    frequencies = np.fft.rfftfreq(dry.shape[0], 1 / rate)
    top_db = 10 * np.log10(np.median(power[frequencies > 15_000]))
    low_db = 10 * np.log10(np.median(power[(frequencies > 200) & (frequencies < 1000)]))
    assert top_db == pytest.approx(4.2, abs=0.5)
    assert low_db == pytest.approx(0.0, abs=0.2)


def test_json_is_one_object_with_the_promised_keys(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path
) -> None:
    target, preset = out / "o.flac", out / "o.t2fx.json"
    done = text2fx(
        "apply", recording, "bright", "-o", target, "--preset-out", preset, "--seed", 9,
        "--amount", 0.5, "--loss", "directional", "--json",
    )  # fmt: skip
    assert done.code == 0
    data = done.data
    assert data.keys() >= JSON_KEYS
    assert data["accepted"] is True
    assert data["output"] == str(target)
    assert data["encoder"] == "fake-1"
    (equalizer,) = data["parameters"]
    assert equalizer["parameters"]["high_shelf_gain_db"] == pytest.approx(2.1)
    kept = load_preset(preset)
    assert kept.chain.to_data() == data["parameters"]
    assert (kept.prompt, kept.loss, kept.seed, kept.amount) == ("bright", "directional", 9, 0.5)
    assert (kept.score_dry, kept.score_wet) == (0.213, 0.287)
    assert (kept.encoder, kept.weights_hash) == ("fake-1", "0" * 64)
    assert kept.app_version == __version__
    assert kept.created is not None


def test_presets_are_reproducible_with_source_date_epoch(
    text2fx: Run,
    fake_search: FakeSearch,
    recording: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    preset = out / "p.t2fx.json"
    text2fx("apply", recording, "bright", "-o", out / "o.wav", "--preset-out", preset)
    assert load_preset(preset).created == "1970-01-01T00:00:00Z"


def test_says_plainly_when_nothing_beats_dry_and_copies_the_sound(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path
) -> None:
    fake_search.accepted = False
    done = text2fx("apply", recording, "bright", "-o", out / "o.wav")
    assert done.code == 0
    assert "No better than dry" in done.out
    assert "--chain eq,reverb" in done.out
    dry, _ = soundfile.read(recording, dtype="int32")
    same, _ = soundfile.read(out / "o.wav", dtype="int32")
    np.testing.assert_array_equal(dry, same)
    done = text2fx("apply", recording, "bright", "-o", out / "p.wav", "--json")
    assert done.data["accepted"] is False


def test_says_when_the_true_peak_safety_acted(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path
) -> None:
    fake_search.gain_db = 18.0
    samples, rate = soundfile.read(recording)
    soundfile.write(recording, samples / np.abs(samples).max() * 0.9, rate, subtype="PCM_24")
    target = out / "o.wav"
    done = text2fx("apply", recording, "bright", "-o", target)
    assert done.code == 0
    assert "Note: the true peak would have been" in done.out
    done = text2fx("apply", recording, "bright", "-o", target, "--overwrite", "--json")
    assert done.data["safety_gain_db"] < 0
    # Where the sound before is over the ceiling itself, its own peak is the limit.
    assert done.data["true_peak_dbtp"] <= 1.0


def test_passes_every_option_to_the_search(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path
) -> None:
    text2fx(
        "apply", recording, "wide", "-o", out / "o.wav", "--chain", "eq, reverb", "--encoder",
        "laion", "--loss", "directional", "--space", "centred", "--amount", 0.25, "--seed", 3,
        "--device", "cpu", "--checkpoint", recording,
    )  # fmt: skip
    (asked,) = fake_search.asked
    expected = {
        "chain": "eq,reverb", "encoder": "laion", "loss": "directional", "space": "centred",
        "amount": 0.25, "seed": 3, "device": "cpu", "checkpoint": recording,
    }  # fmt: skip
    assert {key: asked[key] for key in expected} == expected


def test_quiet_says_nothing(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path
) -> None:
    done = text2fx("apply", recording, "bright", "-o", out / "o.wav", "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (out / "o.wav").is_file()


def test_replaces_only_with_overwrite(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path
) -> None:
    target, preset = out / "o.wav", out / "o.t2fx.json"
    target.write_text("mine")
    refused = text2fx("apply", recording, "bright", "-o", target)
    assert refused.code == 1
    assert "--overwrite" in refused.error_line()
    assert target.read_text() == "mine"
    assert fake_search.asked == []
    preset.write_text("mine")
    refused = text2fx("apply", recording, "x", "-o", out / "n.wav", "--preset-out", preset)
    assert refused.code == 1
    assert not (out / "n.wav").exists()
    done = text2fx(
        "apply", recording, "bright", "-o", target, "--preset-out", preset, "--overwrite"
    )
    assert done.code == 0
    assert soundfile.info(target).frames > 0
    assert load_preset(preset).prompt == "bright"
