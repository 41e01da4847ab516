"""The rack of an open document: plugins that are heard about, set, moved and put away.

What it holds is always plain data (:attr:`LiveRack.plugins`), whether or not a plugin is installed,
loaded or alive. Methods that talk to a plugin wait for it: call them off the window's thread.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from text2fx_studio.errors import PluginCrashError, PluginError, PluginMissingError, UsageError
from text2fx_studio.plugins.host import PluginHost, PluginProcess
from text2fx_studio.plugins.hosted import MOST, HostedPlugin, Place
from text2fx_studio.plugins.library import PluginInfo, open_plugin, resolve
from text2fx_studio.plugins.parameter import PluginParameter


@dataclass
class _Slot:
    key: str
    plugin: HostedPlugin
    host: PluginHost | None = None
    parameters: list[PluginParameter] = field(default_factory=list)
    missing: bool = False
    problem: str = ""


class LiveRack:
    """Slots in signal order, each with a key that stays while it moves."""

    def __init__(self, plugins: Iterable[HostedPlugin] = ()) -> None:
        """Take over a preset's plugins; none is loaded yet."""
        self._keys = (f"slot{number}" for number in itertools.count(1))
        self._lock = threading.RLock()
        self._count_lock = threading.Lock()
        self._processes: list[PluginProcess] = []
        self._stopped = False
        ordered = sorted(plugins, key=lambda plugin: plugin.place != "before")
        self._slots = [_Slot(next(self._keys), plugin) for plugin in ordered]

    def __enter__(self) -> LiveRack:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def plugins(self) -> tuple[HostedPlugin, ...]:
        """What a preset or a session keeps, in signal order."""
        with self._lock:
            return tuple(slot.plugin for slot in self._slots)

    def slots(self) -> list[dict[str, Any]]:
        """Plain data of every slot, in signal order.

        Keys: ``key``, ``title``, ``place``, ``enabled``, ``missing``, ``detail``, ``problem``,
        ``loaded`` and ``parameters`` (a list of ``PluginParameter.to_data()``; empty until loaded).
        """
        with self._lock:
            return [_data(slot) for slot in self._slots]

    def add(self, info: PluginInfo, place: Place = "after") -> str:
        """Put a plugin last before or last after the chain, and load it.

        Returns:
            The slot's key.

        Raises:
            UsageError: The rack is full.
            PluginError: The plugin cannot be loaded; the rack is as it was.
        """
        with self._lock:
            if len(self._slots) >= MOST:
                raise UsageError(f"the rack is full: {MOST} plugins are allowed")
            plugin = HostedPlugin(
                info.name, info.identifier, format=info.format,  # type: ignore[arg-type]
                place=place, manufacturer=info.manufacturer, version=info.version, path=info.path,
            )  # fmt: skip
            slot = _Slot(next(self._keys), plugin)
            slot.host = open_plugin(info, on_start=self._started)
            self._take_stock(slot)
            at = len(self._slots)
            if place == "before":
                at = sum(s.plugin.place == "before" for s in self._slots)
            self._slots.insert(at, slot)
            return slot.key

    def load(self, key: str) -> None:
        """Load a slot's plugin and restore its state; what fails is kept in the slot."""
        with self._lock:
            slot = self._find(key)
            if slot.host is not None:
                return
            slot.missing, slot.problem = False, ""
            try:
                slot.host = open_plugin(resolve(slot.plugin), on_start=self._started)
                slot.host.restore(slot.plugin.state)
                slot.parameters = slot.host.parameters()  # the state stays as it was saved
            except PluginMissingError as error:
                slot.missing, slot.problem = True, str(error)
            except PluginError as error:
                self._drop(slot, str(error))

    def adopt(self, plugins: Iterable[HostedPlugin]) -> None:
        """Become these plugins, as undo and presets ask for; what is loaded stays loaded.

        States come back exactly as given; what a plugin refuses is kept in its slot.
        """
        with self._lock:
            left, found = list(self._slots), []
            for plugin in sorted(plugins, key=lambda plugin: plugin.place != "before"):
                slot = _match(plugin, left)
                if slot is None:
                    slot = _Slot(next(self._keys), plugin)
                else:
                    left.remove(slot)
                found.append(slot)
                before, slot.plugin = slot.plugin, plugin
                if before.state and not plugin.state:
                    _close(slot)  # its default comes back when it is loaded anew
                elif slot.host is not None and before.state != plugin.state:
                    try:
                        slot.host.restore(plugin.state)
                        slot.parameters = slot.host.parameters()
                    except PluginError as error:
                        self._drop(slot, str(error))
            for slot in left:
                _close(slot)
            self._slots = found

    def remove(self, key: str) -> None:
        """Take a plugin out and end its process."""
        with self._lock:
            slot = self._find(key)
            self._slots.remove(slot)
            _close(slot)

    def move(self, key: str, step: int) -> None:
        """One place earlier (-1) or later (+1); over the app's own effects, it changes sides."""
        with self._lock:
            slot = self._find(key)
            at = self._slots.index(slot)
            after = slot.plugin.place == "after"
            neighbours = [s for s in self._slots if s.plugin.place == slot.plugin.place]
            edge = neighbours[0] if step < 0 else neighbours[-1]
            if slot is edge:
                if after == (step < 0):
                    place: Place = "before" if after else "after"
                    slot.plugin = replace(slot.plugin, place=place)
                return
            to = at + (1 if step > 0 else -1)
            self._slots[at], self._slots[to] = self._slots[to], self._slots[at]

    def enable(self, key: str, on: bool) -> None:
        """Bypass a plugin, or put it back; its state stays."""
        with self._lock:
            slot = self._find(key)
            slot.plugin = replace(slot.plugin, enabled=on)

    def set_raw(self, key: str, parameter: str, raw: float) -> PluginParameter:
        """Set a parameter on the plugin's raw scale, 0..1.

        Returns:
            The parameter as it is now, with its text.

        Raises:
            PluginError: The plugin is not loaded, refuses, crashed or hung.
        """
        with self._lock:
            slot, host = self._loaded(key)
            try:
                host.set_raw({parameter: raw})
                self._take_stock(slot)
            except PluginCrashError as error:
                self._drop(slot, str(error))
                raise
            return next(p for p in slot.parameters if p.key == parameter)

    def set_value(self, key: str, parameter: str, value: str | float) -> PluginParameter:
        """Set a parameter in the plugin's own units, or by one of its texts; as :meth:`set_raw`."""
        with self._lock:
            slot, host = self._loaded(key)
            try:
                raw = host.raw_for(parameter, value)
            except PluginCrashError as error:
                self._drop(slot, str(error))
                raise
            return self.set_raw(key, parameter, raw)

    def edit(self, key: str, *, close_after_s: float | None = None) -> None:
        """Show the plugin's own window until it is closed, and keep what was set there.

        The plugin is loaded a second time for it, so that the rack answers meanwhile.

        Raises:
            PluginError: There is no screen, or the plugin has no window, crashed or hung.
        """
        with self._lock:
            plugin = self._find(key).plugin
        with open_plugin(resolve(plugin), on_start=self._started) as host:
            host.restore(plugin.state)
            state = host.edit(close_after_s=close_after_s)
        with self._lock:
            slot = next((slot for slot in self._slots if slot.key == key), None)
            if slot is None:
                return  # taken out while its window was open
            slot.plugin = replace(slot.plugin, state=state)
            if slot.host is not None:
                slot.host.restore(state)
                self._take_stock(slot)

    def stop(self) -> None:
        """Kill every process now, from any thread, without waiting for what is under way.

        Methods that wait for a plugin end with CancelledError; nothing is loaded any more.
        """
        with self._count_lock:
            self._stopped = True
            for process in self._processes:
                process.stop()

    def close(self) -> None:
        """End all processes; the plain data stay."""
        with self._lock:
            for slot in self._slots:
                _close(slot)

    def _started(self, process: PluginProcess) -> None:
        with self._count_lock:
            self._processes = [p for p in self._processes if p.alive] + [process]
            if self._stopped:
                process.stop()

    def _find(self, key: str) -> _Slot:
        for slot in self._slots:
            if slot.key == key:
                return slot
        raise UsageError(f"the rack has no slot {key!r}")

    def _loaded(self, key: str) -> tuple[_Slot, PluginHost]:
        slot = self._find(key)
        if slot.host is None:
            raise PluginError(slot.problem or f"{slot.plugin.name}: is not loaded yet")
        return slot, slot.host

    def _take_stock(self, slot: _Slot) -> None:
        if slot.host is not None:
            slot.parameters = slot.host.parameters()
            slot.plugin = replace(slot.plugin, state=slot.host.state())

    def _drop(self, slot: _Slot, problem: str) -> None:
        _close(slot)
        slot.problem = problem


def _match(plugin: HostedPlugin, slots: list[_Slot]) -> _Slot | None:
    """The slot that is this plugin already, or else another setting of it."""
    for slot in slots:
        if slot.plugin == plugin:
            return slot
    kind = (plugin.format, plugin.identifier)
    same = (s for s in slots if (s.plugin.format, s.plugin.identifier) == kind)
    return next(same, None)


def _close(slot: _Slot) -> None:
    if slot.host is not None:
        slot.host.close()
        slot.host = None
        slot.parameters = []


def _data(slot: _Slot) -> dict[str, Any]:
    plugin = slot.plugin
    return {
        "key": slot.key,
        "title": plugin.name,
        "place": plugin.place,
        "enabled": plugin.enabled,
        "missing": slot.missing,
        "detail": ", ".join(filter(None, (plugin.manufacturer, plugin.format, plugin.version))),
        "problem": slot.problem,
        "loaded": slot.host is not None,
        "parameters": [p.to_data() for p in slot.parameters],
    }
