"""A session by real key and mouse events: the window under Xvfb, driven by xdotool.

``python -m tests.ui.driven.session DIR`` opens the empty window, drags a file into it from another
program's window (XDND), types a prompt, shapes, accepts, drags a node, compares A and B, undoes and
redoes, saves a preset, exports it, and quits; pictures of each step go to DIR. Ends with status 0
if the preset that was saved, the session that was kept and the file that was exported all hold what
was seen.
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
from typing import Any

DISPLAY = ":97"
SIZE = (1440, 900)
SCREEN = (1640, 900)  # the other program stands beside the window
SOURCE_AT = (1460, 100)
PROMPT = "bright and airy"


def main(folder: Path) -> int:
    """Drive the session; returns the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        screen = subprocess.Popen(
            ["Xvfb", DISPLAY, "-screen", "0", f"{SCREEN[0]}x{SCREEN[1]}x24"],
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
        [sys.executable, "-m", "text2fx_studio.cli.main", "gui"], env=environment
    )
    source = subprocess.Popen(
        [sys.executable, "-m", "tests.ui.driven.file_source", str(loop), *map(str, SOURCE_AT)],
        env=environment,
    )
    session = home / "state" / "text2fx-studio" / "session.json"
    exported = home / "exported"
    hand = _Hand(environment, folder)
    try:
        hand.wait_for_window()
        hand.place(SIZE)
        time.sleep(4.0)
        hand.picture("01-empty")
        _act(hand, session, exported)
        status = window.wait(30)
    except subprocess.TimeoutExpired:
        return 3
    finally:
        source.kill()
        window.kill()
    return status or _check(home / "presets", session, exported)


def _act(hand: _Hand, session: Path, exported: Path) -> None:
    """All that hands do."""
    x, y = SOURCE_AT
    hand.drag((x + 80, y + 30), (720, 450), pictured="02-dragging")
    _until(lambda: _kept(session).get("source", "").endswith("loop.wav"))
    time.sleep(2.0)
    hand.picture("03-dropped")
    hand.key("ctrl+l")
    hand.type(PROMPT)
    hand.key("Escape")
    hand.picture("04-typed")
    hand.key("Return")
    time.sleep(2.0)
    hand.picture("05-searching")
    _until(lambda: "score_wet" in _kept(session).get("found", {}))
    time.sleep(3.0)
    hand.picture("06-proposal")
    hand.key("ctrl+shift+Return")
    time.sleep(0.5)
    hand.picture("07-accepted")
    found = _kept(session)["chain"]
    hand.drag((920, 467), (860, 467))  # the low-pass, which stands at its off end
    _until(lambda: _kept(session)["chain"] != found)
    hand.picture("08-node-dragged")
    dragged = _kept(session)["chain"]
    hand.click(760, 120)  # the waveform takes the focus
    hand.key("a")
    hand.picture("09-dry")
    hand.key("b")
    hand.key("1")  # snapshot A
    hand.picture("10-wet")
    hand.key("ctrl+z")  # the snapshot
    hand.key("ctrl+z")  # the node
    _until(lambda: _kept(session)["chain"] == found)
    hand.picture("11-undone")
    hand.key("ctrl+shift+z")
    _until(lambda: _kept(session)["chain"] == dragged)
    hand.key("F3")
    time.sleep(1.5)
    hand.click(200, 843)  # the name of the new preset
    hand.type("driven")
    hand.key("Return")
    time.sleep(1.5)
    hand.picture("12-saved")
    hand.key("F4")
    time.sleep(1.5)
    hand.click(200, 200)  # a target in the list
    hand.key("ctrl+Home")
    hand.key("Down")
    hand.key("space")  # Equalizer APO
    hand.key("Tab")
    hand.type(str(exported))
    hand.picture("13-export-chosen")
    hand.key("Return")
    _until(lambda: any(exported.glob("*")))
    time.sleep(1.0)
    hand.picture("14-exported")
    hand.key("ctrl+q")


def _kept(session: Path) -> dict[str, Any]:
    """The autosaved session; empty before the first."""
    try:
        return dict(json.loads(session.read_text()))
    except (OSError, ValueError):
        return {}


def _check(presets: Path, session: Path, exported: Path) -> int:
    """Whether the files on disk agree; the exit status."""
    saved = list(presets.glob("*.t2fx.json"))
    if not saved:
        return 4
    preset, kept = json.loads(saved[0].read_text()), _kept(session)
    if preset["chain"] != kept["chain"] or preset["prompt"] != PROMPT or not kept["clean"]:
        return 5
    files = sorted(exported.glob("*"))
    sys.stdout.write(f"exported: {', '.join(f'{f.name} ({f.stat().st_size} B)' for f in files)}\n")
    return 0 if files and all(file.stat().st_size > 50 for file in files) else 6


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
        _until(lambda: bool(self._do("search", "--onlyvisible", "--name", "^text2fx studio")))
        self._window = self._do("search", "--onlyvisible", "--name", "^text2fx studio").split()[-1]

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

    def drag(self, start: tuple[int, int], end: tuple[int, int], pictured: str = "") -> None:
        self._do("mousemove", *map(str, start))
        self._do("mousedown", "1")
        for step in range(1, 13):
            x = start[0] + (end[0] - start[0]) * step // 12
            y = start[1] + (end[1] - start[1]) * step // 12
            self._do("mousemove", str(x), str(y))
            time.sleep(0.06)
        if pictured:
            time.sleep(0.3)
            self.picture(pictured)
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
