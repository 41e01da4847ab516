"""Frequencies on a logarithmic axis, in pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

LABELLED_HZ: tuple[float, ...] = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
MINOR_HZ: tuple[float, ...] = tuple(
    m * d for d in (10, 100, 1000, 10_000) for m in range(1, 10) if 20 < m * d < 20_000
)


@dataclass(frozen=True, slots=True)
class LogAxis:
    """Maps ``low_hz..high_hz`` onto ``left..left + width`` pixels."""

    low_hz: float
    high_hz: float
    left: float
    width: float

    def x(self, frequency_hz: float) -> float:
        """Pixel of a frequency."""
        span = math.log(self.high_hz / self.low_hz)
        return self.left + self.width * math.log(max(frequency_hz, 1e-6) / self.low_hz) / span

    def xs(self, frequencies_hz: ArrayLike) -> NDArray[np.float64]:
        """Pixels of frequencies, shape [F]."""
        span = math.log(self.high_hz / self.low_hz)
        values = np.log(np.maximum(np.asarray(frequencies_hz, dtype=np.float64), 1e-6))
        return np.asarray(self.left + self.width * (values - math.log(self.low_hz)) / span)

    def frequency_hz(self, x: float) -> float:
        """Frequency of a pixel, unclipped."""
        ratio = self.high_hz / self.low_hz
        return float(self.low_hz * ratio ** ((x - self.left) / self.width))


def short_hz(frequency_hz: float) -> str:
    """A label for an axis: ``50``, ``1k``, ``20k``."""
    return f"{frequency_hz / 1000:g}k" if frequency_hz >= 1000 else f"{frequency_hz:g}"
