"""The session is written a moment after every change, off the GUI thread, and once at the end."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from text2fx_studio.errors import Text2FXError
from text2fx_studio.session import Session, close_session, save_session
from ui.tasks.run_task import run_task

DELAY_MS = 1000


class Autosave(QObject):
    """Writes what ``take`` gives.

    Args:
        take: Called on the GUI thread for the session as it is now.
    """

    failed = Signal(str)

    def __init__(self, take: Callable[[], Session], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._take = take
        self._last: Session | None = None
        self._closed = False
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.now)

    def soon(self) -> None:
        """Something changed."""
        if not self._timer.isActive() and not self._closed:
            self._timer.start()

    def now(self) -> None:
        """Write, unless nothing changed since."""
        session = self._take()
        if session != self._last and not self._closed:
            self._last = session
            run_task(self, lambda: save_session(session), lambda _: None, self._could_not)

    def close(self) -> None:
        """Write for the last time, as properly ended."""
        self._closed = True
        self._timer.stop()
        try:
            close_session(self._take())
        except Text2FXError as error:
            self.failed.emit(str(error))

    def _could_not(self, error: BaseException) -> None:
        if not isinstance(error, Text2FXError):
            raise error
        self.failed.emit(f"The session could not be saved: {error}")
