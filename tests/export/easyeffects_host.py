"""EasyEffects as a person uses it: its window under Xvfb, its file dialog, its stored settings.

It is the one program among Debian's that reads Equalizer APO's text; it does so from its window
only. PipeWire and D-Bus run beside it, as it expects; its home is a folder of its own.
"""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.export.cookbook import Stage

PROGRAMS = ("easyeffects", "pipewire", "wireplumber", "dbus-daemon", "Xvfb", "xdotool")
SIZE = (1390, 880)
EFFECTS_AT, IMPORT_APO_AT = (743, 855), (1278, 538)  # the tab below, the button at the right
DIALOG = "Import APO Preset File"
PATIENCE_S = 60.0
KINDS = {"Bell": "PK", "Lo-shelf": "LS", "Hi-shelf": "HS", "Hi-pass": "HP", "Lo-pass": "LP"}
CHANNEL = "com/github/wwmm/easyeffects/streamoutputs/equalizer/0"


class EasyEffects:
    """The running program; a context manager.

    Args:
        home: Where it keeps its settings.
        preset: One of its own presets, with an equalizer: it is loaded first.
    """

    def __init__(self, home: Path, preset: Path) -> None:
        self._settings = home / "config" / "glib-2.0" / "settings" / "keyfile"
        self._preset = home / "config" / "easyeffects" / "output" / "start.json"
        self._preset.parent.mkdir(parents=True)
        shutil.copy(preset, self._preset)
        runtime = home / "run"
        runtime.mkdir(mode=0o700)
        self._environment = {
            **os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_RUNTIME_DIR": str(runtime), "GSETTINGS_BACKEND": "keyfile",
            "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo", "GTK_USE_PORTAL": "0",
        }  # fmt: skip
        self._running: list[subprocess.Popen[str]] = []

    def __enter__(self) -> EasyEffects:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running):
            process.terminate()
        for process in reversed(self._running):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
            if process.stdout is not None:
                process.stdout.close()

    def import_apo(self, path: Path) -> None:
        """Open a text by the button and the file dialog, as a person does."""
        before = self._settings.read_text("utf-8")
        self._click(IMPORT_APO_AT)
        _until(lambda: self._windows(DIALOG))
        time.sleep(0.5)
        self._do("key", "ctrl+l")
        time.sleep(0.3)
        self._do("type", "--delay", "10", str(path))
        time.sleep(0.5)
        self._do("key", "Return")
        _until(lambda: not self._windows(DIALOG))
        _until(lambda: self._settings.read_text("utf-8") != before)
        self._settle()

    def read(self) -> tuple[float, list[Stage]]:
        """What it holds now: gain in dB, and the stages of the left channel."""
        self._settle()
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(self._settings.read_text("utf-8"))
        whole, left = parser[CHANNEL], parser[f"{CHANNEL}/leftchannel"]
        stages = []
        for band in range(32):
            kind = _text(left.get(f"band{band}-type", "'Off'"))
            if kind == "Off":
                continue
            assert _text(left[f"band{band}-mode"]) == "APO (DR)"
            assert _text(left.get(f"band{band}-slope", "'x1'")) == "x1"
            numbers = (
                float(left[f"band{band}-frequency"]),
                float(left.get(f"band{band}-gain", "0")),  # it keeps no zeros
                float(left[f"band{band}-q"]),
            )
            stages.append((KINDS[kind], *numbers))
        gain_db = float(whole.get("input-gain", "0")) + float(whole.get("output-gain", "0"))
        return gain_db, stages

    def _start(self) -> None:
        screen = self._run("Xvfb", "-displayfd", "1", "-screen", "0", "1400x900x24", piped=True)
        self._environment["DISPLAY"] = f":{_first_line(screen)}"
        bus = self._run("dbus-daemon", "--session", "--nofork", "--print-address", piped=True)
        self._environment["DBUS_SESSION_BUS_ADDRESS"] = _first_line(bus)
        self._run("pipewire")
        runtime = Path(self._environment["XDG_RUNTIME_DIR"])
        _until(lambda: (runtime / "pipewire-0").exists())
        self._run("wireplumber")
        self._run("easyeffects")
        _until(lambda: self._windows("^Easy Effects$"))
        (window, *_) = self._windows("^Easy Effects$")
        time.sleep(1.0)
        self._do("windowmove", window, "0", "0")
        self._do("windowsize", window, *map(str, SIZE))
        self._program("easyeffects", "--load-preset", self._preset.stem)
        _until(lambda: self._settings.is_file() and "equalizer#0" in self._settings.read_text())
        time.sleep(1.0)
        self._click(EFFECTS_AT)
        time.sleep(1.0)

    def _run(self, *command: str, piped: bool = False) -> subprocess.Popen[str]:
        output = subprocess.PIPE if piped else subprocess.DEVNULL
        process = subprocess.Popen(
            command, env=self._environment, stdout=output, stderr=subprocess.DEVNULL, text=True
        )
        self._running.append(process)
        return process

    def _program(self, *command: str) -> str:
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=30, check=False
        )
        return done.stdout

    def _do(self, *words: str) -> str:
        return self._program("xdotool", *words)

    def _windows(self, title: str) -> list[str]:
        return self._do("search", "--onlyvisible", "--name", title).split()

    def _click(self, place: tuple[int, int]) -> None:
        self._do("mousemove", *map(str, place), "click", "1")

    def _settle(self) -> None:
        """Wait until the settings stand still for a second."""
        text, since = "", time.monotonic()
        while time.monotonic() - since < 1.0:
            now = self._settings.read_text("utf-8")
            if now != text:
                text, since = now, time.monotonic()
            time.sleep(0.1)


def _text(value: str) -> str:
    return value.strip("'")


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("EasyEffects did not get there in time")
        time.sleep(0.1)
