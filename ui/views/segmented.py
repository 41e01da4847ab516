"""A row of choices of which exactly one is on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from ui.views.buttons import let_tab_find_the_choice, text_button


class Choice(NamedTuple):
    """One of the choices: its value, what stands on it, a tooltip, and wet, dry or no tone."""

    value: str
    text: str
    tip: str = ""
    tone: str = ""


class Segmented(QFrame):
    """Exclusive buttons in one frame; arrow keys move the choice.

    Args:
        name: Accessible name.
        choices: In order; the first is on.
    """

    chosen = Signal(str)  # by the user

    def __init__(self, name: str, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("segments", "true")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        for choice in choices:
            button = text_button(choice.text, "segment", choice.tip)
            button.setCheckable(True)
            button.setAccessibleName(f"{name}: {choice.text}")
            if choice.tone:
                button.setProperty("tone", choice.tone)
            self._group.addButton(button)
            self._buttons[choice.value] = button
            row.addWidget(button)
            button.clicked.connect(lambda _=False, value=choice.value: self.chosen.emit(value))
        let_tab_find_the_choice(self._group)
        next(iter(self._buttons.values())).setChecked(True)

    def value(self) -> str:
        """The value that is on."""
        return next(value for value, button in self._buttons.items() if button.isChecked())

    def set_value(self, value: str) -> None:
        """Switch without a signal; an unknown value changes nothing."""
        if value in self._buttons:
            self._buttons[value].setChecked(True)

    def button(self, value: str) -> QPushButton:
        """The button of a value."""
        return self._buttons[value]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        values = [v for v, button in self._buttons.items() if button.isEnabled()]
        if not values:
            return
        here = values.index(self.value()) if self.value() in values else 0
        value = values[(here + step) % len(values)]
        self._buttons[value].setFocus()
        self._buttons[value].click()
