"""Long work in a process of its own: requests in, live answers out, stopped at once.

The window and other front ends must neither wait for the engine nor load torch. An
:class:`Engine` owns one spawned process that keeps the encoder warm, and hands every answer to one
function as an :class:`Event`, on a thread of its own. A process that dies is a message
(``crashed``) and is replaced by a fresh one on the next request. A process whose owner dies ends
itself: it notices the closed pipe.

What a process can do stands in ``job_handlers.HANDLERS``.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from text2fx_studio import processes
from text2fx_studio.errors import JobError
from text2fx_studio.job_worker import run_worker

EventKind = Literal["progress", "done", "failed", "cancelled", "crashed"]

GRACE_S = 0.4  # for a cancelled job to stop by itself before its process is replaced
_END_S = 2.0
_LAST_BREATH_S = 0.3
_LOG_TAIL_BYTES = 6_000


@dataclass(frozen=True)
class Event:
    """One answer.

    Attributes:
        job: Number of the request.
        kind: ``progress`` any number of times, then exactly one of the others.
        name: What was asked for (``search``, ``render`` ...).
        data: Plain data of the answer; empty for failures.
        message: Of failures: what happened and what to do.
        error: Of failures: the error's class name.
        log: Of crashes: the last lines that the process wrote.
    """

    job: int
    kind: EventKind
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    error: str = ""
    log: str = ""


class Engine:
    """One spawned process, started on the first request and replaced when it dies.

    Args:
        on_event: Called with every :class:`Event`, on the engine's reading thread; it must be
            quick and must not raise.
    """

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._lock = threading.Lock()
        self._next = 1
        self._process: _Worker | None = None
        self._closed = False
        _engines.add(self)

    @property
    def pid(self) -> int | None:
        """Of the running process; None without one."""
        worker = self._process
        return worker.pid if worker is not None and worker.alive else None

    @property
    def busy(self) -> bool:
        """Whether a request is not answered yet."""
        worker = self._process
        return worker is not None and bool(worker.waiting)

    def submit(self, name: str, **payload: Any) -> int:
        """Ask for something; requests are worked off in order.

        Args:
            name: One of ``job_handlers.HANDLERS``.
            **payload: Plain data, as the handler takes it.

        Returns:
            The job's number, which its events carry.

        Raises:
            JobError: The engine is closed, or no process can be started.
        """
        with self._lock:
            if self._closed:
                raise JobError(f"{name}: the engine is closed; no further work is taken")
            job = self._next
            self._next += 1
            for _ in range(2):
                if self._process is None or not self._process.alive:
                    self._process = _Worker(self._on_event, self._hand_over)
                if self._process.send(job, name, payload):
                    return job
                self._process.stop()  # it died between the two: once more with a fresh one
            raise JobError(f"{name}: the engine process ends as soon as it starts; see its log")

    def cancel(self, job: int) -> None:
        """Stop a job: its event is ``cancelled``. Returns at once.

        A job that does not stop by itself within ``GRACE_S`` is ended with its process; requests
        that were waiting behind it are handed to a fresh one.
        """
        worker = self._process
        if worker is not None:
            worker.cancel(job)

    def _hand_over(self, left: list[_Request]) -> None:
        """Requests of a process that is about to be killed."""
        with self._lock:
            if self._closed:
                return
            if self._process is None or not self._process.alive:
                self._process = _Worker(self._on_event, self._hand_over)
            for request in left:
                self._process.send(request.job, request.name, request.payload)

    def restart(self) -> None:
        """End the process now, whatever it does; the next request starts a fresh one."""
        with self._lock:
            worker, self._process = self._process, None
        if worker is not None:
            worker.stop()

    def close(self) -> None:
        """End the process and take no further requests; may be called twice."""
        with self._lock:
            self._closed = True
        self.restart()


@dataclass(frozen=True)
class _Request:
    job: int
    name: str
    payload: Mapping[str, Any]


class _Worker:
    """The process behind an engine, with the thread that reads its answers."""

    def __init__(
        self, on_event: Callable[[Event], None], hand_over: Callable[[list[_Request]], None]
    ) -> None:
        self._on_event, self._hand_over = on_event, hand_over
        self.waiting: dict[int, _Request] = {}
        self._cancelled: set[int] = set()
        self._guard = threading.Lock()
        self._stopping = False
        handle, name = tempfile.mkstemp(prefix="text2fx-engine-", suffix=".log")
        os.close(handle)
        self._log = Path(name)
        context = processes.fresh()
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=run_worker, args=(theirs, name), name="text2fx-engine", daemon=False
        )
        try:
            self._process.start()
        except OSError as error:
            self._log.unlink(missing_ok=True)
            raise JobError(f"engine: no process can be started: {error}") from error
        finally:
            theirs.close()
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, name="text2fx-engine-reader")
        self._reader.daemon = True
        self._reader.start()

    @property
    def alive(self) -> bool:
        return not self._stopping  # the reading thread sees the pipe close when it dies

    def send(self, job: int, name: str, payload: Mapping[str, Any]) -> bool:
        with self._guard:
            self.waiting[job] = _Request(job, name, payload)
            try:
                self._pipe.send(("request", job, name, dict(payload)))
            except (OSError, ValueError):
                del self.waiting[job]
                return False
        return True

    def cancel(self, job: int) -> None:
        with self._guard:
            if job not in self.waiting:
                return
            self._cancelled.add(job)
            with contextlib.suppress(OSError, ValueError):
                self._pipe.send(("cancel", job, "", {}))
        timer = threading.Timer(GRACE_S, self._insist, (job,))
        timer.daemon = True
        timer.start()

    def _insist(self, job: int) -> None:
        with self._guard:
            if job not in self.waiting or self._stopping:
                return
            self._stopping = True  # no further requests
            left = [r for r in self.waiting.values() if r.job not in self._cancelled]
            for request in left:
                del self.waiting[request.job]
        self._kill()
        if left:
            self._hand_over(left)

    def stop(self) -> None:
        with self._guard:
            self._stopping = True
            self._cancelled.update(self.waiting)
        self._kill()
        if threading.current_thread() is not self._reader:
            self._reader.join(_END_S)

    def _kill(self) -> None:
        """The process and whatever it started; they share a process group where there are any."""
        if self.pid is not None and hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                if os.getpgid(self.pid) == self.pid:
                    os.killpg(self.pid, signal.SIGKILL)
        with contextlib.suppress(ValueError):  # it is buried already
            self._process.kill()

    def _end(self) -> None:
        """Reap it, and what it had started with it."""
        # Its own exit status tells what killed it, so it gets a moment to end by itself; while it
        # is not reaped its number, which is also its group's, cannot be given to another process.
        deadline = time.monotonic() + _LAST_BREATH_S
        while not self._has_ended() and time.monotonic() < deadline:
            time.sleep(0.01)
        self._kill()
        self._process.join(_END_S)

    def _has_ended(self) -> bool:
        if self.pid is None or not hasattr(os, "waitid"):
            return self._process.exitcode is not None
        try:
            options = os.WEXITED | os.WNOWAIT | os.WNOHANG
            return os.waitid(os.P_PID, self.pid, options) is not None
        except ChildProcessError:
            return True

    def _read(self) -> None:
        while True:
            try:
                kind, job, data = self._pipe.recv()
            except (EOFError, OSError):
                break
            self._answer(kind, job, data)
        self._bury()

    def _answer(self, kind: EventKind, job: int, data: dict[str, Any]) -> None:
        with self._guard:
            request = self.waiting.get(job)
            cancelled = job in self._cancelled
            if request is None:
                return
            name = request.name
            if kind != "progress":
                del self.waiting[job]
                self._cancelled.discard(job)
        if cancelled:
            if kind != "progress":
                self._on_event(Event(job, "cancelled", name))
        elif kind == "failed":
            self._on_event(Event(job, kind, name, message=data["message"], error=data["error"]))
        else:
            self._on_event(Event(job, kind, name, data))

    def _bury(self) -> None:
        """The process is gone: whatever waited gets its last event."""
        with self._guard:
            self._stopping = True
            left, self.waiting = self.waiting, {}
            cancelled = set(self._cancelled)
        self._end()
        log = _tail(self._log)
        code = self._process.exitcode
        for job, request in left.items():
            name = request.name
            if job in cancelled:
                self._on_event(Event(job, "cancelled", name))
                continue
            message = f"{name}: the engine stopped unexpectedly ({_say(code)}); nothing is lost, "
            message += "it starts again with the next request"
            self._on_event(Event(job, "crashed", name, message=message, error="Crash", log=log))
        self._pipe.close()
        self._process.close()
        self._log.unlink(missing_ok=True)


def _say(code: int | None) -> str:
    if code is None:
        return "no exit status"
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(stream.tell() - _LOG_TAIL_BYTES, 0))
            return stream.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""


_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for engine in list(_engines):
        engine.close()
