"""The bottom line: what happened, what runs, and where the sound goes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from ui.theme.metrics import SPACE_2, SPACE_3, SPACE_4
from ui.views.buttons import text_button
from ui.views.elided import ElidedLabel
from ui.views.output_readout import OutputReadout
from ui.views.panel import label, set_role

_QUIET_MS = 8000


class StatusLine(QWidget):
    """One message at a time; problems stay until the next message, news fade.

    Attributes:
        output: Device, latency, underflows.
    """

    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._message = ElidedLabel("", "muted")
        self._action = text_button("Show", "link")
        self._action.hide()
        self._run: Callable[[], object] | None = None
        self._bar = QProgressBar()
        self._bar.setAccessibleName("Progress")
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(140)
        self._bar.hide()
        self._cancel = text_button("Cancel", "link", "Stop this; nothing half-written is left")
        self._cancel.hide()
        self._engine = label("", "muted")
        self.output = OutputReadout()
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_4, SPACE_2 // 2, SPACE_4, SPACE_2 // 2)
        row.setSpacing(SPACE_3)
        row.addWidget(self._message, 1)
        row.addWidget(self._action)
        row.addWidget(self._bar)
        row.addWidget(self._cancel)
        row.addWidget(self._engine)
        row.addWidget(self.output)
        self.setFixedHeight(30)
        self._rest = "Ready"
        self._timer = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._timer.timeout.connect(self._settle)
        self._cancel.clicked.connect(self.cancel_requested)
        self._action.clicked.connect(self._act)
        self._settle()

    def say(self, text: str) -> None:
        """News; it gives way to the resting line after a while."""
        self._show(text, "muted")
        self._timer.start()

    def warn(self, text: str) -> None:
        """A problem, in words and in colour; it stays until the next message."""
        self._timer.stop()
        self._show(text, "problem")

    def offer(self, text: str, button: str, run: Callable[[], object]) -> None:
        """News with something to do about it."""
        self.say(text)
        self._action.setText(button)
        self._action.setToolTip("")
        self._run = run
        self._action.show()

    def set_rest(self, text: str) -> None:
        """What stands there when nothing happens."""
        self._rest = text
        if not self._timer.isActive() and self._message.property("role") != "problem":
            self._settle()

    def set_engine(self, text: str) -> None:
        """Encoder and device."""
        self._engine.setText(text)

    def text(self) -> str:
        """The message that is shown."""
        return self._message.whole_text()

    def set_progress(self, share: float | None, *, cancellable: bool = False) -> None:
        """Show 0..1, or None for no bar."""
        self._bar.setVisible(share is not None)
        self._cancel.setVisible(share is not None and cancellable)
        if share is not None:
            self._bar.setValue(round(1000 * share))

    def _settle(self) -> None:
        self._show(self._rest, "muted")

    def _show(self, text: str, role: str) -> None:
        self._action.hide()
        self._message.set_text(text)
        set_role(self._message, role)

    def _act(self) -> None:
        self._action.hide()
        if self._run is not None:
            self._run()
