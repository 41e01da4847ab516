"""Buttons in the kinds of the stylesheet, each with its accessible name and tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QButtonGroup, QPushButton, QToolButton

from ui.theme import icon


def text_button(text: str, kind: str = "", tip: str = "") -> QPushButton:
    """A button with words; ``kind`` as in :mod:`ui.theme.stylesheet`."""
    button = QPushButton(text)
    if kind:
        button.setProperty("kind", kind)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def icon_button(
    name: str, title: str, *, checkable: bool = False, size_px: int = 18, role: str = "text",
    checked_role: str = "wet", shortcut: str = "",
) -> QToolButton:  # fmt: skip
    """A button with an icon only: its title is its tooltip and its accessible name."""
    button = QToolButton()
    button.setProperty("kind", "tool")
    button.setIcon(icon(name, role, checked_role if checkable else None))
    button.setIconSize(QSize(size_px, size_px))
    button.setCheckable(checkable)
    button.setAccessibleName(title)
    button.setToolTip(f"{title} ({shortcut})" if shortcut else title)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def let_tab_find_the_choice(group: QButtonGroup) -> None:
    """Tab reaches the button of an exclusive group that is on; arrow keys go on from there."""

    def follow() -> None:
        for button in group.buttons():
            on = button.isChecked()
            policy = Qt.FocusPolicy.StrongFocus if on else Qt.FocusPolicy.ClickFocus
            button.setFocusPolicy(policy)

    group.buttonToggled.connect(lambda *_: follow())
