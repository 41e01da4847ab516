"""Windows are drawn off screen, in a known theme, and nothing of Qt outlives its test."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import gc
from collections.abc import Iterator

import pytest
import soundfile
from PySide6.QtCore import QCoreApplication, QEvent, QThreadPool
from PySide6.QtWidgets import QApplication

from tests.forked import forked
from text2fx_studio import processes
from text2fx_studio.demo import demo_loop
from ui.theme import Theme


@pytest.fixture(autouse=True)
def _quick_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "fresh", forked)


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The application's theme, dark; back to dark after the test."""
    found = Theme.of(qapp, "dark")
    found.set_mode("dark")
    yield found
    found.set_mode("dark")


@pytest.fixture(autouse=True)
def _no_widget_left(qapp: QApplication) -> Iterator[None]:
    before = set(map(id, qapp.topLevelWidgets()))
    yield
    for _ in range(3):
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
    assert QThreadPool.globalInstance().waitForDone(3000), "work left in the thread pool"
    if left := [w for w in qapp.topLevelWidgets() if id(w) not in before and w.isVisible()]:
        gc.collect()
        left = [w for w in qapp.topLevelWidgets() if id(w) not in before and w.isVisible()]
        if left:
            names = ", ".join(type(w).__name__ for w in left)
            for widget in left:
                widget.close()
            pytest.fail(f"windows left open: {names}")


@pytest.fixture
def loop(tmp_path):
    """A recording of three seconds."""
    path = tmp_path / "drum loop.wav"
    soundfile.write(path, demo_loop(3.0).T, 44_100)
    return path


@pytest.fixture
def make_window(qtbot, theme: Theme) -> Iterator[object]:
    """Makes windows that play into a device without a card; closes them, with all they run."""
    from text2fx_studio.playback import FakeOutput
    from ui.main_window import MainWindow

    made = []

    def make(opener: object = FakeOutput) -> MainWindow:
        window = MainWindow(theme, opener)
        window.show()
        qtbot.waitExposed(window)
        made.append(window)
        return window

    yield make
    for window in made:
        window.close()
        window.deleteLater()


@pytest.fixture
def window(make_window):
    """A window of its own."""
    return make_window()


@pytest.fixture
def silent_window(make_window):
    """A window on a machine without PortAudio."""
    from text2fx_studio.errors import PlaybackError

    def refuse(*_):
        raise PlaybackError("playback is off: PortAudio is not installed; all else works")

    return make_window(refuse)
