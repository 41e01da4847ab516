"""What the tests of the window share: waiting, opening, finding."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

PATIENCE_MS = 90_000


def wait(qtbot, condition):
    """Wait, while Qt runs, until a condition holds."""
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)


def open_file(qtbot, window, path):
    """Open a recording and wait until all of it is seen."""
    window.files.open(path)
    wait(
        qtbot,
        lambda: (
            window.parts.recording.overview is not None and window.parts.document.source == path
        ),
    )


def by_text(parent, text):
    """The shown button that begins with these words."""
    found = [
        b for b in parent.findChildren(QPushButton) if b.text().startswith(text) and b.isVisible()
    ]
    assert found, f"no button {text!r}"
    return found[0]
