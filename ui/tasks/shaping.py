"""From words to a setting that can be kept or left: proposal, live search, verdict, reasons.

The search moves the document as a preview; its end is one undo step. Discard is another, so
nothing that a person saw is ever out of reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from dsp.chain import Chain
from text2fx_studio.jobs import Event
from text2fx_studio.settings import Settings
from ui.models.document import Content, Document, complete
from ui.tasks.engine_client import EngineClient

State = Literal["idle", "searching", "ready", "stopped", "no_better", "accepted", "failed"]


@dataclass
class Progress:
    """What the card shows while a search runs; changed in place.

    Attributes:
        prompt: The words.
        step: Steps done.
        steps: Steps at the most; 0 before the first.
        score: Best so far; None before the first step.
        message: What is going on.
        history: Loss of every step that was told.
    """

    prompt: str
    step: int = 0
    steps: int = 0
    score: float | None = None
    message: str = ""
    history: list[float] = field(default_factory=list)


class Shaping(QObject):
    """Runs one search at a time for the document.

    Attributes:
        state: See :data:`State`.
        progress: Of the running or last search; None before the first.
        result: Of the last search that ended, as ``job_handlers.search`` returns it; None if it
            was stopped or failed.
    """

    state_changed = Signal(str)
    progressed = Signal(object)  # Progress
    explained = Signal(object)  # plain data of an explanation
    warmed = Signal(object)  # plain data of the encoder
    failed = Signal(str)

    def __init__(
        self, document: Document, engine: EngineClient, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._engine = document, engine
        self._job = self._idea = self._reason = 0
        self._before = Content()
        self._options: dict[str, Any] = {}
        self._path = ""
        self.state: State = "idle"
        self.progress: Progress | None = None
        self.result: Mapping[str, Any] | None = None

    @property
    def running(self) -> bool:
        """Whether a search is under way."""
        return self.state == "searching"

    def warm(self, settings: Settings) -> None:
        """Load the encoder in the background."""
        self._engine.submit("warm", self._warmed, **options_of(settings))

    def start(
        self, path: Path, prompt: str, chain: str, sample_rate: int, settings: Settings
    ) -> None:
        """Search; a search that runs is stopped and forgotten.

        Args:
            path: The recording.
            prompt: The words.
            chain: ``eq``, ``reverb`` or ``eq,reverb``; other effects stay as they are heard.
            sample_rate: Of the recording, in Hz.
            settings: Encoder, device, loss and seed.
        """
        self.cancel()
        self._path = str(path)
        self._before = self._document.kept
        self._options = {**options_of(settings), "chain": chain}
        self.progress, self.result = Progress(prompt, message="Reading the words"), None
        self._set("searching")
        self.progressed.emit(self.progress)
        self._idea = self._engine.submit(
            "propose", self._have_idea, prompt=prompt, sample_rate=sample_rate, **self._options
        )
        self._job = self._engine.submit(
            "search", self._searched, path=self._path, prompt=prompt, **self._options
        )

    def stop(self) -> None:
        """Stop now; the best setting so far becomes the proposal, if there is one."""
        if not self.running or self.progress is None:
            return
        self._drop_jobs()
        content = self._document.content
        if self.progress.score is None:
            self._document.drop_preview()
            self._set("idle")
            return
        found = {"prompt": self.progress.prompt, "score_wet": self.progress.score}
        self._document.commit(
            f"Shape “{short(self.progress.prompt)}”", ghost=content.chain, found=found
        )
        self._set("stopped")

    def cancel(self) -> None:
        """Forget whatever runs or was tried; the document goes back to what was committed."""
        self._drop_jobs()
        if self.running:
            self._document.drop_preview()
        if self.state in ("searching", "no_better"):
            self._set("idle")

    def accept(self) -> None:
        """Keep the proposal."""
        if self.state in ("ready", "stopped"):
            self._set("accepted")

    def use_anyway(self) -> None:
        """Keep what was tried although it is no better than dry, as one step that undo takes back.

        Without scores: those that were told are of the dry sound.
        """
        if self.state == "no_better" and self.result is not None:
            self._before = self._document.kept  # what was turned by hand since stays
            self._keep(self.result, without=("score_dry", "score_wet"))
            self._set("accepted")

    def discard(self) -> None:
        """Go back to the setting before the search; undo brings the proposal back."""
        if self.state in ("ready", "stopped"):
            before = self._before
            self._document.commit(
                "Discard", chain=before.chain, amount=before.amount, found=before.found,
                ghost=before.ghost,
            )  # fmt: skip
        if self.state in ("ready", "stopped", "no_better", "failed"):
            self._set("idle")

    def follow_document(self, content: Content) -> None:
        """Undo took the proposal away, or redo brought one back: the card follows."""
        if self.running:
            return
        here = content.found == self._document.kept.found and bool(content.found)
        if not here and self.state in ("ready", "stopped", "accepted"):
            self._set("idle")
        elif here and self.state == "idle" and content.ghost is not None:
            self._set("accepted")

    def explain(self, chain: Chain, prompt: str, path: Path, settings: Settings) -> None:
        """Ask why a setting fits; the answer comes by ``explained``."""
        self._engine.drop(self._reason)
        self._reason = self._engine.submit(
            "explain", self._have_reason, path=str(path), prompt=prompt,
            chain=searched_part(chain).to_data(), **options_of(settings),
        )  # fmt: skip

    # answers

    def _warmed(self, event: Event) -> None:
        if event.kind == "done":
            self.warmed.emit(event.data)
        elif event.kind == "failed":
            self.failed.emit(event.message)

    def _have_idea(self, event: Event) -> None:
        if event.kind != "done" or not self.running or self.progress is None:
            return
        if self.progress.score is None:
            idea = self._merged(event.data["chain"])
            self._document.preview(chain=idea, amount=1.0, ghost=idea)
            self.progress.message = "First proposal, from the words alone"
            self.progressed.emit(self.progress)

    def _searched(self, event: Event) -> None:
        progress = self.progress
        if progress is None:
            return
        data = event.data
        if event.kind == "progress":
            progress.message = data["message"]
            if data["chain"] is not None:
                progress.step, progress.steps = data["step"], data["steps"]
                progress.score = data["score"]
                progress.history.append(1.0 - data["score"])
                self._document.preview(chain=self._merged(data["chain"]), amount=1.0)
            self.progressed.emit(progress)
        elif event.kind == "done":
            self._done(data)
        else:
            self._document.drop_preview()
            self._set("failed" if event.kind != "cancelled" else "idle")
            if event.message:
                self.failed.emit(event.message)

    def _done(self, data: Mapping[str, Any]) -> None:
        self.result = data
        if data["accepted"]:
            self._keep(data)
            self.state = "ready"
        else:
            self._document.drop_preview()
            self.state = "no_better"
        # The curve is drawn first, the card with its figures in the next turn.
        QTimer.singleShot(0, self, lambda: self.state_changed.emit(self.state))
        self._reason = self._engine.submit(
            "explain", self._have_reason, path=self._path, prompt=data["prompt"],
            **{**self._options, "chain": data["proposal"]},
        )  # fmt: skip

    def _keep(self, data: Mapping[str, Any], without: tuple[str, ...] = ()) -> None:
        proposal = self._merged(data["proposal"])
        kept = ("prompt", "score_dry", "score_wet", "seed", "loss", "space", "encoder_id",
                "weights_hash", "seconds", "device", "steps")  # fmt: skip
        self._document.commit(
            f"Shape “{short(data['prompt'])}”", chain=proposal, amount=1.0, ghost=proposal,
            found={name: data[name] for name in kept if name not in without},
        )  # fmt: skip

    def _have_reason(self, event: Event) -> None:
        if event.kind == "done":
            self.explained.emit(event.data)
        elif event.kind == "failed":
            self.failed.emit(f"No explanation: {event.message}")

    def _merged(self, found: list[Mapping[str, Any]]) -> Chain:
        """What was searched on top of what was heard before."""
        chain = complete(self._before.heard)
        for effect in Chain.from_data(found):
            chain = chain.replace(effect)
        return chain

    def _drop_jobs(self) -> None:
        for job in (self._idea, self._job, self._reason):
            self._engine.drop(job)
        self._idea = self._job = self._reason = 0

    def _set(self, state: State) -> None:
        self.state = state
        self.state_changed.emit(state)


def options_of(settings: Settings) -> dict[str, Any]:
    """The settings as a search takes them."""
    return {
        "encoder": settings.encoder,
        "checkpoint": settings.checkpoint or None,
        "device": settings.device,
        "loss": settings.loss,
        "seed": settings.seed,
    }


def searched_part(chain: Chain) -> Chain:
    """The effects that do something, or the equalizer where none does."""
    active = tuple(e for e in chain if not e.is_neutral() and e.kind in ("eq", "reverb"))
    return Chain(active or tuple(e for e in chain if e.kind == "eq"))


def short(prompt: str, most: int = 40) -> str:
    """A prompt cut for a menu."""
    return prompt if len(prompt) <= most else prompt[: most - 1].rstrip() + "…"
