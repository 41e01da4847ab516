"""The batch page, bound: files are shaped one after the other in a process of their own.

Each file stands for itself: one that fails has its reason beside it and stops no other.
"""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from dsp.audio_format import EXTENSIONS
from text2fx_studio.jobs import Event
from text2fx_studio.preset import SUFFIX
from ui.actions.files import READABLE
from ui.shell.parts import Parts
from ui.tasks.engine_client import EngineClient
from ui.tasks.run_task import run_task
from ui.tasks.shaping import options_of
from ui.views.batch_model import BatchRow
from ui.views.batch_page import BatchPage


class Batch(QObject):
    """Owns the page and the queue."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._clerk: EngineClient | None = None
        self._running = ""  # key
        self._job = 0
        self._asked = ("", "", "")  # prompt, chain, folder
        self._began_s = 0.0
        self._spent_s: list[float] = []
        self.view = BatchPage()
        view = self.view
        view.dropped.connect(lambda paths: self.add([Path(p) for p in paths]))
        view.files_wanted.connect(self._ask_files)
        view.folder_wanted.connect(self._ask_folder)
        view.output_wanted.connect(self._ask_output)
        view.run_requested.connect(self.run)
        view.cancel_requested.connect(self.cancel)
        view.retry_requested.connect(self.retry)
        view.open_requested.connect(lambda key: self._show_file(key, folder=False))
        view.reveal_requested.connect(lambda key: self._show_file(key, folder=True))

    def add(self, paths: list[Path]) -> None:
        """Add files, and all recordings in folders and below."""
        run_task(self, lambda: rows_of(paths), self._have_rows)

    def run(self, prompt: str, chain: str, folder: str) -> None:
        """Start with what is queued."""
        self._asked = (prompt, chain, folder)
        self._spent_s = []
        self._parts.store.remember_prompt(prompt)
        self.view.set_running(True)
        self._next()

    def cancel(self, keys: tuple[str, ...]) -> None:
        """Cancel some; the one that runs is stopped at once."""
        for key in keys:
            if key == self._running:
                if self._clerk is not None:
                    self._clerk.drop(self._job)
                self._running = ""
            self.view.model.change(key, status="cancelled", share=0.0, message="cancelled")
        if not self._running:
            self._next()

    def retry(self, keys: tuple[str, ...]) -> None:
        """Queue again."""
        for key in keys:
            self.view.model.change(key, status="queued", share=0.0, message="", seconds=0.0)
        if self._asked[0]:
            self.run(*self._asked)

    def close(self) -> None:
        """Stop everything."""
        if self._clerk is not None:
            self._clerk.close()
            self._clerk = None

    def _next(self) -> None:
        row = next((r for r in self.view.model.rows() if r.status == "queued"), None)
        if row is None:
            self._running = ""
            self.view.set_running(False)
            self.view.set_eta_s(None)
            return
        prompt, chain, folder = self._asked
        source, target = Path(row.key), target_of(row, Path(folder))
        if target.resolve() == source.resolve():
            self.view.model.change(
                row.key, status="failed", message="the result would replace the original: choose "
                "another folder",
            )  # fmt: skip
            self._next()
            return
        if self._clerk is None:
            self._clerk = EngineClient(self)
        self._running, self._began_s = row.key, time.monotonic()
        self.view.model.change(row.key, status="running", share=0.0, message="")
        options = {**options_of(self._parts.store.settings), "chain": chain}
        preset = target.with_name(target.name.removesuffix(target.suffix) + SUFFIX)
        self._job = self._clerk.submit(
            "shape", lambda event, key=row.key: self._heard(key, event), source=str(source),
            target=str(target), prompt=prompt, preset=str(preset), overwrite=True, **options,
        )  # fmt: skip

    def _heard(self, key: str, event: Event) -> None:
        change = self.view.model.change
        if event.kind == "progress":
            change(key, share=event.data["share"], message=event.data["message"])
            return
        seconds = time.monotonic() - self._began_s
        self._spent_s.append(seconds)
        if event.kind == "done":
            data = event.data
            notes = () if data["accepted"] else ("no better than dry: copied as it is",)
            change(
                key, status="done", share=1.0, seconds=seconds, score_dry=data["score_dry"],
                score_wet=data["score_wet"], output=data["output"],
                message="; ".join((*notes, *data["notes"])),
            )  # fmt: skip
        else:
            status = "cancelled" if event.kind == "cancelled" else "failed"
            change(key, status=status, share=0.0, seconds=seconds, message=event.message)
        left = sum(row.status == "queued" for row in self.view.model.rows())
        self.view.set_eta_s(left * sum(self._spent_s) / len(self._spent_s))
        self._running = ""
        self._next()

    def _have_rows(self, rows: list[BatchRow]) -> None:
        new = self.view.add_rows(rows)
        if not rows:
            self._parts.status.warn("No recordings found there")
        elif new < len(rows):
            self._parts.status.say(f"Added {new}; {len(rows) - new} were there already")

    def _ask_files(self) -> None:
        pattern = " ".join(f"*{suffix}" for suffix in READABLE)
        names, _ = QFileDialog.getOpenFileNames(
            self._parts.window, "Add recordings", "", f"Recordings ({pattern});;All files (*)"
        )
        if names:
            self.add([Path(name) for name in names])

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self._parts.window, "Add a folder")
        if name:
            self.add([Path(name)])

    def _ask_output(self) -> None:
        name = QFileDialog.getExistingDirectory(self._parts.window, "Results go to")
        if name:
            self.view.set_output(name)

    def _show_file(self, key: str, *, folder: bool) -> None:
        row = next((r for r in self.view.model.rows() if r.key == key), None)
        if row is not None and row.output:
            path = Path(row.output)
            where = path.parent if folder else path
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(where)))


def rows_of(paths: list[Path]) -> list[BatchRow]:
    """A row for each file, and for each recording in a folder and below, sorted."""
    rows = []
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in READABLE)
            rows += [BatchRow(str(p.resolve()), p.relative_to(path).as_posix()) for p in found]
        elif path.exists():
            rows.append(BatchRow(str(path.resolve()), path.name))
    return rows


def target_of(row: BatchRow, folder: Path) -> Path:
    """Where a row's result goes: the tree of the input is kept; MP3 becomes WAV."""
    target = folder / row.name
    return target if target.suffix.lower() in EXTENSIONS else target.with_suffix(".wav")
