"""A value beside its knob that can be typed over."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.theme.metrics import font
from ui.views.panel import set_role


class ValueEdit(QLineEdit):
    """Shows a number as text; typing and Enter (or leaving) changes it, Escape brings it back.

    A text that cannot be read stays, framed as a problem, with the reason as its tooltip; on
    leaving, the old value comes back.

    Args:
        name: Accessible name.
        show: Number to text.
        read: Text to number; raises ValueError with the reason.
        widest: The longest text that it will show, which fixes its width.
    """

    committed = Signal(float)
    stepped = Signal(int)  # Up and Down: +1, -1; with Page keys +10, -10

    def __init__(
        self,
        name: str,
        show: Callable[[float], str],
        read: Callable[[str], float],
        widest: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._show, self._read = show, read
        self._value = 0.0
        self._tip = ""
        self.setAccessibleName(name)
        self.setProperty("kind", "value")
        self.setFont(font("value"))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(QFontMetrics(self.font()).horizontalAdvance(widest) + 18)
        self.textEdited.connect(lambda _: self._mark(""))

    def value(self) -> float:
        """The number that is shown."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show a number; a text that is being typed is left alone."""
        self._value = value
        if not (self.hasFocus() and self.isModified()):
            text = self._show(value)
            if text != self.text():
                self.setText(text)

    def set_tip(self, tip: str) -> None:
        """The tooltip while nothing is wrong."""
        self._tip = tip
        self.setToolTip(tip)

    def _commit(self) -> None:
        if not self.isModified():
            return
        try:
            value = self._read(self.text())
        except ValueError as error:
            self._mark(str(error))
            return
        self._value = value
        self.setText(self._show(value))
        self._mark("")
        self.committed.emit(value)

    def _mark(self, problem: str) -> None:
        set_role(self, "true" if problem else "false", "bad")
        self.setToolTip(problem or self._tip)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self.isModified():
            self._restore()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._commit()  # and no further: Enter means other things to what lies around
            event.accept()
        elif key in steps:
            self._commit()
            self.stepped.emit(steps[key])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._commit()
        self._restore()
        super().focusOutEvent(event)

    def _restore(self) -> None:
        self.setText(self._show(self._value))
        self.setModified(False)
        self._mark("")
        self.selectAll()
