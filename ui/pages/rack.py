"""The rack page, bound: the document holds the plugins, processes of their own run them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject

from text2fx_studio.jobs import Event
from text2fx_studio.plugins import library
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.plugins.library import PluginInfo
from text2fx_studio.plugins.live import LiveRack
from text2fx_studio.plugins.parameter import PluginParameter
from ui.models.document import Content
from ui.shell.parts import Parts
from ui.tasks.engine_client import EngineClient
from ui.tasks.racking import Racking, RackState
from ui.views.rack_page import AvailablePlugin
from ui.views.rack_page import RackPage as View
from ui.views.rack_slots import RackSlot

OWN = "own"
_OWN_DETAIL = "The app's own effects, set on the sound page. Plugins stand before or after them."
_EMPTY_DETAIL = (
    f"{_OWN_DETAIL} There is none yet: a plugin that is added runs outside the app, so that it "
    "cannot harm it."
)


class RackPage(QObject):
    """Owns the page, the scan and the plugins' processes.

    Attributes:
        view: The widget.
        racking: The plugins.
    """

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._clerk: EngineClient | None = None  # scans
        self._scan_job = 0
        self._found: dict[str, PluginInfo] = {}
        self._scanned: tuple[str, ...] | None = None  # folders of the settings, at the last scan
        self._slots: list[dict[str, Any]] = []
        self._told: tuple[HostedPlugin, ...] = ()  # what the rack was told, or told us
        self._editing: set[str] = set()
        self._visible = False
        self.racking = Racking(self)
        self.view = View()
        view = self.view
        view.add_requested.connect(self.add)
        view.remove_requested.connect(self.remove)
        view.move_requested.connect(self.move)
        view.bypass_toggled.connect(self.enable)
        view.parameter_previewed.connect(self.preview)
        view.parameter_committed.connect(self.set_parameter)
        view.choice_made.connect(self.set_parameter)
        view.editor_requested.connect(self.edit)
        view.reload_requested.connect(self.load)
        view.scan_requested.connect(lambda: self.scan())
        view.cancel_scan_requested.connect(self.cancel_scan)
        view.retry_requested.connect(lambda: self.scan(retry=True))
        self.racking.failed.connect(parts.status.warn)
        self.racking.parameter_heard.connect(self._heard_parameter)
        parts.document.changed.connect(self._follow)
        self._show_slots()
        self._follow(parts.document.content)

    # the plugins of this machine

    def shown(self, on: bool) -> None:
        """The page came to the front, or left it."""
        self._visible = on
        if on:
            self._load_all()
            if self._scanned != self._parts.store.settings.plugin_folders:
                self.scan()

    @property
    def scanning(self) -> bool:
        """Whether a scan runs."""
        return self._clerk is not None

    def usable(self) -> list[str]:
        """What can be added, by identifier, sorted by name."""
        found = [(info.name, key) for key, info in self._found.items() if info.usable]
        return [key for _, key in sorted(found)]

    def scan(self, *, retry: bool = False) -> None:
        """Look for plugins in the system's folders and those of the settings.

        Args:
            retry: Load those again that were set aside.
        """
        if self._clerk is not None:
            return
        folders = self._parts.store.settings.plugin_folders
        self._scanned = folders
        self._clerk = EngineClient(self)
        self.view.set_scanning("Looking for plugins")
        self._scan_job = self._clerk.submit(
            "scan_plugins", self._heard_scan, folders=folders, retry=retry
        )

    def cancel_scan(self) -> None:
        """Stop looking; what was found until then is kept and shown."""
        if self._clerk is not None:
            self._clerk.cancel(self._scan_job)

    # the rack

    def add(self, identifier: str) -> None:
        """Put a plugin last after the app's own effects."""
        info = self._found.get(identifier)
        if info is None:
            return
        self._parts.status.say(f"Loading {info.name}")
        self._change(f"Add {info.name}", lambda rack: rack.add(info), choose=True)

    def remove(self, key: str) -> None:
        """Take a plugin out."""
        self._change(f"Remove {self._title(key)}", lambda rack: rack.remove(key))

    def move(self, key: str, step: int) -> None:
        """One place earlier (-1) or later (+1)."""
        self._change(f"Move {self._title(key)}", lambda rack: rack.move(key, step))

    def enable(self, key: str, on: bool) -> None:
        """Bypass a plugin, or put it back."""
        word = "Switch on" if on else "Bypass"
        self._change(f"{word} {self._title(key)}", lambda rack: rack.enable(key, on))

    def preview(self, key: str, parameter: str, raw: float) -> None:
        """A knob moves: shown by the rack's plugin, heard through the one that plays."""
        self.racking.preview(key, parameter, raw)
        keys = [slot["key"] for slot in self._slots]
        if key in keys:
            self._parts.listening.preview_plugin(keys.index(key), parameter, raw)

    def set_parameter(self, key: str, parameter: str, value: float | str) -> None:
        """Set a parameter as one step: a raw value from a slider, or a text from a list."""
        self.racking.forget_previews()

        def change(rack: LiveRack) -> None:
            if isinstance(value, str):
                rack.set_value(key, parameter, value)
            else:
                rack.set_raw(key, parameter, value)

        self._change(f"{self._title(key)}: {self._parameter_name(key, parameter)}", change)

    def load(self, key: str) -> None:
        """Load a slot's plugin, if it is not."""
        self.racking.ask(lambda rack: rack.load(key), self._settle)

    def edit(self, key: str) -> None:
        """Show the plugin's own window; what is set there is one step."""
        if key in self._editing:
            return
        self._editing.add(key)
        self.view.set_editing(self._editing)
        self._parts.status.say(f"{self._title(key)}: its window is open")

        def done(state: RackState) -> None:
            self._editing.discard(key)
            self.view.set_editing(self._editing)
            self._keep(f"{self._title(key)}: its window", state)

        self.racking.edit(key, done)

    def close(self) -> None:
        """End every process."""
        self._end_scan()
        self.racking.close()

    # answers

    def _change(self, text: str, change: Any, *, choose: bool = False) -> None:
        def done(state: RackState) -> None:
            self._keep(text, state, state.answer if choose else None)

        self.racking.ask(change, done)

    def _keep(self, text: str, state: RackState, current: str | None = None) -> None:
        self._told = state.plugins
        self._slots = state.slots
        self._show_slots(current)
        if current is not None:
            self._parts.status.say(f"{self._title(current)} is in the rack")
        if state.plugins != self._parts.document.content.plugins:
            self._parts.document.commit(text, plugins=state.plugins)

    def _settle(self, state: RackState) -> None:
        """After a load or an undo: what the document holds counts."""
        self._told = state.plugins
        self._slots = state.slots
        self._show_slots()
        if not self.racking.busy:
            self._follow(self._parts.document.content)

    def _follow(self, content: Content) -> None:
        wanted = content.plugins
        if wanted is self._told or wanted == self._told:
            return
        self._told = wanted
        self.racking.forget_previews()
        self.racking.ask(lambda rack: rack.adopt(wanted), self._adopted)

    def _adopted(self, state: RackState) -> None:
        self._settle(state)
        if self._visible:
            self._load_all()

    def _load_all(self) -> None:
        for slot in self._slots:
            if not (slot["loaded"] or slot["problem"]):
                self.load(slot["key"])

    def _heard_parameter(self, key: str, parameter: PluginParameter) -> None:
        self.view.set_parameter(key, parameter.key, parameter.raw, parameter.text)

    def _heard_scan(self, event: Event) -> None:
        if event.kind == "progress":
            name = event.data["message"]
            self.view.set_scanning(f"Looking at {name}, {event.data['share']:.0%}")
            return
        self._end_scan()
        if event.kind == "cancelled":
            self._parts.status.say("Stopped looking for plugins; what was found is kept")
            self._have_found(library.remembered())
            return
        if event.kind != "done":
            self._parts.status.warn(f"The scan failed: {event.message}")
            return
        self._have_found([PluginInfo.from_data(row) for row in event.data["plugins"]])

    def _have_found(self, infos: list[PluginInfo]) -> None:
        self._found = {f"{info.path}\n{info.name}": info for info in infos}
        self.view.set_available([available(key, info) for key, info in self._found.items()])
        for slot in self._slots:
            if slot["missing"]:
                self.load(slot["key"])

    def _end_scan(self) -> None:
        if self._clerk is not None:
            self._clerk.close()
            self._clerk.deleteLater()
            self._clerk = None
            self.view.set_scanning("")

    def _show_slots(self, current: str | None = None) -> None:
        before = [slot_of(s) for s in self._slots if s["place"] == "before"]
        after = [slot_of(s) for s in self._slots if s["place"] != "before"]
        detail = _OWN_DETAIL if self._slots else _EMPTY_DETAIL
        own = RackSlot(OWN, "Equalizer and reverb", own=True, detail=detail)
        self.view.set_slots([*before, own, *after], current)

    def _title(self, key: str) -> str:
        return next((str(s["title"]) for s in self._slots if s["key"] == key), "Plugin")

    def _parameter_name(self, key: str, parameter: str) -> str:
        for slot in self._slots:
            if slot["key"] == key:
                return next(
                    (str(p["name"]) for p in slot["parameters"] if p["key"] == parameter), parameter
                )
        return parameter


def slot_of(data: Mapping[str, Any]) -> RackSlot:
    """A slot of the live rack for the page."""
    names = ("key", "title", "enabled", "missing", "detail", "problem", "parameters")
    return RackSlot(**{name: data[name] for name in names})


def available(key: str, info: PluginInfo) -> AvailablePlugin:
    """A scanned plugin for the page, with the reason where it cannot be added."""
    problem = info.reason.removeprefix(f"{info.name}: ")
    if info.status == "ok" and not info.usable:
        problem = (
            "it is an instrument: it makes sound and shapes none"
            if info.instrument
            else "it takes neither mono nor stereo sound"
        )
    return AvailablePlugin(
        key, info.name, info.manufacturer, info.category, problem,
        quarantined=info.status != "ok",
    )  # fmt: skip
