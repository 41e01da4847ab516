"""The engine process: takes requests from a pipe, works them off in order, answers.

Runs in a spawned child of ``jobs.Engine``. What it or a library writes goes to a log file, so that
a crash can be told; a request that fails is answered with the error, and the process lives on.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from text2fx_studio.errors import CancelledError, Text2FXError

_PROGRESS_S = 1 / 40


def run_worker(pipe: Connection, log: str) -> None:
    """Serve until the pipe closes.

    Args:
        pipe: Carries ("request" or "cancel", job, name, payload) in and (kind, job, data) out.
        log: File that takes stdout and stderr.
    """
    _settle(log)
    jobs: queue.SimpleQueue[tuple[int, str, dict[str, Any]]] = queue.SimpleQueue()
    cancelled: set[int] = set()

    def listen() -> None:
        while True:
            try:
                kind, job, name, payload = pipe.recv()
            except (EOFError, OSError):
                _leave()
            if kind == "cancel":
                cancelled.add(job)
            else:
                jobs.put((job, name, payload))

    threading.Thread(target=listen, name="requests", daemon=True).start()
    while True:
        job, name, payload = jobs.get()
        _serve(_Line(pipe, job, cancelled), name, payload)
        cancelled.discard(job)


class _Line:
    """How one job talks to the other side."""

    def __init__(self, pipe: Connection, job: int, cancelled: set[int]) -> None:
        self._pipe, self._job, self._cancelled = pipe, job, cancelled

    def cancelled(self) -> bool:
        """Whether it shall stop."""
        return self._job in self._cancelled

    def progress(self, **data: Any) -> None:
        """Tell how far it is; plain data."""
        self.send("progress", data)

    def send(self, kind: str, data: dict[str, Any]) -> None:
        try:
            self._pipe.send((kind, self._job, data))
        except (OSError, ValueError):
            _leave()


def _serve(line: _Line, name: str, payload: dict[str, Any]) -> None:
    from text2fx_studio.job_handlers import HANDLERS

    try:
        if line.cancelled():
            raise CancelledError(f"{name}: cancelled before it began")
        if name not in HANDLERS:
            raise Text2FXError(f"{name}: unknown request; allowed are {', '.join(HANDLERS)}")
        line.send("done", HANDLERS[name](line, **payload))
    except CancelledError as error:
        line.send("cancelled", {"message": str(error)})
    except MemoryError:
        line.send("failed", {"message": f"{name}: out of memory; close other programs or use a "
                             "shorter file", "error": "MemoryError"})  # fmt: skip
    except Exception as error:
        traceback.print_exc()
        known = isinstance(error, Text2FXError | OSError)
        text = str(error) if known else f"unexpected {type(error).__name__}: {error}"
        line.send("failed", {"message": text, "error": type(error).__name__})


def _settle(log: str) -> None:
    """A process group of its own, no signals of the terminal, output into the log."""
    if hasattr(os, "setpgid"):
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Path(log).open("ab", buffering=0) as stream:
        for target in (1, 2):
            os.dup2(stream.fileno(), target)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def _leave() -> None:
    """End this process and what it started: its owner is gone."""
    if hasattr(os, "killpg") and os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)
