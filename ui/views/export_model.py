"""Export targets as a checkable table model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor

from ui.theme import current_tokens
from ui.views.flat_model import FlatModel
from ui.views.table import Index

_HEADERS = ("Target", "Sound", "Not carried")
_Role = Qt.ItemDataRole
FIDELITY_TIPS = {
    "exact": "The same sound, within rounding",
    "approximate": "Another filter law: near, not the same",
    "lossy": "Something that is heard is left out",
    "nothing": "It can hold nothing of this setting",
}


@dataclass(frozen=True)
class ExportRow:
    """One target for the setting as it is.

    Attributes:
        name: As ``--to`` takes it.
        title: For people.
        opened_by: Which programs open it.
        fidelity: ``exact``, ``approximate``, ``lossy``, or ``nothing`` if it can hold none of it.
        left_out: What is not carried, a plain phrase each.
        notes: How to open it, what to mind.
        checked: How its files were proved.
        experimental: Whether no program was at hand to open its files.
    """

    name: str
    title: str
    opened_by: str = ""
    fidelity: str = "exact"
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    checked: str = ""
    experimental: bool = False

    @property
    def possible(self) -> bool:
        """Whether it can hold anything of the setting."""
        return self.fidelity != "nothing"


class ExportModel(FlatModel):
    """A row a target, with a tick."""

    ticked = Signal()
    headers = _HEADERS

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ExportRow, ...] = ()
        self._ticked: set[str] = set()

    def set_rows(self, rows: Sequence[ExportRow]) -> None:
        """Show other targets; ticks stay where they are still possible."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self._ticked &= {row.name for row in rows if row.possible}
        self.endResetModel()
        self.ticked.emit()

    def row(self, index: int) -> ExportRow:
        """The target of a row."""
        return self._rows[index]

    def chosen(self) -> tuple[str, ...]:
        """Names of the ticked targets, in order."""
        return tuple(row.name for row in self._rows if row.name in self._ticked)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        possible = self._rows[index.row()].possible
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        return flags | Qt.ItemFlag.ItemIsUserCheckable if possible and not index.column() else flags

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if role == _Role.DisplayRole:
            title = f"{row.title} (experimental)" if row.experimental else row.title
            return (title, row.fidelity, ", ".join(row.left_out) or "–")[column]
        if role == _Role.CheckStateRole and column == 0:
            on = row.name in self._ticked
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if role == _Role.ForegroundRole:
            return self._colour(row, column)
        if role == _Role.ToolTipRole:
            tips = (row.opened_by, FIDELITY_TIPS.get(row.fidelity, ""), ", ".join(row.left_out))
            return tips[column]
        return None

    def _colour(self, row: ExportRow, column: int) -> QColor | None:
        tokens = current_tokens()
        if not row.possible or column == 2:
            return QColor(tokens.muted)
        if column == 1:
            tones = {"exact": tokens.good, "lossy": tokens.problem}
            return QColor(tones.get(row.fidelity, tokens.text))
        return None

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        if role != _Role.CheckStateRole or not index.isValid() or index.column():
            return False
        row = self._rows[index.row()]
        if not row.possible:
            return False
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self._ticked.add(row.name)
        else:
            self._ticked.discard(row.name)
        self.dataChanged.emit(index, index, [_Role.CheckStateRole])
        self.ticked.emit()
        return True
