"""The rack's slots as a list model: hosted plugins around the app's own effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractListModel, QObject, Qt
from PySide6.QtGui import QColor

from ui.theme import current_tokens, icon
from ui.views.table import NO_PARENT, Index

_Role = Qt.ItemDataRole


@dataclass(frozen=True)
class RackSlot:
    """One place of the chain.

    Attributes:
        key: What names it; unique in the rack.
        title: For people.
        own: Whether it is the app's own effects, which can neither be removed nor moved.
        enabled: False bypasses it.
        missing: Whether the plugin is not installed here; its state is kept all the same.
        detail: Maker, format, version, latency: one line.
        problem: Why it does not work; empty if it does.
        parameters: Mappings with ``key``, ``name``, ``unit``, ``raw`` (0..1), ``text``,
            ``default`` (0..1), ``choices``.
    """

    key: str
    title: str
    own: bool = False
    enabled: bool = True
    missing: bool = False
    detail: str = ""
    problem: str = ""
    parameters: Sequence[Mapping[str, Any]] = field(default=())

    @property
    def state(self) -> str:
        """``on``, ``bypassed``, ``not installed`` or ``problem``."""
        if self.missing:
            return "not installed"
        if self.problem:
            return "problem"
        return "on" if self.enabled else "bypassed"


class RackModel(QAbstractListModel):
    """Slots in signal order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._slots: tuple[RackSlot, ...] = ()

    def set_slots(self, slots: Sequence[RackSlot]) -> None:
        """Show other slots."""
        self.beginResetModel()
        self._slots = tuple(slots)
        self.endResetModel()

    def slot(self, row: int) -> RackSlot:
        """The slot of a row."""
        return self._slots[row]

    def plugin_count(self) -> int:
        """How many slots are not the app's own."""
        return sum(not slot.own for slot in self._slots)

    def row_of(self, key: str) -> int | None:
        """Row of a slot, or None."""
        return next((r for r, s in enumerate(self._slots) if s.key == key), None)

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._slots)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        slot = self._slots[index.row()]
        if role == _Role.DisplayRole:
            return slot.title if slot.state == "on" else f"{slot.title}  ({slot.state})"
        if role == _Role.DecorationRole:
            if slot.missing or slot.problem:
                return icon("warning", "problem")
            return icon("equalizer" if slot.own else "plugin", "wet" if slot.enabled else "muted")
        if role == _Role.ForegroundRole and slot.state != "on":
            return QColor(current_tokens().muted)
        if role == _Role.ToolTipRole:
            return slot.problem or slot.detail or slot.title
        if role == _Role.AccessibleTextRole:
            return f"{index.row() + 1}: {slot.title}, {slot.state}"
        return None
