"""One plugin of the rack while it is played: always a block out for a block in, whatever happens.

A thread of its own talks to the plugin's process. The thread that plays hands over a block and
waits only as long as it has time; without an answer the block goes past the plugin, and no switch
between the two clicks.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from dsp.seam import DelayLine, fade, join
from text2fx_studio.errors import (
    PluginCrashError,
    PluginError,
    PluginMissingError,
    Text2FXError,
)
from text2fx_studio.plugins.host import LOAD_TIMEOUT_S, PluginProcess
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.plugins.library import PluginInfo, quarantine, resolve
from text2fx_studio.plugins.passage import BUFFER_FRAMES

HUNG_S = 3.0
_OFTEN = 4  # late blocks before it is told

Samples = NDArray[np.float32]
_Request = tuple[int, Samples] | None  # None: look at what else is wanted


class Lane:
    """Plays through one plugin; made at once, the plugin is loaded meanwhile.

    Attributes:
        plugin: As it was wanted last.
        delay_frames: What comes out is so much later than what went in; 0 until it is loaded.
        problem: Why it is bypassed for good; empty while all is well.
        missing: Whether that is because it is not installed here.
    """

    def __init__(
        self,
        plugin: HostedPlugin,
        sample_rate: int,
        channels: int,
        block: int,
        tell: Callable[[str], None],
    ) -> None:
        """Start loading; a plugin that is bypassed waits for being switched on.

        Args:
            plugin: Which one, with its state.
            sample_rate: In Hz.
            channels: 1 or 2.
            block: Frames of every block, a power of two.
            tell: Takes a sentence when something goes wrong; called on any thread.
        """
        self.plugin = plugin
        self.delay_frames = 0
        self.problem = ""
        self.missing = False
        self._rate, self._channels, self._block = sample_rate, channels, block
        self._tell = tell
        self._extra = max(BUFFER_FRAMES - block, 0)  # small blocks are gathered
        self._line = DelayLine(channels, block)
        self._gathered: list[Samples] = []
        self._ready_out = np.zeros((channels, self._extra), dtype=np.float32)
        self._last = np.zeros((channels, 2), dtype=np.float32)
        self._was_heard = False
        self._warming = -1  # blocks until it may be heard; -1: not loaded yet
        self._number = 0
        self._overdue_since: float | None = None
        self._late = 0
        self._latency = -1
        self._requests: queue.SimpleQueue[_Request] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[int, Samples]] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._state, self._values = b"", dict[str, float]()  # wanted, not set yet
        self._restarting = self._closing = False
        self._process: PluginProcess | None = None
        self._thread = threading.Thread(target=self._serve, name="rack-lane", daemon=True)
        self._thread.start()

    # any thread

    def want(self, plugin: HostedPlugin) -> None:
        """Other settings of the same plugin."""
        with self._guard:
            if plugin.state != self.plugin.state or self._values:
                self._state, self._values = plugin.state, {}
            self.plugin = plugin
        self._requests.put(None)

    def preview(self, key: str, raw: float) -> None:
        """One parameter, 0..1, until :meth:`want` brings the state that holds it."""
        with self._guard:
            self._values[key] = raw
        self._requests.put(None)

    def end(self) -> None:
        """Kill the process; the thread ends soon after."""
        with self._guard:
            self._closing = True
            process = self._process
        self._requests.put(None)
        if process is not None:
            process.stop()

    def wait_ended(self, patience_s: float) -> None:
        """After :meth:`end`."""
        self._thread.join(patience_s)

    @property
    def running(self) -> bool:
        """Whether its thread has not ended yet."""
        return self._thread.is_alive()

    @property
    def loaded(self) -> bool:
        """Whether it can be heard."""
        return self._latency >= 0 and not self.problem

    # the thread that plays

    def restart(self) -> None:
        """The next block is the first of another stretch of sound."""
        self._line.clear()
        self._clear()
        self._last[:] = 0.0
        if self.loaded:
            self._warming, self.delay_frames = 0, self._latency + self._extra
        self._line.delay_frames = self.delay_frames
        self._was_heard = self.loaded and self.plugin.enabled
        self._restarting = True
        self._requests.put(None)

    def process(self, block: Samples, patience_s: float) -> Samples:
        """The next block, shape [channels, block], late by ``delay_frames``."""
        wet = self._through(block, patience_s)
        plain = self._line.process(block, self.delay_frames)
        heard = wet is not None and self.plugin.enabled and self._warming == 0
        if wet is not None and heard:
            out = wet if self._was_heard else fade(plain, wet)
        elif self._was_heard:
            out = fade(wet, plain) if wet is not None else join(self._last, plain)
        else:
            out = plain
        self._was_heard = heard
        self._last = out[:, -2:]
        self._warming -= self._warming > 0
        return out

    def _through(self, block: Samples, patience_s: float) -> Samples | None:
        if not self.loaded:
            return None
        if self._warming < 0:
            self._warm_up()
        self.delay_frames = self._latency + self._extra
        if self._overdue_since is not None and not self._caught_up():
            return None
        self._gathered.append(block)
        if len(self._gathered) * self._block >= BUFFER_FRAMES:
            self._number += 1
            self._requests.put((self._number, np.concatenate(self._gathered, axis=1)))
            self._gathered = []
            answer = self._answer(patience_s)
            if answer is None:
                return None
            self._ready_out = np.concatenate((self._ready_out, answer), axis=1)
        out, self._ready_out = np.split(self._ready_out, [self._block], axis=1)
        return out

    def _answer(self, patience_s: float) -> Samples | None:
        until = time.perf_counter() + patience_s
        while True:
            try:
                left = until - time.perf_counter()
                number, out = self._answers.get(block=left > 0, timeout=max(left, 0.0))
            except queue.Empty:
                if not self.problem:
                    self._overdue_since = time.perf_counter()
                    self._late += 1
                    if self._late == _OFTEN:
                        self._tell(
                            f"{self.plugin.name} is too slow to be played live here: it is "
                            "bypassed at times; exports are whole"
                        )
                return None
            if self.problem:
                return None
            if number == self._number:
                return out

    def _caught_up(self) -> bool:
        """Whether a late answer has come; one that never comes ends the plugin's process."""
        if self._answer_waits():
            self._overdue_since = None
            self._clear()
            self._warm_up()
            return True
        if time.perf_counter() - (self._overdue_since or 0.0) > HUNG_S and not self.problem:
            self._fail(f"did not answer within {HUNG_S:g} s and was stopped")
            if self._process is not None:
                self._process.stop()
        return False

    def _answer_waits(self) -> bool:
        try:
            while True:
                if self._answers.get_nowait()[0] == self._number:
                    return True
        except queue.Empty:
            return False

    def _clear(self) -> None:
        self._gathered = []
        self._ready_out = np.zeros((self._channels, self._extra), dtype=np.float32)

    def _warm_up(self) -> None:
        self._warming = -(-(self._latency + self._extra) // self._block)

    # the lane's own thread

    def _serve(self) -> None:
        try:
            while not (self.plugin.enabled or self._closing):
                self._requests.get()
            if self._closing:
                return
            info = resolve(self.plugin)
            process = PluginProcess(self.plugin.name)
            try:
                with self._guard:
                    self._process = process
                    closing = self._closing
                if not closing:
                    self._load(process, info)
                    while not self._closing and not self.problem:
                        self._carry_out(process, self._requests.get())
            finally:
                process.close()
        except Text2FXError as error:
            self.missing = isinstance(error, PluginMissingError)
            self._fail(str(error).removeprefix(f"{self.plugin.name}: "))

    def _load(self, process: PluginProcess, info: PluginInfo) -> None:
        state = self.plugin.state
        try:
            reply, _ = process.ask(
                "deck", np.frombuffer(state, dtype=np.uint8), path=info.path,
                name=info.name or None, channels=self._channels, sample_rate=self._rate,
                timeout_s=LOAD_TIMEOUT_S,
            )  # fmt: skip
        except PluginCrashError as error:
            if not self._closing:
                quarantine(Path(info.path), str(error))
            raise
        self._latency = int(reply["latency"])

    def _carry_out(self, process: PluginProcess, request: _Request) -> None:
        if self._restarting:
            self._restarting = False
            process.ask("deck_restart", timeout_s=None)
        if request is not None:
            number, chunk = request
            _, (out,) = process.ask("deck_play", chunk, timeout_s=None)
            if not np.isfinite(out).all():
                raise PluginError("gave samples that are not numbers (NaN or infinity)")
            self._answers.put((number, cast(Samples, out)))
        with self._guard:
            state, self._state = self._state, b""
            values, self._values = self._values, {}
        if state or values:
            try:
                reply, _ = process.ask(
                    "deck_change", np.frombuffer(state, dtype=np.uint8), values=values,
                    timeout_s=None,
                )  # fmt: skip
                self._latency = int(reply["latency"])
            except PluginCrashError:
                raise
            except PluginError as error:
                self._tell(f"{self.plugin.name}: plays on with its former settings: {error}")

    def _fail(self, why: str) -> None:
        if self._closing or self.problem:
            return
        self.problem = why
        self._answers.put((-1, np.zeros((self._channels, 0), dtype=np.float32)))  # wakes who waits
        self._requests.put(None)
        self._tell(f"{self.plugin.name} is bypassed while playing: {why}")
