"""An entry's tonal intent as a curve over frequency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from text2fx_studio.errors import ParameterError
from text2fx_studio.lexicon.entry import BAND_CENTERS_HZ

FLOOR_DB = -120.0


class Tone(Protocol):
    """The tonal part of a lexicon entry or of a proposal."""

    @property
    def gains_db(self) -> Sequence[float]:
        """Gains at ``BAND_CENTERS_HZ``, without the filters."""
        ...

    @property
    def high_pass_hz(self) -> float | None:
        """Corner frequency, None for none."""
        ...

    @property
    def low_pass_hz(self) -> float | None:
        """Corner frequency, None for none."""
        ...


def intent_curve_db(entry: Tone, frequencies_hz: ArrayLike) -> NDArray[np.float64]:
    """The magnitude response that an entry asks for.

    The band gains, interpolated by a monotone cubic (Fritsch and Carlson 1980, as in PCHIP) over
    the logarithm of frequency and held flat outside the outer bands, plus the magnitudes of
    second-order Butterworth filters (12 dB/octave, −3 dB at the corner).

    Args:
        entry: The entry, or whatever has its tonal part.
        frequencies_hz: Frequencies, any shape, 0 Hz or above.

    Returns:
        Gains in dB, the same shape; not below −120 dB from the filters.

    Raises:
        ParameterError: A frequency is negative or not finite.
    """
    frequencies = np.asarray(frequencies_hz, dtype=np.float64)
    if not np.all(np.isfinite(frequencies)) or np.any(frequencies < 0.0):
        raise ParameterError("frequencies_hz: found a negative or not finite value; use Hz from 0")
    centers = np.log2(np.asarray(BAND_CENTERS_HZ))
    clipped = np.clip(frequencies, BAND_CENTERS_HZ[0], BAND_CENTERS_HZ[-1])
    curve = _monotone_cubic(centers, np.asarray(entry.gains_db), np.log2(clipped))
    if entry.high_pass_hz is not None:
        curve = curve + _high_pass_db(frequencies, entry.high_pass_hz)
    if entry.low_pass_hz is not None:
        ratio = frequencies / entry.low_pass_hz
        curve = curve + np.maximum(-10.0 * np.log10(1.0 + ratio**4), FLOOR_DB)
    return curve


def _high_pass_db(frequencies: NDArray[np.float64], corner_hz: float) -> NDArray[np.float64]:
    ratio = np.maximum(frequencies / corner_hz, 1e-9)
    return np.maximum(-10.0 * np.log10(1.0 + ratio**-4), FLOOR_DB)


def _monotone_cubic(
    x: NDArray[np.float64], y: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """PCHIP through (x, y) at points inside [x[0], x[-1]]; own code keeps scipy from loading."""
    step = np.diff(x)
    slope = np.diff(y) / step
    tangent = np.zeros_like(y)
    # Weighted harmonic mean inside, where the slopes agree in sign; else an extremum: zero.
    left, right = slope[:-1], slope[1:]
    same = left * right > 0.0
    weight_left = 2.0 * step[1:] + step[:-1]
    weight_right = step[1:] + 2.0 * step[:-1]
    safe_left, safe_right = np.where(same, left, 1.0), np.where(same, right, 1.0)
    mean = (weight_left + weight_right) / (weight_left / safe_left + weight_right / safe_right)
    tangent[1:-1] = np.where(same, mean, 0.0)
    tangent[0] = _end_tangent(step[0], step[1], slope[0], slope[1])
    tangent[-1] = _end_tangent(step[-1], step[-2], slope[-1], slope[-2])
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(step) - 1)
    t = (at - x[i]) / step[i]
    result: NDArray[np.float64] = (
        (1.0 + 2.0 * t) * (1.0 - t) ** 2 * y[i]
        + t * (1.0 - t) ** 2 * step[i] * tangent[i]
        + t**2 * (3.0 - 2.0 * t) * y[i + 1]
        + t**2 * (t - 1.0) * step[i] * tangent[i + 1]
    )
    return result


def _end_tangent(step: float, next_step: float, slope: float, next_slope: float) -> float:
    """Three-point end tangent that keeps the shape (Moler 2004, section 3.4)."""
    tangent = ((2.0 * step + next_step) * slope - step * next_slope) / (step + next_step)
    if tangent * slope <= 0.0:
        return 0.0
    if slope * next_slope <= 0.0 and abs(tangent) > 3.0 * abs(slope):
        return 3.0 * slope
    return float(tangent)
