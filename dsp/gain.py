"""Plain gain, for the user's hand only: the search never moves it, or louder would win."""

from __future__ import annotations

from typing import ClassVar

from dsp.effect import Effect
from dsp.parameters import Parameter


class Gain(Effect):
    """Level change in dB."""

    kind: ClassVar[str] = "gain"
    title: ClassVar[str] = "Gain"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "gain_db", "Gain", "dB", -24.0, 24.0, 0.0, searched=False, prior_spread=6.0,
            help="Louder.",
        ),
    )  # fmt: skip

    def is_neutral(self) -> bool:
        """Whether the gain is exactly 0 dB."""
        return not self.enabled or self.values["gain_db"] == 0.0
