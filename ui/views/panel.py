"""A titled panel: 13 px semibold title, muted facts and small buttons at the right end."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.theme.metrics import SPACE_2, SPACE_3, SPACE_4
from ui.views.elided import ElidedLabel


def label(text: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """A plain-text label in a role of the stylesheet."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        result.setProperty("role", role)
    result.setWordWrap(wrap)
    return result


def set_role(widget: QWidget, role: str, name: str = "role") -> None:
    """Change a dynamic property that the stylesheet looks at."""
    if widget.property(name) != role:
        widget.setProperty(name, role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Panel(QFrame):
    """A panel of the window.

    Args:
        title: At its top left; empty for a panel without a title line.
        kind: ``offer`` is the outlined one, for the proposal alone.

    Attributes:
        body: Layout for the content.
        header: Layout at the right of the title line.
    """

    def __init__(
        self,
        title: str = "",
        parent: QWidget | None = None,
        *,
        kind: Literal["plain", "offer"] = "plain",
    ) -> None:
        super().__init__(parent)
        self.setProperty("panel", kind)
        if title:
            self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_3, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_2)
        line = QHBoxLayout()
        line.setSpacing(SPACE_2)
        self._title = label(title, "title")
        self._facts = ElidedLabel("", "muted", least=12)
        self._facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.header = QHBoxLayout()
        self.header.setSpacing(4)
        line.addWidget(self._title)
        line.addWidget(self._facts, 1)
        line.addLayout(self.header)
        if title:
            column.addLayout(line)
        self.body = QVBoxLayout()
        self.body.setSpacing(SPACE_2)
        column.addLayout(self.body, 1)

    def set_title(self, text: str) -> None:
        """Another title."""
        self._title.setText(text)
        self.setAccessibleName(text)

    def set_facts(self, text: str, role: str = "muted") -> None:
        """The muted line at the right end; ``role`` good or problem for a state."""
        self._facts.set_text(text)
        set_role(self._facts, role)

    def facts(self) -> str:
        """What stands at the right end."""
        return self._facts.whole_text()
