"""Prompt, search and proposal: what the prompt bar, the card and their shortcuts do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from dsp.chain import Chain
from dsp.reverb import Reverb
from ui.models.document import NEUTRAL, Content
from ui.shell.parts import Parts
from ui.tasks.shaping import Progress
from ui.views.proposal_card import Proposal

_NEXT_TURN_MS = 20
_TEXT_S = 0.2  # text that changes faster cannot be read


class ShapeCommands(QObject):
    """Binds the prompt bar and the card to the search."""

    explained = Signal(object)  # plain data, or None when there is nothing to explain

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._told_s = 0.0
        self._verdict = ""
        self._turning: float | None = None  # the wet slider is being dragged to here
        prompt, card, shaping = parts.prompt, parts.card, parts.shaping
        prompt.shape_requested.connect(self.start)
        prompt.stop_requested.connect(self.stop)
        prompt.chain_chosen.connect(lambda chain: parts.store.change(chain=chain))
        prompt.encoder_chosen.connect(lambda name: parts.store.change(encoder=name))
        card.accept_requested.connect(self.accept)
        card.anyway_requested.connect(parts.shaping.use_anyway)
        card.discard_requested.connect(self.discard)
        card.amount_previewed.connect(lambda a: parts.document.preview(amount=a))
        card.amount_committed.connect(lambda a: parts.document.commit("Amount", amount=a))
        card.wet_previewed.connect(self._turn_wet)
        card.wet_committed.connect(lambda db: parts.document.edit(self._with_wet(db), "Dry / wet"))
        card.word_chosen.connect(self.try_word)
        shaping.state_changed.connect(self._show_state)
        shaping.progressed.connect(self._show_progress)
        shaping.explained.connect(self._have_explanation)
        shaping.failed.connect(parts.status.warn)
        parts.document.changed.connect(self._follow)

    def start(self, prompt: str, chain: str) -> None:
        """Shape the open recording."""
        parts = self._parts
        info = parts.recording.info
        if info is None:
            parts.prompt.set_message("Open a recording first")
            return
        if not prompt.strip():
            parts.prompt.set_message("Say how it should sound")
            return
        parts.prompt.set_message("")
        self._verdict = ""
        parts.shaping.start(info.path, prompt, chain, info.sample_rate, parts.store.settings)
        parts.listening.set_wet(True)
        parts.top.ab.set_wet(True)
        # In a turn of its own: so much is drawn anew when a search begins.
        QTimer.singleShot(_NEXT_TURN_MS, self, lambda: self._begun(prompt))

    def _begun(self, prompt: str) -> None:
        self.explained.emit(None)
        self._parts.sound.waveform.set_wet(self._parts.listening.wet)
        self._parts.store.remember_prompt(prompt)
        self._parts.prompt.field.set_history(self._parts.store.settings.prompts)

    def start_again(self) -> None:
        """Shape with the words in the field."""
        self.start(self._parts.prompt.field.prompt(), self._parts.prompt.chain())

    def try_word(self, word: str) -> None:
        """Write a word into the prompt and shape."""
        self._parts.prompt.field.set_prompt(word)
        self.start_again()

    def stop(self) -> None:
        """Stop the search at once."""
        self._parts.shaping.stop()

    def accept(self) -> None:
        """Keep the proposal."""
        self._parts.shaping.accept()

    def discard(self) -> None:
        """Go back; stops a search that runs."""
        if self._parts.shaping.running:
            self._parts.shaping.cancel()
        else:
            self._parts.shaping.discard()

    def reset(self) -> None:
        """Everything neutral, as one step; plugins are bypassed and keep their states."""
        document = self._parts.document
        plugins = tuple(replace(p, enabled=False) for p in document.content.plugins)
        document.commit("Reset", chain=NEUTRAL, amount=1.0, found={}, ghost=None, plugins=plugins)

    def explain(self) -> None:
        """Why the setting as it stands fits the words in the field."""
        parts = self._parts
        info, words = parts.recording.info, parts.prompt.field.prompt()
        if info is None or not words:
            parts.prompt.set_message("Needs a recording and words")
            return
        parts.status.say(f"Explaining “{words}”")
        parts.shaping.explain(parts.document.content.heard, words, info.path, parts.store.settings)

    def _turn_wet(self, wet_db: float) -> None:
        self._turning = wet_db
        try:
            self._parts.document.edit(self._with_wet(wet_db))
        finally:
            self._turning = None

    def _with_wet(self, wet_db: float) -> Chain:
        heard = self._parts.document.content.heard
        room = heard.get(Reverb)
        return heard if room is None else heard.replace(room.replace(wet_db=wet_db))

    def _show_state(self, state: str) -> None:
        parts = self._parts
        running = state == "searching"
        parts.prompt.set_running(running)
        for panel in (parts.eq, parts.reverb):
            panel.set_editable(not running)
        if state in ("idle", "failed"):
            parts.card.set_idle()
        elif state in ("ready", "no_better"):
            self._show_result()
        elif state == "stopped":
            parts.card.set_stopped()
            self._show_content(parts.document.content)
        elif state == "accepted":
            if parts.card.state() == "idle":
                self._show_result()
            parts.card.set_accepted()
            parts.status.say("Kept. Turn any knob, save it as a preset, or export it")
        if state == "ready":
            parts.status.say("A proposal is ready: hear A and B, then accept or discard")

    def _show_result(self) -> None:
        shaping, card = self._parts.shaping, self._parts.card
        found: Mapping[str, Any] = self._parts.document.content.found
        data = shaping.result if shaping.result is not None else found
        history = data.get("history", ())
        if shaping.progress is not None and not history:
            history = shaping.progress.history
        card.set_proposal(
            Proposal(
                prompt=str(data.get("prompt", "")),
                score_dry=data.get("score_dry"),
                score_wet=data.get("score_wet"),
                accepted=bool(data.get("accepted", True)),
                verdict=self._verdict,
                history=history,
                seconds=float(data.get("seconds", 0.0)),
                near=tuple(data.get("near", ())),
            )
        )
        self._show_content(self._parts.document.content)

    def _show_progress(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.step and now - self._told_s < _TEXT_S:
            return
        self._told_s = now
        self._parts.card.set_searching(
            progress.prompt, progress.step, progress.steps, None, progress.score, progress.history
        )
        self._parts.status.say(progress.message[:1].upper() + progress.message[1:])

    def _have_explanation(self, data: Mapping[str, Any]) -> None:
        self._verdict = str(data["confidence"]["verdict"])
        if self._parts.shaping.state == "ready":
            self._show_result()
        self.explained.emit(data)

    def _follow(self, content: Content) -> None:
        self._parts.shaping.follow_document(content)
        self._show_content(content)

    def _show_content(self, content: Content) -> None:
        card = self._parts.card
        if card.amount.position() != content.amount:  # to set it would end a drag in progress
            card.set_amount(content.amount)
        room = content.heard.get(Reverb)
        wet_db = None if room is None or room.is_neutral() else room.values["wet_db"]
        if self._turning is None or wet_db is None:
            card.set_wet_db(wet_db)
