"""A local worker process: groups of files from a pipe, answers into it.

It ends when its owner does: it notices the closed pipe at once, whatever it is doing.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import signal
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from text2fx_studio.batch.task import Task

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_MALLOC = ((-3, 32 << 20), (-1, 256 << 20), (-2, 32 << 20))  # mmap threshold, trim threshold, pad


def serve(pipe: Connection, threads: int) -> None:
    """Work until the pipe closes.

    Args:
        pipe: ("group", [Task]) and ("ask", (question, data)) in; (kind, file, data) out.
        threads: That this process may use for arithmetic.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner decides what an interrupt means
    # Before torch and numpy load: with a process for each core, more threads wait for each other.
    for name in _THREAD_VARIABLES:
        os.environ[name] = str(threads)
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    _keep_memory()
    if not os.environ.get("TEXT2FX_DEBUG"):
        _hush()
    groups: queue.SimpleQueue[list[Task]] = queue.SimpleQueue()
    guard = threading.Lock()

    def tell(kind: str, file: str, data: dict[str, Any]) -> None:
        with guard, contextlib.suppress(OSError, ValueError):
            pipe.send((kind, file, data))

    def listen() -> None:
        while True:
            try:
                kind, content = pipe.recv()
            except (EOFError, OSError):
                _leave()
            if kind == "ask":
                _answer(tell, *content)
            else:
                groups.put(content)

    def come() -> Iterator[list[Task]]:
        while True:
            yield groups.get()

    threading.Thread(target=listen, name="batch-pipe", daemon=True).start()
    from text2fx_studio.batch.work import Workshop

    try:
        Workshop(tell).run(come())
    finally:
        _leave()


def _hush() -> None:
    """Libraries that write about bad files to the terminal: the reasons are told properly."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)


def _keep_memory() -> None:
    """Let the allocator keep some freed memory (glibc): a search asks for the same sizes again and
    again, and getting them from the system each time costs a tenth of it.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, value in _MALLOC:
            mallopt(parameter, value)


def _answer(tell: Any, question: str, data: dict[str, Any]) -> None:
    from text2fx_studio.batch.failures import told
    from text2fx_studio.batch.questions import QUESTIONS

    try:
        tell("answer", "", QUESTIONS[question](**data))
    except Exception as error:
        tell("failed", "", told(error))


def _leave() -> None:
    """End now: what is half written is hidden, and removed by the owner or the next run."""
    os._exit(0)
