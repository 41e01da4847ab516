"""Batch: many files, one list, every file's fate on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QProgressBar,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ui.theme import current_tokens
from ui.views.batch_model import AGAIN, ENDED, PROGRESS, BatchModel, BatchRow, Status
from ui.views.buttons import text_button
from ui.views.drop_target import DropTarget
from ui.views.panel import Panel, label, set_role
from ui.views.prompt_bar import CHAINS
from ui.views.prompt_field import PromptField
from ui.views.quantity import format_time
from ui.views.segmented import Segmented
from ui.views.table import DataTable


class _ProgressLine(QStyledItemDelegate):
    """A thin line under the status of a running file."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        share = index.data(PROGRESS)
        if share is not None:
            rect: Any = option.rect
            line = QRectF(rect.left() + 8, rect.bottom() - 3, rect.width() - 16, 2)
            painter.fillRect(line, QColor(current_tokens().track))
            line.setWidth(line.width() * share)
            painter.fillRect(line, QColor(current_tokens().wet))


class _BatchTable(DataTable):
    removal_wanted = Signal()
    opening_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removal_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opening_wanted.emit()
        else:
            super().keyPressEvent(event)


class BatchPage(Panel):
    """Files and folders in, a prompt, a folder out; every row can be retried, cancelled, opened.

    Attributes:
        model: The rows; the owner changes them with ``model.change(key, status=…)``.
    """

    dropped = Signal(tuple)  # paths of files and folders
    files_wanted = Signal()
    folder_wanted = Signal()
    output_wanted = Signal()
    run_requested = Signal(str, str, str)  # prompt, chain, output folder
    cancel_requested = Signal(tuple)  # keys; all that have not ended for the whole batch
    retry_requested = Signal(tuple)  # keys
    open_requested = Signal(str)  # key
    reveal_requested = Signal(str)  # key

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Batch", parent)
        self.setAcceptDrops(True)
        self._running = False
        self.model = BatchModel(self)
        self.field = PromptField()
        self._chain = Segmented("Chain", CHAINS)
        self._chain.set_value("eq,reverb")
        self._output = QLineEdit()
        self._output.setPlaceholderText("Folder for the results; the tree of the input is kept")
        self._output.setAccessibleName("Folder for the results")
        self._choose = text_button("Choose …", "", "Choose a folder for the results")
        self._run = text_button("Shape all", "primary")
        self.table = _BatchTable("Files of the batch", whole_rows=True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setModel(self.model)
        self.table.setItemDelegateForColumn(1, _ProgressLine(self.table))
        self.table.stretch(4, {0: 280, 1: 104, 2: 104, 3: 64})
        self._drop = DropTarget(
            "Drop files or folders here", "WAV, FLAC, AIFF, OGG and MP3; folders with all they hold"
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self._drop)
        self._stack.addWidget(self.table)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Progress of the batch")
        self._summary = label("", "muted")
        self._eta_s: float | None = None
        self._actions: dict[str, Any] = {}
        self._lay_out()
        self._connect()
        self._show()

    def _lay_out(self) -> None:
        self._add_files = text_button("Add files …")
        self._add_folder = text_button("Add folder …")
        self.header.addWidget(self._add_files)
        self.header.addWidget(self._add_folder)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.addWidget(self.field, 0, 0)
        grid.addWidget(self._chain, 0, 1, 1, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._output, 1, 0)
        grid.addWidget(self._choose, 1, 1)
        grid.addWidget(self._run, 1, 2)
        grid.setColumnStretch(0, 1)
        self.body.addLayout(grid)
        self.body.addWidget(self._stack, 1)
        self.body.addWidget(self._progress)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._summary, 1)
        self._retry = text_button(
            "Retry failed", "", "Queue the failed and the cancelled ones again"
        )
        self._remove = text_button("Clear list", "quiet", "Take all files out of the list")
        foot.addWidget(self._remove)
        foot.addWidget(self._retry)
        self.body.addLayout(foot)

    def _connect(self) -> None:
        self._add_files.clicked.connect(self.files_wanted)
        self._add_folder.clicked.connect(self.folder_wanted)
        self._drop.pressed.connect(self.files_wanted)
        self._choose.clicked.connect(self.output_wanted)
        self._run.clicked.connect(self._run_or_stop)
        self.field.submitted.connect(lambda _: None if self._running else self._run_or_stop())
        self._retry.clicked.connect(lambda: self.retry_requested.emit(self._keys(AGAIN)))
        self._remove.clicked.connect(lambda: self.model.set_rows(()))
        self.table.removal_wanted.connect(self._remove_selected)
        self.table.opening_wanted.connect(self._open_selected)
        self.table.doubleClicked.connect(lambda _: self._open_selected())
        self.field.textChanged.connect(lambda _: self._show())
        self._output.textChanged.connect(lambda _: self._show())
        for signal in (
            self.model.modelReset, self.model.rowsInserted, self.model.rowsRemoved,
            self.model.dataChanged,
        ):  # fmt: skip
            signal.connect(lambda *_: self._show())

    def add_rows(self, rows: Sequence[BatchRow]) -> int:
        """Add files; those that are there already stay as they are. Returns how many were new."""
        return self.model.add(rows)

    def set_output(self, folder: str) -> None:
        """Where results go."""
        self._output.setText(folder)

    def set_running(self, running: bool) -> None:
        """Whether the engine works; Stop takes the place of Shape all."""
        self._running = running
        self._show()

    def set_eta_s(self, seconds: float | None) -> None:
        """Time that is left; None while it cannot be told."""
        self._eta_s = seconds
        self._show()

    def _keys(self, among: frozenset[str]) -> tuple[str, ...]:
        return tuple(row.key for row in self.model.rows() if row.status in among)

    def _show(self) -> None:
        rows = self.model.rows()
        counts = Counter(row.status for row in rows)
        ended = sum(row.status in ENDED for row in rows)
        self._stack.setCurrentIndex(int(bool(rows)))
        self._progress.setVisible(bool(rows))
        self._progress.setRange(0, max(1, 100 * len(rows)))
        share = sum(100 if r.status in ENDED else round(100 * r.share) for r in rows)
        self._progress.setValue(share)
        order: tuple[Status, ...] = ("done", "failed", "skipped", "cancelled")
        told = [f"{counts[s]} {s}" for s in order if counts[s]]
        text = f"{ended} of {len(rows)} files" if rows else "No files yet"
        if told:
            text += f": {', '.join(told)}"
        if self._running and self._eta_s is not None:
            text += f" · {format_time(self._eta_s, 0)} left"
        self._summary.setText(text)
        self._retry.setVisible(bool(counts["failed"] or counts["cancelled"]))
        self._retry.setEnabled(not self._running)
        self._remove.setVisible(bool(rows))
        self._remove.setEnabled(not self._running)
        ready = bool(counts["queued"]) and bool(self.field.prompt())
        ready = ready and bool(self._output.text().strip())
        self._run.setEnabled(self._running or ready)
        self._run.setText("Stop" if self._running else "Shape all")
        set_role(self._run, "stop" if self._running else "primary", "kind")
        self._run.setToolTip(self._why_not(counts["queued"]))
        for widget in (self.field, self._chain, self._output, self._choose):
            widget.setEnabled(not self._running)

    def _why_not(self, queued: int) -> str:
        if self._running:
            return "Stop; files that are done stay done"
        if not queued:
            return "Add files first"
        if not self.field.prompt():
            return "Say how the files should sound first"
        if not self._output.text().strip():
            return "Choose a folder for the results first"
        return f"Shape {queued} files"

    def _run_or_stop(self) -> None:
        if self._running:
            self.cancel_requested.emit(self._keys(frozenset({"queued", "running"})))
        elif self._run.isEnabled():
            folder = self._output.text().strip()
            self.run_requested.emit(self.field.prompt(), self._chain.value(), folder)

    def _selected(self) -> list[BatchRow]:
        chosen = sorted({i.row() for i in self.table.selectionModel().selectedIndexes()})
        return [self.model.row(row) for row in chosen]

    def _remove_selected(self) -> None:
        for row in self._selected():
            if row.status == "running":
                self.cancel_requested.emit((row.key,))
            else:
                self.model.remove(row.key)

    def _open_selected(self) -> None:
        for row in self._selected()[:1]:
            if row.output:
                self.open_requested.emit(row.key)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        rows = self._selected()
        if not rows or not self.table.isVisible():
            return
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        again = tuple(r.key for r in rows if r.status in AGAIN)
        going = tuple(r.key for r in rows if r.status in ("queued", "running"))
        done = next((r.key for r in rows if r.output), "")
        for text, able, act in (
            ("Open result", bool(done), lambda: self.open_requested.emit(done)),
            ("Show in folder", bool(done), lambda: self.reveal_requested.emit(done)),
            ("Retry", bool(again), lambda: self.retry_requested.emit(again)),
            ("Cancel", bool(going), lambda: self.cancel_requested.emit(going)),
            ("Remove from list", True, self._remove_selected),
        ):
            action = menu.addAction(text)
            action.setEnabled(able)
            action.triggered.connect(act)
        menu.popup(event.globalPos())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and not self._running:
            event.acceptProposedAction()
            self._drop.set_hovered(True)

    def dragLeaveEvent(self, event: object) -> None:
        self._drop.set_hovered(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop.set_hovered(False)
        paths = tuple(u.toLocalFile() for u in event.mimeData().urls() if u.isLocalFile())
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)
