"""Workers of a Dask cluster, by the address of its scheduler.

The same groups of files and the same work as on this machine. Dask gives the files of a lost worker
to others; a file that ends its workers again and again is given up with that reason. Every worker
must see the recordings and the folder for the results under the same paths, and is best started
with one thread (``dask worker ADDRESS --nworkers N --nthreads 1``).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from typing import Any

from text2fx_studio.batch.executor import Answer
from text2fx_studio.batch.failures import FILE
from text2fx_studio.batch.task import Task
from text2fx_studio.errors import JobError, UsageError

AHEAD = 2  # groups for each worker
_CONNECT_S = 5.0
_NO_WORKERS_S = 60.0
_one_at_a_time = threading.Lock()


def work_group(group: Sequence[Task]) -> list[tuple[str, str, dict[str, Any]]]:
    """What a Dask worker does: a group of files, and what became of each."""
    from text2fx_studio.batch.work import Workshop

    told: list[tuple[str, str, dict[str, Any]]] = []
    with _one_at_a_time:  # a worker with several threads still has one encoder
        Workshop(lambda kind, file, data: told.append((kind, file, data))).run([group])
    return [item for item in told if item[0] != "running"]


def answer_question(question: str, data: dict[str, Any]) -> dict[str, Any]:
    """See ``questions``."""
    from text2fx_studio.batch.questions import QUESTIONS

    with _one_at_a_time:
        return QUESTIONS[question](**data)


class Cluster:
    """An ``executor.Executor`` of Dask workers.

    Args:
        address: Of the scheduler, ``tcp://host:port``.

    Raises:
        UsageError: Dask is not installed, or nobody answers at the address.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client, as_completed
        except ImportError as error:
            raise UsageError(
                "--scheduler: needs Dask; install it with: pip install 'text2fx-studio[dask]'"
            ) from error
        try:
            self._client = Client(address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise UsageError(
                f"--scheduler: no Dask scheduler answers at {address!r}; start one with "
                "'dask scheduler' and name its address, tcp://host:port"
            ) from error
        self._completed = as_completed(loop=self._client.loop)
        self._groups: dict[str, tuple[Any, list[Task]]] = {}
        self._ready: list[Answer] = []
        self._alone_since_s: float | None = None
        self._closed = False

    @property
    def workers(self) -> int:
        """How many there are now, at least one."""
        return max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))

    @property
    def free(self) -> int:
        """How many more groups they would take now."""
        return max(0, AHEAD * self.workers - len(self._groups))

    def submit(self, group: Sequence[Task]) -> None:
        """Hand over a group of files."""
        future = self._client.submit(work_group, list(group), pure=False, retries=1)
        self._groups[future.key] = (future, list(group))
        self._completed.add(future)
        self._ready += [Answer("running", task.file) for task in group]

    def answers(self, timeout_s: float) -> list[Answer]:
        """What was told since."""
        if not self._ready and self._groups:
            self._wait(timeout_s)
        found, self._ready = self._ready, []
        return found

    def ask(self, question: str, **data: Any) -> dict[str, Any]:
        """Have one worker answer a question."""
        found: dict[str, Any] = self._client.submit(
            answer_question, question, data, pure=False
        ).result()
        return found

    def close(self) -> None:
        """Cancel what has not begun, and leave the cluster."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(Exception):
            self._client.cancel([future for future, _ in self._groups.values()], force=True)
        self._client.close()

    def _wait(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and not self._ready:
            if self._completed.is_empty():
                break
            batch = self._completed.next_batch(block=False)
            for future in batch:
                self._take(future)
            if not batch:
                self._look_after_workers()
                time.sleep(0.02)

    def _take(self, future: Any) -> None:
        group = self._groups.pop(future.key, None)
        if group is None:
            return
        tasks = group[1]
        if future.status == "finished":
            self._ready += [Answer(kind, file, data) for kind, file, data in future.result()]
            return
        error = future.exception() if future.status == "error" else None
        if len(tasks) > 1:  # which of them it was shows when each goes alone
            self._ready.append(Answer("note", data={"message": f"a group was lost: {error}"}))
            for task in tasks:
                self.submit([task])
            return
        reason = f"{tasks[0].file}: ended its workers: {error or future.status}"
        data = {"reason": reason, "error": "JobError", "cause": FILE}
        self._ready.append(Answer("failed", tasks[0].file, data))

    def _look_after_workers(self) -> None:
        if self._client.scheduler_info(n_workers=-1)["workers"]:
            self._alone_since_s = None
            return
        now = time.monotonic()
        self._alone_since_s = self._alone_since_s or now
        if now - self._alone_since_s > _NO_WORKERS_S:
            raise JobError(
                f"--scheduler: the cluster has had no worker for {_NO_WORKERS_S:.0f} s; start "
                "workers and go on with --resume"
            )
