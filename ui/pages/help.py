"""Small dialogs: the shortcuts, and what the app is. Not modal."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QDialog, QLabel, QTableWidget, QVBoxLayout, QWidget
from PySide6.QtWidgets import QTableWidgetItem as Item

from text2fx_studio import __version__
from ui.actions.table import shortcut_rows

_ON_CANVASES = (
    ("Equalizer", "Walk along the bands", "Tab, Page Up, Page Down"),
    ("Equalizer", "Frequency and gain; Shift is fine", "Arrow keys"),
    ("Equalizer", "On or off; values; default", "O; Enter; Delete"),
    ("Waveform", "Seek; Shift is fine", "Left, Right"),
)


class KeysDialog(QDialog):
    """All shortcuts as a table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        rows = [*shortcut_rows(), *_ON_CANVASES]
        table = QTableWidget(len(rows), 3)
        table.setAccessibleName("Shortcuts")
        table.setHorizontalHeaderLabels(["Where", "What", "Keys"])
        table.verticalHeader().hide()
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        for row, texts in enumerate(rows):
            for place, text in enumerate(texts):
                table.setItem(row, place, Item(text))
        table.resizeColumnsToContents()
        table.horizontalHeader().setStretchLastSection(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(table)
        self.resize(560, 620)


class AboutDialog(QDialog):
    """Name, version, license."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About text2fx studio")
        words = QLabel(
            f"text2fx studio {__version__}\n\nSay how a recording should sound; get the effect "
            "settings that make it so, and keep every knob.\n\nEverything runs on this machine; "
            "nothing is sent anywhere.\n\nGPL-3.0-or-later."
        )
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.addWidget(words)
        self.resize(420, 220)
