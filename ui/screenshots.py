"""``text2fx gui --screenshot DIR``: the real window in its main states, drawn off screen.

Every picture is of the same window that a person uses, with the demo loop in it, driven through
its own commands. Each combination of theme and scale runs in a process of its own, because Qt
takes the scale at its start.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QDialog

from text2fx_studio.errors import OutputError, Text2FXError
from text2fx_studio.playback import FakeOutput
from ui.pages.rack import RackPage

THEMES = ("dark", "light")
SCALES = ("1", "1.5", "2")
PROMPT = "warm and full-bodied, like an old ribbon microphone"
PATIENCE_S = 180.0
_SMALL_PX = (1000, 640)
_FULL_PX = (1440, 900)
_LARGE_PX = (3840, 2160)  # a 4K screen at scale 1; at other scales it would be larger than any


def take_all(folder: Path) -> int:
    """Take every picture.

    Raises:
        OutputError: The folder cannot be written.
        Text2FXError: A process failed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: the folder cannot be made: {error.strerror}") from error
    with tempfile.TemporaryDirectory(prefix="text2fx-pictures-") as home:
        for theme in THEMES:
            for scale in SCALES:
                environment = {
                    **os.environ,
                    "QT_QPA_PLATFORM": "offscreen",
                    "QT_SCALE_FACTOR": scale,
                    "XDG_CONFIG_HOME": f"{home}/config",
                    "XDG_STATE_HOME": f"{home}/state",
                }
                command = [sys.executable, "-m", "ui.screenshots", str(folder), theme, scale]
                done = subprocess.run(command, env=environment, check=False)  # noqa: S603 our own
                if done.returncode:
                    raise Text2FXError(
                        f"screenshots: the window ended with status {done.returncode} "
                        f"({theme}, scale {scale})"
                    )
    return 0


def take(folder: Path, theme: str, scale: str) -> None:
    """Take the pictures of one theme and scale, in this process."""
    from ui.app import make_application
    from ui.main_window import MainWindow
    from ui.theme import Theme

    app = make_application()
    window = MainWindow(Theme.of(app), FakeOutput)
    window.parts.store.change(theme=theme)
    window.resize(*_FULL_PX)
    window.show()
    try:
        for name, settle_s in _scenes(window, large=scale == "1"):
            _run_for(settle_s)
            dialog = QApplication.activeModalWidget() or next(
                (d for d in window.findChildren(QDialog) if d.isVisible()), None
            )
            (dialog or window).grab().save(str(folder / f"{name}-{theme}-{scale}x.png"))
    finally:
        window.close()


def _scenes(window: object, *, large: bool) -> Iterator[tuple[str, float]]:
    """Bring the window into one state after the other; yields (name, seconds to let it settle)."""
    from ui.main_window import MainWindow

    if not isinstance(window, MainWindow):
        raise TypeError("a MainWindow is needed")
    parts = window.parts
    window.start(restore=False)
    yield "01-empty", 0.5
    window.files.open_demo()
    _until(lambda: parts.recording.overview is not None)
    window.listen.set_loop((2.0, 4.5))
    parts.listening.seek(2.8)
    yield "02-loaded", 0.3
    parts.prompt.field.set_prompt(PROMPT)
    window.shape.start_again()
    _until(lambda: parts.shaping.progress is not None and len(parts.shaping.progress.history) > 6)
    yield "03-searching", 0.05
    _until(lambda: not parts.shaping.running)
    _until(lambda: window.pages.why.facts() != "")
    yield "04-result", 0.5
    window.resize(*_SMALL_PX)
    yield "05-small", 0.3
    window.reveal("why")
    yield "06-small-why", 0.3
    window.reveal("map")
    yield "07-small-map", 0.3
    window.reveal("reverb")
    yield "08-small-reverb", 0.3
    window.reveal("eq")
    window.resize(*_FULL_PX)
    window.shape.accept()
    parts.document.preview(amount=0.6)
    yield "09-accepted", 0.3
    for number, page in enumerate(("presets", "export", "batch", "rack", "settings"), 10):
        window.show_page(page)
        if page == "rack":
            _fill_rack(window.pages.rack)
        yield f"{number}-{page}", 0.6
    window.show_page("sound")
    window.shape.reset()
    parts.prompt.field.set_prompt("say something about the weather")
    window.pages.show_keys()
    yield "15-keys", 0.3
    if large:
        for dialog in window.findChildren(QDialog):
            dialog.close()
        parts.document.undo_stack.undo()
        window.resize(*_LARGE_PX)
        yield "16-large", 0.5
        window.show_page("presets")
        yield "17-large-presets", 0.5


def _fill_rack(rack: RackPage) -> None:
    """Two of the plugins of this machine, where there are any, on either side."""
    _until(lambda: not rack.scanning)
    keys = rack.usable()
    for key in dict.fromkeys((*keys[:1], *keys[len(keys) // 2 :][:1])):
        rack.add(key)
    _until(lambda: not rack.racking.busy)
    if keys:
        slot = rack.view.selected()
        if slot is not None and len(keys) > 1:
            rack.move(slot.key, -1)
            rack.move(slot.key, -1)
    _until(lambda: not rack.racking.busy)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise Text2FXError("screenshots: the window did not reach its next state in time")
        _run_for(0.02)


def _run_for(seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        QCoreApplication.processEvents()
        QApplication.sendPostedEvents()
        if time.monotonic() >= end:
            return
        time.sleep(0.005)


if __name__ == "__main__":
    take(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
