"""The sound card, and the callback that feeds it: the only module that touches PortAudio.

Sound is computed ahead of time by ``text2fx_studio.player`` into a :class:`Ring`; the callback
copies slices out of it and counts. It allocates no buffers, takes no lock, logs nothing, and never
calls into the window. Without PortAudio, or without a device, :class:`PlaybackError` says so, and
everything else works.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.errors import PlaybackError

OUTPUT_CHANNELS = 2

Fill = Callable[[NDArray[np.float32], int, bool], None]
"""What a device calls for more sound: array [frames, 2] to fill, frames, had an underflow."""


class Ring:
    """Sound on its way to the card: one thread writes, the callback reads, no lock between.

    Positions only ever grow; each side writes its own one, and reading an int is atomic.

    Args:
        frames: Capacity.
    """

    def __init__(self, frames: int) -> None:
        self._data = np.zeros((frames, OUTPUT_CHANNELS), dtype=np.float32)
        self._frames = frames
        self.written = 0
        self.read = 0
        self.underflows = 0
        self.idle = True  # nothing is meant to play: an empty ring is no underflow

    @property
    def waiting(self) -> int:
        """Frames that are written and not yet read."""
        return self.written - self.read

    def write(self, block: NDArray[np.float32]) -> None:
        """Append frames [n, 2]; the caller keeps n within the free room."""
        start = self.written % self._frames
        first = min(len(block), self._frames - start)
        self._data[start : start + first] = block[:first]
        self._data[: len(block) - first] = block[first:]
        self.written += len(block)

    def fill(self, out: NDArray[np.float32], frames: int, underflow: bool) -> None:
        """The callback: copy what is there, silence for the rest."""
        if underflow:
            self.underflows += 1
        ready = self.written - self.read
        if ready > frames:
            ready = frames
        start = self.read % self._frames
        first = self._frames - start
        if first > ready:
            first = ready
        out[:first] = self._data[start : start + first]
        if ready > first:
            out[first:ready] = self._data[: ready - first]
        if ready < frames:
            out[ready:frames] = 0.0
            if not self.idle:
                self.underflows += 1
        self.read += ready


class Output(Protocol):
    """A running device."""

    name: str
    sample_rate: int
    latency_s: float

    def close(self) -> None:
        """Stop and let go; may be called twice."""
        ...


@dataclass(frozen=True)
class Device:
    """An output device.

    Attributes:
        id: What :func:`open_output` takes.
        name: What a person reads.
        is_default: Whether the system prefers it.
    """

    id: int
    name: str
    is_default: bool


def list_devices() -> list[Device]:
    """The output devices, the system's order.

    Raises:
        PlaybackError: PortAudio is missing or broken.
    """
    card = _sounddevice()
    try:
        default = card.default.device[1]
        return [
            Device(number, str(entry["name"]), number == default)
            for number, entry in enumerate(card.query_devices())
            if entry["max_output_channels"] > 0
        ]
    except card.PortAudioError as error:
        raise PlaybackError(f"playback: the sound devices cannot be listed: {error}") from error


def open_output(fill: Fill, sample_rate: int, device: int | None = None) -> Output:
    """Start playing.

    Args:
        fill: Called for every block.
        sample_rate: Wanted, in Hz; the device's own where it refuses this one.
        device: From :func:`list_devices`; None for the system's choice.

    Raises:
        PlaybackError: No PortAudio, no device, or it refuses.
    """
    return _CardOutput(_sounddevice(), fill, sample_rate, device)


class _CardOutput:
    """A stereo stream of PortAudio."""

    def __init__(self, card: Any, fill: Fill, sample_rate: int, device: int | None) -> None:
        try:
            info = card.query_devices(device, "output")
        except (card.PortAudioError, ValueError) as error:
            raise PlaybackError(
                "playback: there is no output device; connect one and choose it in the settings"
            ) from error
        self.name = str(info["name"])
        self.sample_rate = sample_rate

        def callback(out: NDArray[np.float32], frames: int, _time: Any, status: Any) -> None:
            fill(out, frames, bool(status.output_underflow))

        def open_at(rate: int) -> Any:
            return card.OutputStream(
                samplerate=rate, device=device, channels=OUTPUT_CHANNELS, dtype="float32",
                blocksize=0, latency="low", callback=callback,
            )  # fmt: skip

        try:
            self._stream = open_at(sample_rate)
        except (card.PortAudioError, ValueError):
            try:
                self.sample_rate = int(info["default_samplerate"])
                self._stream = open_at(self.sample_rate)
            except (card.PortAudioError, ValueError) as error:
                raise PlaybackError(f"playback: {self.name} cannot be opened: {error}") from error
        try:
            self._stream.start()
        except card.PortAudioError as error:
            self._stream.close()
            raise PlaybackError(f"playback: {self.name} does not start: {error}") from error
        self.latency_s = float(self._stream.latency)

    def close(self) -> None:
        self._stream.close()


def _sounddevice() -> Any:
    try:
        import sounddevice
    except (OSError, ImportError) as error:
        raise PlaybackError(
            "playback is off: PortAudio is not installed (on Debian and Ubuntu: apt install "
            "libportaudio2); all else works"
        ) from error
    return sounddevice


class FakeOutput:
    """A device without a card, clocked in real time: for tests and measurements.

    Attributes:
        taken: All that was played, where ``keep`` is set.
        times_s: Duration of every callback.
        period_s: Its budget.
    """

    name = "fake device"

    def __init__(
        self, fill: Fill, sample_rate: int, *, frames: int = 512, keep: bool = False
    ) -> None:
        self.sample_rate = sample_rate
        self.latency_s = frames / sample_rate
        self.period_s = frames / sample_rate
        self.taken: list[NDArray[np.float32]] = []
        self.times_s: list[float] = []
        self._fill, self._frames, self._keep = fill, frames, keep
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fake-device", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        out = np.zeros((self._frames, OUTPUT_CHANNELS), dtype=np.float32)
        due = time.perf_counter()
        while not self._stop.is_set():
            began = time.perf_counter()
            self._fill(out, self._frames, False)
            self.times_s.append(time.perf_counter() - began)
            if self._keep:
                self.taken.append(out.copy())
            due += self.period_s
            left = due - time.perf_counter()
            if left > 0:
                time.sleep(left)

    def sound(self) -> NDArray[np.float32]:
        """All that was played, [frames, 2]."""
        return np.concatenate([np.zeros((0, OUTPUT_CHANNELS), np.float32), *self.taken])

    def close(self) -> None:
        """Stop the clock."""
        self._stop.set()
        self._thread.join(2.0)
