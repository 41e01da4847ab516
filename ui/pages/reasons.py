"""Why and word map: what explains the setting, and words to go on with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer

from text2fx_studio.jobs import Event
from ui.models.document import Content
from ui.shell.parts import Parts
from ui.tasks.engine_client import EngineClient
from ui.tasks.shaping import options_of
from ui.views.why_panel import WhyPanel
from ui.views.word_map_panel import WordMapPanel

_LATER_MS = 45
_MAP_AFTER_MS = 1500  # the window and the encoder go first


class Reasons(QObject):
    """Keeps both panels in step with the search and the document.

    Args:
        parts: Of the window.
        explain: Asks why the setting as it stands fits the words in the field.
        use_word: Writes a word into the prompt and shapes.
    """

    def __init__(
        self, parts: Parts, explain: Callable[[], None], use_word: Callable[[str], None]
    ) -> None:
        super().__init__(parts.window)
        self._parts, self._use_word = parts, use_word
        self._clerk: EngineClient | None = None
        self._explained: Content | None = None
        self.why, self.map = WhyPanel(), WordMapPanel()
        self.why.explain_requested.connect(explain)
        self.map.word_chosen.connect(self._chosen)
        parts.shaping.explained.connect(self._have)
        parts.shaping.state_changed.connect(self._state)
        parts.document.changed.connect(self._follow)

    def load_map_later(self) -> None:
        """Place the words on the map, in a process that ends when it has done so.

        The first time ever the vocabulary is read by the encoder, which takes seconds; then it is
        in the cache, for the explanations too.
        """
        QTimer.singleShot(_MAP_AFTER_MS, self, self._load_map)

    def close(self) -> None:
        """End the process, if it still runs."""
        if self._clerk is not None:
            self._clerk.close()
            self._clerk = None

    def _load_map(self) -> None:
        self.map.set_facts("placing the words …")
        self._clerk = EngineClient(self)
        options = options_of(self._parts.store.settings)
        self._clerk.submit("map", self._have_map, **options)

    def _have_map(self, event: Event) -> None:
        if event.kind == "done":
            self.map.set_words(event.data["words"])
        elif event.message:
            self.map.set_facts(event.message, "problem")
        if event.kind != "progress":
            QTimer.singleShot(0, self, self.close)

    def _have(self, data: Mapping[str, Any]) -> None:
        self._explained = self._parts.document.kept
        self.why.set_explanation(data)
        self.map.set_words(data["map"]["words"])
        self.map.set_journey(data["story"]["journey"])

    def _state(self, state: str) -> None:
        if state == "searching":
            self._explained = None
            # In a turn of its own: so much is drawn anew when a search begins.
            QTimer.singleShot(_LATER_MS, self, self._wait_for_reasons)
        elif state in ("ready", "no_better"):
            self.why.set_working()
        elif state in ("idle", "failed", "stopped"):
            self._follow(self._parts.document.content)

    def _wait_for_reasons(self) -> None:
        if self._parts.shaping.running:
            self.why.set_working("The reasons come when the search has ended.")
            self.map.set_journey(None)

    def _follow(self, content: Content) -> None:
        """A setting that was changed by hand has no reasons yet."""
        if self._parts.shaping.state in ("searching", "ready", "no_better"):
            return
        if self._explained is not None and content.heard == self._explained.heard:
            return
        if self._explained is not None:
            self._explained = None
            self.map.set_journey(None)
        if content.heard.is_neutral() or self._parts.recording.info is None:
            self.why.set_explanation(None)
        else:
            self.why.set_askable()

    def _chosen(self, word: str) -> None:
        if self._parts.recording.info is None:
            self._parts.prompt.field.set_prompt(word)
        else:
            self._use_word(word)
