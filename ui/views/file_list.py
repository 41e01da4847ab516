"""Files that were written: open their folder, or drag them out into another program."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, Qt, QUrl, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from ui.theme import icon

_PATH = Qt.ItemDataRole.UserRole


class FileList(QListWidget):
    """Paths as names; a drag carries them as files."""

    reveal_requested = Signal(str)  # path

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setDragEnabled(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.itemActivated.connect(lambda item: self.reveal_requested.emit(item.data(_PATH)))

    def add(self, path: str, text: str, *, problem: str = "") -> None:
        """Add a written file, or a problem in its place."""
        item = QListWidgetItem(text if not problem else f"{text}: {problem}")
        item.setIcon(icon("warning", "problem") if problem else icon("check", "good"))
        item.setData(_PATH, "" if problem else path)
        hint = "Drag it into another program, or double-click to see it"
        item.setToolTip(problem or f"{path}\n{hint}")
        if problem:
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        self.addItem(item)

    def paths(self) -> list[str]:
        """Paths of all files that were written."""
        found = [self.item(row).data(_PATH) for row in range(self.count())]
        return [path for path in found if path]

    def mimeData(self, items: Sequence[QListWidgetItem]) -> QMimeData:
        data = QMimeData()
        paths = [item.data(_PATH) for item in items]
        data.setUrls([QUrl.fromLocalFile(path) for path in paths if path])
        return data

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            if item.data(_PATH):
                self.reveal_requested.emit(item.data(_PATH))
        else:
            super().keyPressEvent(event)
