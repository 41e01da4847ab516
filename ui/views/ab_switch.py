"""What I hear now: A dry or B wet, at equal loudness."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from ui.views.buttons import text_button
from ui.views.quantity import signed
from ui.views.segmented import Choice, Segmented


class ABSwitch(QWidget):
    """Dry against wet, and whether both are played equally loud (playback only)."""

    wet_chosen = Signal(bool)
    matching_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._segments = Segmented(
            "Listening to",
            [
                Choice("dry", "A dry", "Hear the recording as it is (A)", "dry"),
                Choice("wet", "B wet", "Hear it shaped (B)", "wet"),
            ],
        )
        self._match: QPushButton = text_button("level-matched", "quiet")
        self._match.setCheckable(True)
        self._match.setChecked(True)
        self._match.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._offset_lu: float | None = None
        self._short = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._segments)
        row.addWidget(self._match)
        self._segments.chosen.connect(lambda value: self.wet_chosen.emit(value == "wet"))
        self._match.clicked.connect(self.matching_toggled)
        self._match.toggled.connect(lambda _: self._show())
        self._show()
        self._fit()

    def is_wet(self) -> bool:
        """Whether wet is chosen."""
        return self._segments.value() == "wet"

    def set_wet(self, wet: bool) -> None:
        """Show which is heard."""
        self._segments.set_value("wet" if wet else "dry")

    def set_matching(self, on: bool) -> None:
        """Show whether levels are matched."""
        self._match.setChecked(on)

    def set_offset_lu(self, offset_lu: float | None) -> None:
        """Gain that the wet side gets for equal loudness, in LU; None while unknown."""
        self._offset_lu = offset_lu
        self._show()

    def set_wet_available(self, available: bool) -> None:
        """Whether there is a wet side to hear."""
        self._segments.button("wet").setEnabled(available)

    def set_short(self, short: bool) -> None:
        """Fewer words, where the window is narrow."""
        if short != self._short:
            self._short = short
            self._show()
            self._fit()

    def _fit(self) -> None:
        """As wide as its widest text, so that figures never move what stands beside."""
        widest = _WIDEST.removeprefix("level-") if self._short else _WIDEST
        room = 18 if self._short else 30
        self._match.setFixedWidth(self._match.fontMetrics().horizontalAdvance(widest) + room)

    def _show(self) -> None:
        on = self._match.isChecked()
        known = self._offset_lu is not None
        offset = f" {signed(self._offset_lu or 0.0, 1)} LU" if known else ""
        matched, apart = ("matched", "as they are") if self._short else _WORDS
        self._match.setText(f"{matched}{offset}" if on else apart)
        self._match.setToolTip(
            "Dry and wet are played equally loud, so that louder cannot win. Playback only: the "
            "export keeps its own level."
            if on
            else "Dry and wet are played at their own levels. Click to match them."
        )


_WORDS = ("level-matched", "levels as they are")
_WIDEST = "level-matched −88.8 LU"
