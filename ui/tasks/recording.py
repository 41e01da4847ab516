"""Opening a recording: its header at once; envelope, spectrum and loudness when they are read."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from dsp.audio_file import read_info
from dsp.audio_format import AudioInfo
from dsp.overview import Overview
from text2fx_studio.errors import Text2FXError
from text2fx_studio.jobs import Event
from ui.tasks.engine_client import EngineClient
from ui.tasks.run_task import run_task

BUCKETS = 65_536  # enough to zoom in by fifty


class Recording(QObject):
    """The open recording.

    Attributes:
        info: Its header; None while nothing is open.
        overview: Envelope, spectrum, loudness; None until they are read.
    """

    opening = Signal(object)  # Path
    opened = Signal(object)  # AudioInfo
    reading = Signal(float)  # share of the overview, 0..1
    seen = Signal(object)  # Overview
    failed = Signal(str)

    def __init__(self, engine: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._job = 0
        self._wanted: Path | None = None
        self.info: AudioInfo | None = None
        self.overview: Overview | None = None

    def open(self, path: Path) -> None:
        """Open a file; the one before stays until the header of this one is read."""
        self._wanted = path
        self.opening.emit(path)
        run_task(self, lambda: read_info(path), self._have_header, self._could_not)

    def close(self) -> None:
        """Let go of it."""
        self._engine.drop(self._job)
        self._wanted, self.info, self.overview = None, None, None

    def _have_header(self, info: AudioInfo) -> None:
        if info.path != self._wanted:
            return  # another one was asked for meanwhile
        self._engine.drop(self._job)
        self.info, self.overview = info, None
        self.opened.emit(info)
        self._job = self._engine.submit(
            "overview", self._progressed, path=str(info.path), buckets=BUCKETS
        )

    def _could_not(self, error: BaseException) -> None:
        if not isinstance(error, Text2FXError | OSError):
            raise error
        self._wanted = None if self.info is None else self.info.path
        self.failed.emit(str(error))

    def _progressed(self, event: Event) -> None:
        if event.kind == "progress":
            self.reading.emit(event.data["share"])
        elif event.kind == "done":
            self.overview = Overview(**event.data)
            self.seen.emit(self.overview)
        elif event.message:
            self.failed.emit(event.message)
