"""The fixed loud windows that the search listens to.

A recording may be hours long; an encoder hears a few seconds. One pass finds the loudest
stretches (K-weighting is close to what this pre-emphasis does, and only the order matters), and
the search reads just those, each with some context before it so that the reverb of what came
earlier is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import soxr
import torch
from numpy.typing import NDArray

from dsp.audio_file import AudioReader
from text2fx_studio.errors import AudioContentError

if TYPE_CHECKING:
    from text2fx_studio.encoders.protocol import Listener

MIN_SECONDS = 0.2
SILENCE_DBFS = -80.0
CONTEXT_S = 2.0
MAX_WINDOWS = 3
_HOP_S = 0.1
_BLOCK_S = 10.0
_TOLERANCE_S = 0.001  # a window of the file's samples and one of the encoder's differ by less

Audio = NDArray[np.float32]


class Source(Protocol):
    """A recording that can be read in parts."""

    @property
    def name(self) -> str:
        """For messages."""
        ...

    @property
    def sample_rate(self) -> int:
        """In Hz."""
        ...

    @property
    def frames(self) -> int:
        """Samples per channel."""
        ...

    def read(self, start: int, frames: int) -> Audio:
        """Float32 samples, shape [channels, frames]."""
        ...


@dataclass(frozen=True)
class ArraySource:
    """A recording in memory, float32 of shape [channels, samples]."""

    audio: Audio
    sample_rate: int
    name: str = "audio"

    @property
    def frames(self) -> int:
        """Samples per channel."""
        return int(self.audio.shape[-1])

    def read(self, start: int, frames: int) -> Audio:
        """Float32 samples, shape [channels, frames]."""
        part: Audio = self.audio[:, start : start + frames]
        return part


class FileSource:
    """An open file as a source."""

    def __init__(self, reader: AudioReader, name: str) -> None:
        self._reader = reader
        self.name = name
        self.sample_rate = reader.info.sample_rate
        self.frames = reader.info.frames

    def read(self, start: int, frames: int) -> Audio:
        """Float32 samples, shape [channels, frames]."""
        return self._reader.read(start, frames)


@dataclass(frozen=True)
class Windows:
    """Cut-out parts of a recording, at the recording's own rate.

    Attributes:
        segments: Each float32 [channels, context + window]; zero-padded where the file begins or
            ends.
        context: Samples of context at each segment's start.
        starts_s: Where each window begins in the file.
        sample_rate: In Hz.
    """

    segments: tuple[Audio, ...]
    context: int
    starts_s: tuple[float, ...]
    sample_rate: int

    @property
    def seconds(self) -> float:
        """Length of a window."""
        return (int(self.segments[0].shape[-1]) - self.context) / self.sample_rate


def window_seconds(encoder: Listener, seconds: float) -> float:
    """How much of a recording is listened to at once.

    A recording that is shorter than the encoder's window is padded with silence, but not for
    encoders that repeat it themselves (``repeats``), as their training did.

    Args:
        encoder: Who listens.
        seconds: How long the recording is.
    """
    if encoder.repeats and seconds < encoder.window_s - _TOLERANCE_S:
        return seconds
    return encoder.window_s


def loud_windows(
    source: Source, window_s: float, *, count: int = MAX_WINDOWS, context_s: float = CONTEXT_S
) -> Windows:
    """Choose the loudest windows that do not overlap, in order of time.

    Args:
        source: The recording.
        window_s: Length of a window; a shorter recording is padded with silence.
        count: Windows at the most. Windows 20 dB or more below the loudest are left out.
        context_s: Seconds kept before each window.

    Raises:
        AudioContentError: The recording is shorter than 0.2 s, not finite, or silent.
    """
    rate = source.sample_rate
    seconds = source.frames / rate
    if seconds < MIN_SECONDS:
        raise AudioContentError(
            f"{source.name}: found {seconds:.3f} s of sound, at least {MIN_SECONDS} s is needed "
            "to hear how it sounds"
        )
    energy, peak = _energies(source)
    if peak < 10 ** (SILENCE_DBFS / 20):
        raise AudioContentError(
            f"{source.name}: is silent ({_dbfs(peak)}), so there is nothing to shape"
        )
    hops = max(1, round(window_s / _HOP_S))
    starts = _loudest(energy, hops, count)
    window = round(window_s * rate)
    context = round(context_s * rate)
    segments, starts_s = [], []
    for hop in starts:
        start = min(round(hop * _HOP_S * rate), max(0, source.frames - window))
        segments.append(_cut(source, start - context, context + window))
        starts_s.append(start / rate)
    return Windows(tuple(segments), context, tuple(starts_s), rate)


def fold(segment: Audio) -> Audio:
    """Mix a segment [channels, n] to mono [n].

    The mean of the channels; where they cancel (a side signal out of phase) the loudest channel.
    """
    mean: Audio = segment.mean(axis=0)
    powers = (segment.astype(np.float64) ** 2).mean(axis=1)
    if len(segment) > 1 and float((mean.astype(np.float64) ** 2).mean()) < 0.1 * powers.mean():
        loudest: Audio = segment[int(powers.argmax())]
        return loudest
    return mean


def to_encoder(windows: Windows, encoder_rate: int, window_s: float) -> tuple[torch.Tensor, int]:
    """Fold windows to mono and convert them to an encoder's rate.

    Args:
        windows: The windows, at the recording's rate.
        encoder_rate: In Hz.
        window_s: Seconds of each window; shorter ones are padded with silence.

    Returns:
        (mono segments float32 [W, C + T], C): context and window in samples at the encoder's rate.
    """
    context = round(windows.context / windows.sample_rate * encoder_rate)
    length = context + round(window_s * encoder_rate)
    rows = np.zeros((len(windows.segments), length), dtype=np.float32)
    for row, segment in zip(rows, windows.segments, strict=True):
        mono = fold(segment)
        if windows.sample_rate != encoder_rate:
            mono = soxr.resample(mono, windows.sample_rate, encoder_rate, quality="HQ")
        count = min(len(mono), length)
        row[:count] = mono[:count]
    return torch.from_numpy(rows), context


def _cut(source: Source, start: int, frames: int) -> Audio:
    first = max(start, 0)
    part = source.read(first, min(start + frames, source.frames) - first)
    before = first - start
    after = frames - before - part.shape[-1]
    return np.pad(part, ((0, 0), (before, after)))


def _blocks(source: Source) -> Iterator[Audio]:
    step = max(1, round(_BLOCK_S * source.sample_rate))
    for start in range(0, source.frames, step):
        yield source.read(start, min(step, source.frames - start))


def _energies(source: Source) -> tuple[NDArray[np.float64], float]:
    """Pre-emphasised energy per 0.1 s, and the peak of the whole recording."""
    hop = max(1, round(_HOP_S * source.sample_rate))
    energies: list[NDArray[np.float64]] = []
    rest: NDArray[np.float64] = np.zeros(0)
    peak = 0.0
    for index, block in enumerate(_blocks(source)):
        if not np.isfinite(block).all():
            raise AudioContentError(
                f"{source.name}: holds samples that are not numbers (NaN or infinity) near "
                f"{index * _BLOCK_S:.0f} s; export it again"
            )
        if block.size:
            peak = max(peak, float(np.abs(block).max()))
        wide = block.astype(np.float64)
        difference = np.diff(wide, axis=-1, prepend=wide[:, :1])
        power = (0.5 * wide**2 + 2.0 * difference**2).sum(axis=0)
        power = np.concatenate((rest, power))
        whole = len(power) // hop * hop
        energies.append(power[:whole].reshape(-1, hop).sum(axis=1))
        rest = power[whole:]
    if len(rest):
        energies.append(np.array([rest.sum()]))
    return np.concatenate(energies), peak


def _loudest(energy: NDArray[np.float64], hops: int, count: int) -> list[int]:
    """First hops of the loudest windows of ``hops`` hops, at most ``count``, not overlapping."""
    if len(energy) <= hops:
        return [0]
    total = np.convolve(energy, np.ones(hops), mode="valid")
    chosen: list[int] = []
    free = np.ones(len(total), dtype=bool)
    floor = 0.01 * total.max()
    while len(chosen) < count and free.any():
        best = int(np.where(free, total, -1.0).argmax())
        if total[best] < floor:
            break
        chosen.append(best)
        free[max(0, best - hops + 1) : best + hops] = False
    return sorted(chosen)


def _dbfs(peak: float) -> str:
    return f"peak {20 * np.log10(peak):.0f} dBFS" if peak > 0 else "no signal at all"
