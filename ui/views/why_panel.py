"""Why: concepts before and after, what did it, axes, and how sure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from ui.views.axis_lines import AxisLines
from ui.views.buttons import icon_button, text_button
from ui.views.concept_bars import ConceptBars
from ui.views.panel import Panel, label
from ui.views.share_bars import ShareBars
from ui.views.why_rows import agreement, concept_changes, shares, sureness
from ui.views.why_table import WhyTable

_NOTHING = "After a search, this says why: what the sound was and became, and what did it."


class WhyPanel(Panel):
    """Shows ``Explanation.to_data()``; plain data only.

    Attributes:
        table: All figures.
    """

    explain_requested = Signal()  # by the button, where there is a setting not yet explained

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Why", parent)
        self._as_table = icon_button("table", "Show the figures as a table", checkable=True)
        self.header.addWidget(self._as_table)
        self._concepts, self._shares, self._axes = ConceptBars(), ShareBars(), AxisLines()
        self._shares_title = label("What did it", "section")
        self._axes_title = label("Along the axes", "section")
        self._verdict = label("", "muted", wrap=True)
        self._agreement = label("", "muted", wrap=True)
        self._nothing = label(_NOTHING, "muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._ask = text_button("Explain this setting", "", "Takes a second or two")
        self._ask.hide()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(4)
        column.addWidget(label("Concepts, before → after", "section"))
        column.addWidget(self._concepts)
        column.addSpacing(8)
        column.addWidget(self._shares_title)
        column.addWidget(self._shares)
        column.addSpacing(8)
        column.addWidget(self._axes_title)
        column.addWidget(self._axes)
        column.addSpacing(8)
        column.addWidget(self._verdict)
        column.addWidget(self._agreement)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName("Why, as bars")
        self.table = WhyTable()
        empty = QWidget()
        middle = QVBoxLayout(empty)
        middle.addStretch(1)
        middle.addWidget(self._nothing)
        middle.addWidget(self._ask, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(1)
        self._stack = QStackedWidget()
        for page in (empty, scroll, self.table):
            self._stack.addWidget(page)
        self.body.addWidget(self._stack, 1)
        self._shown = False
        self._as_table.toggled.connect(lambda _: self._turn())
        self._ask.clicked.connect(self.explain_requested)
        self.set_explanation(None)

    def set_explanation(self, explanation: Mapping[str, Any] | None) -> None:
        """Show an explanation; None for nothing to explain."""
        self._shown = explanation is not None
        self.table.set_explanation(explanation)
        self._ask.hide()
        self._nothing.setText(_NOTHING)
        if explanation is None:
            self.set_facts("")
        else:
            changes, brought = concept_changes(explanation), shares(explanation)
            axes = explanation["story"]["axes"][:3]
            found = explanation["attribution"]
            self._concepts.set_changes(changes)
            self._shares.set_shares(brought)
            self._axes.set_axes(axes)
            self._shares.setVisible(bool(brought))
            self._shares_title.setVisible(bool(brought))
            self._axes.setVisible(bool(axes))
            self._axes_title.setVisible(bool(axes))
            score = f"score {found['score_dry']:.2f} → {found['score_wet']:.2f}"
            self._shares_title.setText(f"What did it: share of the change, {score}")
            self._verdict.setText(explanation["confidence"]["verdict"])
            self._agreement.setText(agreement(explanation))
            self._agreement.setVisible(bool(self._agreement.text()))
            self.set_facts(*sureness(explanation))
        self._turn()

    def set_working(self, text: str = "Asking why …") -> None:
        """While the explanation is being computed."""
        self.set_explanation(None)
        self._nothing.setText(text)

    def set_askable(self) -> None:
        """There is a setting that has not been explained; offer to."""
        self.set_explanation(None)
        self._ask.show()

    def show_table(self, on: bool) -> None:
        """Show the table instead of the bars."""
        self._as_table.setChecked(on)

    def _turn(self) -> None:
        self._as_table.setEnabled(self._shown)
        page = 0 if not self._shown else 2 if self._as_table.isChecked() else 1
        self._stack.setCurrentIndex(page)
