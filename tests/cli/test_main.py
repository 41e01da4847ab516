"""The command itself: start-up, help, signals, pipes, progress."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.cli.conftest import FakeSearch, Run
from text2fx_studio import __version__
from text2fx_studio.cli import main as entry
from text2fx_studio.cli import terminal

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "numpy", "scipy", "soundfile", "pedalboard", "jsonschema", "PySide6")
COMMANDS = ("apply", "render", "demo", "presets", "doctor", "gui")


def _python(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False
    )


@pytest.mark.parametrize("arguments", [("--help",), ("apply", "--help"), ("--version",)])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    done = _python(
        """
        import sys
        from text2fx_studio.cli.main import main
        code = main(sys.argv[1:])
        sys.stderr.write(" ".join(sorted(sys.modules)))
        sys.exit(code)
        """,
        *arguments,
    )
    assert done.returncode == 0
    assert not set(HEAVY) & set(done.stderr.split())


def seconds(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=ROOT)
    return time.perf_counter() - began


def test_help_takes_little_longer_than_numpy_takes_to_load() -> None:
    # About 1.1 times, side by side as machines differ: a quarter of a second on a slow one.
    ratios = [
        seconds("-m", "text2fx_studio.cli.main", "--help") / seconds("-c", "import numpy")
        for _ in range(5)
    ]
    assert min(ratios) < 2.0


def test_help_names_every_command(text2fx: Run) -> None:
    done = text2fx("--help")
    assert done.code == 0
    for command in COMMANDS:
        assert f"\n    {command} " in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(text2fx: Run, command: str) -> None:
    done = text2fx(command, "--help")
    assert done.code == 0
    assert done.out.startswith(f"usage: text2fx {command}")


def test_version(text2fx: Run) -> None:
    assert text2fx("--version").out == f"text2fx {__version__}\n"


def test_a_command_that_is_not_installed_does_not_break_the_others(
    text2fx: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry, "SUBCOMMANDS", ("presets", "frobnicate"))
    done = text2fx("--help")
    assert done.code == 0
    assert "presets" in done.out
    assert "frobnicate" not in done.out
    assert text2fx("frobnicate").code == 2


def test_the_bare_command_opens_the_window(
    text2fx: Run, monkeypatch: pytest.MonkeyPatch, recording: Path
) -> None:
    opened = []

    class App:
        @staticmethod
        def main(*arguments: object) -> int:
            opened.append(arguments)
            return 0

    monkeypatch.setattr("text2fx_studio.cli.gui.importlib.import_module", lambda _: App)
    monkeypatch.setattr(entry, "_subcommand", _only_gui)
    for arguments in ((), ("gui",), ("gui", recording), ("gui", "--screenshot", "pictures")):
        assert text2fx(*arguments).code == 0
    assert opened == [(None, None), (None, None), (recording, None), (None, Path("pictures"))]
    assert text2fx("gui", "no-such.wav").code == 1


def test_without_qt_the_window_says_what_is_missing(
    text2fx: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name="PySide6")

    monkeypatch.setattr("text2fx_studio.cli.gui.importlib.import_module", absent)
    monkeypatch.setattr(entry, "_subcommand", _only_gui)
    done = text2fx()
    assert done.code == 2
    assert "needs PySide6" in done.error_line()


def _only_gui(name: str) -> object:
    from text2fx_studio.cli import gui

    return gui if name == "gui" else None


def test_without_a_command_options_are_refused(text2fx: Run) -> None:
    assert text2fx("--json").code == 2


_SLOW_JOB = """
    import sys, time
    from pathlib import Path
    from dsp.atomic import AtomicFile
    from text2fx_studio.cli import apply, main

    def run(args):
        with AtomicFile(args.output) as file:
            file.path.write_bytes(b"half of it")
            print("working", flush=True)
            time.sleep(30)
            file.commit()
        return 0

    apply.run = run
    sys.exit(main.main(["apply", "in.wav", "warm", "-o", sys.argv[1]]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_at_once_with_130_and_no_partial_file(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_SLOW_JOB), str(tmp_path / "o.wav")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    assert len(list(tmp_path.iterdir())) == 1
    began = time.monotonic()
    process.send_signal(number)
    process.send_signal(number)  # an impatient second one does not break the cleaning up
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert time.monotonic() - began < 5
    assert err.startswith("text2fx: error: interrupted")
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes")
def test_a_reader_that_goes_away_causes_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "text2fx_studio.cli.main", "presets", "list"],
        stdout=writing, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == ""


def test_signal_handlers_are_put_back(text2fx: Run) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    text2fx("--version")
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


class _Terminal(io.StringIO):
    encoding = "ascii"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> _Terminal:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(terminal, "_INTERVAL_S", 0.0)
    return _Terminal()


def test_progress_is_one_line_that_goes_away(screen: _Terminal) -> None:
    with terminal.Progress(stream=screen) as progress:
        progress.update("Searching", 0.0)
        progress.update("Searching", 0.5, "match 0.312")
        progress.update("Searching", 0.5, "match 0.312")
        progress.update("Wärme", 1.0, "x" * 200)
    said = screen.getvalue()
    assert "\n" not in said
    assert said.count("match 0.312") == 1  # nothing is redrawn that has not changed
    assert "[##########----------]  50 %" in said
    lines = [line.replace("\x1b[36m", "").split("\x1b")[0] for line in said.split("\r")]
    assert max(map(len, lines)) < 60
    assert said.endswith("\r\x1b[K")


def test_no_color_is_respected(screen: _Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with terminal.Progress(stream=screen) as progress:
        progress.update("Searching", 0.5)
    assert "\x1b[36m" not in screen.getvalue()
    assert "Searching" in screen.getvalue()


def test_no_progress_where_nobody_looks(screen: _Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal.Progress(quiet=True, stream=screen) as progress:
        progress.update("Searching", 0.5)
    monkeypatch.setenv("TERM", "dumb")
    with terminal.Progress(stream=screen) as progress:
        progress.update("Searching", 0.5)
    plain = io.StringIO()
    with terminal.Progress(stream=plain) as progress:
        progress.update("Searching", 0.5)
    assert screen.getvalue() == plain.getvalue() == ""


def test_progress_of_the_main_job_shows_the_score(
    text2fx: Run,
    fake_search: FakeSearch,
    recording: Path,
    out: Path,
    screen: _Terminal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", screen)
    assert text2fx("apply", recording, "warm", "-o", out / "o.wav").code == 0
    said = screen.getvalue()
    assert "match 0.200" in said
    assert "Rendering" in said


def test_text_that_the_terminal_lacks_is_escaped() -> None:
    narrow = _Terminal()
    terminal.write("naïve 音", narrow)
    assert narrow.getvalue() == "na\\xefve \\u97f3\n"


def test_json_has_no_nan(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.write_json({"a": float("nan"), "b": [float("-inf"), 1.5], "c": ("x",)})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, 1.5], "c": ["x"]}
