"""The batch's files as a table model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from PySide6.QtCore import QAbstractTableModel, QObject, Qt
from PySide6.QtGui import QColor

from ui.theme import current_tokens, icon
from ui.views.quantity import MINUS, format_time
from ui.views.table import NO_PARENT, RIGHT, Index

Status = Literal["queued", "running", "done", "failed", "skipped", "cancelled"]
ENDED: frozenset[str] = frozenset({"done", "failed", "skipped", "cancelled"})
AGAIN: frozenset[str] = frozenset({"failed", "cancelled"})
HEADERS = ("File", "Status", "Score", "Time", "What happened")
PROGRESS = Qt.ItemDataRole.UserRole + 1
_ICONS: dict[str, tuple[str, str]] = {
    "queued": ("clock", "muted"), "running": ("play", "wet"), "done": ("check", "good"),
    "failed": ("warning", "problem"), "skipped": ("minus", "muted"),
    "cancelled": ("close", "muted"),
}  # fmt: skip
_Role = Qt.ItemDataRole


@dataclass(frozen=True)
class BatchRow:
    """One file of a batch.

    Attributes:
        key: What names it; unique.
        name: Shown: path relative to the input folder.
        status: Where it stands.
        share: How far it is while running, 0..1.
        score_dry: Score before; None if unknown.
        score_wet: Score after; None if unknown.
        seconds: Time it took; 0 if unknown.
        message: Reason of a failure or a skip, or a remark.
        output: Path of the result; empty while there is none.
    """

    key: str
    name: str
    status: Status = "queued"
    share: float = 0.0
    score_dry: float | None = None
    score_wet: float | None = None
    seconds: float = 0.0
    message: str = ""
    output: str = ""


class BatchModel(QAbstractTableModel):
    """Rows in the order in which they were added; changed one by one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[BatchRow] = []
        self._at: dict[str, int] = {}

    def set_rows(self, rows: Iterable[BatchRow]) -> None:
        """Show other files."""
        self.beginResetModel()
        self._rows = list(rows)
        self._index()
        self.endResetModel()

    def add(self, rows: Sequence[BatchRow]) -> int:
        """Add files that are not there yet.

        Returns:
            How many were new.
        """
        new = [row for row in {r.key: r for r in rows}.values() if row.key not in self._at]
        if new:
            first = len(self._rows)
            self.beginInsertRows(NO_PARENT, first, first + len(new) - 1)
            self._rows += new
            self._index()
            self.endInsertRows()
        return len(new)

    def change(self, key: str, **changes: Any) -> None:
        """Change fields of one file; an unknown key changes nothing (its row was removed)."""
        row = self._at.get(key)
        if row is not None:
            self._rows[row] = replace(self._rows[row], **changes)
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADERS) - 1))

    def remove(self, key: str) -> None:
        """Take one file out."""
        row = self._at.get(key)
        if row is not None:
            self.beginRemoveRows(NO_PARENT, row, row)
            del self._rows[row]
            self._index()
            self.endRemoveRows()

    def _index(self) -> None:
        self._at = {row.key: i for i, row in enumerate(self._rows)}

    def row(self, index: int) -> BatchRow:
        """The file of a row."""
        return self._rows[index]

    def rows(self) -> tuple[BatchRow, ...]:
        """All files."""
        return tuple(self._rows)

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _Role.TextAlignmentRole and section in (2, 3):
            return RIGHT
        return HEADERS[section] if role == _Role.DisplayRole else None

    def _text(self, row: BatchRow, column: int) -> str:
        if column == 0:
            return row.name
        if column == 1:
            told = row.status == "running" and row.share > 0
            return f"{100 * row.share:.0f} %" if told else row.status
        if column == 2:
            if row.score_dry is None or row.score_wet is None:
                return ""
            return f"{row.score_dry:.2f} → {row.score_wet:.2f}".replace("-", MINUS)
        if column == 3:
            return format_time(row.seconds) if row.seconds else ""
        return row.message

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if role == _Role.DisplayRole:
            return self._text(row, column)
        if role == _Role.DecorationRole and column == 1:
            return icon(*_ICONS[row.status])
        if role == _Role.ForegroundRole:
            tokens = current_tokens()
            if row.status == "failed" and column in (1, 4):
                return QColor(tokens.problem)
            if column in (3, 4) or row.status in ("queued", "skipped", "cancelled"):
                return QColor(tokens.muted)
        if role == _Role.TextAlignmentRole and column in (2, 3):
            return RIGHT
        if role == _Role.ToolTipRole:
            return row.message or row.output or row.name
        if role == PROGRESS:
            return row.share if row.status == "running" else None
        return None
