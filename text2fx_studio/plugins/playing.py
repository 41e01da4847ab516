"""The rack while it is played: lanes before and after the app's own effects, kept in step."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.plugins.hosted import HostedPlugin, Place
from text2fx_studio.plugins.lane import Lane

Samples = NDArray[np.float32]


class PlayingRack:
    """Owned by the thread that plays; what is wanted may be said from any thread.

    Args:
        sample_rate: In Hz.
        channels: 1 or 2.
        block: Frames of every block, a power of two.
        tell: Takes a sentence when a plugin fails.
    """

    def __init__(
        self, sample_rate: int, channels: int, block: int, tell: Callable[[str], None]
    ) -> None:
        self._sound = (sample_rate, channels, block)
        self._tell = tell
        self._wanted: tuple[HostedPlugin, ...] = ()
        self._known: tuple[HostedPlugin, ...] = ()
        self._lanes: list[Lane] = []
        self._ended: list[Lane] = []

    # any thread

    def want(self, plugins: tuple[HostedPlugin, ...]) -> None:
        """Play these from now on, in their order; those that are bypassed wait unloaded."""
        self._wanted = plugins

    def preview(self, index: int, key: str, raw: float) -> None:
        """A parameter of the plugin at a place in signal order, while its knob moves."""
        lanes = self._lanes
        if 0 <= index < len(lanes):
            lanes[index].preview(key, raw)

    @property
    def used(self) -> bool:
        """Whether any plugin is to be heard, or still runs beside."""
        return any(plugin.enabled for plugin in self._wanted) or any(
            lane.loaded for lane in self._lanes
        )

    @property
    def delay_frames(self) -> int:
        """What comes out is so much later than what went in."""
        return sum(lane.delay_frames for lane in self._lanes)

    @property
    def settled(self) -> bool:
        """Whether every wanted plugin that is installed has been loaded, or has failed."""
        return self._known is self._wanted and all(
            lane.loaded or lane.problem or not lane.plugin.enabled for lane in self._lanes
        )

    # the thread that plays

    def must_jump(self) -> bool:
        """Take over what is wanted; True if the order changes, which :meth:`jump` does.

        The sound that comes out breaks off at a jump: fade to the dry sound before it.
        """
        wanted = self._wanted
        if wanted is self._known:
            return False
        found = self._match(wanted)
        kept = [lane for lane in found if lane is not None]
        places = {id(lane): lane.plugin.place for lane in self._lanes}
        moved = any(
            lane is not None and places[id(lane)] != plugin.place
            for lane, plugin in zip(found, _ordered(wanted), strict=True)
        )
        if kept != self._lanes or moved:
            return True
        self._take(wanted, found)
        return False

    def jump(self) -> None:
        """Other plugins, or another order: all begin anew."""
        wanted = self._wanted
        self._take(wanted, self._match(wanted))
        self.restart()

    def restart(self) -> None:
        """The next block is the first of another stretch of sound."""
        self._ended = [lane for lane in self._ended if lane.running]
        self._ended += [lane for lane in self._lanes if lane.problem]
        self._lanes = [self._again(lane) if lane.problem else lane for lane in self._lanes]
        for lane in self._lanes:
            lane.restart()

    def process(self, place: Place, block: Samples, until: float) -> Samples:
        """Through the plugins of one side, by the time ``until`` of ``time.perf_counter``."""
        for lane in self._lanes:
            if lane.plugin.place == place:
                block = lane.process(block, max(until - time.perf_counter(), 0.0))
        return block

    def close(self) -> None:
        """End every process."""
        lanes = [*self._lanes, *self._ended]
        for lane in lanes:
            lane.end()
        for lane in lanes:
            lane.wait_ended(5.0)
        self._lanes, self._ended = [], []

    def _match(self, wanted: tuple[HostedPlugin, ...]) -> list[Lane | None]:
        """Who plays each: the lane that has it so already, else one of the same kind."""
        left = list(self._lanes)
        found: list[Lane | None] = []
        for plugin in _ordered(wanted):
            lane = next((one for one in left if one.plugin == plugin), None)
            lane = lane or next((one for one in left if _may_become(one.plugin, plugin)), None)
            if lane is not None:
                left.remove(lane)
            found.append(lane)
        return found

    def _take(self, wanted: tuple[HostedPlugin, ...], found: list[Lane | None]) -> None:
        lanes = []
        for plugin, lane in zip(_ordered(wanted), found, strict=True):
            if lane is None:
                lanes.append(self._lane(plugin))
            else:
                lane.want(plugin)
                lanes.append(lane)
        for lane in self._lanes:
            if lane not in lanes:
                lane.end()
                self._ended.append(lane)
        self._lanes, self._known = lanes, wanted

    def _lane(self, plugin: HostedPlugin) -> Lane:
        return Lane(plugin, *self._sound, self._tell)

    def _again(self, lane: Lane) -> Lane:
        """Another chance for one that failed; that it is not installed is told once."""
        return Lane(lane.plugin, *self._sound, _say_nothing if lane.missing else self._tell)


def _ordered(plugins: tuple[HostedPlugin, ...]) -> list[HostedPlugin]:
    return sorted(plugins, key=lambda plugin: plugin.place != "before")


def _may_become(one: HostedPlugin, other: HostedPlugin) -> bool:
    """Whether it is another setting of the same; a default comes only with a new process."""
    same = (one.format, one.identifier) == (other.format, other.identifier)
    return same and bool(other.state or not one.state)


def _say_nothing(_: str) -> None:
    return
