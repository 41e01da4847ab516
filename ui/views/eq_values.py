"""A small box at a node in which a band's values are typed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from ui.views.eq_bands import Band, frequency_parameter, gain_parameter, q_parameter
from ui.views.panel import label
from ui.views.quantity import format_value, parse_value, range_text
from ui.views.value_edit import ValueEdit


class BandValues(QFrame):
    """Frequency, gain and Q of one band as text; Enter takes a value, Escape closes."""

    changed = Signal(str, float)  # frequency_hz, gain_db or q; value
    closed = Signal()

    def __init__(self, band: Band, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("panel", "plain")
        self.setProperty("edge", "true")
        self.setAccessibleName(f"{band.title}, values")
        grid = QGridLayout(self)
        grid.setContentsMargins(10, 8, 6, 8)
        grid.setVerticalSpacing(2)
        grid.addWidget(label(band.title, "title"), 0, 0, 1, 2)
        self.edits: dict[str, ValueEdit] = {}
        rows = [("frequency_hz", "Frequency", frequency_parameter(band.name), band.frequency_hz)]
        if band.gain_db is not None and band.q is not None:
            rows.append(("gain_db", "Gain", gain_parameter(band.name), band.gain_db))
            rows.append(("q", "Q", q_parameter(band.name), band.q))
        for row, (kind, title, parameter, value) in enumerate(rows, start=1):
            edit = ValueEdit(
                f"{band.title} {title.lower()}",
                partial(format_value, parameter),
                partial(parse_value, parameter),
                "−88.88 kHz",
            )
            edit.set_tip(range_text(parameter))
            edit.set_value(value)
            edit.committed.connect(lambda v, k=kind: self.changed.emit(k, v))
            grid.addWidget(label(title, "muted"), row, 0)
            grid.addWidget(edit, row, 1)
            self.edits[kind] = edit
        self.adjustSize()

    def open_at(self, anchor: QPointF) -> None:
        """Show it beside a point of its parent, inside the parent, with the first value chosen."""
        box = QRect(0, 0, self.width(), self.height())
        box.moveTopLeft((anchor + QPointF(18, -self.height() / 2)).toPoint())
        parent = self.parentWidget()
        room = (self.rect() if parent is None else parent.rect()).adjusted(4, 4, -4, -4)
        if box.right() > room.right():
            box.moveRight(round(anchor.x() - 18))
        box.moveTop(max(room.top(), min(box.top(), room.bottom() - box.height())))
        box.moveLeft(max(room.left(), box.left()))
        self.move(box.topLeft())
        self.show()
        self.raise_()
        first = next(iter(self.edits.values()))
        first.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        event.accept()  # the curve behind has its own use for keys
