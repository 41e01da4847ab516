"""Playing a recording: dry or shaped, looped, level-matched, changed while it sounds.

A thread keeps the ring a few hundredths of a second ahead of the sound card: it reads the
recording in pieces, runs ``dsp.live`` and the rack's plugins, matches the level and writes. A
second thread designs responses; each plugin has a thread and a process of its own. All switches
(A/B, snapshots, seeking, the seam of a loop, a turned knob, stopping) are crossfades over one
block. With plugins more is computed ahead, because a process may answer late, and the dry sound is
held back by the plugins' latency, so that A and B stay in step.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from dsp.chain import Chain
from dsp.live import LiveChain, Response
from dsp.seam import DelayLine
from text2fx_studio.errors import Text2FXError
from text2fx_studio.pieces import Pieces
from text2fx_studio.playback import Output, Ring, open_output
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.plugins.playing import PlayingRack

Samples = NDArray[np.float32]
Opener = Callable[[Callable[[NDArray[np.float32], int, bool], None], int], Output]

BLOCK_S = 0.02
AHEAD_BLOCKS = 2
RACK_AHEAD_S = 0.13
_FIRST_BLOCK_S = 1.0  # patience with plugins that have just been told to start
_LONGEST_TAIL_S = 20.0
_QUIET = 10 ** (-96 / 20)
_IDLE_S = 0.05
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
        plugins: Of the rack; part of the shaped side.
    """

    chain: Chain = field(default_factory=Chain)
    wet: bool = False
    match_db: float = 0.0
    loop_s: tuple[float, float] | None = None
    plugins: tuple[HostedPlugin, ...] = ()


class Player:
    """Plays one recording.

    Args:
        path: WAV, FLAC, AIFF, OGG or MP3; read in pieces.
        opener: Opens the device; the sound card by default.
        on_error: Called, on any thread, with a sentence if reading or a plugin fails.

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
        self._source = Pieces(path)
        self.sample_rate, self.frames = self._source.sample_rate, self._source.frames
        self._channels = self._source.channels
        self._block = 1 << round(math.log2(BLOCK_S * self.sample_rate))
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
        self._rack = PlayingRack(self.sample_rate, self._channels, self._block, self._tell)
        self._held_back = DelayLine(self._channels, self._block)
        self._passed: deque[tuple[int, int]] = deque(maxlen=512)  # (frame of the stream, of file)
        self._stream = 0  # frames since playing began
        self._without = 0  # blocks until the rack may be heard again
        self._quiet = True
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
        ahead = self._ahead_blocks() * self._block + self._rack.delay_frames
        return float(ahead / self.sample_rate + self.output.latency_s)

    def set_state(self, state: State) -> None:
        """Play this from now on; a new chain sounds as soon as it is designed."""
        previous, self._state = self._state, state
        if state.chain != previous.chain or self._wanted is None:
            self._wanted = state.chain
            self._design.set()
        if state.plugins != previous.plugins:
            self._rack.want(state.plugins)
        self._wake.set()

    def preview_plugin(self, index: int, key: str, raw: float) -> None:
        """Hear a plugin's parameter (0..1) while its knob moves; index in signal order."""
        self._rack.preview(index, key, raw)

    @property
    def plays_rack(self) -> bool:
        """Whether plugins run, for which more is computed ahead."""
        return self._rack.used

    @property
    def rack_settled(self) -> bool:
        """Whether every plugin that was asked for is loaded, or has failed."""
        return self._rack.settled

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
        self._rack.close()
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
        last_gain = np.zeros(2, dtype=np.float32)  # of (dry, wet)
        wait_s = self._block / self.sample_rate / 5
        while not self._closed.is_set():
            fading_out = not self._playing and bool(last_gain.any())
            if not self._playing and not fading_out:
                self.ring.idle = True
                self._stream = 0
                if self._rack.must_jump():
                    self._rack.jump()
                if self._goal is not None:
                    self._position, self._goal = self._goal, None
                self._wake.wait(_IDLE_S)
                self._wake.clear()
                continue
            if self.ring.waiting >= round(self._ahead_blocks() * self._block * self._ratio):
                self._closed.wait(wait_s)
                continue
            try:
                last_gain = self._one_block(live, resampler, last_gain)
            except (Text2FXError, OSError) as error:
                self._playing = False
                last_gain = np.zeros(2, dtype=np.float32)
                self._tell(f"playing stopped: {error}")

    def _one_block(
        self, live: LiveChain, resampler: soxr.ResampleStream | None, last_gain: Samples
    ) -> Samples:
        if self._stream == 0:
            self._held_back.clear()
            self._passed.clear()
            self._rack.restart()
            live.restart(self._response)
        state = self._state
        to_dry = self._change_rack(heard=bool(last_gain[1]))
        self._passed.append((self._stream, self._position))
        dry = self._next_dry(state)
        until = time.perf_counter() + self._patience_s()
        wet = live.process(self._rack.process("before", dry, until), self._response)
        wet = self._rack.process("after", wet, until)
        delay = self._rack.delay_frames
        dry = self._held_back.process(dry, delay)
        here = self._stream - delay
        self._stream += self._block
        if self._stream <= delay:
            return last_gain  # nothing has come through yet
        gain = np.zeros(2, dtype=np.float32)
        if self._playing:
            wet_heard = state.wet and not to_dry
            gain[int(wet_heard)] = 10 ** (state.match_db / 20) if wet_heard else 1.0
        ramp = np.linspace(0, 1, self._block, endpoint=False, dtype=np.float32)
        out = dry * (last_gain[0] + (gain[0] - last_gain[0]) * ramp)
        out += wet * (last_gain[1] + (gain[1] - last_gain[1]) * ramp)
        self._quiet = not state.wet or float(np.abs(wet).max()) < _QUIET
        self._keep(self._tap_dry, dry)
        self._keep(self._tap_wet, wet)
        stereo = np.ascontiguousarray(np.broadcast_to(out, (2, self._block)).T)
        if resampler is not None:
            stereo = resampler.resample_chunk(stereo)
        np.clip(stereo, -1.0, 1.0, out=stereo)
        mark = self._mark % _MARKS
        self._marks_in[mark], self._marks_out[mark] = self._place_of(here), self.ring.written
        self._mark += 1
        self.ring.idle = False
        self.ring.write(stereo)
        return gain

    def _ahead_blocks(self) -> int:
        if not self._rack.used:
            return AHEAD_BLOCKS
        return max(AHEAD_BLOCKS, -(-round(RACK_AHEAD_S * self.sample_rate) // self._block))

    def _patience_s(self) -> float:
        """How long plugins may take for this block before the card runs dry."""
        block_s = self._block / self.sample_rate
        if self.ring.idle:
            return _FIRST_BLOCK_S
        return max(self.ring.waiting / self.output.sample_rate - block_s, block_s / 4)

    def _change_rack(self, *, heard: bool) -> bool:
        """Take over another rack; True while the dry sound has to stand in for it."""
        if self._rack.must_jump():
            if heard:
                return True  # this block fades to the dry sound, the next one jumps
            self._rack.jump()
            self._without = 2 - (-self._rack.delay_frames // self._block)
        self._without -= self._without > 0
        return self._without > 0

    def _place_of(self, stream_frame: int) -> int:
        for begin, place in reversed(self._passed):
            if begin <= stream_frame:
                return place + stream_frame - begin
        return self._passed[0][1]

    def _tell(self, message: str) -> None:
        if self._on_error is not None:
            self._on_error(message)

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
        over = self._position - self.frames - self._rack.delay_frames
        if over <= 0:
            return False
        if not self._state.wet:
            return True
        if over <= self._state.chain.tail_s() * self.sample_rate:
            return False
        return self._quiet or not self._rack.used or over > _LONGEST_TAIL_S * self.sample_rate

    @staticmethod
    def _keep(tap: Samples, block: Samples) -> None:
        mono = block.mean(axis=0)[-len(tap) :]
        tap[: -len(mono)] = tap[len(mono) :]
        tap[-len(mono) :] = mono
