"""Local workers: spawned processes, one for each job, each with its own encoder in memory.

A worker that dies takes nobody with it: the files that it had begun are tried again, each alone,
and one that ends its worker twice is given up with that reason.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from text2fx_studio import processes
from text2fx_studio.batch.executor import Answer
from text2fx_studio.batch.failures import FILE
from text2fx_studio.batch.pool_worker import serve
from text2fx_studio.batch.task import Task
from text2fx_studio.errors import JobError, Text2FXError

AHEAD = 2  # groups that a worker has: one at work, one being read
MOST_DEATHS = 2  # of workers at one file
_IDLE_DEATHS = 3  # workers in a row that die with nothing to do: something is wrong with them all
_END_S = 2.0
_LAST_BREATH_S = 0.3


def job_count(jobs: int | None) -> int:
    """How many workers: as asked, or one for each core that this process may use."""
    if jobs is not None:
        return jobs
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


@dataclass
class _Worker:
    process: Any
    pipe: Connection
    groups: list[dict[str, Task]] = field(default_factory=list)  # what is not answered of each
    begun: set[str] = field(default_factory=set)

    @property
    def has(self) -> int:
        return sum(bool(group) for group in self.groups)


class Pool:
    """An ``executor.Executor`` of spawned processes.

    Args:
        jobs: How many; they start with the first group.
    """

    def __init__(self, jobs: int) -> None:
        self.workers = jobs
        self._threads = max(1, job_count(None) // jobs)
        self._workers: list[_Worker] = []
        self._waiting: list[list[Task]] = []
        self._deaths: dict[str, int] = {}
        self._idle_deaths = 0
        self._ready: list[Answer] = []
        self._closed = False

    @property
    def free(self) -> int:
        """How many more groups they would take now."""
        held = sum(worker.has for worker in self._workers) + len(self._waiting)
        return max(0, AHEAD * self.workers - held)

    def submit(self, group: Sequence[Task]) -> None:
        """Hand over a group of files."""
        self._waiting.append(list(group))
        self._hand_out()

    def answers(self, timeout_s: float) -> list[Answer]:
        """What was told since."""
        self._hand_out()
        if not self._ready:
            pipes = {worker.pipe: worker for worker in self._workers}
            if not pipes:
                return []
            for pipe in wait(list(pipes), timeout_s):
                self._listen(pipes[pipe])  # type: ignore[index]
        found, self._ready = self._ready, []
        self._hand_out()
        return found

    def ask(self, question: str, **data: Any) -> dict[str, Any]:
        """Have a worker of its own answer a question."""
        worker = self._start()
        try:
            worker.pipe.send(("ask", (question, data)))
            kind, _, answer = worker.pipe.recv()
        except (EOFError, OSError) as error:
            raise JobError(f"{question}: the worker stopped unexpectedly") from error
        if kind == "failed":
            self._drop(worker)
            raise _rebuilt(answer)
        self._workers.append(worker)
        found: dict[str, Any] = answer
        return found

    def close(self) -> None:
        """Kill all workers."""
        self._closed = True
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            self._drop(worker)

    def _start(self) -> _Worker:
        context = processes.fresh()
        ours, theirs = context.Pipe()
        process = context.Process(
            target=serve, args=(theirs, self._threads), name="text2fx-batch", daemon=False
        )
        try:
            process.start()
        except OSError as error:
            ours.close()
            raise JobError(f"batch: no worker can be started: {error}") from error
        finally:
            theirs.close()
        return _Worker(process, ours)

    def _hand_out(self) -> None:
        """Give waiting groups to those who have least."""
        while self._waiting and not self._closed:
            least = min(self._workers, key=lambda w: w.has, default=None)
            if (least is None or least.has) and len(self._workers) < self.workers:
                least = self._start()
                self._workers.append(least)
            if least is None or least.has >= AHEAD:
                return
            group = self._waiting.pop(0)
            least.groups = [g for g in least.groups if g]
            least.groups.append({task.file: task for task in group})
            try:
                least.pipe.send(("group", group))
            except (OSError, ValueError):
                self._bury(least)

    def _listen(self, worker: _Worker) -> None:
        try:
            while worker.pipe.poll():
                kind, file, data = worker.pipe.recv()
                if kind == "running":
                    worker.begun.add(file)
                else:
                    worker.begun.discard(file)
                    self._idle_deaths = 0
                    for group in worker.groups:
                        group.pop(file, None)
                self._ready.append(Answer(kind, file, data))
        except (EOFError, OSError):
            self._bury(worker)

    def _bury(self, worker: _Worker) -> None:
        """A worker is gone: its files go to others."""
        if worker not in self._workers:
            return
        self._workers.remove(worker)
        worker.process.join(_LAST_BREATH_S)  # its own exit status tells what ended it
        self._drop(worker)
        why = _say(worker.process.exitcode)
        left = [task for group in worker.groups for task in group.values()]
        suspects = [task for task in left if task.file in worker.begun]
        innocent = [task for task in left if task.file not in worker.begun]
        if not suspects:
            self._idle_deaths += 1
            if self._idle_deaths >= _IDLE_DEATHS * self.workers:
                raise JobError(f"batch: the workers end as soon as they start ({why})")
        self._ready.append(Answer("note", data={"message": f"a worker stopped ({why})"}))
        alone = len(suspects) == 1
        for task in suspects:
            # Only a file that was alone with its worker is known to have ended it.
            self._deaths[task.file] = self._deaths.get(task.file, 0) + (1 if alone else 0)
            if self._deaths[task.file] >= MOST_DEATHS:
                reason = f"{task.file}: ended its worker {MOST_DEATHS} times ({why})"
                self._ready.append(
                    Answer("failed", task.file,
                           {"reason": reason, "error": "JobError", "cause": FILE})
                )  # fmt: skip
            else:
                self._waiting.insert(0, [task])
        if innocent:
            self._waiting.append(innocent)

    def _drop(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join(_END_S)
        with contextlib.suppress(OSError):
            worker.pipe.close()


def _say(code: int | None) -> str:
    if code is None:
        return "no exit status"
    if code >= 0:
        return f"exit status {code}"
    with contextlib.suppress(ValueError):
        return f"signal {signal.Signals(-code).name}"
    return f"signal {-code}"


def _rebuilt(data: dict[str, Any]) -> Text2FXError:
    from text2fx_studio import errors

    kind = getattr(errors, data.get("error", ""), JobError)
    known = kind if isinstance(kind, type) and issubclass(kind, Text2FXError) else JobError
    return known(data.get("reason", "a worker failed"))
