"""A chain at work on a running sound, block by block, whose setting can change without a click.

Two convolutions in partitions of one block (uniformly partitioned overlap-save; T. G. Stockham,
"High-speed convolution and correlation", 1966): equalizer and gain, then the room. Both run the
impulse responses that are rendered. A change computes one block with the old and the new response
and fades from the one to the other. The room keeps what it holds: its tail goes on ringing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from dsp.chain import Chain
from dsp.render_graph import equalizer_impulse_response
from dsp.reverb import Reverb

Samples = NDArray[np.float32]
_FIRST_PARTITIONS = 8


class Response:
    """The impulse responses of a chain, cut and transformed for :class:`LiveChain`.

    Costs milliseconds (with a long room more): design it outside the thread that plays.

    Args:
        chain: The setting.
        sample_rate: In Hz.
        channels: 1 or 2; mono takes the room's left side.
        block: Frames of a block.
        before: A response for the same rate, channels and block; a room that did not change, or
            only in level, is taken from it.
    """

    def __init__(
        self,
        chain: Chain,
        sample_rate: int,
        channels: int,
        block: int,
        before: Response | None = None,
    ) -> None:
        self.chain = chain
        equalizer = equalizer_impulse_response(chain.sections(sample_rate))
        equalizer = equalizer * 10 ** (chain.gain_db() / 20)
        self.equalizer = _partition(equalizer[None], block)
        self.room = self._kept_room(before)
        if self.room is None:
            room = chain.impulse_response(sample_rate)[:channels]
            self.room = _partition(room, block) if room.shape[1] else None

    def _kept_room(self, before: Response | None) -> NDArray[np.complex64] | None:
        new = self.chain.get(Reverb)
        old = None if before is None else before.chain.get(Reverb)
        if before is None or before.room is None or old is None or new is None:
            return None
        if new.is_neutral() or old.is_neutral():
            return None
        if new.replace(wet_db=0.0) != old.replace(wet_db=0.0):
            return None
        factor = 10 ** ((new.values["wet_db"] - old.values["wet_db"]) / 20)
        return before.room if factor == 1.0 else before.room * np.float32(factor)


class LiveChain:
    """The running state.

    Args:
        channels: 1 or 2.
        block: Frames of a block; every block has this size.
    """

    def __init__(self, channels: int, block: int) -> None:
        self._block = block
        self._rise = (0.5 - 0.5 * np.cos(np.pi * (np.arange(block) + 0.5) / block)).astype(
            np.float32
        )
        self._dry = _Line(channels, block)
        self._shaped = _Line(channels, block)
        self._now: Response | None = None

    def restart(self, response: Response | None) -> None:
        """From silence, with a setting that is not faded to."""
        self._now = response
        self._dry.clear()
        self._shaped.clear()

    def process(self, block: Samples, response: Response | None) -> Samples:
        """Run one block.

        Args:
            block: float32 [channels, block].
            response: The setting from now on; None for the plain sound.

        Returns:
            float32 [channels, block], in step with the input.
        """
        before, self._now = self._now, response
        changed = before is not response
        self._dry.push(block, max(_parts(before), _parts(response)))
        equalized = self._equalized(response)
        if changed:
            equalized = self._fade(self._equalized(before), equalized)
        rooms = max(_rooms(before), _rooms(response))
        self._shaped.push(equalized, rooms)
        reverberated = self._reverberated(response)
        if changed:
            reverberated = self._fade(self._reverberated(before), reverberated)
        return equalized + reverberated

    def _equalized(self, response: Response | None) -> Samples:
        if response is None:
            return self._dry.newest()
        return self._dry.convolve(response.equalizer)

    def _reverberated(self, response: Response | None) -> Samples:
        if response is None or response.room is None:
            return np.zeros_like(self._dry.newest())
        return self._shaped.convolve(response.room)

    def _fade(self, old: Samples, new: Samples) -> Samples:
        return old + (new - old) * self._rise


class _Line:
    """Spectra of the latest blocks, the newest at ``_head``, older ones at rising places."""

    def __init__(self, channels: int, block: int) -> None:
        self._block = block
        self._last = np.zeros((channels, 2 * block), dtype=np.float32)
        self._spectra = np.zeros((channels, _FIRST_PARTITIONS, block + 1), dtype=np.complex64)
        self._head = 0

    def push(self, block: Samples, parts: int) -> None:
        """Take the next block; ``parts`` is the longest response that it will meet."""
        count = self._spectra.shape[1]
        if parts > count:
            ordered = np.roll(self._spectra, -self._head, axis=1)
            grown = np.zeros((len(ordered), max(parts, 2 * count), self._block + 1), np.complex64)
            grown[:, :count] = ordered
            self._spectra, self._head, count = grown, 0, grown.shape[1]
        self._last[:, : self._block] = self._last[:, self._block :]
        self._last[:, self._block :] = block
        self._head = (self._head - 1) % count
        self._spectra[:, self._head] = fft.rfft(self._last, axis=1)

    def clear(self) -> None:
        self._last[:] = 0.0
        self._spectra[:] = 0.0

    def newest(self) -> Samples:
        return self._last[:, self._block :].copy()

    def convolve(self, response: NDArray[np.complex64]) -> Samples:
        """With a partitioned response [1 or channels, P, block + 1]."""
        count = response.shape[1]
        first = min(count, self._spectra.shape[1] - self._head)
        out = np.zeros((len(self._spectra), self._block + 1), dtype=np.complex64)
        for channel, line in enumerate(self._spectra):
            taps = response[min(channel, len(response) - 1)]
            out[channel] = np.einsum("pf,pf->f", line[self._head :][:first], taps[:first])
            if count > first:
                out[channel] += np.einsum("pf,pf->f", line[: count - first], taps[first:])
        sound: Samples = fft.irfft(out, axis=1)[:, self._block :]
        return sound.astype(np.float32, copy=False)


def _parts(response: Response | None) -> int:
    return 1 if response is None else int(response.equalizer.shape[1])


def _rooms(response: Response | None) -> int:
    return 1 if response is None or response.room is None else int(response.room.shape[1])


def _partition(response: NDArray[np.float64], block: int) -> NDArray[np.complex64]:
    count = max(-(-response.shape[1] // block), 1)
    padded = np.zeros((len(response), count, 2 * block))
    filled = np.zeros((len(response), count * block))
    filled[:, : response.shape[1]] = response
    padded[:, :, :block] = filled.reshape(len(response), count, block)
    spectra: NDArray[np.complex64] = fft.rfft(padded, axis=2).astype(np.complex64)
    return spectra
