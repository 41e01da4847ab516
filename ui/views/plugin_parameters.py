"""A hosted plugin's parameters in its own units: sliders, and lists for those with few steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QScrollArea, QWidget

from ui.views.elided import ElidedLabel
from ui.views.plugin_value import PluginValue, readable
from ui.views.slider import Slider


class PluginParameters(QScrollArea):
    """One row a parameter. The plugin alone says how a value reads: the owner sends texts back."""

    previewed = Signal(str, float)  # key, raw 0..1: while it moves
    committed = Signal(str, float)  # key, raw 0..1: once a gesture
    chosen = Signal(str, str)  # key, text: from a list, or typed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Plugin parameters")
        self.sliders: dict[str, Slider] = {}
        self.lists: dict[str, QComboBox] = {}
        self.values: dict[str, PluginValue] = {}
        self._units: dict[str, str] = {}

    def set_parameters(self, parameters: Sequence[Mapping[str, Any]]) -> None:
        """Show other parameters; the same ones only get their values."""
        same = [p["key"] for p in parameters] == [*self._order]
        if not same or not parameters:
            self._build(parameters)
        for parameter in parameters:
            self.set_value(parameter["key"], parameter["raw"], parameter["text"])

    @property
    def _order(self) -> tuple[str, ...]:
        found: tuple[str, ...] = self.property("order") or ()
        return tuple(found)

    def set_value(self, key: str, raw: float, text: str) -> None:
        """Show one value as the plugin writes it."""
        if key in self.lists:
            self.lists[key].setCurrentIndex(self.lists[key].findData(text))
        elif key in self.sliders:
            self.sliders[key].set_position(raw)
            self.values[key].show_text(readable(text, self._units[key]))

    def _build(self, parameters: Sequence[Mapping[str, Any]]) -> None:
        self.sliders, self.lists, self.values, self._units = {}, {}, {}, {}
        self.setProperty("order", [p["key"] for p in parameters])
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for row, parameter in enumerate(parameters):
            self._build_row(grid, row, parameter)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 4)
        grid.setRowStretch(len(parameters), 1)
        self.setWidget(content)

    def _build_row(self, grid: QGridLayout, row: int, parameter: Mapping[str, Any]) -> None:
        key, name = parameter["key"], parameter["name"]
        title = ElidedLabel(name, "muted")
        grid.addWidget(title, row, 0)
        if parameter["choices"]:
            choice = QComboBox()
            for text in parameter["choices"]:
                choice.addItem(readable(text, str(parameter.get("unit") or "")), text)
            choice.setAccessibleName(name)
            choice.activated.connect(
                lambda index, k=key, c=choice: self.chosen.emit(k, c.itemData(index))
            )
            choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.lists[key] = choice
            grid.addWidget(choice, row, 1, 1, 2)
            return
        slider = Slider(name, parameter["default"])
        slider.setToolTip(f"{name}. Shift: fine. Ctrl-click: the plugin's default.")
        slider.previewed.connect(lambda raw, k=key: self.previewed.emit(k, raw))
        slider.committed.connect(lambda raw, k=key: self.committed.emit(k, raw))
        text = PluginValue(name)
        text.asked.connect(lambda typed, k=key: self.chosen.emit(k, typed))
        self.sliders[key], self.values[key] = slider, text
        self._units[key] = str(parameter.get("unit") or "")
        grid.addWidget(slider, row, 1)
        grid.addWidget(text, row, 2)
