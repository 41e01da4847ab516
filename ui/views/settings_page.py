"""Settings: encoder and checkpoint, device, sound output, theme, caches, plugin folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ui.views.buttons import icon_button, text_button
from ui.views.panel import Panel, label, set_role
from ui.views.segmented import Choice, Segmented

_ENCODERS = (
    ("fxsem", "fxsem: bundled, made for the language of effects"),
    ("laion", "LAION-CLAP: needs its checkpoint"),
    ("msclap", "MS-CLAP: needs its checkpoint"),
)
_DEVICES = (
    ("auto", "Automatic"), ("cpu", "CPU"), ("cuda", "GPU (CUDA)"), ("mps", "GPU (Apple)"),
)  # fmt: skip
_LOSSES = (
    ("cosine", "Cosine: as near to the words as it gets"),
    ("directional", "Directional: as the words, from where the sound is"),
)
_NAME_PX = 132
_FORM_PX = 760  # lines that are read stay short in a wide window


class SettingsPage(Panel):
    """Shows settings as plain data and says what was changed; the owner keeps and applies them.

    Field names are those of ``text2fx_studio.settings.Settings``.
    """

    changed = Signal(str, object)  # field, value
    checkpoint_wanted = Signal()  # open a chooser, then set_values
    check_requested = Signal(str)  # path of the checkpoint
    download_requested = Signal(str)  # encoder
    plugin_folder_wanted = Signal()  # open a chooser, then set_values
    clear_caches_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Settings", parent)
        self._folders: tuple[str, ...] = ()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnMinimumWidth(0, _NAME_PX)
        self._grid.setColumnStretch(1, 1)
        self._add_search_rows()
        self._add_sound_rows()
        self._add_app_rows()
        form = QWidget()
        form.setMaximumWidth(_FORM_PX)
        content = QWidget()
        across = QHBoxLayout(content)
        across.setContentsMargins(0, 0, 12, 0)
        across.addWidget(form, 100)
        across.addStretch(1)
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._grid)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the focus of what it holds
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(scroll, 1)

    # Building

    def _section(self, title: str) -> None:
        row = self._grid.rowCount()
        self._grid.setRowMinimumHeight(row, 12 if row > 1 else 4)
        self._grid.addWidget(label(title, "title"), row + 1, 0, 1, 2)

    def _row(self, name: str, widget: QWidget, hint: str = "") -> None:
        row = self._grid.rowCount()
        title = label(name, "muted")
        title.setBuddy(widget)
        widget.setAccessibleName(name)
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignVCenter if not hint else top)
        if hint:
            title.setContentsMargins(0, 7, 0, 0)
            box = QVBoxLayout()
            box.setSpacing(2)
            box.addWidget(widget)
            box.addWidget(label(hint, "muted", wrap=True))
            self._grid.addLayout(box, row, 1)
        else:
            self._grid.addWidget(widget, row, 1)

    def _choice(self, field: str, pairs: Sequence[tuple[str, str]]) -> QComboBox:
        box = QComboBox()
        for value, text in pairs:
            box.addItem(text, value)
        box.activated.connect(lambda _: self.changed.emit(field, box.currentData()))
        return box

    def _add_search_rows(self) -> None:
        self._section("Search")
        self._encoder = self._choice("encoder", _ENCODERS)
        self._row("Encoder", self._encoder)
        self._checkpoint = QLineEdit()
        self._checkpoint.setAccessibleName("Checkpoint file")
        self._checkpoint.setPlaceholderText("The one in the cache, or a file of your own")
        choose = text_button("Choose …")
        self._check = text_button("Check", "", "What the file is, and whether it is whole")
        self._get = text_button("Download", "", "Bring the published checkpoint into the cache")
        self._checkpoint_row = _side_by_side(self._checkpoint, choose, self._check, self._get)
        self._row("Checkpoint", self._checkpoint_row)
        self._status = label("", "muted", wrap=True)
        self._status.hide()
        self._grid.addWidget(self._status, self._grid.rowCount(), 1)
        self._loss = self._choice("loss", _LOSSES)
        self._row("Loss", self._loss)
        self._device = self._choice("device", _DEVICES)
        self._row("Computes on", self._device)
        self._seed = QSpinBox()
        self._seed.setRange(0, 2**31 - 1)
        self._seed.setMaximumWidth(140)
        self._row("Seed", self._seed, "The same seed gives the same setting on the same machine.")
        self._checkpoint.editingFinished.connect(self._checkpoint_typed)
        choose.clicked.connect(self.checkpoint_wanted)
        self._check.clicked.connect(lambda: self.check_requested.emit(self._checkpoint.text()))
        self._get.clicked.connect(lambda: self.download_requested.emit(self._encoder.currentData()))
        self._seed.editingFinished.connect(lambda: self.changed.emit("seed", self._seed.value()))
        self._encoder.currentIndexChanged.connect(lambda _: self._show_checkpoint())

    def _add_sound_rows(self) -> None:
        self._section("Listening")
        self._output = QComboBox()
        self._output.activated.connect(
            lambda _: self.changed.emit("output_device", self._output.currentData())
        )
        self._row("Sound output", self._output)
        self._match = QCheckBox("Play dry and wet equally loud")
        self._match.clicked.connect(lambda on: self.changed.emit("level_match", on))
        self._row("Levels", self._match, "Playback only: an export keeps its own level.")

    def _add_app_rows(self) -> None:
        self._section("App")
        self._theme = Segmented(
            "Theme",
            [Choice("system", "System"), Choice("light", "Light"), Choice("dark", "Dark")],
        )
        self._theme.chosen.connect(lambda value: self.changed.emit("theme", value))
        self._row("Theme", self._theme)
        self._cache = QSpinBox()
        self._cache.setRange(100, 100_000)
        self._cache.setSingleStep(100)
        self._cache.setSuffix(" MB")
        self._cache.setMaximumWidth(140)
        self._cache.setAccessibleName("Largest size of the caches")
        clear = text_button("Clear", "", "Caches are made again when they are needed")
        self._used = label("", "muted")
        self._row("Caches, at most", _side_by_side(self._cache, clear, self._used, stretch=2))
        self._list = QListWidget()
        self._list.setMaximumHeight(92)
        self._list.setProperty("boxed", "true")
        add = icon_button("plus", "Add a folder")
        self._drop = icon_button("minus", "Remove the chosen folder")
        buttons = QVBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(add)
        buttons.addWidget(self._drop)
        buttons.addStretch(1)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._list, 1)
        row.addLayout(buttons)
        self._row("Plugin folders", both, "Besides the system's own.")
        self._list.setAccessibleName("Plugin folders")
        self._cache.editingFinished.connect(
            lambda: self.changed.emit("cache_limit_mb", self._cache.value())
        )
        clear.clicked.connect(self.clear_caches_requested)
        add.clicked.connect(self.plugin_folder_wanted)
        self._drop.clicked.connect(self._remove_folder)
        self._list.currentRowChanged.connect(lambda row: self._drop.setEnabled(row >= 0))

    # Showing

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show settings by field name; fields that are not in it stay as they are."""
        for field, box in (
            ("encoder", self._encoder), ("device", self._device), ("loss", self._loss),
            ("output_device", self._output),
        ):  # fmt: skip
            if field in values:
                box.setCurrentIndex(max(0, box.findData(values[field])))
        if "checkpoint" in values:
            self._checkpoint.setText(values["checkpoint"])
        if "seed" in values:
            self._seed.setValue(values["seed"])
        if "level_match" in values:
            self._match.setChecked(values["level_match"])
        if "theme" in values:
            self._theme.set_value(values["theme"])
        if "cache_limit_mb" in values:
            self._cache.setValue(values["cache_limit_mb"])
        if "plugin_folders" in values:
            self._folders = tuple(values["plugin_folders"])
            self._list.clear()
            self._list.addItems(list(self._folders))
            self._drop.setEnabled(self._list.currentRow() >= 0)
        self._show_checkpoint()

    def set_outputs(self, names: Sequence[str], current: str = "") -> None:
        """Which sound devices there are; empty for the system's choice."""
        self._output.clear()
        self._output.addItem("System default", "")
        for name in names:
            self._output.addItem(name, name)
        if current and current not in names:
            self._output.addItem(f"{current} (not connected)", current)
        self._output.setCurrentIndex(max(0, self._output.findData(current)))

    def set_checkpoint_status(self, text: str, role: str = "muted") -> None:
        """What a check or a download says; ``role`` good or problem."""
        self._status.setText(text)
        self._status.setVisible(bool(text))
        set_role(self._status, role)

    def set_cache_used_mb(self, used_mb: float) -> None:
        """How much the caches hold."""
        self._used.setText(f"{used_mb:.0f} MB used")

    def _show_checkpoint(self) -> None:
        needed = self._encoder.currentData() != "fxsem"
        self._checkpoint_row.setEnabled(needed)
        self._check.setEnabled(needed)
        if not needed:
            self._checkpoint.setPlaceholderText("fxsem brings its own")
        else:
            self._checkpoint.setPlaceholderText("The one in the cache, or a file of your own")

    def _checkpoint_typed(self) -> None:
        if self._checkpoint.isModified():
            self._checkpoint.setModified(False)
            self.changed.emit("checkpoint", self._checkpoint.text().strip())

    def _remove_folder(self) -> None:
        row = self._list.currentRow()
        if 0 <= row < len(self._folders):
            left = tuple(f for i, f in enumerate(self._folders) if i != row)
            self.set_values({"plugin_folders": left})
            self.changed.emit("plugin_folders", left)


def _side_by_side(*widgets: QWidget, stretch: int = 0) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for index, widget in enumerate(widgets):
        row.addWidget(widget, 1 if index == stretch else 0)
    holder.setFocusProxy(widgets[0])
    return holder
