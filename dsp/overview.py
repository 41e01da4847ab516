"""A recording at a glance: envelope, long-term spectrum, loudness and peak, in one pass.

Read in blocks: an hour needs no more memory than a minute.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.audio_file import AudioReader
from dsp.errors import CancelledError
from dsp.loudness import LoudnessMeter

SPECTRUM_LOW_HZ, SPECTRUM_HIGH_HZ = 20.0, 20_000.0
SPECTRUM_POINTS = 241  # 24 per octave
_BLOCK_FRAMES = 1 << 17
_FFT_FRAMES = 8192
_FRAMES_PER_BLOCK = 31  # half overlapping


@dataclass(frozen=True)
class Overview:
    """What :func:`read_overview` found.

    Attributes:
        frames: Samples per channel.
        sample_rate: In Hz.
        channels: 1 to 8.
        low: Smallest sample of each bucket over all channels, float32 [buckets].
        high: Largest sample of each bucket, float32 [buckets].
        frequencies_hz: Log-spaced, [241], 20 Hz to 20 kHz.
        power: Mean power density of the mid signal at these, smoothed over 1/12 octave, [241];
            0 above the recording's Nyquist frequency.
        lufs: Integrated loudness; -inf for silence or under 0.4 s.
        peak: Largest magnitude of a sample.
    """

    frames: int
    sample_rate: int
    channels: int
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    frequencies_hz: NDArray[np.float64]
    power: NDArray[np.float64]
    lufs: float
    peak: float


def read_overview(
    path: str | os.PathLike[str],
    buckets: int = 4096,
    *,
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Overview:
    """Read a whole file once.

    Args:
        path: WAV, FLAC, AIFF, OGG or MP3.
        buckets: Parts of the envelope, at most; fewer for very short files.
        progress: Called with 0..1 after every block.
        cancel: Asked as often; True stops.

    Raises:
        AudioFileError: As ``AudioReader``.
        AudioContentError: As ``AudioReader``.
        CancelledError: ``cancel`` returned True.
    """
    with AudioReader(path) as reader:
        info = reader.info
        count = max(min(buckets, info.frames), 1)
        edges = np.linspace(0, info.frames, count + 1).astype(np.int64)
        low, high = np.zeros(count, np.float32), np.zeros(count, np.float32)
        meter = LoudnessMeter(info.sample_rate, info.channels)
        spectrum = _Spectrum(info.sample_rate)
        done = 0
        for block in reader.blocks(_BLOCK_FRAMES):
            if cancel is not None and cancel():
                raise CancelledError(f"{path}: reading was cancelled")
            meter.add(block)
            spectrum.add(block.mean(axis=0))
            _envelope(block, done, edges, low, high)
            done += block.shape[1]
            if progress is not None:
                progress(min(done / info.frames, 1.0))
    frequencies, power = spectrum.result()
    return Overview(
        frames=done,
        sample_rate=info.sample_rate,
        channels=info.channels,
        low=low,
        high=high,
        frequencies_hz=frequencies,
        power=power,
        lufs=meter.integrated_lufs(),
        peak=float(max(high.max(), -low.min())),
    )


def spectrum_frequencies_hz() -> NDArray[np.float64]:
    """The grid of :attr:`Overview.frequencies_hz`."""
    return np.geomspace(SPECTRUM_LOW_HZ, SPECTRUM_HIGH_HZ, SPECTRUM_POINTS)


def smooth_power(power: NDArray[np.floating], sample_rate: int) -> NDArray[np.float64]:
    """Bins of a spectrum onto the log grid, averaged over 1/12 octave or one bin.

    Args:
        power: |X|^2 at ``len(power) - 1`` equal steps from 0 Hz to half the sample rate.
        sample_rate: In Hz.

    Returns:
        Shape [241]; 0 above half the sample rate.
    """
    frequencies = spectrum_frequencies_hz()
    step = sample_rate / 2 / (len(power) - 1)
    total = np.concatenate(([0.0], np.cumsum(power, dtype=np.float64)))
    half = 2 ** (1 / 24)
    # Bin k reaches from k - 1/2 to k + 1/2; the running sum is read between bins.
    lower = np.clip(frequencies / half / step + 0.5, 0, len(power))
    upper = np.clip(frequencies * half / step + 0.5, 0, len(power))
    middle = (lower + upper) / 2
    lower, upper = np.minimum(lower, middle - 0.5), np.maximum(upper, middle + 0.5)
    at = np.arange(len(total))
    mean = (np.interp(upper, at, total) - np.interp(lower, at, total)) / (upper - lower)
    return np.where(frequencies < sample_rate / 2, np.maximum(mean, 0.0), 0.0)


def _envelope(
    block: NDArray[np.float32],
    start: int,
    edges: NDArray[np.int64],
    low: NDArray[np.float32],
    high: NDArray[np.float32],
) -> None:
    least, most = block.min(axis=0), block.max(axis=0)
    first = int(np.searchsorted(edges, start, side="right")) - 1
    last = min(int(np.searchsorted(edges, start + len(least), side="left")), len(low))
    cuts = np.maximum(edges[first:last] - start, 0)
    part = slice(first, last)
    np.minimum(low[part], np.minimum.reduceat(least, cuts), out=low[part])
    np.maximum(high[part], np.maximum.reduceat(most, cuts), out=high[part])


class _Spectrum:
    """Welch's average over half-overlapping frames."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._window = np.hanning(_FFT_FRAMES).astype(np.float32)
        self._sum = np.zeros(_FFT_FRAMES // 2 + 1)
        self._count = 0

    def add(self, mono: NDArray[np.float32]) -> None:
        if len(mono) < _FFT_FRAMES:
            mono = np.pad(mono, (0, _FFT_FRAMES - len(mono)))
        starts = np.linspace(0, len(mono) - _FFT_FRAMES, _FRAMES_PER_BLOCK).astype(int)
        frames = np.stack([mono[s : s + _FFT_FRAMES] for s in starts]) * self._window
        self._sum += (np.abs(np.fft.rfft(frames, axis=1)) ** 2).sum(axis=0)
        self._count += len(starts)

    def result(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        norm = float(np.square(self._window).sum()) * max(self._count, 1)
        return spectrum_frequencies_hz(), smooth_power(self._sum / norm, self._rate)
