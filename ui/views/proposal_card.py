"""The proposal: what was asked, what was found, how much of it, take it or leave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from dsp.reverb import Reverb
from ui.views.buttons import text_button
from ui.views.chips import ChipRow
from ui.views.elided import ElidedLabel
from ui.views.loss_line import LossLine
from ui.views.panel import Panel, label, set_role
from ui.views.parameter_slider import ParameterSlider
from ui.views.quantity import format_quantity, parse_quantity
from ui.views.score_bars import ScoreBars
from ui.views.slider import Slider
from ui.views.snapshot_bar import SnapshotBar
from ui.views.value_edit import ValueEdit

State = Literal["idle", "searching", "ready", "no_better", "accepted", "stopped"]


@dataclass(frozen=True)
class Proposal:
    """What the card shows of a result.

    Attributes:
        prompt: The words.
        score_dry: Score of the untouched sound; None if unknown.
        score_wet: Score of the proposal; None if unknown.
        accepted: Whether it beat the dry sound.
        verdict: How sure it is, one sentence; may be empty.
        history: Loss by step.
        seconds: Time it took; 0 if unknown.
        near: Words that do something here, where nothing beat the dry sound.
    """

    prompt: str
    score_dry: float | None = None
    score_wet: float | None = None
    accepted: bool = True
    verdict: str = ""
    history: Sequence[float] = field(default=())
    seconds: float = 0.0
    near: Sequence[str] = field(default=())


class ProposalCard(Panel):
    """The one outlined panel. Accept keeps, Discard goes back; Amount scales all of it."""

    accept_requested = Signal()
    discard_requested = Signal()
    anyway_requested = Signal()  # what was tried is wanted, although nothing was better
    amount_previewed = Signal(float)  # 0..1, while it moves
    amount_committed = Signal(float)  # 0..1, once a gesture
    wet_previewed = Signal(float)  # dB of the reverb's wet, while it moves
    wet_committed = Signal(float)
    word_chosen = Signal(str)  # a near word, where nothing was better

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Proposal", parent, kind="offer")
        self._state: State = "idle"
        self._asked = ElidedLabel("")
        self._verdict = label("", "muted", wrap=True)
        self._scores, self._loss = ScoreBars(), LossLine()
        self.near = ChipRow("Words that do something here")
        self._amount_name = ElidedLabel("Amount")
        self.amount = Slider("Amount", 1.0)
        self.amount.setToolTip(
            "Less scales the whole setting towards the dry sound: gains in dB, the room in level "
            "and length. Shift: fine. Ctrl-click: all of it."
        )
        self._percent = ValueEdit(
            "Amount, per cent", lambda v: format_quantity(100 * v, "%"), _read_share, "888 %"
        )
        self._percent.setProperty("tone", "wet")
        self.wet = ParameterSlider(
            Reverb.parameter("wet_db"), layout="row", title="Dry / wet of the room"
        )
        self.snapshots = SnapshotBar()
        self._discard = text_button("Discard", "", "Go back to the setting before (Esc)")
        self._accept = text_button("Accept", "primary", "Keep this setting (Ctrl+Enter)")
        self._anyway = text_button(
            "Use it anyway", "", "Take the setting that was tried; undo brings the dry sound back"
        )
        self._lay_out()
        self.amount.previewed.connect(self._amount_moves)
        self.amount.committed.connect(self.amount_committed)
        self._percent.committed.connect(self._amount_typed)
        self.wet.previewed.connect(lambda _, db: self.wet_previewed.emit(db))
        self.wet.committed.connect(lambda _, db: self.wet_committed.emit(db))
        self._accept.clicked.connect(self.accept_requested)
        self._discard.clicked.connect(self.discard_requested)
        self._anyway.clicked.connect(self.anyway_requested)
        self.near.clicked.connect(self.word_chosen)
        self.set_wet_db(None)
        self.set_idle()

    def _lay_out(self) -> None:
        self.body.setSpacing(6)
        self.body.addWidget(self._asked)
        figures = QHBoxLayout()
        figures.setSpacing(16)
        figures.addWidget(self._scores, 3)
        figures.addWidget(self._loss, 2)
        self._figures = QWidget()
        self._figures.setLayout(figures)
        figures.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self._figures)
        self.body.addWidget(self._verdict)
        self.body.addWidget(self.near)
        self._hands = QWidget()
        hands = QVBoxLayout(self._hands)
        hands.setContentsMargins(0, 0, 0, 0)
        hands.setSpacing(0)
        grid = QGridLayout()
        grid.setVerticalSpacing(0)
        grid.addWidget(self._amount_name, 0, 0)
        grid.addWidget(self._percent, 0, 1)
        grid.addWidget(self.amount, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        hands.addLayout(grid)
        ends = QHBoxLayout()
        ends.addWidget(label("less", "muted"))
        ends.addStretch(1)
        ends.addWidget(label("more", "muted"))
        hands.addLayout(ends)
        hands.addWidget(self.wet)
        self.body.addWidget(self._hands)
        self.body.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.snapshots)
        buttons.addStretch(1)
        buttons.addWidget(self._discard)
        buttons.addWidget(self._anyway)
        buttons.addWidget(self._accept)
        self.body.addLayout(buttons)

    def state(self) -> State:
        """Which state is shown."""
        return self._state

    def set_idle(self) -> None:
        """Nothing is on offer."""
        self._show("idle", "Proposal", "")
        self._asked.set_text("Nothing on offer yet")
        self._say("Say how the recording should sound, then press Shape. What is found stands "
                  "here: hear it, scale it, keep it or leave it.")  # fmt: skip

    def set_searching(
        self,
        prompt: str,
        step: int,
        steps: int,
        score_dry: float | None,
        score_wet: float | None,
        history: Sequence[float] = (),
    ) -> None:
        """A search runs; call it as often as there is news."""
        self._show("searching", "Searching", f"step {step} of {steps}" if steps else "listening")
        self._name(prompt)
        self._scores.set_scores(score_dry, score_wet)
        self._loss.set_history(history, steps)
        self._say("")

    def set_proposal(self, proposal: Proposal) -> None:
        """A search has ended."""
        count = len(proposal.history)
        facts = f"ready in {proposal.seconds:.1f} s" if proposal.seconds else ""
        if count:
            facts += f" · {count} steps" if facts else f"{count} steps"
        self._scores.set_scores(proposal.score_dry, proposal.score_wet)
        self._loss.set_history(proposal.history)
        self._name(proposal.prompt)
        self.set_amount(1.0)
        if proposal.accepted:
            self._show("ready", "Proposal", facts)
            self._say(proposal.verdict)
        else:
            self._show("no_better", "No better than dry", facts)
            self.near.set_words(tuple(proposal.near), "Use this word instead")
            self.near.setVisible(bool(proposal.near))
            hint = " Words near it that do something here:" if proposal.near else ""
            self._say(
                "Nothing that was tried brings this recording nearer to these words than it "
                f"already is. The sound stays dry.{hint}"
            )

    def set_accepted(self) -> None:
        """The proposal was kept; Amount still scales it."""
        self._show("accepted", "Accepted", "")
        self.set_facts("✓ kept", "good")

    def set_stopped(self) -> None:
        """The search was stopped; the best so far stands as a proposal."""
        self._show("stopped", "Proposal", "stopped early")
        self.set_amount(1.0)
        self._say("Stopped: this is the best setting found until then.")

    def set_amount(self, amount: float) -> None:
        """Show an amount 0..1 without a signal."""
        self.amount.set_position(amount)
        self._percent.set_value(amount)

    def set_wet_db(self, wet_db: float | None) -> None:
        """Show the room's level; None where the chain has no reverb, which hides it."""
        self.wet.setVisible(wet_db is not None)
        if wet_db is not None:
            self.wet.set_value(wet_db)

    def _show(self, state: State, title: str, facts: str) -> None:
        self._state = state
        self.set_title(title)
        self.set_facts(facts)
        on_offer = state in ("ready", "stopped", "accepted")
        self._figures.setVisible(state not in ("idle",))
        self._hands.setVisible(on_offer)
        self.near.setVisible(False)
        self._accept.setEnabled(state in ("ready", "stopped"))
        self._accept.setVisible(state != "no_better")
        self._anyway.setVisible(state == "no_better")
        self._discard.setEnabled(state in ("ready", "stopped", "no_better"))
        self._discard.setText("Close" if state == "no_better" else "Discard")
        set_role(self, "offer" if state not in ("idle", "accepted") else "plain", "panel")

    def _name(self, prompt: str) -> None:
        """Name what was asked, and the amount after it."""
        self._asked.set_text(f"“{prompt}”")
        self._amount_name.set_text(f"Amount of “{prompt}”")
        self.amount.setAccessibleName(f"Amount of {prompt}")

    def _say(self, text: str) -> None:
        self._verdict.setText(text)
        self._verdict.setVisible(bool(text))

    def _amount_moves(self, amount: float) -> None:
        self._percent.set_value(amount)
        self.amount_previewed.emit(amount)

    def _amount_typed(self, amount: float) -> None:
        self.set_amount(amount)
        self.amount_previewed.emit(amount)
        self.amount_committed.emit(amount)


def _read_share(text: str) -> float:
    return min(max(parse_quantity(text, "%") / 100, 0.0), 1.0)
