"""Every widget with sample data, in both themes, as pictures: ``python -m ui.views.gallery DIR``.

The scale is that of Qt (``QT_SCALE_FACTOR``); :func:`main` starts itself once for each scale, off
screen, unless ``QT_QPA_PLATFORM`` says otherwise.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from ui.theme import Theme
from ui.views import gallery_scenes

SCALES = ("1", "2")


def main(arguments: list[str]) -> int:
    """Write pictures into a folder; a second argument draws only scenes whose name holds it."""
    if not arguments:
        sys.stderr.write("usage: python -m ui.views.gallery DIR [NAME]\n")
        return 2
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if "QT_SCALE_FACTOR" not in os.environ:
        codes = [
            subprocess.run(  # noqa: S603
                [sys.executable, "-m", "ui.views.gallery", *arguments],
                env={**os.environ, "QT_SCALE_FACTOR": scale},
                check=False,
            ).returncode
            for scale in SCALES
        ]
        return max(codes)
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    wanted = arguments[1] if len(arguments) > 1 else ""
    scenes = {n: s for n, s in gallery_scenes.SCENES.items() if wanted in n}
    for file in draw(scenes, folder, os.environ["QT_SCALE_FACTOR"]):
        sys.stdout.write(f"{file}\n")
    return 0


def draw(scenes: dict[str, Callable[[], QWidget]], folder: Path, scale: str) -> list[Path]:
    """Draw scenes in both themes.

    Returns:
        The files, ``NAME-THEME-SCALEx.png``.
    """
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication([])
    theme = Theme.of(app, "dark")
    files = []
    for name, scene in scenes.items():
        widget = scene()
        widget.ensurePolished()
        widget.show()
        app.processEvents()
        focused = widget.property("focused")
        if isinstance(focused, QWidget):
            focused.setFocus()
        elif (first := QApplication.focusWidget()) is not None:
            first.clearFocus()
        for mode in ("dark", "light"):
            theme.set_mode(mode)
            app.processEvents()
            file = folder / f"{name}-{mode}-{scale}x.png"
            widget.grab().save(str(file))
            files.append(file)
        widget.close()
        widget.deleteLater()
        app.processEvents()
    return files


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
