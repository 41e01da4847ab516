"""Opening, saving and dragging: recordings and presets in, shaped sound and presets out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu

from dsp.audio_format import EXTENSIONS, AudioInfo
from text2fx_studio import __version__
from text2fx_studio.errors import OutputError, Text2FXError
from text2fx_studio.preset import SUFFIX, Preset, load_preset, save_preset
from text2fx_studio.preset_library import user_folder
from text2fx_studio.session import Session, recent_files, remember_file
from ui.models.document import Content, Document, complete
from ui.shell.parts import Parts
from ui.tasks.run_task import run_task
from ui.views.quantity import format_time

READABLE = (".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3", ".w64", ".rf64")
_SOUNDS = "Recordings (" + " ".join(f"*{e}" for e in READABLE) + ");;All files (*)"
_TARGETS = ";;".join(f"{e[1:].upper()} (*{e})" for e in EXTENSIONS)
_PRESETS = f"Presets (*{SUFFIX});;All files (*)"


class FileCommands(QObject):
    """Everything that touches files, with its questions and answers.

    Attributes:
        opened: A recording has been opened; carries its AudioInfo.
    """

    opened = Signal(object)
    folders_dropped = Signal(object)  # list[Path], for the batch page
    presets_changed = Signal()

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._content: Content | None = None  # of a session that is being restored
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        parts.sound.open_requested.connect(self.ask_open)
        parts.sound.demo_requested.connect(self.open_demo)
        recording = parts.recording
        recording.opening.connect(lambda p: parts.status.say(f"Opening {p.name}"))
        recording.opened.connect(self._opened)
        recording.reading.connect(self._reading)
        recording.failed.connect(self._failed)
        recording.seen.connect(self._seen)
        parts.rendering.progressed.connect(
            lambda share: parts.status.set_progress(share, cancellable=True)
        )
        parts.rendering.ended.connect(lambda: parts.status.set_progress(None))
        parts.rendering.written.connect(self._written)
        parts.rendering.failed.connect(lambda why: parts.status.warn(f"Not saved: {why}"))
        parts.status.cancel_requested.connect(parts.rendering.cancel)

    # in

    def ask_open(self) -> None:
        """Choose a recording."""
        recent = recent_files()
        folder = str(recent[0].parent) if recent else ""
        name, _ = QFileDialog.getOpenFileName(
            self._parts.window, "Open a recording", folder, _SOUNDS
        )
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> None:
        """Open a recording."""
        self._content = None
        self._parts.recording.open(Path(path))

    def open_demo(self) -> None:
        """Make the demo loop and open it."""
        from text2fx_studio.demo import write_loop

        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="text2fx-demo-")
        path = Path(self._folder.name) / "demo loop.wav"
        self._parts.status.say("Making the demo loop")
        run_task(
            self,
            lambda: write_loop(path, overwrite=True),
            lambda _: self.open(path),
            lambda error: self._failed(str(error)),
        )

    def restore(self, session: Session) -> None:
        """Bring back what a session holds."""
        parts = self._parts
        parts.prompt.field.set_prompt(session.prompt)
        parts.prompt.set_chain(session.chain_name)
        if session.source and Path(session.source).is_file():
            self._content = Document.content_of(session)
            parts.recording.open(Path(session.source))
            if not session.clean:
                parts.status.say("Brought back what was open when the app ended unexpectedly")
        elif session.source:
            parts.status.say(f"{Path(session.source).name} is not there any more")

    def drop(self, data: QMimeData) -> bool:
        """Take what was dropped on the window: a recording, a preset, folders or many files."""
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        paths = [path for path in paths if path.exists()]
        if not paths:
            self._parts.status.warn("Nothing here can be opened: drop a file or a folder")
            return False
        if len(paths) == 1 and paths[0].name.endswith(SUFFIX):
            self.load_preset(paths[0])
        elif len(paths) == 1 and paths[0].is_file():
            self.open(paths[0])
        else:
            self.folders_dropped.emit(paths)
        return True

    def fill_recent(self, menu: QMenu) -> None:
        """The recordings opened before, as a menu."""
        menu.clear()
        for path in recent_files():
            action = menu.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: self.open(path))
        if menu.isEmpty():
            menu.addAction("None yet").setEnabled(False)

    # presets

    def ask_load_preset(self) -> None:
        """Choose a preset file."""
        name, _ = QFileDialog.getOpenFileName(
            self._parts.window, "Load a preset", str(user_folder()), _PRESETS
        )
        if name:
            self.load_preset(Path(name))

    def load_preset(self, path: Path) -> None:
        """Make a preset's setting the document's, as one step."""
        try:
            preset = load_preset(path)
        except Text2FXError as error:
            self._parts.status.warn(str(error))
            return
        self.use_preset(preset)

    def use_preset(self, preset: Preset) -> None:
        """As :meth:`load_preset`, for one that is read already."""
        found = {"prompt": preset.prompt} if preset.prompt else {}
        self._parts.document.commit(
            f"Preset “{preset.name}”", chain=complete(preset.chain), amount=1.0, found=found,
            ghost=None, plugins=preset.plugins,
        )  # fmt: skip
        if preset.prompt:
            self._parts.prompt.field.set_prompt(preset.prompt)
        self._parts.listening.set_wet(True)
        self._parts.top.ab.set_wet(True)
        self._parts.sound.waveform.set_wet(True)
        self._parts.status.say(f"Loaded “{preset.name}”; undo brings back what was before")

    def preset(self, name: str = "") -> Preset:
        """What is heard, as a preset."""
        content = self._parts.document.content
        found = content.found
        prompt = found.get("prompt")
        source = self._parts.document.source
        title = name or prompt or (source.stem if source else "") or "Untitled"
        return Preset(
            chain=content.heard,
            plugins=content.plugins,
            name=title[:200],
            prompt=prompt,
            loss=found.get("loss"),
            space=found.get("space"),
            seed=found.get("seed"),
            amount=content.amount if found else None,
            encoder=found.get("encoder_id"),
            weights_hash=found.get("weights_hash"),
            score_dry=found.get("score_dry"),
            score_wet=found.get("score_wet"),
            accepted=True if found.get("score_dry") is not None else None,
            app_version=__version__,
            created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )

    def ask_save_preset(self) -> None:
        """Choose where the preset goes; the user's own folder is offered."""
        preset = self.preset()
        folder = user_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._parts.status.warn(f"{folder}: the folder cannot be made: {error.strerror}")
            return
        offered = str(folder / (file_stem(preset.name) + SUFFIX))
        name, _ = QFileDialog.getSaveFileName(
            self._parts.window, "Save as preset", offered, _PRESETS
        )
        if name:
            self.save_preset(Path(name))

    def save_preset(self, path: Path) -> None:
        """Write what is heard as a preset file; the dialog has asked about replacing."""
        if not path.name.endswith(SUFFIX):
            path = path.with_name(path.name.removesuffix(".json") + SUFFIX)
        named = path.name.removesuffix(SUFFIX)
        try:
            save_preset(self.preset(named), path, overwrite=True)
        except Text2FXError as error:
            self._parts.status.warn(str(error))
            return
        self.presets_changed.emit()
        self._offer_folder(f"Saved preset {path.name}", path)

    # sound out

    def suggested_target(self) -> Path | None:
        """Where the shaped sound would go; None without a recording."""
        info = self._parts.recording.info
        if info is None:
            return None
        words = file_stem(str(self._parts.document.content.found.get("prompt", "shaped")))
        suffix = info.path.suffix.lower()
        return info.path.with_name(
            f"{info.path.stem} - {words}{suffix if suffix in EXTENSIONS else '.wav'}"
        )

    def ask_save_sound(self) -> None:
        """Choose where the shaped recording goes, then write it."""
        offered = self.suggested_target()
        if offered is None:
            self._parts.status.warn("Open a recording first")
            return
        name, _ = QFileDialog.getSaveFileName(
            self._parts.window, "Save the shaped sound", str(offered), _TARGETS
        )
        if name:
            self.save_sound(Path(name))

    def save_sound(self, target: Path) -> None:
        """Write the shaped recording; the dialog has asked about replacing."""
        info = self._parts.recording.info
        if info is None:
            return
        if not target.suffix:
            target = target.with_suffix(".wav")
        self._parts.status.say(f"Writing {target.name}")
        content = self._parts.document.content
        self._parts.rendering.start(
            info.path, target, content.heard, content.plugins, overwrite=True
        )

    def close(self) -> None:
        """Remove the demo loop."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    # answers

    def _opened(self, info: AudioInfo) -> None:
        parts = self._parts
        content, self._content = self._content, None
        parts.shaping.cancel()
        parts.document.open(info.path, content)
        parts.sound.set_open(True)
        parts.sound.play.set_recording(info.seconds)
        parts.sound.waveform.clear()
        parts.sound.waveform.set_busy("Reading the recording")
        parts.eq.view.set_sample_rate_hz(info.sample_rate)
        parts.eq.set_spectra([20.0, 20_000.0], None)
        parts.top.set_facts(describe(info))
        parts.prompt.set_message("")
        parts.listening.open(info.path)
        parts.listening.set_content(parts.document.content)
        parts.document.changed.emit(parts.document.content)
        try:
            remember_file(info.path)
        except OutputError as error:
            parts.status.warn(str(error))
        self.opened.emit(info)

    def _reading(self, share: float) -> None:
        if share < 1.0:
            self._parts.sound.waveform.set_busy(f"Reading the recording: {share:.0%}")

    def _seen(self, overview: Any) -> None:
        seconds = overview.frames / overview.sample_rate
        self._parts.sound.waveform.set_envelope(overview.low, overview.high, seconds)
        if overview.peak == 0.0:
            self._parts.status.warn("This recording is silent: there is nothing to shape")
        else:
            self._parts.status.say("Ready: say how it should sound")

    def _failed(self, why: str) -> None:
        self._content = None
        self._parts.status.warn(why)

    def _written(self, path: Path, report: dict[str, Any]) -> None:
        notes = "; ".join(report.get("notes", ()))
        self._offer_folder(f"Wrote {path.name}" + (f": {notes}" if notes else ""), path)

    def _offer_folder(self, text: str, path: Path) -> None:
        self._parts.status.offer(text, "Open folder", folder_opener(path))


def folder_opener(path: Path) -> Callable[[], object]:
    """Shows a file's folder in the system's file manager."""
    return lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def describe(info: AudioInfo) -> str:
    """A recording in one line."""
    channels = {1: "mono", 2: "stereo"}.get(info.channels, f"{info.channels} channels")
    rate = f"{info.sample_rate / 1000:g} kHz"
    return f"{info.path.name} · {rate} · {channels} · {format_time(info.seconds, 0)}"


def file_stem(text: str) -> str:
    """Words as a file name: letters, digits, spaces, dashes; never empty."""
    kept = "".join(c if c.isalnum() or c in " -_" else " " for c in text)
    return " ".join(kept.split())[:60].strip() or "untitled"
