import importlib
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_encoder import FakeEncoder

from text2fx_studio.cli import bench
from text2fx_studio.cli.main import main
from text2fx_studio.encoders import registry


@pytest.mark.parametrize(
    "arguments,told",
    [
        ([], "BENCHMARK"),
        (["loudness"], "loudness"),
        (["speed", "--seconds", "0"], "a number above 0"),
        (["speed", "--seconds", "nan"], "a number above 0"),
        (["speed", "--baseline-steps", "0"], "a whole number from 1"),
        (["speed", "--repeats", "1.5"], "a whole number from 1"),
        (["speed", "--chain", "compressor"], "allowed are eq; reverb; eq,reverb"),
        (["speed", "--loss", "standard"], "standard"),
        (["speed", "--prompt", "  "], "prompt"),
        (["render", "--seconds", "inf"], "a number above 0"),
        (["render", "--repeats", "0"], "a whole number from 1"),
        (["words", "--shared", "/no/such/folder"], "no such folder"),
        (["directions", "--shared", "/no/such/folder"], "no such folder"),
    ],
)
def test_wrong_arguments_are_told_and_return_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *arguments]) == 2
    out, err = capsys.readouterr()
    assert told in err
    assert not out


def test_a_missing_recording_returns_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "speed", str(tmp_path / "gone.wav")]) == 1
    assert "no such file" in capsys.readouterr().err


def test_help_names_every_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--help"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("speed", "render", "words", "directions"))


@pytest.mark.parametrize(
    "name,options", [("words", {}), ("directions", {"prompts": None, "loss": "cosine"})]
)
def test_words_and_directions_show_their_figures(
    name: str,
    options: dict[str, object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen: list[tuple[Path, dict[str, object]]] = []

    def run(shared: Path, *, progress: object, **given: object) -> dict[str, object]:
        seen.append((shared, given))
        return {"agreement": 0.75, "rows": [{"word": "warm", "right": True}]}

    encoder = FakeEncoder()
    module = importlib.import_module(f"text2fx_studio.benchmark.{name}")
    monkeypatch.setattr(module, "run", run)
    monkeypatch.setattr(registry, "load_encoder", lambda *_, **__: encoder)
    assert main(["bench", name, "--shared", str(tmp_path), "--clips", "3", "--seed", "5"]) == 0
    assert "agreement: 0.75" in capsys.readouterr().out
    assert main(["bench", name, "--shared", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["agreement"] == 0.75
    common = {"encoder": encoder, **options}
    assert seen == [
        (tmp_path, {**common, "seed": 5, "clips": 3}),
        (tmp_path, {**common, "seed": 0}),
    ]


def test_the_first_seconds_of_a_file_are_used(tmp_path: Path) -> None:
    path = tmp_path / "ramp.wav"
    ramp = np.linspace(-0.5, 0.5, 8_000, dtype=np.float32)
    soundfile.write(path, np.stack((ramp, -ramp), axis=1), 8_000, subtype="FLOAT")
    audio, sample_rate, name = bench._sound(path, 0.25)
    assert (sample_rate, name) == (8_000, "ramp.wav")
    np.testing.assert_array_equal(audio, [ramp[:2_000], -ramp[:2_000]])


def test_without_a_file_the_demo_loop_is_used() -> None:
    audio, sample_rate, name = bench._sound(None, 10.0)
    assert (audio.shape, sample_rate, name) == ((2, 441_000), 44_100, "demo loop")
