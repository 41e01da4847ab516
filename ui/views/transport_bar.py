"""Transport in one row: play and loop, A/B at equal loudness, snapshots, sound output."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.views.ab_switch import ABSwitch
from ui.views.output_readout import OutputReadout
from ui.views.play_controls import PlayControls
from ui.views.snapshot_bar import SnapshotBar


class TransportBar(QWidget):
    """The four parts side by side, for a window that does not place them one by one.

    Attributes:
        play: Play, loop, times.
        ab: Dry or wet.
        snapshots: A to D.
        output: Sound card.
    """

    wet_chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Transport")
        self.play, self.ab = PlayControls(), ABSwitch()
        self.snapshots, self.output = SnapshotBar(), OutputReadout()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.play)
        row.addWidget(self.ab)
        row.addWidget(self.snapshots)
        row.addStretch(1)
        row.addWidget(self.output)
        self.ab.wet_chosen.connect(self.wet_chosen)
