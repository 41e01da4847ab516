"""Bad input: a clear line, the right exit code, and nothing written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.cli.conftest import RATE_HZ, FakeSearch, Outcome, Run
from text2fx_studio.errors import AudioContentError, EncoderError, PromptError


def _expect(done: Outcome, code: int, said: str, folder: Path) -> None:
    assert done.code == code
    assert said in done.error_line()
    assert done.out == ""
    assert list(folder.iterdir()) == []


def _nothing(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _text(path: Path) -> None:
    path.write_text("these are words, not samples\n" * 20)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _truncated(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])


def _header_only(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:30])


def _zero_samples(path: Path) -> None:
    soundfile.write(path, np.zeros((0, 2)), RATE_HZ)


def _nan(path: Path) -> None:
    samples = np.full((RATE_HZ, 1), 0.1, dtype=np.float32)
    samples[RATE_HZ // 2] = np.nan
    soundfile.write(path, samples, RATE_HZ, subtype="FLOAT")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "spoil, said",
    [
        (_nothing, "no such file"),
        (_folder, "is a folder"),
        (_empty, "0 bytes"),
        pytest.param(
            _pipe,
            "not a regular file",
            marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here"),
        ),
    ],
)
def test_inputs_that_are_refused_before_anything_loads(
    text2fx: Run,
    fake_search: FakeSearch,
    recording: Path,
    out: Path,
    spoil: Callable[[Path], None],
    said: str,
) -> None:
    spoil(recording)
    _expect(text2fx("apply", recording, "warm", "-o", out / "o.wav"), 1, said, out)
    _expect(text2fx("render", recording, "telephone", "-o", out / "o.wav"), 1, said, out)
    assert fake_search.asked == []


@pytest.mark.parametrize(
    "spoil, said",
    [
        (_text, "voice.wav"),
        (_truncated, "cut off"),
        (_header_only, "voice.wav"),
        (_zero_samples, "no samples"),
        (_nan, "finite"),
    ],
)
def test_inputs_that_are_no_usable_audio(
    text2fx: Run,
    fake_search: FakeSearch,
    recording: Path,
    out: Path,
    spoil: Callable[[Path], None],
    said: str,
) -> None:
    spoil(recording)
    _expect(text2fx("apply", recording, "warm", "-o", out / "o.wav"), 1, said, out)
    _expect(text2fx("render", recording, "telephone", "-o", out / "o.wav"), 1, said, out)


@pytest.mark.parametrize(
    "prompt, said",
    [
        ("", "prompt"),
        (" \t\n ", "prompt"),
        ("warm " * 1000, "500"),
        ("?!...", "no words"),
        ("тепло и близко", "English"),
        ("温かい音", "English"),
        ("warm\x1b[2J", "control characters"),
        ("warm \udce9", "UTF-8"),
    ],
)
def test_prompts_that_cannot_be_read(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path, prompt: str, said: str
) -> None:
    _expect(text2fx("apply", recording, prompt, "-o", out / "o.wav"), 2, said, out)
    assert fake_search.asked == []


@pytest.mark.parametrize(
    "options, said",
    [
        (("--chain", "flanger"), "unknown effect 'flanger'"),
        (("--chain", ""), "--chain"),
        (("--chain", "eq,eq"), "more than once"),
        (("--chain", "gain"), "nothing to search"),
        (("--amount", "1.5"), "0 to 1"),
        (("--amount", "nan"), "0 to 1"),
        (("--seed", "-1"), "--seed"),
        (("--seed", "1.5"), "--seed"),
        (("--loss", "huber"), "--loss"),
        (("--space", "outer"), "--space"),
        (("--device", "abacus"), "--device"),
        (("--encoder", "ear"), "--encoder"),
        (("--wrong",), "--wrong"),
        (("--preset-out", "p.json"), ".t2fx.json"),
    ],
)
def test_options_that_make_no_sense_are_usage_errors(
    text2fx: Run,
    fake_search: FakeSearch,
    recording: Path,
    out: Path,
    options: tuple[str, ...],
    said: str,
) -> None:
    _expect(text2fx("apply", recording, "warm", "-o", out / "o.wav", *options), 2, said, out)
    assert fake_search.asked == []


def test_a_checkpoint_that_does_not_exist(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path
) -> None:
    done = text2fx("apply", recording, "warm", "-o", out / "o.wav", "--checkpoint", out / "w.pt")
    _expect(done, 1, "--checkpoint", out)


def test_missing_arguments_and_commands(text2fx: Run) -> None:
    assert text2fx("apply").code == 2
    assert "--output" in text2fx("apply", "in.wav").error_line()
    assert "invalid choice" in text2fx("aply", "in.wav").error_line()
    assert text2fx("--frobnicate").code == 2


@pytest.mark.parametrize("name", ["o.mp3", "o.txt", "o"])
def test_outputs_that_cannot_be_written_as_such(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path, name: str
) -> None:
    _expect(text2fx("apply", recording, "warm", "-o", out / name), 2, ".flac", out)


def test_an_output_folder_that_does_not_exist(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path
) -> None:
    done = text2fx("apply", recording, "warm", "-o", out / "no" / "o.wav")
    _expect(done, 1, "does not exist", out)
    done = text2fx(
        "apply", recording, "warm", "-o", out / "o.wav",
        "--preset-out", out / "no" / "p.t2fx.json",
    )  # fmt: skip
    _expect(done, 1, "does not exist", out)
    assert fake_search.asked == []


def test_an_output_that_is_a_folder(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path
) -> None:
    target = out / "o.wav"
    target.mkdir()
    done = text2fx("apply", recording, "warm", "-o", target, "--overwrite")
    assert done.code == 1
    assert "is a folder" in done.error_line()
    assert list(target.iterdir()) == []


def test_a_folder_without_the_right_to_write(
    text2fx: Run,
    fake_search: FakeSearch,
    recording: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # root may write anywhere: refuse by hand

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("text2fx_studio.cli.checks.tempfile.TemporaryFile", refuse)
    else:
        out.chmod(0o500)
    try:
        _expect(
            text2fx("apply", recording, "warm", "-o", out / "o.wav"), 1, "cannot be written", out
        )
    finally:
        out.chmod(0o700)
    assert fake_search.asked == []


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc")
def test_a_place_where_nobody_can_write(
    text2fx: Run, fake_search: FakeSearch, recording: Path
) -> None:
    done = text2fx("apply", recording, "warm", "-o", "/proc/o.wav")
    assert done.code == 1
    assert "cannot be written" in done.error_line()
    assert fake_search.asked == []


def test_the_input_is_never_the_output(
    text2fx: Run, fake_search: FakeSearch, recording: Path, tmp_path: Path
) -> None:
    before = recording.read_bytes()
    link = tmp_path / "link.wav"
    link.symlink_to(recording)
    hard = tmp_path / "hard.wav"
    hard.hardlink_to(recording)
    around = recording.parent / ".." / recording.parent.name / recording.name
    for same in (recording, around, link, hard):
        done = text2fx("apply", recording, "warm", "-o", same, "--overwrite")
        assert done.code == 2
        assert "input" in done.error_line()
        assert text2fx("render", recording, "air", "-o", same, "--overwrite").code == 2
    assert recording.read_bytes() == before
    assert fake_search.asked == []


@pytest.mark.parametrize(
    "error, code, kind",
    [
        (AudioContentError("voice.wav: is silent, there is nothing to shape"), 1, None),
        (EncoderError("weights: hash differs"), 1, None),
        (PromptError("prompt: not readable"), 2, None),
        (OSError(28, "No space left on device", "o.wav"), 1, "OSError"),
        (MemoryError(), 1, None),
        (RuntimeError("two\nlines"), 1, None),
        (KeyboardInterrupt(), 130, "Interrupted"),
    ],
)
def test_errors_of_the_search_are_one_line_an_object_and_an_exit_code(
    text2fx: Run,
    fake_search: FakeSearch,
    recording: Path,
    out: Path,
    error: BaseException,
    code: int,
    kind: str | None,
) -> None:
    fake_search.error = error
    preset = out / "o.t2fx.json"
    arguments = ("apply", recording, "warm", "-o", out / "o.wav", "--preset-out", preset)
    _expect(text2fx(*arguments), code, "", out)
    told = text2fx(*arguments, "--json")
    assert told.code == code
    assert told.data["kind"] == (kind or type(error).__name__)
    assert told.error_line() == f"text2fx: error: {told.data['error']}"
    assert list(out.iterdir()) == []


def test_usage_errors_are_objects_too(text2fx: Run) -> None:
    told = text2fx("apply", "--json")
    assert told.code == 2
    assert told.data["kind"] == "UsageError"


def test_debug_shows_the_traceback(
    text2fx: Run,
    fake_search: FakeSearch,
    recording: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEXT2FX_DEBUG", "1")
    fake_search.error = RuntimeError("deep inside")
    done = text2fx("apply", recording, "warm", "-o", out / "o.wav")
    assert done.code == 1
    assert "Traceback" in done.err
    assert "deep inside" in done.err.splitlines()[-1]


def test_a_file_name_cannot_drive_the_terminal(text2fx: Run, tmp_path: Path) -> None:
    done = text2fx("apply", tmp_path / "a\x1b[2J\nb.wav", "warm", "-o", tmp_path / "o.wav")
    assert done.code == 1
    assert "\x1b" not in done.error_line()


def test_neither_or_both_of_prompt_and_concepts(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path
) -> None:
    wanted = ("apply", recording, "-o", out / "o.wav")
    _expect(text2fx(*wanted), 2, "as PROMPT or with --concepts", out)
    both = text2fx("apply", recording, "warm", "--concepts", "echo:1", "-o", out / "o.wav")
    _expect(both, 2, "not both", out)
