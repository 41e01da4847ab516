"""A recording for the player: read in pieces, of which a few are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.audio_file import AudioReader

Samples = NDArray[np.float32]

_PIECE_S = 0.5
_PIECES = 6


class Pieces:
    """A recording, read in pieces of half a second of which a few are kept; mono or stereo.

    More channels are folded as the renderer pairs them: odd ones left, even ones right.
    """

    def __init__(self, path: str | Path) -> None:
        """Open it.

        Raises:
            AudioFileError: It cannot be read.
        """
        self._reader = AudioReader(path)
        info = self._reader.info
        self.sample_rate, self.frames = info.sample_rate, info.frames
        self.channels = min(info.channels, 2)
        self._fold = info.channels > 2
        self._piece = int(_PIECE_S * info.sample_rate)
        self._kept: dict[int, Samples] = {}

    def read(self, start: int, count: int) -> Samples:
        """float32 [channels, count]; silence after the end."""
        out = np.zeros((self.channels, count), dtype=np.float32)
        at = start
        while at < min(start + count, self.frames):
            number, offset = divmod(at, self._piece)
            part = self._get(number)[:, offset : offset + start + count - at]
            if not part.shape[1]:
                break
            out[:, at - start : at - start + part.shape[1]] = part
            at += part.shape[1]
        return out

    def _get(self, number: int) -> Samples:
        if number in self._kept:
            self._kept[number] = self._kept.pop(number)  # the latest used goes last
            return self._kept[number]
        piece = self._reader.read(number * self._piece, self._piece)
        if self._fold:
            piece = np.stack((piece[0::2].mean(axis=0), piece[1::2].mean(axis=0)))
        self._kept[number] = piece
        while len(self._kept) > _PIECES:
            del self._kept[next(iter(self._kept))]
        return piece

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()
