"""A line of small words to click; what does not fit is left out, never squeezed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.views.buttons import text_button

_GAP = 6


class ChipRow(QWidget):
    """Words as buttons, in order, on one line. Arrow keys walk along it."""

    clicked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._chips: list[QPushButton] = []
        self._words: tuple[str, ...] = ()

    def words(self) -> tuple[str, ...]:
        """All words, shown or not."""
        return self._words

    def set_words(self, words: Sequence[str], tip: str = "") -> None:
        """Show other words."""
        if tuple(words) == self._words:
            return
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._words = tuple(words)
        self._chips = []
        for word in words:
            chip = text_button(word, "chip", tip)
            chip.setParent(self)
            chip.clicked.connect(lambda _=False, w=word: self.clicked.emit(w))
            self._chips.append(chip)
        self._place()
        self.updateGeometry()

    def set_checked(self, word: str) -> None:
        """Show one word as switched on; empty for none."""
        for chip, its in zip(self._chips, self._words, strict=True):
            chip.setCheckable(bool(word))
            chip.setChecked(its == word)

    def sizeHint(self) -> QSize:
        height = max((c.sizeHint().height() for c in self._chips), default=22)
        return QSize(200, height)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        x = 0
        full = False
        for chip in self._chips:
            size = chip.sizeHint()
            full = full or x + size.width() > self.width()
            chip.setVisible(not full)
            chip.setGeometry(x, 0, size.width(), size.height())
            x += size.width() + _GAP

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        shown = [c for c in self._chips if c.isVisible()]
        here = next((i for i, c in enumerate(shown) if c.hasFocus()), None)
        if step is None or here is None:
            super().keyPressEvent(event)
        else:
            shown[(here + step) % len(shown)].setFocus()
