"""The recording: transport, waveform, and the drop target while nothing is open."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.views.buttons import text_button
from ui.views.panel import Panel, label
from ui.views.play_controls import PlayControls
from ui.views.waveform_view import WaveformView


class SoundPanel(Panel):
    """Either the empty start or the open recording.

    Attributes:
        play: Play, loop, times.
        waveform: The picture.
    """

    open_requested = Signal()
    demo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName("Sound")
        self.play, self.waveform = PlayControls(), WaveformView()
        self.waveform.setMinimumHeight(56)
        opened = QWidget()
        row = QHBoxLayout(opened)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.play)
        row.addWidget(self.waveform, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty())
        self._stack.addWidget(opened)
        self.body.addWidget(self._stack)
        self.setFixedHeight(112)

    def set_open(self, is_open: bool) -> None:
        """Show the recording, or the empty start."""
        self._stack.setCurrentIndex(int(is_open))

    def _empty(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addStretch(1)
        open_button = text_button("Open a recording…", "primary", "WAV, FLAC, AIFF, OGG, MP3")
        demo = text_button("try the demo", "link", "A short loop, made by the app")
        line.addWidget(label("Drop a recording here", "headline"))
        line.addWidget(label("or", "muted"))
        line.addWidget(open_button)
        line.addWidget(label("or", "muted"))
        line.addWidget(demo)
        line.addStretch(1)
        column.addStretch(1)
        column.addLayout(line)
        hint = label("WAV, FLAC, AIFF, OGG or MP3. Nothing leaves this machine.", "muted")
        column.addWidget(hint, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        open_button.clicked.connect(self.open_requested)
        demo.clicked.connect(self.demo_requested)
        return page
