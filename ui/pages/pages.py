"""Makes the pages on first use and binds them; the panels why and map stand on the sound page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ui.actions.files import FileCommands
from ui.actions.shape import ShapeCommands
from ui.pages.reasons import Reasons
from ui.shell.parts import Parts
from ui.theme import Theme
from ui.views.panel import Panel, label


class Pages(QObject):
    """The pages.

    Attributes:
        why: Panel with the reasons.
        map: Panel with the word map.
    """

    asked = Signal(str)  # a page to show
    revealed = Signal(str)  # a panel to show

    def __init__(
        self, parts: Parts, files: FileCommands, shape: ShapeCommands, theme: Theme
    ) -> None:
        super().__init__(parts.window)
        self._parts, self._files, self._shape, self._theme = parts, files, shape, theme
        self._made: dict[str, QWidget] = {}
        self.reasons = Reasons(parts, shape.explain, shape.try_word)
        self.why, self.map = self.reasons.why, self.reasons.map
        self._makers: dict[str, Callable[[], QWidget]] = {}

    def page(self, name: str) -> QWidget:
        """The page, made on the first call."""
        if name not in self._made:
            maker = self._makers.get(name, lambda: _later(name))
            self._made[name] = maker()
        return self._made[name]

    def shown(self, name: str) -> None:
        """A page came to the front."""

    def show_keys(self) -> None:
        """All shortcuts."""

    def show_about(self) -> None:
        """Name, version, license."""

    def close(self) -> None:
        """End whatever the pages run."""
        self.reasons.close()


def _later(name: str) -> QWidget:
    page = Panel(name.capitalize())
    page.body.addWidget(label("This page is not built yet.", "muted"))
    page.body.addStretch(1)
    return page
