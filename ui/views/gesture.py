"""One gesture is one undo step: many previews, then one commit."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

SETTLE_MS = 350


class Gesture(QObject):
    """Remembers that something was previewed and not yet committed.

    A drag ends by :meth:`finish`; a burst of wheel clicks ends by itself, ``SETTLE_MS`` after the
    last one (:meth:`finish_soon`).
    """

    finished = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pending = False
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self.finish)

    @property
    def pending(self) -> bool:
        """Whether a preview waits for its commit."""
        return self._pending

    def preview(self) -> None:
        """Something changed."""
        self._pending = True

    def finish(self) -> None:
        """Commit now; nothing happens if nothing changed."""
        self._timer.stop()
        if self._pending:
            self._pending = False
            self.finished.emit()

    def finish_soon(self) -> None:
        """Commit once it has been quiet for a moment."""
        if self._pending:
            self._timer.start()

    def drop(self) -> None:
        """Forget it: the value was set from outside."""
        self._timer.stop()
        self._pending = False
