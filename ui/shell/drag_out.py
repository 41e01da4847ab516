"""The shaped recording as something to drag into another program.

A press renders a copy in the background, if the setting changed since the last one; once it is
there, the button is dragged like a file.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolButton

from dsp.chain import Chain
from text2fx_studio.plugins.hosted import HostedPlugin
from ui.models.document import Content
from ui.shell.status_line import StatusLine
from ui.tasks.recording import Recording
from ui.tasks.rendering import Rendering
from ui.theme import icon

_IDLE = "Drag the shaped sound into another program: press to prepare it"
_READY = "Ready: drag this into another program"

_Setting = tuple[Path, Chain, tuple[HostedPlugin, ...]]


class DragOut(QToolButton):
    """A file to be dragged out."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "tool")
        self.setIconSize(QSize(18, 18))
        self.setAccessibleName("Shaped sound as a file to drag")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._made: tuple[_Setting, Path] | None = None  # and the copy
        self._asked: _Setting | None = None
        self._shown: bool | None = None
        self._pressed_at: QPointF | None = None
        self.clicked.connect(self.prepare)
        self._show()

    def bind(
        self, recording: Recording, rendering: Rendering, content: Content, status: StatusLine
    ) -> None:
        """Give it what it works with; ``content`` is followed by :meth:`follow`."""
        self._recording, self._rendering, self._status = recording, rendering, status
        self._content = content
        rendering.written.connect(self._written)

    def follow(self, content: Content) -> None:
        """The setting changed: what was rendered may be out of date."""
        self._content = content
        self._show()

    @property
    def ready(self) -> bool:
        """Whether the copy is the setting that is heard."""
        info = getattr(self, "_recording", None) and self._recording.info
        if self._made is None or not info:
            return False
        setting, copy = self._made
        return setting == self._setting(info.path) and copy.is_file()

    def prepare(self) -> None:
        """Render a copy, unless there is one."""
        info = self._recording.info
        if info is None:
            self._status.warn("Open a recording first")
        elif not self.ready and not self._rendering.running:
            self._asked = self._setting(info.path)
            name = f"{info.path.stem} - shaped.wav"
            self._status.say("Preparing the shaped sound for dragging")
            self._rendering.to_drag(info.path, self._content.heard, name, self._content.plugins)

    def mime(self) -> QMimeData:
        """What is dragged: the copy's address; empty while there is none."""
        data = QMimeData()
        if self.ready and self._made is not None:
            data.setUrls([QUrl.fromLocalFile(str(self._made[1]))])
        return data

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.position()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        far = QApplication.startDragDistance()
        start = self._pressed_at if self.ready else None
        if start is not None and (event.position() - start).manhattanLength() >= far:
            self._pressed_at = None
            self.setDown(False)
            drag = QDrag(self)
            drag.setMimeData(self.mime())
            drag.setPixmap(icon("waveform", "wet").pixmap(QSize(32, 32)))
            drag.exec(Qt.DropAction.CopyAction)
            return
        super().mouseMoveEvent(event)

    def _written(self, path: Path, _report: object) -> None:
        if self._asked is not None and path.name.endswith(" - shaped.wav"):
            self._made = (self._asked, path)
            self._asked = None
            self._status.say(_READY)
            self._show()

    def _setting(self, source: Path) -> _Setting:
        return (source, self._content.heard, self._content.plugins)

    def _show(self) -> None:
        ready = hasattr(self, "_recording") and self.ready
        if ready == self._shown:
            return
        self._shown = ready
        self.setIcon(icon("file", "wet" if ready else "text"))
        self.setToolTip(_READY if ready else _IDLE)
