"""Starting: light, told in words where it cannot, and pictures of every state."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import soundfile

from tests.ui.window import wait
from text2fx_studio.demo import demo_loop
from text2fx_studio.errors import UsageError
from ui import app
from ui.crash import log_file
from ui.main_window import first_picture


def test_the_window_opens_without_torch_scipys_signal_and_the_sound_card():
    script = """
import sys
from ui.app import make_application
from ui.main_window import MainWindow
from ui.theme import Theme
made = make_application()
window = MainWindow(Theme.of(made))
window.show()
made.processEvents()
heavy = {"torch", "transformers", "tokenizers", "scipy.signal", "sounddevice", "pedalboard"}
print(sorted(heavy & set(sys.modules)))
window.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_without_a_screen_it_says_so(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(UsageError, match="needs a screen"):
        app.main()


def test_an_error_that_nobody_handles_is_logged_and_shown_once(qtbot, window):
    window.crash.install()
    try:
        for text in ("first trouble", "second trouble"):
            try:
                raise RuntimeError(text)
            except RuntimeError as error:
                sys.excepthook(type(error), error, error.__traceback__)
        dialog = window.crash.dialog
        shown = dialog.log.toPlainText()
        assert "first trouble" in shown
        assert "second trouble" in shown
        logged = log_file().read_text()
        assert logged.index("first trouble") < logged.index("second trouble")
        dialog.copy()
        dialog.close()
        qtbot.waitUntil(lambda: window.crash.dialog is None)
    finally:
        window.crash.remove()


@pytest.mark.parametrize("size", [(1000, 640), (1440, 900), (2560, 1400)])
def test_every_size_lays_out_without_clipping_the_panels(window, qtbot, size):
    window.resize(*size)
    qtbot.wait(50)
    assert window.work.compact == (size[0] < 1240 or size[1] < 700)
    shown = [panel for panel in window.work._panels.values() if panel.isVisible()]
    assert window.parts.card in shown
    for panel in shown:
        least = panel.minimumSizeHint()
        assert panel.width() >= min(least.width(), 320)
        assert panel.height() >= min(least.height(), 190)


def test_the_window_is_shown_first_and_then_opens_the_recording(qtbot, make_window, tmp_path):
    path = tmp_path / "loop.wav"
    soundfile.write(path, demo_loop(1.0).T, 44_100)
    window = make_window()
    first_picture(window, path)
    assert window.isVisible()
    assert window.parts.document.source is None
    wait(qtbot, lambda: window.parts.document.source == path)
