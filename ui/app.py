"""The desktop application's start: Qt, theme, window."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from text2fx_studio.errors import UsageError
from ui.main_window import MainWindow, first_picture
from ui.theme import Theme
from ui.theme.icons import app_icon

_SIGNALS_MS = 250  # Python sees a Ctrl-C in the terminal only when its own code runs


def main(source: Path | None = None, screenshots: Path | None = None) -> int:
    """Open the window and run until it is closed.

    Args:
        source: A recording to open; None brings back the last session.
        screenshots: Folder for pictures of the main states instead; no window is shown.

    Returns:
        The exit status.

    Raises:
        UsageError: There is no screen.
    """
    if screenshots is not None:
        from ui.screenshots import take_all

        return take_all(screenshots)
    _check_screen()
    app = make_application()
    theme = Theme.of(app)
    window = MainWindow(theme)
    window.crash.install()
    signal.signal(signal.SIGINT, lambda *_: window.close())
    signal.signal(signal.SIGTERM, lambda *_: window.close())
    ticker = QTimer(window, interval=_SIGNALS_MS)
    ticker.timeout.connect(lambda: None)
    ticker.start()
    first_picture(window, source)
    return int(app.exec())


def make_application() -> QApplication:
    """The QApplication with its name and icon; the one that runs, if there is one."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("text2fx-studio")
    app.setApplicationDisplayName("text2fx studio")
    app.setDesktopFileName("text2fx-studio")
    app.setWindowIcon(app_icon())
    return app


def _check_screen() -> None:
    """Qt ends the process where there is no screen; say it in words instead."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        raise UsageError(
            "the window needs a screen: neither DISPLAY nor WAYLAND_DISPLAY is set; use the "
            "commands instead: text2fx --help"
        )
