"""What is asked: words, chain, encoder, Shape or Stop, and words to try."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QWidget

from ui.views.buttons import text_button
from ui.views.chips import ChipRow
from ui.views.panel import Panel, label, set_role
from ui.views.prompt_field import PromptField
from ui.views.segmented import Choice, Segmented

CHAINS: tuple[Choice, ...] = (
    Choice("eq", "EQ", "Search the equalizer only"),
    Choice("reverb", "Reverb", "Search the reverb only"),
    Choice("eq,reverb", "EQ → Reverb", "Search both, in this order"),
)
EXAMPLES: tuple[str, ...] = (
    "warm and close", "like an old telephone", "in a huge cathedral", "crisp", "less harsh",
    "dark jazz club",
)  # fmt: skip


class PromptBar(Panel):
    """The words and the button that sets out.

    Attributes:
        field: Where the words are typed.
    """

    shape_requested = Signal(str, str)  # prompt, chain (``eq``, ``reverb``, ``eq,reverb``)
    stop_requested = Signal()
    chain_chosen = Signal(str)
    encoder_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName("Prompt")
        self.field = PromptField()
        self._chain = Segmented("Chain", CHAINS)
        self._encoder = QComboBox()
        self._encoder.setAccessibleName("Encoder")
        self._encoder.setToolTip("Who listens: the encoder that compares sound and words")
        self._button = text_button("Shape", "primary")
        self._chips = ChipRow("Examples")
        self._message = label("", "problem")
        self._message.hide()
        self._running = False
        self._ready = True
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.addWidget(self.field, 0, 0)
        grid.addWidget(self._chain, 0, 1)
        grid.addWidget(self._encoder, 0, 2)
        grid.addWidget(self._button, 0, 3)
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self._chips, 1)
        below.addWidget(self._message)
        grid.addLayout(below, 1, 0, 1, 4)
        grid.setColumnStretch(0, 1)
        self.body.addLayout(grid)
        self._button.setFixedHeight(38)
        self._button.setMinimumWidth(96)
        self.field.submitted.connect(self._submit)
        self.field.textChanged.connect(lambda _: self._show())
        self._button.clicked.connect(self._pressed)
        self._chain.chosen.connect(self.chain_chosen)
        self._encoder.textActivated.connect(self.encoder_chosen)
        self._chips.clicked.connect(self._try)
        self.set_examples(EXAMPLES)
        self.set_encoders(["fxsem"], "fxsem")
        self._chain.set_value("eq,reverb")
        self._show()

    def chain(self) -> str:
        """The chain that is chosen, as on the command line."""
        return self._chain.value()

    def set_chain(self, chain: str) -> None:
        """Choose a chain; an unknown one changes nothing."""
        self._chain.set_value(chain)

    def set_encoders(self, names: Sequence[str], current: str) -> None:
        """Which encoders there are; with one only, there is nothing to choose and it is hidden."""
        self._encoder.clear()
        self._encoder.addItems(list(names))
        self._encoder.setCurrentText(current)
        self._encoder.setVisible(len(names) > 1)

    def set_examples(self, words: Sequence[str]) -> None:
        """Words to try."""
        self._chips.set_words(words, "Use these words")

    def set_running(self, running: bool) -> None:
        """Show Stop while a search runs."""
        self._running = running
        self._chain.setEnabled(not running)
        self._encoder.setEnabled(not running)
        self._show()

    def is_running(self) -> bool:
        """Whether Stop is shown."""
        return self._running

    def set_ready(self, ready: bool) -> None:
        """Whether there is a recording to shape."""
        self._ready = ready
        self._show()

    def set_message(self, text: str) -> None:
        """A line under the words (``the prompt is empty``); empty hides it."""
        self._message.setText(text)
        self._message.setVisible(bool(text))

    def _show(self) -> None:
        self._button.setText("Stop" if self._running else "Shape  ↵")
        set_role(self._button, "stop" if self._running else "primary", "kind")
        able = self._running or (self._ready and bool(self.field.prompt()))
        self._button.setEnabled(able)
        if self._running:
            tip = "Stop the search; the best setting so far is kept as a proposal (Esc)"
        elif not self._ready:
            tip = "Open a recording first"
        elif not self.field.prompt():
            tip = "Say how it should sound first"
        else:
            tip = "Find the setting for these words (Enter)"
        self._button.setToolTip(tip)

    def _try(self, words: str) -> None:
        self.field.set_prompt(words)
        self.field.setFocus()

    def _pressed(self) -> None:
        if self._running:
            self.stop_requested.emit()
        else:
            self.field.submit()

    def _submit(self, prompt: str) -> None:
        if self._ready and not self._running:
            self.set_message("")
            self.shape_requested.emit(prompt, self.chain())
