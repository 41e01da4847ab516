"""Where the words are typed: completion of the last phrase, history with Up and Down."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QWidget

from ui.theme.metrics import font

LONGEST = 200
KEPT = 50


def last_phrase(text: str) -> tuple[str, str]:
    """Split a prompt into what stays and the phrase that is being written.

    ``warm and br`` gives ``("warm and ", "br")``.
    """
    words = re.split(r"((?:[,;]|\band\b|\bbut\b)\s*)", text)
    return "".join(words[:-1]), words[-1]


class PromptField(QLineEdit):
    """One line of words. Enter asks, Up and Down walk the history."""

    submitted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "prompt")
        self.setFont(font("prompt"))
        self.setAccessibleName("How should it sound?")
        self.setPlaceholderText("How should it sound?")
        self.setMaxLength(LONGEST)
        self._history: list[str] = []  # the latest last, in the direction of Up and Down
        self._at: int | None = None
        self._draft = ""
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchStartsWith)
        self._completer.setMaxVisibleItems(8)
        self._completer.setWidget(self)
        self._popup = QListView()
        self._completer.setPopup(self._popup)  # the completer owns it from here on
        self._completer.activated.connect(self._complete)
        self.textEdited.connect(self._offer)

    def set_vocabulary(self, words: Sequence[str]) -> None:
        """Words and phrases to complete with."""
        self._words.setStringList(sorted(set(words), key=str.casefold))

    def set_history(self, prompts: Sequence[str]) -> None:
        """Earlier prompts, the latest first, as the settings keep them."""
        self._history = list(prompts)[:KEPT][::-1]
        self._at = None

    def history(self) -> tuple[str, ...]:
        """Earlier prompts, the latest first."""
        return tuple(reversed(self._history))

    def prompt(self) -> str:
        """The words, trimmed."""
        return self.text().strip()

    def set_prompt(self, text: str) -> None:
        """Put words in, as if typed, without asking."""
        self.setText(text)
        self._at = None

    def submit(self) -> None:
        """Ask with the words as they stand; nothing happens if there are none."""
        words = self.prompt()
        if not words:
            return
        if words in self._history:
            self._history.remove(words)
        self._history = [*self._history, words][-KEPT:]
        self._at = None
        self._popup.hide()
        self.submitted.emit(words)

    def completions(self) -> tuple[str, ...]:
        """What the list offers now, empty while it is closed."""
        if not self._popup.isVisible():
            return ()
        model = self._completer.completionModel()
        return tuple(model.index(r, 0).data() for r in range(model.rowCount()))

    def _offer(self, text: str) -> None:
        self._at = None
        _, phrase = last_phrase(text[: self.cursorPosition()])
        popup = self._popup
        if len(phrase.strip()) < 2 or self.cursorPosition() != len(text):
            popup.hide()
            return
        self._completer.setCompletionPrefix(phrase.lstrip())
        found = self._completer.completionModel()
        same = found.rowCount() == 1 and found.index(0, 0).data() == phrase.strip()
        if not found.rowCount() or same:
            popup.hide()
        else:
            self._completer.complete()

    def _complete(self, word: str) -> None:
        kept, _ = last_phrase(self.text())
        if kept and not kept.endswith(" "):
            kept += " "
        self.setText(kept + word)

    def _take_offered(self, *, chosen_only: bool) -> bool:
        """Complete with the chosen word of the open list, or its first; False if there is none."""
        index = self._popup.currentIndex()
        if not self._popup.isVisible() or (chosen_only and not index.isValid()):
            return False
        first = self._completer.completionModel().index(0, 0)
        self._complete((index if index.isValid() else first).data())
        self._popup.hide()
        return True

    def focusNextPrevChild(self, forward: bool) -> bool:
        # Tab takes what is offered; it walks on when nothing is.
        if forward and self._take_offered(chosen_only=False):
            return True
        return bool(super().focusNextPrevChild(forward))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self._take_offered(chosen_only=True):
                self.submit()
        elif key == Qt.Key.Key_Up:
            self._walk(-1)
        elif key == Qt.Key.Key_Down:
            self._walk(1)
        else:
            super().keyPressEvent(event)

    def _walk(self, step: int) -> None:
        if not self._history:
            return
        if self._at is None:
            if step > 0:
                return
            self._draft = self.text()
            self._at = len(self._history)
        self._at = min(max(self._at + step, 0), len(self._history))
        ended = self._at == len(self._history)
        self.setText(self._draft if ended else self._history[self._at])
        if ended:
            self._at = None
