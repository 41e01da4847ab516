"""Chain → pedalboard: the whole chain as one convolution per pair of channels, streamed.

Every effect so far is linear and time-invariant, so equalizer, reverb and gain together are one
impulse response, computed in float64 from the same sections and the same room that the search
used, and run by ``pedalboard.Convolution``. Measured on two shared cores (60 s of noise, stereo,
44.1 kHz, eight stages, the design of the impulse response included):

===============================================  ===========  ==================================
path                                              speed        null against float64
===============================================  ===========  ==================================
pedalboard's Shelf/Peak filters (float32)         280 x        -81 dB; up to 0.24 dB at 60 Hz
this convolution, equalizer only                  160 x        -133 dB; under 0.0001 dB
this convolution, equalizer and 2 s of reverb     100 x        -133 dB; -124 dB of the wet alone
===============================================  ===========  ==================================

pedalboard's high-pass and low-pass are first order and could not stand for ours at all.
``Convolution`` divides its impulse response by a norm that it sums in float32 (0.001 dB off over
10^5 samples, a null of -76 dB): the true factor is measured with an impulse and undone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
import pedalboard
from numpy.typing import NDArray
from scipy.signal import fftconvolve, sosfilt

from dsp.chain import Chain

CHUNK_FRAMES = 65_536  # every call of pedalboard has this size: a change would reset its state
_BUFFER_FRAMES = 8_192  # fastest for impulse responses of 10^2 to 10^6 samples
EQUALIZER_RANGE_DB = 140.0
_LONGEST_EQUALIZER = 1 << 20  # 5.4 s at 192 kHz: Q 10 at 20 Hz needs 2.6 s
SILENCE_DBFS = -96.4  # half a step of 16 bit peak to peak; the tail ends below it
_FADE_S = 0.02
_SHORTEST = 16  # pedalboard cannot tell channels from samples in an array of 2 x 2 or 2 x 1

Samples = NDArray[np.float32]


def equalizer_impulse_response(sections: NDArray[np.float64]) -> NDArray[np.float64]:
    """Impulse response of second-order sections, until what remains is 140 dB below the whole.

    Args:
        sections: Shape [S, 6], float64, stable.

    Returns:
        float64, shape [L]; [1.0] for no sections. L is at most 2^20.
    """
    if not len(sections):
        return np.ones(1)
    radius = max(float(np.abs(np.roots(section[3:])).max(initial=0.0)) for section in sections)
    decay = -math.log(max(radius, 1e-3)) if radius < 1 else 0.0
    enough = math.log(10) * EQUALIZER_RANGE_DB / 20
    # Equal poles in several sections decay later than one alone: half as much again, and measure.
    length = int(1.5 * enough / decay) + 64 if decay > 0 else _LONGEST_EQUALIZER
    impulse = np.zeros(min(length, _LONGEST_EQUALIZER))
    impulse[0] = 1.0
    response: NDArray[np.float64] = sosfilt(sections, impulse)
    remaining = np.cumsum(response[::-1] ** 2)[::-1]
    keep = int(np.count_nonzero(remaining > remaining[0] * 10 ** (-EQUALIZER_RANGE_DB / 10)))
    return response[: max(keep, 1)]


def total_impulse_response(chain: Chain, sample_rate: int) -> NDArray[np.float64]:
    """Impulse response of the whole chain, dry path included.

    Args:
        chain: The setting.
        sample_rate: In Hz.

    Returns:
        float64, shape [1, L] without reverb, else [2, L] (left, right).
    """
    return _with_dry(chain, chain.impulse_response(sample_rate), sample_rate)


def _with_dry(chain: Chain, wet: NDArray[np.float64], sample_rate: int) -> NDArray[np.float64]:
    equalizer = equalizer_impulse_response(chain.sections(sample_rate))
    equalizer = equalizer * 10 ** (chain.gain_db() / 20)
    if not wet.shape[1]:
        return equalizer[None]
    room = wet.copy()
    room[:, 0] += 1.0
    total: NDArray[np.float64] = fftconvolve(room, equalizer[None], axes=1)
    return total


class ChainStream:
    """A chain at work on a stream of blocks.

    Odd channels get the left response, even ones the right (mono stays mono); pairs share one
    convolution.
    """

    def __init__(self, chain: Chain, sample_rate: int, channels: int) -> None:
        """Args: ``sample_rate`` in Hz, ``channels`` 1 to 8."""
        self.sample_rate = sample_rate
        self.channels = channels
        wet = chain.impulse_response(sample_rate)
        self.tail_frames: int = wet.shape[1]
        self._neutral = chain.is_neutral()
        self._paths: list[_Path] = []
        if not self._neutral:
            total = _with_dry(chain, wet, sample_rate)
            for first in range(0, channels, 2):
                stop = min(first + 2, channels)
                rows = total if len(total) == stop - first else total[[0] * (stop - first)]
                self._paths.append(_Path(slice(first, stop), rows, sample_rate))

    def run(self, blocks: Iterable[Samples], *, tail: bool = True) -> Iterator[Samples]:
        """Process a sound from its start to its end.

        Args:
            blocks: float32, shape [channels, n], any n; finite.
            tail: Whether the reverb rings out after the last block.

        Yields:
            float32 blocks of up to 65536 frames. Together they have the input's length, plus the
            tail up to where it stays below -96.4 dBFS, faded over 20 ms.
        """
        if self._neutral:
            yield from blocks
            return
        length, done = 0, 0
        rest = np.zeros((self.channels, 0), dtype=np.float32)
        for block in blocks:
            length += block.shape[1]
            rest = np.concatenate((rest, block), axis=1) if rest.shape[1] else block
            while rest.shape[1] >= CHUNK_FRAMES:
                yield self._process(rest[:, :CHUNK_FRAMES], first=done == 0)
                rest = rest[:, CHUNK_FRAMES:]
                done += CHUNK_FRAMES
        ringing: list[Samples] = []
        total = length + (self.tail_frames if tail else 0)
        while done < total:
            padded = np.zeros((self.channels, CHUNK_FRAMES), dtype=np.float32)
            padded[:, : rest.shape[1]] = rest
            rest = rest[:, :0]
            out = self._process(padded, first=done == 0)[:, : total - done]
            inside = max(min(length - done, out.shape[1]), 0)
            done += out.shape[1]
            if inside:
                yield out[:, :inside]
            ringing.append(out[:, inside:])
        if ringing and (end := _trimmed(np.concatenate(ringing, axis=1), self.sample_rate)).size:
            yield end

    def _process(self, chunk: Samples, *, first: bool) -> Samples:
        out = np.empty((self.channels, CHUNK_FRAMES), dtype=np.float32)
        for path in self._paths:
            out[path.channels] = path.process(chunk[path.channels], first=first)
        return out


class _Path:
    """One or two channels through one convolution."""

    def __init__(self, channels: slice, response: NDArray[np.float64], sample_rate: int) -> None:
        self.channels = channels
        self._rate = sample_rate
        missing = max(_SHORTEST - response.shape[1], 0)
        response = np.pad(response, ((0, 0), (0, missing)))
        self._convolution = pedalboard.Convolution(
            np.ascontiguousarray(response, dtype=np.float32), 1.0, sample_rate=float(sample_rate)
        )
        self._factor = np.float32(1.0)
        self._factor = np.float32(self._measure(response))

    def _measure(self, response: NDArray[np.float64]) -> float:
        impulse = np.zeros((len(response), CHUNK_FRAMES), dtype=np.float32)
        impulse[:, 0] = 1.0
        count = min(response.shape[1], CHUNK_FRAMES)
        heard = self.process(impulse, first=True)[:, :count].astype(np.float64)
        wanted = response[:, :count]
        return float((wanted * wanted).sum() / (heard * wanted).sum())

    def process(self, chunk: Samples, *, first: bool) -> Samples:
        out: Samples = self._convolution.process(
            np.ascontiguousarray(chunk), self._rate, buffer_size=_BUFFER_FRAMES, reset=first
        )
        out *= self._factor
        return out


def _trimmed(ringing: Samples, sample_rate: int) -> Samples:
    if not ringing.shape[1]:
        return ringing
    heard = np.flatnonzero(np.abs(ringing).max(axis=0) >= 10 ** (SILENCE_DBFS / 20))
    if not heard.size:
        return ringing[:, :0]
    last = int(heard[-1]) + 1
    fade = min(int(_FADE_S * sample_rate), ringing.shape[1] - last)
    kept = ringing[:, : last + fade].copy()
    if fade:
        # Only samples below the threshold are faded.
        kept[:, last:] *= np.linspace(1, 0, fade, endpoint=False, dtype=np.float32)
    return kept
