"""Working off a plan: who does what next, what is on record, and what is told."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from text2fx_studio.batch.decide import Decision, decide
from text2fx_studio.batch.events import (
    Done,
    Event,
    Failed,
    Finished,
    Note,
    Progress,
    Queued,
    Running,
    Skipped,
)
from text2fx_studio.batch.executor import Answer, Executor
from text2fx_studio.batch.failures import CANCELLED, FULL
from text2fx_studio.batch.folder import EXPORTS_FOLDER
from text2fx_studio.batch.order import groups_of
from text2fx_studio.batch.page import lines_of, write_page
from text2fx_studio.batch.plan import Plan
from text2fx_studio.batch.record import Record, remove_leftovers
from text2fx_studio.batch.share import share
from text2fx_studio.batch.summary import summarise, summary_lines
from text2fx_studio.batch.task import Task
from text2fx_studio.errors import OutputError, UsageError

_POLL_S = 0.5
_PROGRESS_S = 0.5


def run(
    plan: Plan,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    retry_failed: bool = False,
    overwrite: bool = False,
    fail_fast: bool = False,
) -> Generator[Event, None, None]:
    """Work off a plan. Closing the generator stops at once; what is done stays done.

    Args:
        plan: What to do.
        jobs: Processes on this machine; None for one for each core. Not with ``scheduler``.
        scheduler: Address of a Dask scheduler, ``tcp://host:port``; its workers must see both
            folders under the same paths.
        resume: Go on with the folder's record: do what is missing or changed and nothing else.
        retry_failed: As ``resume``, and try the failed files again.
        overwrite: Replace results that exist.
        fail_fast: Stop at the first file that fails.

    Yields:
        Events; the last is ``Finished``, also where the run was stopped by a full disk.

    Raises:
        UsageError: The options do not go together, the folder has a record and neither ``resume``
            nor ``overwrite`` is given, or another batch is at work on it.
        OutputError: The folder for the results cannot be used.
    """
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs: found {jobs}, allowed is 1 and above")
    if jobs is not None and scheduler is not None:
        raise UsageError("jobs are of this machine, a scheduler has its own workers; give one")
    with ExitStack() as opened:
        record = opened.enter_context(Record(plan.output_folder))
        again = resume or retry_failed
        if record.lines and not again and not overwrite:
            raise UsageError(
                f"{record.path}: this folder has the record of a batch already; go on with it by "
                "--resume, begin anew with --overwrite, or choose another folder"
            )
        executor = _executor(jobs, scheduler)
        opened.callback(executor.close)
        yield from _Run(plan, record, executor, fail_fast).work(
            again=again, retry_failed=retry_failed, overwrite=overwrite
        )


def _executor(jobs: int | None, scheduler: str | None) -> Executor:
    if scheduler is not None:
        from text2fx_studio.batch.cluster import Cluster

        return Cluster(scheduler)
    from text2fx_studio.batch.pool import Pool, job_count

    return Pool(job_count(jobs))


@dataclass
class _Tally:
    done: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass
class _Run:
    """One run over a plan."""

    plan: Plan
    record: Record
    executor: Executor
    fail_fast: bool
    began_s: float = field(default_factory=time.monotonic)
    told_s: float = 0.0
    working_s: float = 0.0
    tally: _Tally = field(default_factory=_Tally)
    stopped: str = ""

    def work(self, *, again: bool, retry_failed: bool, overwrite: bool) -> Iterator[Event]:
        for message in self.plan.notes:
            yield Note(message)
        leftovers = remove_leftovers(self.plan.output_folder)
        if self.record.mended or leftovers:
            yield Note(
                f"an earlier run was cut off: {leftovers} half-written files removed"
                + (", the record's last line mended" if self.record.mended else "")
            )
        if not again:
            self.record.begin_anew()
        decisions = decide(
            self.plan, self.record, self.executor,
            again=again, retry_failed=retry_failed, overwrite=overwrite,
        )  # fmt: skip
        todo = []
        for decision in decisions:
            if decision.skip is None:
                todo.append(decision)
                yield Queued(decision.unit.file)
            else:
                yield self._skip(decision)
        self.record.queue(decision.unit.file for decision in todo)
        try:
            if self.plan.mode == "shared" and todo:
                todo, told = share(self.plan, todo, self.record, self.executor)
                yield from told
            yield from self._shape(todo)
        finally:
            self.executor.close()
            if todo:
                remove_leftovers(self.plan.output_folder)
        yield from self._close(len(todo))

    def _skip(self, decision: Decision) -> Skipped:
        file, before = decision.unit.file, decision.before
        if before == "failed":
            self.tally.failed += 1
        else:
            self.tally.skipped += 1
        if not before:
            self.record.add(file, "skipped", reason=decision.skip)
        return Skipped(file, decision.skip or "", before)

    def _shape(self, todo: Sequence[Decision]) -> Iterator[Event]:
        by_file = {decision.unit.file: decision for decision in todo}
        waiting = groups_of([d.unit for d in todo], self.executor.workers)
        left = len(todo)
        self.working_s = time.monotonic()
        try:
            while left and self._goes_on():
                while waiting and self.executor.free:
                    units = waiting.pop(0)
                    self.executor.submit([self._task(by_file[u.file]) for u in units])
                for answer in self.executor.answers(_POLL_S):
                    event = self._take(answer, by_file)
                    left -= isinstance(event, Done | Failed)
                    if event is not None:
                        yield event
                    if not self._goes_on():
                        break
                if time.monotonic() - self.told_s >= _PROGRESS_S:
                    yield self._progress(len(todo) - left, left)
        except OutputError as error:  # the record itself could not be written
            self.stopped = str(error)

    def _goes_on(self) -> bool:
        return not self.stopped

    def _take(self, answer: Answer, by_file: dict[str, Decision]) -> Event | None:
        if answer.kind == "note":
            return Note(str(answer.data["message"]))
        decision = by_file.get(answer.file)
        if decision is None:
            return None
        if answer.kind == "running":
            self.record.add(answer.file, "running")
            return Running(answer.file)
        if answer.kind == "done":
            return self._done(decision, answer.data)
        reason, cause = answer.data["reason"], answer.data["cause"]
        if cause in (FULL, CANCELLED):
            # Not the file's fault: it is not failed, it waits for better times.
            self.stopped = reason
            return None
        self.tally.failed += 1
        self.record.add(
            answer.file, "failed", reason=reason, error=answer.data["error"],
            input_sha256=answer.data.get("input_sha256", ""), **decision.facts(),
        )  # fmt: skip
        if self.fail_fast:
            self.stopped = f"{answer.file} failed: {reason}"
        return Failed(answer.file, reason, answer.data["error"])

    def _done(self, decision: Decision, data: dict[str, Any]) -> Done:
        unit = decision.unit
        self.tally.done += 1
        line = {"output": unit.output, "preset": unit.preset, **decision.facts(), **data}
        self.record.add(unit.file, "done", **line)
        told = {"accepted", "score_dry", "score_wet", "seconds", "notes"}
        return Done(
            unit.file, unit.output, unit.preset,
            accepted=data.get("accepted"), score_dry=data.get("score_dry"),
            score_wet=data.get("score_wet"), seconds=data["seconds"],
            notes=tuple(data["notes"]),
            details={name: value for name, value in line.items()
                     if name not in told | {"output", "preset"}},
        )  # fmt: skip

    def _task(self, decision: Decision) -> Task:
        unit, folder = decision.unit, self.plan.output_folder
        return Task(
            file=unit.file,
            source=unit.source,
            output=str(folder / unit.output),
            preset=str(folder / unit.preset),
            exports_folder=str(folder / EXPORTS_FOLDER / unit.output),
            settings=decision.settings,
            overwrite=True,  # what must not be replaced was skipped; a second try may find a first
            score=decision.score,
        )

    def _progress(self, ended: int, left: int) -> Progress:
        self.told_s = time.monotonic()
        spent_s = self.told_s - self.working_s
        eta_s = spent_s / ended * left if ended else None
        total = len(self.plan.units)
        return Progress(total - left, total, self.told_s - self.began_s, eta_s)

    def _close(self, todo: int) -> Iterator[Event]:
        tally = self.tally
        left = len(self.plan.units) - tally.done - tally.failed - tally.skipped
        try:
            for unit in self.plan.units:
                line = self.record.lines.get(unit.file, {})
                if line.get("status") == "running":  # it was not come to an end
                    self.record.lines[unit.file] = {"file": unit.file, "status": "queued"}
            for file in self.plan.left_out:
                self.record.lines[file] = {
                    "file": file, "status": "skipped", "reason": "no row of the prompts names it",
                }  # fmt: skip
            self.record.compact(unit.file for unit in self.plan.units)
            lines = lines_of(self.plan, self.record.lines)
            write_page(self.plan, lines)
        except OutputError as error:
            self.stopped = self.stopped or str(error)
            lines = lines_of(self.plan, self.record.lines)
        if todo:
            yield self._progress(todo - left, left)
        yield Finished(
            done=tally.done, failed=tally.failed, skipped=tally.skipped, left=left,
            seconds=time.monotonic() - self.began_s, stopped=self.stopped,
            summary=tuple(summary_lines(summarise(lines))),
        )  # fmt: skip
