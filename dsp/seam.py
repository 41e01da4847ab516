"""Joining streams of blocks without a click: delays that change, and sounds that break off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

JOIN_FRAMES = 256
LONGEST_DELAY = 1 << 17  # frames
_KEPT = 1 << 14  # frames, until a longer delay is asked for


def rise(frames: int) -> Samples:
    """Half a period of a raised cosine from 0 to 1, shape [frames]."""
    turn = (np.arange(frames) + 0.5) / frames
    return (0.5 - 0.5 * np.cos(np.pi * turn)).astype(np.float32)


def fade(old: Samples, new: Samples) -> Samples:
    """From the one to the other over their whole length, shape [channels, n]."""
    return old + (new - old) * rise(old.shape[1])


def join(before: Samples, block: Samples) -> Samples:
    """A block that goes on smoothly where another sound broke off.

    A cubic takes up the step in value and in slope and lets both die away.

    Args:
        before: The last samples that were heard, shape [channels, at least 2].
        block: What comes now, shape [channels, at least 2].

    Returns:
        The block with its beginning bent.
    """
    count = min(JOIN_FRAMES, block.shape[1])
    slope = before[:, -1] - before[:, -2] - (block[:, 1] - block[:, 0])
    step = before[:, -1] + (before[:, -1] - before[:, -2]) - block[:, 0]
    t = np.arange(count, dtype=np.float32) / count
    bend = step[:, None] * ((1 - t) ** 2 * (1 + 2 * t))
    bend = bend + slope[:, None] * count * (t * (1 - t) ** 2)
    out = block.copy()
    out[:, :count] += bend
    return out


class DelayLine:
    """The sound as it was some frames ago; another delay is faded to over one block.

    Args:
        channels: Of the sound.
        block: Frames of a block.
    """

    def __init__(self, channels: int, block: int) -> None:
        self._block = block
        self._past = np.zeros((channels, _KEPT + 2 * block), dtype=np.float32)
        self.delay_frames = 0

    def process(self, block: Samples, delay_frames: int) -> Samples:
        """The next block [channels, block], delayed; at most ``LONGEST_DELAY`` frames."""
        delay = min(max(delay_frames, 0), LONGEST_DELAY)
        if delay + 2 * self._block > self._past.shape[1]:
            more = np.zeros((len(block), delay + 2 * self._block), dtype=np.float32)
            more[:, -self._past.shape[1] :] = self._past
            self._past = more
        self._past[:, : -self._block] = self._past[:, self._block :]
        self._past[:, -self._block :] = block
        out = self._ago(delay)
        if delay != self.delay_frames:
            out = fade(self._ago(self.delay_frames), out)
        self.delay_frames = delay
        return out

    def clear(self) -> None:
        """Forget the past."""
        self._past[:] = 0.0

    def _ago(self, delay: int) -> Samples:
        end = self._past.shape[1] - delay
        return self._past[:, end - self._block : end].copy()
