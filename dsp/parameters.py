"""One declared :class:`Parameter` feeds the search, the sliders, the presets and the help text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from dsp.errors import ParameterError

Unit = Literal["dB", "Hz", "s", "ms", "Q", ""]
Scale = Literal["linear", "log"]
Off = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named number with a unit, a range and a scale.

    Attributes:
        name: Identifier in presets and code, with its unit as suffix (``low_shelf_gain_db``).
        title: What a person reads beside the knob.
        unit: Unit of the physical value; empty for plain ratios.
        low: Smallest allowed value.
        high: Largest allowed value.
        default: The value that leaves the sound as it is, or the most ordinary one.
        scale: ``log`` where equal steps should be equal ratios (frequency, time, Q).
        search_low: Lower end of the range that the search may use; None for ``low``.
        search_high: Upper end of the range that the search may use; None for ``high``.
        prior_spread: Standard deviation of the search's Gaussian prior, in dB for linear
            parameters in dB, in octaves for log parameters, else in the unit itself.
        off: The end of the range at which the stage is switched off, exactly; None if it is not.
        searched: Whether gradient search moves it at all.
        help: One sentence on what turning it up sounds like.
    """

    name: str
    title: str
    unit: Unit
    low: float
    high: float
    default: float
    scale: Scale = "linear"
    search_low: float | None = None
    search_high: float | None = None
    prior_spread: float = 1.0
    off: Off | None = None
    searched: bool = True
    help: str = ""

    def __post_init__(self) -> None:
        if not self.low <= self.default <= self.high or self.low >= self.high:
            raise ParameterError(
                f"parameter {self.name}: default {self.default} must lie in "
                f"{self.low}..{self.high}, and low below high"
            )
        if self.scale == "log" and self.low <= 0:
            raise ParameterError(f"parameter {self.name}: a log scale needs low > 0")

    @property
    def search_range(self) -> tuple[float, float]:
        """The (low, high) range that the search may use, in the parameter's unit."""
        low = self.low if self.search_low is None else self.search_low
        high = self.high if self.search_high is None else self.search_high
        return low, high

    @property
    def off_value(self) -> float | None:
        """The value that switches the stage off, or None."""
        if self.off is None:
            return None
        return self.low if self.off == "low" else self.high

    def is_off(self, value: float) -> bool:
        """Whether ``value`` (in the parameter's unit) switches the stage off."""
        if self.off is None:
            return False
        return value <= self.low if self.off == "low" else value >= self.high

    def check(self, value: float, where: str = "") -> float:
        """Return ``value`` as a float if it is allowed.

        Args:
            value: A number in the parameter's unit.
            where: What the value belongs to, for the message.

        Raises:
            ParameterError: ``value`` is not a finite number within ``low..high``.
        """
        name = f"{where}.{self.name}" if where else self.name
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ParameterError(f"{name}: found {value!r}, a number is needed")
        number = float(value)
        if not math.isfinite(number) or not self.low <= number <= self.high:
            allowed = f"{self.low:g} to {self.high:g} {self.unit}".rstrip()
            raise ParameterError(f"{name}: found {number:g}, allowed is {allowed}")
        return number

    def clip(self, value: float) -> float:
        """Return the nearest allowed value."""
        return min(max(float(value), self.low), self.high)

    def to_scale(self, value: float) -> float:
        """Map a value onto the axis where the prior is Gaussian: octaves if log, else unchanged."""
        return math.log2(value) if self.scale == "log" else value

    def from_scale(self, position: float) -> float:
        """Inverse of :meth:`to_scale`."""
        return float(2.0**position) if self.scale == "log" else position

    def to_unit(self, value: float) -> float:
        """Map a value to 0..1 over the full range (slider position)."""
        low, high = self.to_scale(self.low), self.to_scale(self.high)
        return (self.to_scale(value) - low) / (high - low)

    def from_unit(self, position: float) -> float:
        """Inverse of :meth:`to_unit`; ``position`` is clipped to 0..1."""
        low, high = self.to_scale(self.low), self.to_scale(self.high)
        clipped = min(max(position, 0.0), 1.0)
        return self.clip(self.from_scale(low + clipped * (high - low)))

    def between(self, start: float, end: float, amount: float) -> float:
        """Move from ``start`` (amount 0) to ``end`` (amount 1) along the parameter's own scale."""
        if amount == 0.0 or start == end:  # exactly: a filter that is off stays off
            return start
        if amount == 1.0:
            return end
        a, b = self.to_scale(start), self.to_scale(end)
        return self.clip(self.from_scale(a + amount * (b - a)))
