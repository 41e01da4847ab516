"""Writing the shaped recording, in a process of its own, and a copy to drag into other programs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from dsp.chain import Chain
from text2fx_studio.jobs import Event
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.preset import Preset
from ui.tasks.engine_client import EngineClient


class Rendering(QObject):
    """One render at a time.

    Attributes:
        running: Whether one is under way.
    """

    progressed = Signal(float)  # 0..1
    written = Signal(object, object)  # Path, plain data of the report
    failed = Signal(str)
    ended = Signal()

    def __init__(self, engine: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._job = 0
        self._target: Path | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def running(self) -> bool:
        """Whether a file is being written."""
        return self._job != 0

    def start(
        self,
        source: Path,
        target: Path,
        chain: Chain,
        plugins: tuple[HostedPlugin, ...] = (),
        *,
        overwrite: bool,
    ) -> None:
        """Write ``target``; a render that runs is cancelled first.

        Plugins that are not installed are left out, which the report notes.
        """
        self.cancel()
        self._target = target
        self.progressed.emit(0.0)
        if any(plugin.enabled for plugin in plugins):
            preset = Preset(chain=chain, name="rack", plugins=plugins)
            self._job = self._engine.submit(
                "render_rack", self._heard, source=str(source), target=str(target),
                preset=preset.to_data(), skip_missing=True, overwrite=overwrite,
            )  # fmt: skip
            return
        self._job = self._engine.submit(
            "render", self._heard, source=str(source), target=str(target),
            chain=chain.to_data(), overwrite=overwrite,
        )  # fmt: skip

    def to_drag(
        self, source: Path, chain: Chain, name: str, plugins: tuple[HostedPlugin, ...] = ()
    ) -> None:
        """Write a copy that lives until the app is closed; told by ``written``.

        Args:
            source: The recording.
            chain: The setting.
            name: File name without folder, with its ending.
            plugins: Of the rack.
        """
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="text2fx-drag-")
        self.start(source, Path(self._folder.name) / name, chain, plugins, overwrite=True)

    def cancel(self) -> None:
        """Stop; nothing half-written is left."""
        if self._job:
            self._engine.drop(self._job)
            self._job = 0
            self.ended.emit()

    def close(self) -> None:
        """Cancel, and remove the copies."""
        self.cancel()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _heard(self, event: Event) -> None:
        if event.kind == "progress":
            self.progressed.emit(event.data["share"])
            return
        self._job = 0
        self.ended.emit()
        if event.kind == "done":
            report: dict[str, Any] = dict(event.data)
            self.written.emit(self._target, report)
        elif event.message:
            self.failed.emit(event.message)
