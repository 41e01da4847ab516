import importlib
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_encoder import FakeEncoder
from people_folder import write_people

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
        (["rooms", "--rooms", "/no/such/folder"], "no such folder"),
        (["words", "--folds", "/no/such/file"], "no such file"),
        (["words", "--plot", "words.png"], "an .svg file"),
        (["robustness", "--judge", "/no/such/file"], "no such file"),
        (["antonyms", "--pairs", "0"], "a whole number from 1"),
        (["words", "--text2fx-words", "-1"], "a whole number from 0"),
        (["meaning"], "--out"),
        (["card", "/no/such/file"], "--card"),
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


MEANING = {
    "words": "words", "directions": "directions", "adaptivity": "adaptivity",
    "robustness": "robustness", "antonyms": "antonyms", "rooms": "measured_rooms",
    "latency": "latency",
}  # fmt: skip


@pytest.mark.parametrize("name", [n for n in MEANING if n not in ("words", "directions")])
def test_benchmarks_of_meaning_show_their_figures(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "audio").mkdir()
    _loop(tmp_path / "audio" / "a.wav")
    module = importlib.import_module(f"text2fx_studio.benchmark.{MEANING[name]}")
    figures = {"benchmark": name, "agreement": 0.75, "rows": [{"word": "warm", "right": True}]}
    monkeypatch.setattr(module, "run", lambda *_, **__: figures)
    monkeypatch.setattr(registry, "load_encoder", lambda *_, **__: FakeEncoder())
    arguments = ["bench", name, "--shared", str(tmp_path), "--seed", "5"]
    assert main(arguments) == 0
    assert "agreement: 0.75" in capsys.readouterr().out
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == figures


def test_arguments_of_words_reach_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from text2fx_studio.benchmark import words

    people = write_people(tmp_path / "people")
    (tmp_path / "sounds").mkdir()
    seen: list[object] = []
    row = {"word": "warm", "count": 5, "state": "held_out", "search": 0.5, "text_only": 0.25,
           "split_half": None}  # fmt: skip

    def run(benches: list[object], *given: object) -> dict[str, object]:
        seen.extend((len(benches), *given))
        return {"benchmark": "words", "rows": [row]}

    monkeypatch.setattr(words, "run", run)
    monkeypatch.setattr(registry, "load_encoder", lambda *_, **__: FakeEncoder())
    plot = tmp_path / "words.svg"
    arguments = ["bench", "words", "--data", str(people), "--audio", str(tmp_path / "sounds"),
                 "--least", "3", "--clips", "2", "--text2fx-words", "1", "--no-reverb",
                 "--plot", str(plot), "--json"]  # fmt: skip
    assert main(arguments) == 0
    options = words.Options(clips=2, least=3, text2fx_words=1, reverb=False)
    assert seen == [1, people, tmp_path / "sounds", options]
    assert "warm (5)" in plot.read_text("utf-8")
    capsys.readouterr()
    assert main(arguments) == 2
    assert "--overwrite" in capsys.readouterr().err


def _loop(path: Path) -> None:
    sound = 0.1 * np.random.default_rng(0).standard_normal(16_000)
    soundfile.write(path, sound, 16_000)


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
