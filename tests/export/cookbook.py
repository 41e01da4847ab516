"""The RBJ cookbook once more, in numpy, as an independent reading of what was exported."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Stage = tuple[str, float, float, float]  # kind, Hz, dB, Q


def coefficients(
    kind: str, frequency_hz: float, gain_db: float, q: float, rate_hz: float
) -> tuple[list[float], list[float]]:
    """b and a of one section; kind is PK, LS, HS, HP or LP."""
    w = 2 * math.pi * frequency_hz / rate_hz
    c, s = math.cos(w), math.sin(w)
    alpha, big = s / (2 * q), 10 ** (gain_db / 40)
    if kind == "PK":
        return [1 + alpha * big, -2 * c, 1 - alpha * big], [
            1 + alpha / big,
            -2 * c,
            1 - alpha / big,
        ]
    if kind == "HP":
        return [(1 + c) / 2, -(1 + c), (1 + c) / 2], [1 + alpha, -2 * c, 1 - alpha]
    if kind == "LP":
        return [(1 - c) / 2, 1 - c, (1 - c) / 2], [1 + alpha, -2 * c, 1 - alpha]
    root = 2 * math.sqrt(big) * alpha
    up, down = big + 1, big - 1
    if kind == "LS":
        return (
            [big * (up - down * c + root), 2 * big * (down - up * c), big * (up - down * c - root)],
            [up + down * c + root, -2 * (down + up * c), up + down * c - root],
        )
    return (
        [big * (up + down * c + root), -2 * big * (down + up * c), big * (up + down * c - root)],
        [up - down * c + root, 2 * (down - up * c), up - down * c - root],
    )


def response_db(
    stages: list[Stage],
    frequencies_hz: NDArray[np.float64],
    rate_hz: float,
) -> NDArray[np.float64]:
    """Magnitude of (kind, Hz, dB, Q) stages in a row."""
    z = np.exp(-2j * np.pi * frequencies_hz / rate_hz)
    total = np.zeros(len(frequencies_hz))
    for kind, frequency_hz, gain_db, q in stages:
        b, a = coefficients(kind, frequency_hz, gain_db, q, rate_hz)
        total += 20 * np.log10(np.abs(np.polyval(b[::-1], z) / np.polyval(a[::-1], z)))
    return total
