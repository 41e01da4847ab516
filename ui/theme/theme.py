"""The one object that holds the theme: System, Light or Dark, applied to the whole application."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from PySide6.QtCore import QDir, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from ui.theme.metrics import TYPE_PX, tabular
from ui.theme.palette import build_palette
from ui.theme.stylesheet import build_stylesheet
from ui.theme.tokens import DARK, LIGHT, Tokens

Mode = Literal["system", "light", "dark"]
MODES: tuple[Mode, ...] = ("system", "light", "dark")
RESOURCES = Path(__file__).resolve().parent.parent / "resources"
_NAME = "text2fx_theme"


class Theme(QObject):
    """Applies palette, stylesheet and font to the application, and follows the system.

    It is a child of the application: one a process, found again by :meth:`of`.

    Args:
        app: The application.
        mode: ``system`` follows the desktop's light or dark.
    """

    changed = Signal(object)  # Tokens

    def __init__(self, app: QApplication, mode: Mode = "system") -> None:
        super().__init__(app)
        self.setObjectName(_NAME)
        self._app = app
        self._mode: Mode = mode
        self._tokens = self._wanted()
        QDir.setSearchPaths("t2fx", [str(RESOURCES)])
        app.setStyle("Fusion")
        face = app.font()
        face.setPixelSize(TYPE_PX["body"])
        tabular(face)
        app.setFont(face)
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self._apply()

    @classmethod
    def of(cls, app: QApplication, mode: Mode = "system") -> Self:
        """The application's theme, made on the first call."""
        found = app.findChild(cls, _NAME)
        return found if found is not None else cls(app, mode)

    @property
    def mode(self) -> Mode:
        """What was chosen."""
        return self._mode

    @property
    def tokens(self) -> Tokens:
        """The colours in use."""
        return self._tokens

    def set_mode(self, mode: Mode) -> None:
        """Choose ``system``, ``light`` or ``dark``; widgets repaint at once.

        Raises:
            ValueError: Another word was given.
        """
        if mode not in MODES:
            raise ValueError(f"theme: found {mode!r}, allowed are {', '.join(MODES)}")
        self._mode = mode
        self._follow()

    def _follow(self) -> None:
        """Apply the colours that are wanted now; if they are others, every widget is styled."""
        if self._wanted() is not self._tokens:
            self._tokens = self._wanted()
            self._apply()

    def _wanted(self) -> Tokens:
        if self._mode == "system":
            light = self._app.styleHints().colorScheme() == Qt.ColorScheme.Light
            return LIGHT if light else DARK
        return LIGHT if self._mode == "light" else DARK

    def _apply(self) -> None:
        self._app.setPalette(build_palette(self._tokens))
        self._app.setStyleSheet(build_stylesheet(self._tokens))
        self.changed.emit(self._tokens)


def current_tokens() -> Tokens:
    """The colours in use; those of the dark theme before one is applied."""
    app = QApplication.instance()
    found = app.findChild(Theme, _NAME) if app is not None else None
    return found.tokens if found is not None else DARK
