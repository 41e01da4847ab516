"""The one way to do something short off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

T = TypeVar("T")


class _Answer(QObject):
    """Lives on the GUI thread: its slots run there."""

    done = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        owner: QObject,
        on_done: Callable[[object], None],
        on_failed: Callable[[BaseException], None] | None,
    ) -> None:
        super().__init__(owner)
        self._on_done, self._on_failed = on_done, on_failed
        self.done.connect(self._finish)
        self.failed.connect(self._fail)

    @Slot(object)
    def _finish(self, result: object) -> None:
        self.deleteLater()
        self._on_done(result)

    @Slot(object)
    def _fail(self, error: BaseException) -> None:
        self.deleteLater()
        if self._on_failed is None:
            raise error
        self._on_failed(error)


class _Work(QRunnable):
    def __init__(self, work: Callable[[], object], answer: _Answer) -> None:
        super().__init__()
        self._work, self._answer = work, answer

    def run(self) -> None:
        try:
            result = self._work()
        except BaseException as error:
            self._tell(self._answer.failed, error)
        else:
            self._tell(self._answer.done, result)

    @staticmethod
    def _tell(signal: object, value: object) -> None:
        try:
            signal.emit(value)  # type: ignore[attr-defined]
        except RuntimeError:  # the window is gone; nobody waits for the answer
            return


def run_task(
    owner: QObject,
    work: Callable[[], T],
    on_done: Callable[[T], None],
    on_failed: Callable[[BaseException], None] | None = None,
    pool: QThreadPool | None = None,
) -> None:
    """Run ``work`` in the thread pool and answer on the GUI thread.

    Args:
        owner: The answer is dropped if it is deleted before.
        work: Touches no widget.
        on_done: Called with the result.
        on_failed: Called with the error; without it the error goes to the crash dialog.
        pool: Where it runs; None for the global one.
    """
    answer = _Answer(owner, on_done, on_failed)  # type: ignore[arg-type]
    (pool or QThreadPool.globalInstance()).start(_Work(work, answer))
