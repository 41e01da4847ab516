"""A recording's envelope folded to the width of a view."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Column = NDArray[np.float64]


def fold(low: ArrayLike, high: ArrayLike, columns: int) -> tuple[Column, Column]:
    """Smallest and largest sample of every column of pixels; no peak is lost.

    Args:
        low: Smallest sample of each bucket, shape [B], -1..1.
        high: Largest sample of each bucket, shape [B].
        columns: How many, at least 1.

    Returns:
        (low, high), each of shape [columns]; zero where there are no buckets.
    """
    least = np.asarray(low, dtype=np.float64)
    most = np.asarray(high, dtype=np.float64)
    count = len(least)
    if count == 0:
        return np.zeros(columns), np.zeros(columns)
    if count <= columns:
        nearest = np.arange(columns) * count // columns
        return least[nearest], most[nearest]
    starts = np.arange(columns) * count // columns
    return np.minimum.reduceat(least, starts), np.maximum.reduceat(most, starts)


def envelope_of(samples: ArrayLike, buckets: int = 4096) -> tuple[Column, Column]:
    """Envelope of a short recording in memory, over all channels.

    Args:
        samples: Shape [channels, samples].
        buckets: Parts, at most.

    Returns:
        (low, high), each of shape [buckets] or fewer.
    """
    sound = np.asarray(samples)
    if sound.shape[-1] == 0:
        return np.zeros(0), np.zeros(0)
    low, high = sound.min(axis=0), sound.max(axis=0)
    return fold(low, high, min(buckets, sound.shape[-1]))
