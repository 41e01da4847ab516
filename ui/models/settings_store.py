"""The settings in use: read once, changed in one place, written at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from text2fx_studio.errors import Text2FXError
from text2fx_studio.settings import Settings, load_settings, save_settings
from ui.tasks.run_task import run_task

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
        self._written, self._saving = self._settings, False

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
        self._save()
        self.changed.emit(wanted)

    def remember_prompt(self, prompt: str) -> None:
        """Put a prompt at the head of the history."""
        others = tuple(p for p in self._settings.prompts if p != prompt)
        self.change(prompts=(prompt, *others)[:MOST_PROMPTS])

    def close(self) -> None:
        """Write what is not written yet."""
        if self._written != self._settings:
            try:
                save_settings(self._settings)
            except Text2FXError as error:
                self._could_not(error)

    def _save(self) -> None:
        """Write off the GUI thread, one after the other; of several changes the last counts."""
        if self._saving or self._written == self._settings:
            return
        self._saving, wanted = True, self._settings
        run_task(self, lambda: save_settings(wanted), lambda _: self._saved(wanted), self._failed)

    def _saved(self, settings: Settings) -> None:
        self._saving, self._written = False, settings
        self._save()

    def _failed(self, error: BaseException) -> None:
        self._saving, self._written = False, self._settings  # not again until the next change
        if not isinstance(error, Text2FXError):
            raise error
        self._could_not(error)

    def _could_not(self, error: Text2FXError) -> None:
        self.failed.emit(f"The settings could not be saved: {error}")
