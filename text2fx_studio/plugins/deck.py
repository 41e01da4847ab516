"""A plugin that is played live, inside its own process: a change of its settings never clicks.

The plugin is loaded twice. A change is made to the one that is not heard; that one then runs
through the latest moments of its input, so that its filters and rooms are full, and one block fades
from the one to the other.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.seam import fade
from text2fx_studio.plugins.native import NativePlugin

_HISTORY_S = 1.0
_CATCH_UP_S = 0.04  # of work at the most, for a change: the sound that is computed ahead is short

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Change:
    """Other settings.

    Attributes:
        state: The whole state; empty to leave it.
        values: Raw values, 0..1, by key; after the state.
    """

    state: bytes = b""
    values: Mapping[str, float] = field(default_factory=dict)


class Deck:
    """Two of one plugin; constant latency: as many samples come out as go in."""

    def __init__(self, path: Path, name: str) -> None:
        """Load both.

        Raises:
            PluginError: It cannot be loaded.
        """
        self._heard, self._other = NativePlugin(path, name), NativePlugin(path, name)
        self._other_lacks: list[Change] = []
        self._heard_lacks: list[Change] = []
        self._fading = False
        self._channels, self._rate = 2, 48_000.0
        self._history: deque[Samples] = deque()
        self._chunk_s = 0.0

    @property
    def latency_frames(self) -> int:
        """Of what is heard, or about to be."""
        return int((self._other if self._fading else self._heard).first.reported_latency_samples)

    def start(self, channels: int, sample_rate: float, state: bytes) -> None:
        """From silence, with a state; empty for the plugin's default.

        Raises:
            PluginError: The state is not the plugin's, or it takes no such sound.
        """
        self._channels, self._rate = channels, sample_rate
        for plugin in (self._heard, self._other):
            if state:
                plugin.set_state(state)
        self._heard_lacks, self._other_lacks = [], []
        self.restart()

    def restart(self) -> None:
        """From silence, as it is set now."""
        if self._fading:
            self._swap()
        self._history.clear()
        self._heard.start(self._channels, self._rate)

    def play(self, chunk: Samples) -> Samples:
        """The next chunk, shape [channels, n], n a multiple of the buffer; the same shape back."""
        began = time.perf_counter()
        out = _whole(self._heard.process(chunk), chunk)
        self._chunk_s = max(time.perf_counter() - began, 0.9 * self._chunk_s)
        if self._fading:
            out = fade(out, _whole(self._other.process(chunk), chunk))
            self._swap()
        self._history.append(chunk)
        while (len(self._history) - 1) * chunk.shape[1] >= _HISTORY_S * self._rate:
            self._history.popleft()
        return out.astype(np.float32, copy=False)

    def change(self, change: Change) -> None:
        """Other settings from the next chunk on, which fades to them.

        Raises:
            PluginError: The plugin refuses them; what is heard stays as it is.
        """
        for missed in [*self._other_lacks, change]:
            _apply(self._other, missed)
        self._other_lacks = []
        self._heard_lacks = [change] if change.state else [*self._heard_lacks, change]
        self._other.start(self._channels, self._rate)
        for chunk in self._recent():
            self._other.process(chunk)
        self._fading = True

    def _recent(self) -> list[Samples]:
        """As much of the latest input as time allows, and at least what the latency asks for."""
        if not self._history:
            return []
        frames = self._history[-1].shape[1]
        least = -(-2 * int(self._other.first.reported_latency_samples) // frames) + 1
        most = int(_CATCH_UP_S / max(self._chunk_s, 1e-6))
        return list(self._history)[-max(least, most) :]

    def _swap(self) -> None:
        self._heard, self._other = self._other, self._heard
        self._other_lacks, self._heard_lacks = self._heard_lacks, []
        self._fading = False


def _apply(plugin: NativePlugin, change: Change) -> None:
    if change.state:
        plugin.set_state(change.state)
    if change.values:
        plugin.set_raw(dict(change.values))


def _whole(out: Samples, chunk: Samples) -> Samples:
    """Latency that was taken off at the start is put back: block in, block out."""
    missing = chunk.shape[1] - out.shape[1]
    return np.pad(out, ((0, 0), (missing, 0))) if missing else out
