"""The engine process as Qt sees it: requests out, answers as calls on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from text2fx_studio.errors import JobError
from text2fx_studio.jobs import Engine, Event

OnEvent = Callable[[Event], None]


class EngineClient(QObject):
    """One engine process; each request names who takes its answers.

    Attributes:
        crashed: Emitted once for each process that died, with the event of its first job.
    """

    crashed = Signal(object)  # Event
    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._takers: dict[int, OnEvent] = {}
        # The engine's reading thread emits; Qt carries it over to this object's thread.
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._engine = Engine(self._receive)
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Of the process; None without one."""
        return self._engine.pid

    def submit(self, name: str, on_event: OnEvent, **payload: Any) -> int:
        """Ask for something.

        Args:
            name: One of ``text2fx_studio.job_handlers.HANDLERS``.
            on_event: Called with every event of the job, on the GUI thread.
            **payload: Plain data.

        Returns:
            The job's number; 0 if the engine takes no work, which ``on_event`` is told.
        """
        try:
            job = self._engine.submit(name, **payload)
        except JobError as error:
            on_event(Event(0, "failed", name, message=str(error), error="JobError"))
            return 0
        self._takers[job] = on_event
        return job

    def cancel(self, job: int) -> None:
        """Stop a job; its last event is ``cancelled``."""
        if job in self._takers:
            self._engine.cancel(job)

    def drop(self, job: int) -> None:
        """Stop a job and hear no more of it."""
        if self._takers.pop(job, None) is not None:
            self._engine.cancel(job)

    def close(self) -> None:
        """End the process; no further events come."""
        self._closed = True
        self._takers.clear()
        self._engine.close()

    def _receive(self, event: Event) -> None:
        if self._closed:
            return
        try:
            self._arrived.emit(event)
        except RuntimeError:  # the window is gone
            return

    def _deliver(self, event: Event) -> None:
        if self._closed:
            return
        if event.kind == "progress":
            taker = self._takers.get(event.job)
        else:
            taker = self._takers.pop(event.job, None)
        if event.kind == "crashed":
            self.crashed.emit(event)
        if taker is not None:
            taker(event)
