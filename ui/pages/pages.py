"""Makes the pages on first use and binds them; the panels why and map stand on the sound page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.actions.files import FileCommands
from ui.actions.shape import ShapeCommands
from ui.pages.batch import Batch
from ui.pages.export import ExportPage
from ui.pages.help import AboutDialog, KeysDialog
from ui.pages.presets import PresetsPage
from ui.pages.rack import RackPage
from ui.pages.reasons import Reasons
from ui.pages.settings import SettingsPage
from ui.shell.parts import Parts
from ui.theme import Theme
from ui.theme.metrics import SPACE_2, SPACE_3


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
        self._frames: dict[str, QWidget] = {}
        self.reasons = Reasons(parts, shape.explain, shape.try_word)
        self.why, self.map = self.reasons.why, self.reasons.map
        self._presets: PresetsPage | None = None
        self._export: ExportPage | None = None
        self._settings: SettingsPage | None = None
        self._rack: RackPage | None = None
        self.batch = Batch(parts)
        self._makers: dict[str, Callable[[], QWidget]] = {
            "presets": self._make_presets,
            "export": self._make_export,
            "batch": lambda: self.batch.view,
            "rack": self._make_rack,
            "settings": self._make_settings,
        }
        files.folders_dropped.connect(self._take_folders)

    def page(self, name: str) -> QWidget:
        """The page, made on the first call."""
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def framed(self, name: str) -> QWidget:
        """The page with the window's margins around it."""
        if name not in self._frames:
            frame = QWidget()
            column = QVBoxLayout(frame)
            column.setContentsMargins(SPACE_3, 0, SPACE_3, SPACE_2)
            column.addWidget(self.page(name))
            self._frames[name] = frame
        return self._frames[name]

    def shown(self, name: str) -> None:
        """A page came to the front."""
        if self._presets is not None:
            if name == "presets":
                self._presets.refresh()
            else:
                self._presets.stop_audition()
        if name == "export" and self._export is not None:
            self._export.refresh()
        if name == "settings" and self._settings is not None:
            self._settings.refresh()
        if self._rack is not None:
            self._rack.shown(name == "rack")

    def show_keys(self) -> None:
        """All shortcuts."""
        KeysDialog(self._parts.window).show()

    def show_about(self) -> None:
        """Name, version, license."""
        AboutDialog(self._parts.window).show()

    @property
    def rack(self) -> RackPage:
        """The rack page's owner; made on the first call."""
        self.page("rack")
        if self._rack is None:
            raise RuntimeError("the rack page was not made")
        return self._rack

    def close(self) -> None:
        """End whatever the pages run."""
        self.reasons.close()
        self.batch.close()
        if self._settings is not None:
            self._settings.close()
        if self._rack is not None:
            self._rack.close()

    def _make_presets(self) -> QWidget:
        self._presets = PresetsPage(self._parts, self._files)
        return self._presets.view

    def _make_export(self) -> QWidget:
        self._export = ExportPage(self._parts, self._files)
        return self._export.view

    def _make_rack(self) -> QWidget:
        self._rack = RackPage(self._parts)
        return self._rack.view

    def _make_settings(self) -> QWidget:
        self._settings = SettingsPage(self._parts)
        return self._settings.view

    def _take_folders(self, paths: list[Path]) -> None:
        self.asked.emit("batch")
        self.batch.add(paths)
