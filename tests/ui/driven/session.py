"""A session by real key and mouse events: the window under Xvfb, driven by xdotool.

``python -m tests.ui.driven.session DIR`` opens the window on a loop, types a prompt, shapes,
plays, compares, drags a node, undoes, accepts, saves a preset, and closes; pictures of each step
go to DIR. Ends with status 0 if the preset that was saved holds what was seen.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DISPLAY = ":97"
SIZE = (1440, 900)


def main(folder: Path) -> int:
    """Drive the session; returns the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        screen = subprocess.Popen(
            ["Xvfb", DISPLAY, "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            return _drive(folder, Path(home))
        finally:
            screen.terminate()
            screen.wait(10)


def _drive(folder: Path, home: Path) -> int:
    environment = {
        **os.environ, "DISPLAY": DISPLAY, "QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": "1",
        "XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state"),
        "TEXT2FX_PRESETS": str(home / "presets"),
    }  # fmt: skip
    config = home / "config" / "text2fx-studio"
    config.mkdir(parents=True)
    (config / "settings.json").write_text(json.dumps({"version": 1, "theme": "dark"}))
    from text2fx_studio.demo import write_loop

    loop = home / "loop.wav"
    write_loop(loop)
    window = subprocess.Popen(
        [sys.executable, "-m", "text2fx_studio.cli.main", "gui", str(loop)], env=environment
    )
    hand = _Hand(environment, folder)
    hand.wait_for_window()
    hand.place(SIZE)
    time.sleep(6.0)
    hand.picture("1-opened")
    hand.key("ctrl+l")
    hand.type("bright and airy")
    hand.key("Escape")
    hand.picture("2-typed")
    hand.key("Return")
    time.sleep(2.0)
    hand.picture("3-searching")
    session = home / "state" / "text2fx-studio" / "session.json"
    _until(lambda: "score_wet" in session.read_text() if session.exists() else False)
    time.sleep(3.0)
    hand.picture("4-proposal")
    hand.click(760, 120)  # the waveform takes the focus
    hand.key("b")
    hand.key("a")
    hand.key("b")
    hand.key("1")  # snapshot A
    hand.picture("5-compared")
    hand.drag((920, 467), (860, 467))  # the low-pass, which stands at its off end
    time.sleep(1.5)
    hand.picture("6-dragged")
    hand.key("ctrl+z")
    time.sleep(0.5)
    hand.key("ctrl+shift+Return")
    time.sleep(0.5)
    hand.picture("7-accepted")
    hand.key("F3")
    time.sleep(1.5)
    hand.click(200, 843)  # the name of the new preset
    hand.type("driven")
    hand.key("Return")
    time.sleep(1.5)
    hand.picture("8-saved")
    hand.key("ctrl+q")
    try:
        status = window.wait(20)
    except subprocess.TimeoutExpired:
        window.kill()
        return 3
    saved = list((home / "presets").glob("*.t2fx.json"))
    if not saved:
        return 4
    preset = json.loads(saved[0].read_text())
    kept = json.loads(session.read_text())
    heard = preset["chain"] == kept["chain"] and preset["prompt"] == "bright and airy"
    return status if heard and kept["clean"] else 5


class _Hand:
    """Keys and mouse."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._environment, self._folder, self._window = environment, folder, ""

    def _do(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self._environment, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    def wait_for_window(self) -> None:
        _until(lambda: bool(self._do("search", "--onlyvisible", "--name", "text2fx studio")))
        self._window = self._do("search", "--onlyvisible", "--name", "text2fx studio").split()[-1]

    def place(self, size: tuple[int, int]) -> None:
        self._do("windowmove", self._window, "0", "0")
        self._do("windowsize", self._window, str(size[0]), str(size[1]))
        self._do("windowfocus", self._window)
        time.sleep(0.5)

    def key(self, name: str) -> None:
        self._do("key", "--clearmodifiers", name)
        time.sleep(0.25)

    def type(self, text: str) -> None:
        self._do("type", "--delay", "40", text)
        time.sleep(0.25)

    def click(self, x: int, y: int) -> None:
        self._do("mousemove", str(x), str(y))
        self._do("click", "1")
        time.sleep(0.25)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self._do("mousemove", *map(str, start))
        self._do("mousedown", "1")
        for step in range(1, 7):
            x = start[0] + (end[0] - start[0]) * step // 6
            y = start[1] + (end[1] - start[1]) * step // 6
            self._do("mousemove", str(x), str(y))
            time.sleep(0.05)
        self._do("mouseup", "1")

    def picture(self, name: str) -> None:
        target = self._folder / f"{name}.png"
        if shutil.which("import"):
            subprocess.run(
                ["import", "-window", "root", str(target)], env=self._environment, check=False
            )
        else:  # Qt can take it, from a process of its own
            code = (
                "from PySide6.QtGui import QGuiApplication as A; app = A([]); "
                f"app.primaryScreen().grabWindow(0).save({str(target)!r})"
            )
            subprocess.run([sys.executable, "-c", code], env=self._environment, check=False)


def _until(condition: object, patience_s: float = 120.0) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError("the window did not get there in time")
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
