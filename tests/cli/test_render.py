"""``text2fx render``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from dsp.chain import Chain
from dsp.gain import Gain
from tests.cli.conftest import Run
from text2fx_studio import Preset, save_preset


@pytest.fixture
def quieter(tmp_path: Path) -> Path:
    path = tmp_path / "quieter.t2fx.json"
    save_preset(Preset(Chain((Gain({"gain_db": -6.0}),)), "Quieter"), path)
    return path


def test_renders_a_preset_file(text2fx: Run, recording: Path, quieter: Path, out: Path) -> None:
    done = text2fx("render", recording, quieter, "-o", out / "o.wav")
    assert (done.code, done.err) == (0, "")
    assert "Gain -6.0 dB" in done.out
    dry, _ = soundfile.read(recording)
    wet, _ = soundfile.read(out / "o.wav")
    np.testing.assert_allclose(wet, dry * 10 ** (-6 / 20), atol=1e-5)


def test_json_tells_the_render(text2fx: Run, recording: Path, quieter: Path, out: Path) -> None:
    data = text2fx("render", recording, quieter, "-o", out / "o.wav", "--json").data
    assert data["preset"] == str(quieter)
    assert data["lufs_out"] - data["lufs_in"] == pytest.approx(-6.0, abs=0.1)
    assert data["parameters"][0]["parameters"] == {"gain_db": -6.0}


def test_factory_presets_go_by_name_and_the_tail_can_be_cut(
    text2fx: Run, recording: Path, out: Path
) -> None:
    assert text2fx("render", recording, "small-room", "-o", out / "long.wav").code == 0
    assert text2fx("render", recording, "small-room", "-o", out / "cut.wav", "--no-tail").code == 0
    dry, cut, long = (
        soundfile.info(p).frames for p in (recording, out / "cut.wav", out / "long.wav")
    )
    assert cut == dry
    assert long > dry + 10_000


@pytest.mark.parametrize(
    "content, said",
    [
        (None, "no such file"),
        ("hello", "not valid JSON"),
        ('{"format": "t2fx", "version": 2}', "newer version"),
        ('{"format": "t2fx", "version": 1, "name": "x", "chain": [{"effect": "eq", "parameters":'
         ' {"low_shelf_gain_db": 99}}]}', "chain[0].parameters.low_shelf_gain_db"),
    ],
)  # fmt: skip
def test_bad_presets_are_named_and_nothing_is_written(
    text2fx: Run, recording: Path, out: Path, tmp_path: Path, content: str | None, said: str
) -> None:
    preset = tmp_path / "p.t2fx.json"
    if content is not None:
        preset.write_text(content)
    done = text2fx("render", recording, preset, "-o", out / "o.wav")
    assert done.code == 1
    assert said in done.error_line()
    assert "p.t2fx.json" in done.error_line()
    assert list(out.iterdir()) == []


def test_an_unknown_name_lists_the_known_ones(text2fx: Run, recording: Path, out: Path) -> None:
    done = text2fx("render", recording, "telefone", "-o", out / "o.wav")
    assert done.code == 1
    assert "telephone" in done.error_line()


def test_the_preset_is_never_the_output(
    text2fx: Run, recording: Path, quieter: Path, tmp_path: Path
) -> None:
    disguised = tmp_path / "p.wav"
    disguised.write_bytes(quieter.read_bytes())
    done = text2fx("render", recording, disguised, "-o", disguised, "--overwrite")
    assert done.code == 2
    assert disguised.read_bytes() == quieter.read_bytes()
