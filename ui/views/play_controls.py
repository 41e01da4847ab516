"""Play, loop, and where: the numbers beside the waveform, all of which can be typed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from ui.theme import icon
from ui.views.buttons import icon_button
from ui.views.panel import label
from ui.views.quantity import format_time, parse_time
from ui.views.value_edit import ValueEdit

Loop = tuple[float, float]


class PlayControls(QWidget):
    """Play or stop, loop on or off, position and the loop's ends."""

    play_toggled = Signal(bool)
    loop_toggled = Signal(bool)
    seek_requested = Signal(float)  # seconds
    loop_typed = Signal(object)  # (start_s, end_s)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._duration_s = 0.0
        self._loop: Loop | None = None
        self._playing = False
        self._play = icon_button("play", "Play", shortcut="Space", size_px=24)
        self._loop_button = icon_button(
            "loop", "Loop", checkable=True, shortcut="L", size_px=22, role="muted"
        )
        self._position = self._field("Position")
        self._start, self._end = self._field("Loop start"), self._field("Loop end")
        self._length = label("/ 0:00", "muted")
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self._play)
        buttons.addWidget(self._loop_button)
        buttons.addStretch(1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2)
        grid.setVerticalSpacing(0)
        grid.addLayout(buttons, 0, 0, 1, 4)
        grid.addWidget(label("at", "muted"), 1, 0)
        grid.addWidget(self._position, 1, 1)
        grid.addWidget(self._length, 1, 2, 1, 2)
        grid.addWidget(label("loop", "muted"), 2, 0)
        grid.addWidget(self._start, 2, 1)
        grid.addWidget(label("to", "muted"), 2, 2)
        grid.addWidget(self._end, 2, 3)
        self._play.clicked.connect(lambda: self.play_toggled.emit(not self._playing))
        self._loop_button.clicked.connect(self.loop_toggled)
        self._position.committed.connect(
            lambda s: self.seek_requested.emit(min(s, self._duration_s))
        )
        self._position.stepped.connect(self._step)
        self._start.committed.connect(lambda _: self._type_loop())
        self._end.committed.connect(lambda _: self._type_loop())
        self.set_recording(0.0)

    def _field(self, name: str) -> ValueEdit:
        field = ValueEdit(name, format_time, parse_time, "88:88.8", self)
        field.set_tip(f"{name} in minutes and seconds, or in seconds")
        return field

    def set_recording(self, duration_s: float) -> None:
        """Another recording; 0 for none."""
        self._duration_s = duration_s
        self._length.setText(f"/ {format_time(duration_s, 0)}")
        self.set_loop(None)
        self.set_position_s(0.0)
        for widget in (self._play, self._loop_button, self._position, self._start, self._end):
            widget.setEnabled(duration_s > 0)

    def set_position_s(self, position_s: float) -> None:
        """Show where it plays."""
        self._position.set_value(position_s)

    def set_playing(self, playing: bool) -> None:
        """Show whether it plays."""
        self._playing = playing
        title = "Stop" if playing else "Play"
        self._play.setIcon(icon("stop" if playing else "play"))
        self._play.setIconSize(QSize(24, 24))
        self._play.setAccessibleName(title)
        self._play.setToolTip(f"{title} (Space)")

    def set_loop(self, loop: Loop | None, *, on: bool | None = None) -> None:
        """Show the loop's ends; ``on``: whether playing stays inside (None: if there is one)."""
        self._loop = loop
        self._loop_button.setChecked(loop is not None if on is None else on)
        start, end = loop if loop is not None else (0.0, self._duration_s)
        self._start.set_value(start)
        self._end.set_value(end)

    def _step(self, steps: int) -> None:
        target = self._position.value() + steps
        self.seek_requested.emit(min(max(target, 0.0), self._duration_s))

    def _type_loop(self) -> None:
        start, end = sorted((self._start.value(), self._end.value()))
        end = min(end, self._duration_s)
        if end > start:
            self.loop_typed.emit((start, end))
        else:
            self.set_loop(self._loop)
