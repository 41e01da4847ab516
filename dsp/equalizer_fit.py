"""Fit the parametric equalizer to a wanted magnitude curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dsp import equalizer
from dsp.equalizer import GAIN_LIMIT_DB, Equalizer

_ROUNDS = 4
_RIDGE = 0.005
_PROBE_DB = 1.0


def fit_equalizer(
    target_db: ArrayLike,
    frequencies_hz: ArrayLike,
    sample_rate: float = 48_000,
    start: Equalizer | None = None,
) -> Equalizer:
    """Find the gains of shelves and bells that come closest to a curve, up to a level.

    Ridge-regularised Gauss–Newton on the gains; frequencies, Q and filters stay as in ``start``.

    Args:
        target_db: Wanted magnitude in dB, shape [F]; its mean level does not matter.
        frequencies_hz: Shape [F], spread as the error is to be weighted.
        sample_rate: In Hz.
        start: Setting to start from; neutral by default.

    Returns:
        The fitted equalizer, gains within the declared range.
    """
    eq = start or Equalizer()
    names = [p.name for p in Equalizer.parameters if p.name.endswith("_gain_db")]
    target = np.asarray(target_db, dtype=np.float64)
    frequencies = np.asarray(frequencies_hz, dtype=np.float64)
    gains = np.array([eq.values[name] for name in names])
    for _ in range(_ROUNDS):
        rows = np.vstack([gains, gains + _PROBE_DB * np.eye(len(names))])
        curves = _curves_db(eq, names, rows, frequencies, sample_rate)
        slope = (curves[1:] - curves[0]).T / _PROBE_DB
        residual = target - curves[0]
        slope -= slope.mean(axis=0)
        residual = residual - residual.mean()
        scale = _RIDGE * len(target)
        normal = slope.T @ slope + scale * np.eye(len(names))
        step = np.linalg.solve(normal, slope.T @ residual - scale * gains)
        gains = np.clip(gains + step, -GAIN_LIMIT_DB, GAIN_LIMIT_DB)
    return eq.replace(**{name: float(g) for name, g in zip(names, gains, strict=True)})


def _curves_db(
    eq: Equalizer,
    names: list[str],
    rows: NDArray[np.float64],
    frequencies: NDArray[np.float64],
    sample_rate: float,
) -> NDArray[np.float64]:
    values = {name: np.full(len(rows), value) for name, value in eq.values.items()}
    for column, name in enumerate(names):
        values[name] = rows[:, column].clip(-2 * GAIN_LIMIT_DB, 2 * GAIN_LIMIT_DB)
    sos = equalizer.design(values, sample_rate)
    return np.asarray(
        10 * np.log10(equalizer.section_power(sos, frequencies, sample_rate)), dtype=np.float64
    )
