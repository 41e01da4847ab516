"""The sound card in one line: device, rate, latency, underflows."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from ui.views.panel import set_role


class OutputReadout(QLabel):
    """Muted text for the status bar; a problem's colour, with words, where there is one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "muted")
        self.setAccessibleName("Sound output")
        self.set_missing("No sound output yet")

    def set_output(
        self, device: str, sample_rate_hz: float, latency_ms: float, underflows: int
    ) -> None:
        """Show a device that plays; underflows are gaps that were heard."""
        gaps = "1 underflow" if underflows == 1 else f"{underflows} underflows"
        rate = f"{sample_rate_hz / 1000:g} kHz"
        self.setText(f"{device} · {rate} · {latency_ms:.0f} ms · {gaps}")
        self.setToolTip(
            "Device, sample rate, time from a change to the sound card, and how often the sound "
            "card ran dry"
        )
        set_role(self, "problem" if underflows else "muted")

    def set_missing(self, why: str) -> None:
        """There is no output: say why; all else works."""
        self.setText(why)
        self.setToolTip(f"{why}. Everything except listening works.")
        set_role(self, "muted")
