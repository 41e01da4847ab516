"""The word map's panel: search, map, and the same words as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QListView, QStackedWidget, QWidget

from ui.views.buttons import icon_button
from ui.views.panel import Panel
from ui.views.word_map_view import WordMapView
from ui.views.word_places import Word, WordPlaces


class WordMapPanel(Panel):
    """Words by meaning; a click, or Enter in the list, uses one.

    Attributes:
        view: The map.
        list: Its twin.
    """

    word_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Word map", parent)
        self._places = WordPlaces()
        self._search = QLineEdit()
        self._search.setAccessibleName("Search words")
        self._search.setPlaceholderText("Search words …")
        self._search.setClearButtonEnabled(True)
        self._search.setFixedWidth(150)
        self._as_list = icon_button("table", "Show the words as a list", checkable=True)
        self.header.addWidget(self._search)
        self.header.addWidget(self._as_list)
        self.view = WordMapView()
        self._words = QStringListModel(self)
        self.list = QListView()
        self.list.setAccessibleName("Words")
        self.list.setModel(self._words)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setUniformItemSizes(True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.list)
        self.body.addWidget(self._stack, 1)
        self._search.textChanged.connect(self._find)
        self._search.returnPressed.connect(self._go)
        self._as_list.toggled.connect(lambda on: self._stack.setCurrentIndex(int(on)))
        self.view.word_chosen.connect(self.word_chosen)
        self.view.word_selected.connect(self._name_near)
        self.list.activated.connect(self._from_list)
        self.list.clicked.connect(self._from_list)

    def set_words(self, words: Sequence[Word]) -> None:
        """Show words (word, x, y)."""
        self._places = WordPlaces(words)
        self.view.set_words(words)
        self._find(self._search.text())
        self.set_facts(f"{len(words)} words" if words else "")

    def set_journey(self, journey: Mapping[str, Any] | None) -> None:
        """Show the way from dry to the result: ``story.journey`` of an explanation, or none."""
        if journey is None:
            self.view.set_path([])
        else:
            self.view.set_path(journey["path"], journey["near_dry"], journey["near_wet"])

    def show_list(self, on: bool) -> None:
        """Show the list instead of the map."""
        self._as_list.setChecked(on)

    def _find(self, text: str) -> None:
        self.view.set_search(text)
        found = self._places.matching(text) if text.strip() else sorted(self._places.words)
        self._words.setStringList(list(found))
        if text.strip():
            self.set_facts(f"{len(found)} found" if found else "no such word")
        else:
            self.set_facts(f"{len(self._places)} words" if len(self._places) else "")

    def _go(self) -> None:
        found = self._places.matching(self._search.text())
        if found:
            self.view.select(found[0])
            self.view.setFocus()

    def _from_list(self, index: QModelIndex) -> None:
        word = index.data(Qt.ItemDataRole.DisplayRole)
        self.view.select(word)
        self.word_chosen.emit(word)

    def _name_near(self, word: str) -> None:
        self.set_facts(f"near {word}: {', '.join(self.view.near(word, 3))}")
