"""The settings page, bound: changes are kept at once; checkpoints are checked and downloaded."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from text2fx_studio.jobs import Event
from text2fx_studio.settings import Settings
from ui.shell.parts import Parts
from ui.tasks.engine_client import EngineClient
from ui.tasks.listening import devices
from ui.tasks.run_task import run_task
from ui.views.settings_page import SettingsPage as View


class SettingsPage(QObject):
    """Owns the page."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._clerk: EngineClient | None = None
        self.view = View()
        view = self.view
        view.changed.connect(self._change)
        view.checkpoint_wanted.connect(self._ask_checkpoint)
        view.check_requested.connect(self.check)
        view.download_requested.connect(self.download)
        view.plugin_folder_wanted.connect(self._ask_plugin_folder)
        view.clear_caches_requested.connect(self.clear_caches)
        parts.store.changed.connect(self._show)

    def refresh(self) -> None:
        """Show everything as it is."""
        self._show(self._parts.store.settings)
        current = self._parts.store.settings.output_device
        run_task(self, devices, lambda names: self.view.set_outputs(names, current))
        self.trim_caches()

    def check(self, path: str) -> None:
        """Say what a checkpoint is, and whether it is whole."""
        if not path:
            self.view.set_checkpoint_status("Choose a file first", "problem")
            return
        self.view.set_checkpoint_status("Checking …")
        self._ask_clerk("check_model", path=path)

    def download(self, encoder: str) -> None:
        """Bring the published checkpoint into the cache."""
        if encoder == "fxsem":
            self.view.set_checkpoint_status("fxsem is bundled: there is nothing to download")
            return
        self.view.set_checkpoint_status("Downloading …")
        self._ask_clerk("get_model", encoder=encoder)

    def clear_caches(self) -> None:
        """Empty the caches, checkpoints excepted; they are made again when they are needed."""
        self._engine().submit("caches", self._cleared, clear=True)

    def trim_caches(self) -> None:
        """Keep the caches within their limit: what was used longest ago goes first."""
        limit_mb = self._parts.store.settings.cache_limit_mb
        self._engine().submit("caches", self._trimmed, limit_mb=limit_mb)

    def close(self) -> None:
        """Stop a check or a download; a download goes on where it stopped."""
        if self._clerk is not None:
            self._clerk.close()
            self._clerk = None

    def _cleared(self, event: Event) -> None:
        if event.kind == "done":
            self.view.set_cache_used_mb(event.data["used_mb"])
            self._parts.status.say("The caches are empty")
        elif event.message:
            self._parts.status.warn(event.message)

    def _trimmed(self, event: Event) -> None:
        if event.kind == "done":
            self.view.set_cache_used_mb(event.data["used_mb"])
            if count := event.data["deleted"]:
                self._parts.status.say(f"Deleted {count} old files from the caches")

    def _ask_clerk(self, name: str, **payload: Any) -> None:
        self._engine().submit(name, self._heard, **payload)

    def _engine(self) -> EngineClient:
        if self._clerk is None:
            self._clerk = EngineClient(self)
        return self._clerk

    def _heard(self, event: Event) -> None:
        if event.kind == "progress":
            self.view.set_checkpoint_status(event.data["message"])
        elif event.kind == "done":
            self.view.set_checkpoint_status(
                event.data["message"], "good" if event.data["good"] else "problem"
            )
        elif event.message:
            self.view.set_checkpoint_status(event.message, "problem")

    def _change(self, field: str, value: object) -> None:
        self._parts.store.change(**{field: value})
        if field == "cache_limit_mb":
            self.trim_caches()

    def _show(self, settings: Settings) -> None:
        self.view.set_values(vars(settings))

    def _ask_checkpoint(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self._parts.window, "Choose a checkpoint", "",
            "Checkpoints (*.pt *.pth *.safetensors *.bin);;All files (*)",
        )  # fmt: skip
        if name:
            self._parts.store.change(checkpoint=name)

    def _ask_plugin_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self._parts.window, "Add a plugin folder")
        folders = self._parts.store.settings.plugin_folders
        if name and name not in folders:
            self._parts.store.change(plugin_folders=(*folders, name))
