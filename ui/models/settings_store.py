"""The settings in use: read once, changed in one place, written at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from text2fx_studio.errors import Text2FXError
from text2fx_studio.settings import Settings, load_settings, save_settings

MOST_PROMPTS = 50


class SettingsStore(QObject):
    """Holds the settings of the running app.

    Attributes:
        notes: What could not be read at the start, as sentences.
    """

    changed = Signal(object)  # Settings
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings, self.notes = load_settings()

    @property
    def settings(self) -> Settings:
        """As they are now."""
        return self._settings

    def change(self, **changes: Any) -> None:
        """Change fields of :class:`Settings`, keep and write them."""
        wanted = replace(self._settings, **changes)
        if wanted == self._settings:
            return
        self._settings = wanted
        try:
            save_settings(wanted)
        except Text2FXError as error:
            self.failed.emit(f"The settings could not be saved: {error}")
        self.changed.emit(wanted)

    def remember_prompt(self, prompt: str) -> None:
        """Put a prompt at the head of the history."""
        others = tuple(p for p in self._settings.prompts if p != prompt)
        self.change(prompts=(prompt, *others)[:MOST_PROMPTS])
