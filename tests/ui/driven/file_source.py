"""A small window of another program, from which a file can be dragged.

``python -m tests.ui.driven.file_source FILE X Y`` shows it until it is killed.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

SIZE = (160, 60)


class Source(QLabel):
    """Press and move to drag the file."""

    def __init__(self, file: str) -> None:
        super().__init__("file to drag")
        self._file = file
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWindowTitle("file source")

    def mouseMoveEvent(self, _event: QMouseEvent) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(self._file)])
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)


if __name__ == "__main__":
    app = QApplication([])
    source = Source(sys.argv[1])
    source.setGeometry(int(sys.argv[2]), int(sys.argv[3]), *SIZE)
    source.show()
    sys.exit(app.exec())
