"""A knob row for one declared parameter: name, slider, and a value that can be typed over."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from dsp.parameters import Parameter
from ui.views.panel import label
from ui.views.quantity import format_value, parse_value, range_text
from ui.views.slider import Slider
from ui.views.value_edit import ValueEdit


class ParameterSlider(QWidget):
    """One parameter.

    Args:
        parameter: What it is; gives range, unit, scale, default and help.
        layout: ``stacked`` has name and value above the slider, ``row`` all in one line.
        title: Instead of the parameter's own.
    """

    previewed = Signal(str, float)  # name, value: while it moves
    committed = Signal(str, float)  # name, value: once a gesture

    def __init__(
        self,
        parameter: Parameter,
        parent: QWidget | None = None,
        *,
        layout: Literal["stacked", "row"] = "stacked",
        title: str = "",
    ) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self._value = parameter.default
        bipolar = parameter.low < 0 < parameter.high and parameter.off is None
        self._name = label(title or parameter.title, "muted")
        self.slider = Slider(
            title or parameter.title, parameter.to_unit(parameter.default), from_default=bipolar
        )
        widest = max(
            (format_value(parameter, parameter.from_unit(u / 8)) for u in range(9)), key=len
        )
        self.edit = ValueEdit(
            f"{title or parameter.title}, value",
            lambda value: format_value(parameter, value),
            lambda text: parse_value(parameter, text),
            widest,
        )
        tip = range_text(parameter)
        self.setToolTip(tip)
        self.slider.setToolTip(tip + "\nShift: fine. Ctrl-click: default.")
        self.edit.set_tip(tip)
        self._name.setBuddy(self.slider)
        if layout == "stacked":
            grid = QGridLayout(self)
            grid.setContentsMargins(0, 0, 0, 0)
            grid.setHorizontalSpacing(4)
            grid.setVerticalSpacing(0)
            grid.addWidget(self._name, 0, 0)
            grid.addWidget(self.edit, 0, 1, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(self.slider, 1, 0, 1, 2)
            grid.setColumnStretch(0, 1)
        else:
            row = QHBoxLayout(self)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(8)
            self._name.setMinimumWidth(104)
            row.addWidget(self._name)
            row.addWidget(self.slider, 1)
            row.addWidget(self.edit)
        self.slider.previewed.connect(self._slide)
        self.slider.committed.connect(lambda _: self.committed.emit(parameter.name, self._value))
        self.edit.committed.connect(self._typed)
        self.edit.stepped.connect(self._step)
        self.set_value(parameter.default)

    def value(self) -> float:
        """The value in the parameter's unit, exactly as set or typed."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show a value without a signal."""
        self._value = self.parameter.clip(value)
        self.slider.set_position(self.parameter.to_unit(self._value))
        self.edit.set_value(self._value)

    def set_ghost(self, value: float | None) -> None:
        """Mark where the proposal stood."""
        self.slider.set_ghost(None if value is None else self.parameter.to_unit(value))

    def _slide(self, position: float) -> None:
        exact_default = self.parameter.to_unit(self.parameter.default)
        self._value = (
            self.parameter.default
            if position == exact_default
            else self.parameter.from_unit(position)
        )
        self.edit.set_value(self._value)
        self.previewed.emit(self.parameter.name, self._value)

    def _typed(self, value: float) -> None:
        self.set_value(value)
        self.previewed.emit(self.parameter.name, self._value)
        self.committed.emit(self.parameter.name, self._value)

    def _step(self, steps: int) -> None:
        position = self.parameter.to_unit(self._value) + steps * 0.01
        self._typed(self.parameter.from_unit(position))
