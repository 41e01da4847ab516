"""The rack's plugins off the GUI thread: requests in order, answers as plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, Signal

from text2fx_studio.errors import CancelledError, Text2FXError
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.plugins.live import LiveRack
from text2fx_studio.plugins.parameter import PluginParameter
from ui.tasks.run_task import run_task


@dataclass(frozen=True)
class RackState:
    """The rack after a request.

    Attributes:
        plugins: What the document keeps.
        slots: See ``LiveRack.slots``.
        answer: What the request gave back: a new slot's key, or a parameter.
    """

    plugins: tuple[HostedPlugin, ...]
    slots: list[dict[str, Any]]
    answer: Any = None


class Racking(QObject):
    """Owns the live rack. Nothing here waits, except :meth:`close` for processes it has killed."""

    failed = Signal(str)
    parameter_heard = Signal(str, object)  # slot, PluginParameter: while a slider moves

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rack = LiveRack()
        self._lane = QThreadPool(self)  # one after the other, in order
        self._lane.setMaxThreadCount(1)
        self._waiting: dict[tuple[str, str], float] = {}  # previews that came meanwhile
        self._previewing = False
        self._under_way = 0
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether a request is not answered yet."""
        return self._under_way > 0

    def ask(self, change: Callable[[LiveRack], Any], on_done: Callable[[RackState], None]) -> None:
        """Change the rack.

        Args:
            change: Runs on the rack's own thread.
            on_done: Called on the GUI thread with the rack as it is then; also after a failure,
                which is told by ``failed``, and then without an answer.
        """
        if self._closed:
            return

        def work() -> tuple[RackState, str]:
            answer, problem = None, ""
            try:
                answer = change(self._rack)
            except CancelledError:
                pass  # the app is being closed
            except Text2FXError as error:
                problem = str(error)
            return RackState(self._rack.plugins, self._rack.slots(), answer), problem

        def finish(result: tuple[RackState, str]) -> None:
            self._under_way -= 1
            if self._closed:
                return
            state, problem = result
            if problem:
                self.failed.emit(problem)
            on_done(state)

        self._under_way += 1
        run_task(self, work, finish, pool=self._lane)

    def preview(self, slot: str, parameter: str, raw: float) -> None:
        """Set a parameter while its slider moves; of those that come too fast the last counts."""
        self._waiting[slot, parameter] = raw
        self._next_preview()

    def forget_previews(self) -> None:
        """What was not set yet is overtaken by what comes now."""
        self._waiting.clear()

    def edit(self, slot: str, on_done: Callable[[RackState], None]) -> None:
        """Show a plugin's own window; ``on_done`` comes when it is closed."""
        rack = self._rack

        def after(problem: str = "") -> None:
            if self._closed:
                return
            if problem:
                self.failed.emit(problem)
            self.ask(lambda _: None, on_done)

        def fail(error: BaseException) -> None:
            if not isinstance(error, Text2FXError):
                raise error
            after("" if isinstance(error, CancelledError) else str(error))

        run_task(self, lambda: rack.edit(slot), lambda _: after(), fail)

    def close(self) -> None:
        """End every plugin's process at once."""
        if self._closed:
            return
        self._closed = True
        self._waiting.clear()
        self._rack.stop()
        self._lane.clear()
        self._lane.waitForDone()
        self._rack.close()

    def _next_preview(self) -> None:
        if self._previewing or not self._waiting or self._closed:
            return
        (slot, parameter), raw = self._waiting.popitem()
        self._previewing = True

        def set_it() -> PluginParameter | None:
            try:
                return self._rack.set_raw(slot, parameter, raw)
            except Text2FXError:
                return None  # the commit that follows tells it

        def show(found: PluginParameter | None) -> None:
            self._previewing = False
            if found is not None and not self._closed:
                self.parameter_heard.emit(slot, found)
            self._next_preview()

        run_task(self, set_it, show, pool=self._lane)
