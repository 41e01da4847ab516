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
        self,
        device: str,
        sample_rate_hz: float,
        latency_ms: float,
        underflows: int,
        *,
        plugins: bool = False,
    ) -> None:
        """Show a device that plays; underflows are gaps that were heard.

        Args:
            device: Its name.
            sample_rate_hz: At which it plays.
            latency_ms: From a change to the card.
            underflows: So far.
            plugins: Whether the rack's plugins are played, which takes longer.
        """
        gaps = "1 underflow" if underflows == 1 else f"{underflows} underflows"
        rate = f"{sample_rate_hz / 1000:g} kHz"
        delay = f"{latency_ms:.0f} ms with plugins" if plugins else f"{latency_ms:.0f} ms"
        self.setText(f"{device} · {rate} · {delay} · {gaps}")
        self.setToolTip(
            "Device, sample rate, time from a change to the sound card, and how often the sound "
            "card ran dry"
            + ("; plugins run outside the app, so more is computed ahead" if plugins else "")
        )
        set_role(self, "problem" if underflows else "muted")

    def set_missing(self, why: str) -> None:
        """There is no output: say why; all else works."""
        self.setText(why)
        self.setToolTip(f"{why}. Everything except listening works.")
        set_role(self, "muted")
