"""A hosted plugin's value as the plugin writes it, made readable, and typed over."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.theme.metrics import font

_LONG_NUMBER = re.compile(r"[-+]?\d+\.\d{2,}")
_WIDTH_PX = 100


def readable(text: str, unit: str = "") -> str:
    """A plugin's text without meaningless digits, with its unit: ``25.000000`` is ``25 ms``."""
    text = text.strip()
    if _LONG_NUMBER.fullmatch(text):
        number = float(text)
        size = abs(number)
        digits = 3 if size < 1 else 2 if size < 100 else 1 if size < 1000 else 0
        text = f"{number:.{digits}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        if text in ("-0", "+0"):
            text = "0"
    unit = unit.strip()  # some name a blank
    if unit and not text.endswith(unit):
        text = f"{text} {unit}"
    return re.sub(r"^-(?=\d)", "−", text)


class PluginValue(QLineEdit):
    """Typing and Enter (or leaving) asks for a value; Escape brings the present one back."""

    asked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.setAccessibleName(f"{name}, value")
        self.setToolTip(f"{name}: type a value, Enter sets it")
        self.setProperty("kind", "value")
        self.setFont(font("value"))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(_WIDTH_PX)

    def show_text(self, text: str) -> None:
        """Show what the plugin writes; a text that is being typed is left alone."""
        self._shown = text
        if not self.isModified():
            self.setText(text)
            self.setCursorPosition(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setText(self._shown)
            self.selectAll()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask()
            event.accept()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._ask()
        super().focusOutEvent(event)

    def _ask(self) -> None:
        if not self.isModified():
            return
        text = self.text().strip().replace("−", "-")
        self.setText(self._shown)  # until the plugin says how it reads
        if text:
            self.asked.emit(text)
