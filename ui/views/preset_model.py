"""Presets as a table model, and what of them is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from PySide6.QtCore import QObject, QSortFilterProxyModel, Qt

from dsp.chain import Chain
from ui.theme import icon
from ui.views.flat_model import FlatModel
from ui.views.table import Index

Scope = Literal["all", "factory", "user", "favourite"]
_HEADERS = ("", "Name", "For", "Tags")
CHAIN_TITLES = {"eq": "EQ", "reverb": "Reverb", "gain": "Gain"}
_Role = Qt.ItemDataRole


@dataclass(frozen=True)
class PresetItem:
    """One preset as the browser shows it.

    Attributes:
        slug: What names it.
        name: For people.
        origin: ``factory`` or ``user``.
        description: One or two sentences, or empty.
        tags: Words to find it by.
        chain: Its setting.
        prompt: The words that found it, or empty.
        encoder: Who judged, or empty.
        favourite: Whether the user marked it.
        error: Why the file is not valid; empty if it is.
    """

    slug: str
    name: str
    origin: str = "factory"
    description: str = ""
    tags: tuple[str, ...] = ()
    chain: Chain = field(default_factory=Chain)
    prompt: str = ""
    encoder: str = ""
    favourite: bool = False
    error: str = ""

    @property
    def chain_title(self) -> str:
        """What of it does something: ``EQ → Reverb``."""
        at_work = [effect.kind for effect in self.chain if not effect.is_neutral()]
        return " → ".join(CHAIN_TITLES.get(kind, kind) for kind in at_work)


class PresetModel(FlatModel):
    """Rows of presets, read only; the first column is the favourite's star."""

    headers = _HEADERS

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[PresetItem] = []

    def set_items(self, items: Sequence[PresetItem]) -> None:
        """Show other presets."""
        self.beginResetModel()
        self._rows = list(items)
        self.endResetModel()

    def item(self, row: int) -> PresetItem:
        """The preset of a row."""
        return self._rows[row]

    def row_of(self, slug: str) -> int | None:
        """Row of a preset, or None."""
        return next((r for r, item in enumerate(self._rows) if item.slug == slug), None)

    def set_favourite(self, row: int, favourite: bool) -> None:
        """Mark a row."""
        self._rows[row] = replace(self._rows[row], favourite=favourite)
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(_HEADERS) - 1))

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self._rows[index.row()]
        column = index.column()
        if role == _Role.DisplayRole:
            tags = item.error or ", ".join(item.tags)
            return ("", item.name, item.chain_title, tags)[column]
        if role == _Role.DecorationRole and column == 0:
            return icon("star-filled" if item.favourite else "star",
                        "wet" if item.favourite else "muted")  # fmt: skip
        if role == _Role.DecorationRole and column == 3 and item.error:
            return icon("warning", "problem")
        if role == _Role.AccessibleTextRole:
            star = "favourite" if item.favourite else "not a favourite"
            return star if column == 0 else f"{item.name}, {item.chain_title}"
        if role == _Role.ToolTipRole:
            return item.error or item.description or item.prompt or item.name
        return None


class PresetFilter(QSortFilterProxyModel):
    """Leaves the presets that hold all words of a search, of a scope, with a tag."""

    def __init__(self, model: PresetModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._presets = model
        self._words: tuple[str, ...] = ()
        self._scope: Scope = "all"
        self._tag = ""
        self.setSourceModel(model)

    def narrow(self, text: str, scope: Scope, tag: str) -> None:
        """Search again."""
        self.beginFilterChange()
        self._words = tuple(text.casefold().split())
        self._scope, self._tag = scope, tag
        self.endFilterChange()

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:
        item = self._presets.item(row)
        if self._scope == "favourite" and not item.favourite:
            return False
        if self._scope in ("factory", "user") and item.origin != self._scope:
            return False
        if self._tag and self._tag not in item.tags:
            return False
        text = " ".join((item.name, item.description, item.prompt, *item.tags, item.chain_title))
        return all(word in text.casefold() for word in self._words)
