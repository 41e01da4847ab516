"""When something unforeseen happens: it is logged, one dialog tells it, and the work goes on."""

from __future__ import annotations

import contextlib
import platform
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from text2fx_studio import __version__
from text2fx_studio.user_folders import state_folder

LOG_FILE = "errors.log"
_LARGEST_LOG_BYTES = 1 << 20


def log_file() -> Path:
    """Where errors are kept."""
    return state_folder() / LOG_FILE


class CrashDialog(QDialog):
    """What happened, with the log to copy. Not modal: the work goes on behind it."""

    def __init__(self, title: str, message: str, log: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.log = QPlainTextEdit(log)
        self.log.setReadOnly(True)
        self.log.setAccessibleName("Log")
        words = QLabel(message)
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        buttons = QDialogButtonBox()
        copy = buttons.addButton("Copy the log", QDialogButtonBox.ButtonRole.ActionRole)
        close = buttons.addButton("Close", QDialogButtonBox.ButtonRole.RejectRole)
        copy.clicked.connect(self.copy)
        close.clicked.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(words)
        column.addWidget(self.log, 1)
        column.addWidget(buttons)
        self.resize(640, 400)

    def copy(self) -> None:
        """Put the log on the clipboard."""
        QApplication.clipboard().setText(self.log.toPlainText())


class CrashReporter(QObject):
    """Takes over the hooks for errors that nobody handles.

    Args:
        parent: Of the dialog.
    """

    _happened = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.dialog: CrashDialog | None = None
        self._before = sys.excepthook, threading.excepthook
        self._happened.connect(self._tell)

    def install(self) -> None:
        """From now on."""
        sys.excepthook = self._hook
        threading.excepthook = lambda found: self._hook(
            found.exc_type, found.exc_value, found.exc_traceback
        )

    def remove(self) -> None:
        """Put the hooks back."""
        sys.excepthook, threading.excepthook = self._before

    def report(self, message: str, log: str) -> None:
        """Tell something that is not an exception of this process; from any thread."""
        self._happened.emit(message, log)

    def _hook(
        self,
        kind: type[BaseException],
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.exit(130)
            return
        text = "".join(traceback.format_exception(kind, value, trace))
        self._happened.emit(
            f"Something unexpected happened ({kind.__name__}). Nothing of your work is lost; if "
            "the window behaves oddly, close it and open it again: it comes back as it was.",
            text,
        )

    def _tell(self, message: str, log: str) -> None:
        head = f"text2fx studio {__version__}, Python {platform.python_version()}, "
        head += f"{platform.platform()}, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        entry = f"{head}\n{message}\n{log}\n"
        _append(entry)
        if self.dialog is not None:  # one dialog: further errors are added to it
            self.dialog.log.appendPlainText(entry)
            return
        self.dialog = CrashDialog("Something went wrong", message, entry, self._parent)
        self.dialog.destroyed.connect(self._gone)
        self.dialog.show()

    def _gone(self) -> None:
        self.dialog = None


def _append(entry: str) -> None:
    file = log_file()
    with contextlib.suppress(OSError):  # where even that fails, the dialog still shows it
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and file.stat().st_size > _LARGEST_LOG_BYTES:
            file.replace(file.with_suffix(".old.log"))
        with file.open("a", encoding="utf-8") as stream:
            stream.write(entry)
