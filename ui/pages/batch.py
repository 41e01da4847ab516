"""The batch page, bound to the batch engine, which works in processes of its own.

Each file stands for itself: one that fails has its reason beside it and stops no other. The folder
of the results keeps a record, so what is done is not done again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from dsp.audio_format import EXTENSIONS
from text2fx_studio.jobs import Event
from ui.actions.files import READABLE
from ui.shell.parts import Parts
from ui.tasks.engine_client import EngineClient
from ui.tasks.run_task import run_task
from ui.tasks.shaping import options_of
from ui.views.batch_model import BatchRow
from ui.views.batch_page import BatchPage


class Batch(QObject):
    """Owns the page and its job."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._clerk: EngineClient | None = None
        self._job = 0  # of the clerk; 0 while nothing runs
        self._asked = ("", "", "")  # prompt, chain, folder
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
        self._parts.store.remember_prompt(prompt)
        self.view.set_running(True)
        self._start()

    def cancel(self, keys: tuple[str, ...]) -> None:
        """Cancel some: the batch is stopped at once, and goes on with the others."""
        for key in keys:
            self.view.model.change(key, status="cancelled", share=0.0, message="cancelled")
        if self._job:
            self._stop()
            for row in self.view.model.rows():
                if row.status == "running":  # beside a cancelled one: it begins again
                    self.view.model.change(row.key, status="queued", message="")
            self._start()

    def retry(self, keys: tuple[str, ...]) -> None:
        """Queue again."""
        for key in keys:
            self.view.model.change(key, status="queued", share=0.0, message="", seconds=0.0)
        if self._asked[0] and not self._job:
            self.run(*self._asked)

    def close(self) -> None:
        """Stop everything."""
        self._job = 0
        if self._clerk is not None:
            self._clerk.close()
            self._clerk = None

    def _stop(self) -> None:
        if self._clerk is not None:
            self._clerk.drop(self._job)
        self._job = 0

    def _start(self) -> None:
        """Hand the queued files to the engine, but those whose result would be themselves."""
        prompt, chain, folder = self._asked
        files = []
        for row in self.view.model.rows():
            if row.status != "queued":
                continue
            if target_of(row, Path(folder)).resolve() == Path(row.key).resolve():
                self.view.model.change(
                    row.key, status="failed", message="the result would replace the original: "
                    "choose another folder",
                )  # fmt: skip
            else:
                files.append((row.key, row.name))
        if not files:
            self._end()
            return
        if self._clerk is None:
            self._clerk = EngineClient(self)
        options = {**options_of(self._parts.store.settings), "prompt": prompt, "chain": chain}
        self._job = self._clerk.submit(
            "batch", self._heard, files=files, folder=folder, options=options
        )

    def _heard(self, event: Event) -> None:
        if event.kind == "progress":
            self._told(event.data)
            return
        self._job = 0
        message = str(event.data.get("stopped", "")) if event.kind == "done" else event.message
        for row in self.view.model.rows():  # it stopped before these
            if row.status == "running" or (row.status == "queued" and event.kind != "done"):
                status = "failed" if event.kind in ("failed", "crashed") else "queued"
                self.view.model.change(row.key, status=status, share=0.0, message=message)
        if message:
            self._parts.status.warn(message)
        if event.kind == "done" and not message and self._has_queued():
            self._start()  # retried meanwhile
        else:
            self._end()

    def _told(self, data: Mapping[str, Any]) -> None:
        kind, key, change = data["event"], data.get("key", ""), self.view.model.change
        if kind == "progress":
            self.view.set_eta_s(data["eta_s"])
        elif kind == "running":
            change(key, status="running", share=0.0, message="")
        elif kind == "done":
            notes = () if data["accepted"] else ("no better than dry: copied as it is",)
            change(
                key, status="done", share=1.0, seconds=data["seconds"],
                score_dry=data["score_dry"], score_wet=data["score_wet"],
                output=str(Path(self._asked[2]) / data["output"]),
                message="; ".join(notes or data["notes"]),
            )  # fmt: skip
        elif kind == "failed":
            change(key, status="failed", share=0.0, message=data["reason"])
        elif kind == "skipped":
            change(key, status="skipped", share=0.0, message=data["reason"], output=self._kept(key))

    def _kept(self, key: str) -> str:
        """The result of an earlier run."""
        row = next((r for r in self.view.model.rows() if r.key == key), None)
        path = None if row is None else target_of(row, Path(self._asked[2]))
        return str(path) if path is not None and path.exists() else ""

    def _has_queued(self) -> bool:
        return any(row.status == "queued" for row in self.view.model.rows())

    def _end(self) -> None:
        self.view.set_running(False)
        self.view.set_eta_s(None)

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
