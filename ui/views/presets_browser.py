"""Presets: find, hear, use, mark, save."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from dsp.chain import Chain
from ui.theme import icon
from ui.views.buttons import icon_button, text_button
from ui.views.chips import ChipRow
from ui.views.panel import Panel, label
from ui.views.preset_model import PresetFilter, PresetItem, PresetModel, Scope
from ui.views.segmented import Choice, Segmented
from ui.views.setting_sketch import SettingSketch
from ui.views.table import DataTable

_SCOPES = (
    Choice("all", "All"), Choice("factory", "Factory", "Presets that came with the app"),
    Choice("user", "Mine", "Presets that you saved"),
    Choice("favourite", "Favourites", "Presets with a star"),
)  # fmt: skip


class _PresetTable(DataTable):
    """Enter uses, Space auditions, F marks."""

    pressed_use = Signal()
    pressed_audition = Signal()
    pressed_star = Signal()
    own_keys = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Home, Qt.Key.Key_End})

    def keyPressEvent(self, event: QKeyEvent) -> None:
        signals = {
            Qt.Key.Key_Return: self.pressed_use, Qt.Key.Key_Enter: self.pressed_use,
            Qt.Key.Key_Space: self.pressed_audition, Qt.Key.Key_F: self.pressed_star,
        }  # fmt: skip
        signal = signals.get(Qt.Key(event.key()))
        if signal is not None:
            signal.emit()
        else:
            super().keyPressEvent(event)


class PresetsBrowser(Panel):
    """A list with search, scope and tags; the chosen preset's details beside it.

    Attributes:
        table: The list.
    """

    use_requested = Signal(str)  # slug
    audition_requested = Signal(str)  # slug
    audition_stopped = Signal()
    favourite_toggled = Signal(str, bool)
    delete_requested = Signal(str)  # of one's own
    save_requested = Signal(str, tuple)  # name, tags: of the setting as it is

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Presets", parent)
        self._model = PresetModel(self)
        self._filter = PresetFilter(self._model, self)
        self._auditioned = ""
        self._tag = ""
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search names, tags and prompts …")
        self._search.setAccessibleName("Search presets")
        self._search.setClearButtonEnabled(True)
        self._scope = Segmented("Show", _SCOPES)
        self._tags = ChipRow("Tags")
        self.table = _PresetTable("Presets", whole_rows=True)
        self.table.setModel(self._filter)
        self.table.stretch(3, {0: 34, 1: 176, 2: 112})
        self._nothing = label("", "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self._search.textChanged.connect(lambda _: self._narrow())
        self._scope.chosen.connect(lambda _: self._narrow())
        self._tags.clicked.connect(self._toggle_tag)
        self.table.clicked.connect(self._clicked)
        self.table.doubleClicked.connect(lambda _: self._use_now())
        self.table.pressed_use.connect(self._use_now)
        self.table.pressed_audition.connect(self._audition_now)
        self.table.pressed_star.connect(self._star_now)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_details())
        self._show_details()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self._search, 1)
        top.addWidget(self._scope)
        self.body.addLayout(top)
        self.body.addWidget(self._tags)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.table, 3)
        middle.addWidget(self._nothing, 3)
        middle.addWidget(self._make_details(), 2)
        self.body.addLayout(middle, 1)
        self._name = QLineEdit()
        self._name.setPlaceholderText("Name for the setting as it is")
        self._name.setAccessibleName("Name of the new preset")
        self._new_tags = QLineEdit()
        self._new_tags.setPlaceholderText("Tags, with commas")
        self._new_tags.setAccessibleName("Tags of the new preset")
        self._save = text_button("Save", "", "Keep the setting as it is as a preset of your own")
        self._save.setEnabled(False)
        bottom = QHBoxLayout()
        bottom.setSpacing(8)
        bottom.addWidget(self._name, 3)
        bottom.addWidget(self._new_tags, 2)
        bottom.addWidget(self._save)
        self.body.addLayout(bottom)
        self._name.textChanged.connect(lambda text: self._save.setEnabled(bool(text.strip())))
        self._name.returnPressed.connect(self._save_now)
        self._save.clicked.connect(self._save_now)

    def _make_details(self) -> QWidget:
        details = QFrame()
        column = QVBoxLayout(details)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        self._title = label("", "title", wrap=True)
        self._facts_line = label("", "muted", wrap=True)
        self._description = label("", "", wrap=True)
        self._prompt = label("", "muted", wrap=True)
        self._star = icon_button("star", "Favourite", checkable=True, role="muted")
        self._use = text_button("Use", "primary", "Put this setting in (Enter); it can be undone")
        self._audition = text_button("Audition", "", "Hear it without putting it in (Space)")
        self._audition.setCheckable(True)
        self._delete = icon_button("trash", "Delete this preset of yours", role="muted")
        self._sketch = SettingSketch()
        for widget in (self._title, self._facts_line, self._description, self._prompt,
                       self._sketch):  # fmt: skip
            column.addWidget(widget)
        column.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._use)
        row.addWidget(self._audition)
        row.addStretch(1)
        row.addWidget(self._star)
        row.addWidget(self._delete)
        column.addLayout(row)
        self._use.clicked.connect(self._use_now)
        self._audition.clicked.connect(self._audition_now)
        self._star.clicked.connect(self._star_now)
        self._delete.clicked.connect(self._delete_now)
        return details

    def set_items(self, items: Sequence[PresetItem]) -> None:
        """Show presets; the chosen one stays chosen."""
        chosen = self.selected()
        self._model.set_items(items)
        counts = Counter(tag for item in items for tag in item.tags)
        self._tags.set_words([tag for tag, _ in counts.most_common(16)], "Show this tag only")
        self._narrow()
        if chosen is not None:
            self.select(chosen.slug)
        if self.selected() is None and self._filter.rowCount():
            self.table.setCurrentIndex(self._filter.index(0, 1))

    def selected(self) -> PresetItem | None:
        """The chosen preset, or None."""
        index = self.table.currentIndex()
        return self._model.item(self._filter.mapToSource(index).row()) if index.isValid() else None

    def select(self, slug: str) -> None:
        """Choose a preset, if it is shown."""
        row = self._model.row_of(slug)
        if row is not None:
            index = self._filter.mapFromSource(self._model.index(row, 1))
            if index.isValid():
                self.table.setCurrentIndex(index)

    def set_auditioned(self, slug: str) -> None:
        """Which preset is heard; empty for none."""
        self._auditioned = slug
        self._show_details()

    def shown_names(self) -> list[str]:
        """Names in the order in which they are listed."""
        rows = range(self._filter.rowCount())
        return [self._filter.index(r, 1).data() for r in rows]

    def _narrow(self) -> None:
        scope: Scope = self._scope.value()  # type: ignore[assignment]
        self._filter.narrow(self._search.text(), scope, self._tag)
        count, whole = self._filter.rowCount(), self._model.rowCount()
        self.set_facts(f"{count} of {whole}" if count < whole else f"{whole} presets")
        self.table.setVisible(count > 0)
        self._nothing.setVisible(count == 0)
        if scope == "favourite" and not self._search.text():
            self._nothing.setText("No favourites yet: press the star of a preset")
        elif scope == "user" and not self._search.text():
            self._nothing.setText("None of your own yet: name the setting below and save it")
        else:
            self._nothing.setText("Nothing found: try fewer words")
        self._show_details()

    def _toggle_tag(self, tag: str) -> None:
        self._tag = "" if tag == self._tag else tag
        self._tags.set_checked(self._tag)
        self._narrow()

    def _show_details(self) -> None:
        item = self.selected()
        for button in (self._use, self._audition):
            button.setEnabled(item is not None and not item.error)
        self._star.setEnabled(item is not None)
        self._star.setVisible(item is not None)
        self._delete.setVisible(item is not None and item.origin == "user")
        self._sketch.set_chain(Chain() if item is None else item.chain)
        if item is None:
            self._title.setText("Nothing chosen")
            self._facts_line.setText("Choose a preset to read about it and to hear it.")
            self._description.setText("")
            self._prompt.setText("")
            self._audition.setChecked(False)
            return
        origin = "Factory" if item.origin == "factory" else "Mine"
        tags = f" · {', '.join(item.tags)}" if item.tags else ""
        self._title.setText(item.name)
        self._facts_line.setText(f"{origin} · {item.chain_title or 'no effects'}{tags}")
        self._description.setText(item.error or item.description)
        by = f", found with {item.encoder}" if item.encoder else ""
        self._prompt.setText(f"“{item.prompt}”{by}" if item.prompt else "")
        self._star.setChecked(item.favourite)
        self._star.setIcon(icon("star-filled" if item.favourite else "star",
                                "wet" if item.favourite else "muted"))  # fmt: skip
        heard = item.slug == self._auditioned
        self._audition.setChecked(heard)
        self._audition.setText("Stop" if heard else "Audition")

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == 0:
            self._star_now()

    def _use_now(self) -> None:
        item = self.selected()
        if item is not None and not item.error:
            self.use_requested.emit(item.slug)

    def _audition_now(self) -> None:
        item = self.selected()
        if item is None or item.error:
            return
        if item.slug == self._auditioned:
            self.set_auditioned("")
            self.audition_stopped.emit()
        else:
            self.set_auditioned(item.slug)
            self.audition_requested.emit(item.slug)

    def _star_now(self) -> None:
        item = self.selected()
        row = None if item is None else self._model.row_of(item.slug)
        if item is not None and row is not None:
            self._model.set_favourite(row, not item.favourite)
            self.favourite_toggled.emit(item.slug, not item.favourite)
            self._show_details()

    def _delete_now(self) -> None:
        item = self.selected()
        if item is not None and item.origin == "user":
            self.delete_requested.emit(item.slug)

    def _save_now(self) -> None:
        name = self._name.text().strip()
        if name:
            tags = tuple(t.strip() for t in self._new_tags.text().split(",") if t.strip())
            self._name.clear()
            self._new_tags.clear()
            self.save_requested.emit(name, tags)
