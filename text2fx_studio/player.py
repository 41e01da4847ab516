"""Playing a recording: dry or shaped, looped, level-matched, changed while it sounds.

A thread keeps the ring a few hundredths of a second ahead of the sound card: it reads the
recording in pieces, runs ``dsp.live``, matches the level and writes. A second thread designs
responses. All switches (A/B, snapshots, seeking, the seam of a loop, a turned knob, stopping) are
crossfades over one block.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from dsp.audio_file import AudioReader
from dsp.chain import Chain
from dsp.live import LiveChain, Response
from text2fx_studio.errors import Text2FXError
from text2fx_studio.playback import Output, Ring, open_output

Samples = NDArray[np.float32]
Opener = Callable[[Callable[[NDArray[np.float32], int, bool], None], int], Output]

BLOCK_S = 0.02
AHEAD_BLOCKS = 2
_IDLE_S = 0.05
_PIECE_S = 0.5
_PIECES = 6
_TAP_FRAMES = 8192
_MARKS = 64


@dataclass(frozen=True)
class State:
    """What is played.

    Attributes:
        chain: The shaped side.
        wet: Whether the shaped side is heard (B), else the dry one (A).
        match_db: Gain of the shaped side in dB, so that both are equally loud.
        loop_s: (start, end), or None.
    """

    chain: Chain = field(default_factory=Chain)
    wet: bool = False
    match_db: float = 0.0
    loop_s: tuple[float, float] | None = None


class Player:
    """Plays one recording.

    Args:
        path: WAV, FLAC, AIFF, OGG or MP3; read in pieces.
        opener: Opens the device; the sound card by default.
        on_error: Called, on the playing thread, with a sentence if reading fails while playing.

    Raises:
        PlaybackError: There is no sound card.
        AudioFileError: The recording cannot be read.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        opener: Opener = open_output,
        on_error: Callable[[str], None] | None = None,
    ) -> None:
        self._source = _Pieces(path)
        self.sample_rate, self.frames = self._source.sample_rate, self._source.frames
        self._channels = self._source.channels
        self._block = 1 << round(np.log2(BLOCK_S * self.sample_rate))
        self._state = State()
        self._response: Response | None = None
        self._wanted: Chain | None = None
        self._goal: int | None = None
        self._playing = False
        self._position = 0
        self._on_error = on_error
        self._ended = False
        self._closed = threading.Event()
        self._wake = threading.Event()
        self._design = threading.Event()
        ring_frames = 1 << int(np.ceil(np.log2(0.25 * max(self.sample_rate, 48_000))))
        self.ring = Ring(ring_frames)
        self._tap_dry = np.zeros(_TAP_FRAMES, dtype=np.float32)
        self._tap_wet = np.zeros(_TAP_FRAMES, dtype=np.float32)
        self._marks_out = np.full(_MARKS, -1, dtype=np.int64)
        self._marks_in = np.zeros(_MARKS, dtype=np.int64)
        self._mark = 0
        try:
            self.output: Output = opener(self.ring.fill, self.sample_rate)
        except BaseException:
            self._source.close()
            raise
        self._ratio = self.output.sample_rate / self.sample_rate
        self._threads = [
            threading.Thread(target=self._feed, name="player-feed", daemon=True),
            threading.Thread(target=self._design_responses, name="player-design", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    # what a front end calls; all of it returns at once

    @property
    def playing(self) -> bool:
        """Whether sound is running."""
        return self._playing

    @property
    def state(self) -> State:
        """What was asked for last."""
        return self._state

    @property
    def underflows(self) -> int:
        """How often the card had to wait, since the recording was opened."""
        return self.ring.underflows

    @property
    def latency_s(self) -> float:
        """From a change to the ear: what is computed ahead, plus the device's own."""
        return float(AHEAD_BLOCKS * self._block / self.sample_rate + self.output.latency_s)

    def set_state(self, state: State) -> None:
        """Play this from now on; a new chain sounds as soon as it is designed."""
        previous, self._state = self._state, state
        if state.chain != previous.chain or self._wanted is None:
            self._wanted = state.chain
            self._design.set()
        self._wake.set()

    def play(self) -> None:
        """Start from the current position, or from the start of the loop or file at its end."""
        if self._position >= self.frames:
            self.seek(self._state.loop_s[0] if self._state.loop_s else 0.0)
        self._ended = False
        self._playing = True
        self._wake.set()

    def stop(self) -> None:
        """Fade out within a block; the position stays."""
        self._playing = False
        self._wake.set()

    def seek(self, seconds: float) -> None:
        """Go elsewhere, playing or not."""
        self._goal = round(min(max(seconds * self.sample_rate, 0.0), self.frames))
        self._wake.set()

    def position_s(self) -> float:
        """What is leaving the computer now, in seconds of the recording."""
        goal = self._goal
        if not self._playing and goal is not None:
            return goal / self.sample_rate
        played = self.ring.read
        latest, frame = -1, self._position
        for out, place in zip(self._marks_out.tolist(), self._marks_in.tolist(), strict=True):
            if latest < out <= played:
                latest, frame = out, place
        if latest >= 0 and self._playing:
            frame += round(min((played - latest) / self._ratio, self._block))
        return min(frame, self.frames) / self.sample_rate

    @property
    def ended(self) -> bool:
        """Whether it stopped by itself at the end of the recording."""
        return self._ended

    def tap(self) -> tuple[Samples, Samples]:
        """The latest 8192 samples of the dry and of the shaped sound (mono), for spectra."""
        return self._tap_dry.copy(), self._tap_wet.copy()

    def close(self) -> None:
        """Stop, end the threads, let go of device and file; may be called twice."""
        self._closed.set()
        self._wake.set()
        self._design.set()
        self.output.close()
        for thread in self._threads:
            thread.join(5.0)
        self._source.close()

    # the two threads

    def _design_responses(self) -> None:
        while not self._closed.is_set():
            self._design.wait()
            self._design.clear()
            chain = self._wanted
            if chain is not None and not self._closed.is_set():
                before = self._response
                if before is None or before.chain != chain:
                    self._response = Response(
                        chain, self.sample_rate, self._channels, self._block, before
                    )
                    self._wake.set()

    def _feed(self) -> None:
        live = LiveChain(self._channels, self._block)
        resampler = None
        if self._ratio != 1.0:
            resampler = soxr.ResampleStream(
                self.sample_rate, self.output.sample_rate, 2, dtype="float32", quality="HQ"
            )
        ahead = round(AHEAD_BLOCKS * self._block * self._ratio)
        last_gain = np.zeros(2, dtype=np.float32)  # of (dry, wet)
        wait_s = self._block / self.sample_rate / 5
        while not self._closed.is_set():
            fading_out = not self._playing and bool(last_gain.any())
            if not self._playing and not fading_out:
                self.ring.idle = True
                if self._goal is not None:
                    self._position, self._goal = self._goal, None
                self._wake.wait(_IDLE_S)
                self._wake.clear()
                continue
            self.ring.idle = False
            if self.ring.waiting >= ahead:
                self._closed.wait(wait_s)
                continue
            try:
                last_gain = self._one_block(live, resampler, last_gain)
            except (Text2FXError, OSError) as error:
                self._playing = False
                last_gain = np.zeros(2, dtype=np.float32)
                if self._on_error is not None:
                    self._on_error(f"playing stopped: {error}")

    def _one_block(
        self, live: LiveChain, resampler: soxr.ResampleStream | None, last_gain: Samples
    ) -> Samples:
        state = self._state
        start = self._position
        dry = self._next_dry(state)
        wet = live.process(dry, self._response)
        gain = np.zeros(2, dtype=np.float32)
        if self._playing:
            gain[int(state.wet)] = 10 ** (state.match_db / 20) if state.wet else 1.0
        ramp = np.linspace(0, 1, self._block, endpoint=False, dtype=np.float32)
        out = dry * (last_gain[0] + (gain[0] - last_gain[0]) * ramp)
        out += wet * (last_gain[1] + (gain[1] - last_gain[1]) * ramp)
        self._keep(self._tap_dry, dry)
        self._keep(self._tap_wet, wet)
        stereo = np.ascontiguousarray(np.broadcast_to(out, (2, self._block)).T)
        if resampler is not None:
            stereo = resampler.resample_chunk(stereo)
        np.clip(stereo, -1.0, 1.0, out=stereo)
        mark = self._mark % _MARKS
        self._marks_in[mark], self._marks_out[mark] = start, self.ring.written
        self._mark += 1
        self.ring.write(stereo)
        return gain

    def _next_dry(self, state: State) -> Samples:
        """The next block of the recording; where it jumps, the old way fades into the new."""
        block = self._source.read(self._position, self._block)
        following = self._position + self._block
        jump: int | None = None
        if self._goal is not None:
            jump, self._goal = self._goal, None
        elif state.loop_s is not None:
            first, last = (round(edge * self.sample_rate) for edge in state.loop_s)
            if following >= last > first and self._position < last:
                jump = first
        elif following >= self.frames + round(0.1 * self.sample_rate) and self._no_tail():
            self._playing, self._ended = False, True
        if jump is not None:
            there = self._source.read(jump, self._block)
            rise = np.linspace(0, 1, self._block, endpoint=False, dtype=np.float32)
            block = block + (there - block) * rise
            following = jump + self._block
        self._position = following
        return block

    def _no_tail(self) -> bool:
        if not self._state.wet:
            return True
        return self._position > self.frames + self._state.chain.tail_s() * self.sample_rate

    @staticmethod
    def _keep(tap: Samples, block: Samples) -> None:
        mono = block.mean(axis=0)[-len(tap) :]
        tap[: -len(mono)] = tap[len(mono) :]
        tap[-len(mono) :] = mono


class _Pieces:
    """A recording, read in pieces of half a second of which a few are kept; mono or stereo.

    More channels are folded as the renderer pairs them: odd ones left, even ones right.
    """

    def __init__(self, path: str | Path) -> None:
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
        self._reader.close()
