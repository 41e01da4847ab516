"""How batches do: throughput beside a plain loop, a mixed folder twice, memory, one long file."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from text2fx_studio.batch import Settings, make_plan, run
from text2fx_studio.batch.events import Done, Failed, Finished, Note, Progress, Skipped
from text2fx_studio.benchmark.batch_corpus import Corpus

Tell = Callable[[str, float], None]
_UNCOUNTED = ("batch.jsonl", "batch.html")  # they tell of times
_MB = 1_000_000.0


def tree_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every visible file of a folder but the record and the page."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in _UNCOUNTED and not path.name.startswith(".")
    }


def throughput(corpus: Corpus, work: Path, *, chain: str, jobs: int, tell: Tell) -> dict[str, Any]:
    """The batch engine beside a warm loop of search and render in one process, same files.

    The batch's time holds all of it, the start of its processes too; the loop's begins when
    its encoder is loaded.
    """
    from dsp.render import render_file
    from text2fx_studio.batch.plan import Unit
    from text2fx_studio.search import apply_file

    plan = make_plan(corpus.folder, work / "batch", Settings(prompt="warm", chain=chain))
    units: tuple[Unit, ...] = plan.units
    suffixes = {unit.file: Path(unit.output).suffix for unit in units}
    apply_file(Path(units[0].source), "warm", chain=chain)
    began, began_cpu = time.perf_counter(), time.process_time()
    for number, unit in enumerate(units):
        tell("Plain loop", number / len(units))
        found = apply_file(Path(unit.source), "warm", chain=chain)
        target = work / f"loop{suffixes[unit.file]}"
        render_file(unit.source, target, found.chain, overwrite=True)
    loop_s, loop_cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    began, began_cpu = time.perf_counter(), _children_cpu_s()
    first_s = 0.0
    for event in run(plan, jobs=jobs, overwrite=True):
        if isinstance(event, Done) and not first_s:
            first_s = time.perf_counter() - began
        if isinstance(event, Progress):
            tell("Batch", event.ended / max(event.total, 1))
    batch_s, batch_cpu_s = time.perf_counter() - began, _children_cpu_s() - began_cpu
    return {
        "chain": chain, "files": len(units), "jobs": jobs, "loop_s": loop_s,
        "loop_cpu_s": loop_cpu_s, "batch_s": batch_s, "batch_cpu_s": batch_cpu_s,
        "first_result_s": first_s, "ratio": loop_s / batch_s,
    }  # fmt: skip


def _children_cpu_s() -> float:
    """Of all processes that this one started and that have ended; 0 where it is not told."""
    times = os.times()
    return times.children_user + times.children_system


def fates(corpus: Corpus, work: Path, *, chain: str, jobs: int, tell: Tell) -> dict[str, Any]:
    """A mixed folder twice: every fate, the same bits, and the workers' memory on the way."""
    digests, told = [], {}
    for name in ("first", "second"):
        plan = make_plan(corpus.folder, work / name, Settings(prompt="warm", chain=chain))
        told = _watch(plan, jobs, partial(tell, f"The {name} run"))
        digests.append(tree_digests(work / name))
        if name == "first":
            first = told
    reasons = Counter(corpus.bad.get(file, "!") for file in first["failed"])
    shutil.rmtree(work / "second")
    return {
        "files": len(corpus.good) + len(corpus.bad),
        "good": len(corpus.good),
        "bad": len(corpus.bad),
        "good_done": len(set(first["done"]) & set(corpus.good)),
        "bad_failed": len(set(first["failed"]) & set(corpus.bad)),
        "bad_kinds": dict(reasons),
        "wrong": sorted(set(first["failed"]) & set(corpus.good))[:5],
        "bit_identical": digests[0] == digests[1],
        "seconds": first["seconds"],
        "second_seconds": told["seconds"],
        "memory_mb": first["memory_mb"],
    }


def _watch(plan: Any, jobs: int, tell: Callable[[float], None]) -> dict[str, Any]:
    done: list[str] = []
    failed: list[str] = []
    memory: list[float] = []
    seconds = 0.0
    for event in run(plan, jobs=jobs, overwrite=True):
        if isinstance(event, Done):
            done.append(event.file)
            memory.append(_largest_child_mb())
        elif isinstance(event, Failed):
            failed.append(event.file)
        elif isinstance(event, Progress):
            tell(event.ended / max(event.total, 1))
        elif isinstance(event, Finished):
            seconds = event.seconds
        elif isinstance(event, Note | Skipped):
            continue
    at = [len(memory) * share // 10 for share in (2, 4, 6, 8)]
    return {
        "done": done, "failed": failed, "seconds": seconds,
        "memory_mb": {
            "at_20_40_60_80_percent": [round(memory[i]) for i in at if i < len(memory)],
            "peak": round(max(memory, default=0.0)),
        },
    }  # fmt: skip


def _largest_child_mb() -> float:
    """Resident memory of the largest process that this one has started; 0 where unknown."""
    largest = 0.0
    for task in Path("/proc/self/task").glob("*/children"):
        for pid in task.read_text().split():
            largest = max(largest, memory_mb(int(pid)))
    return largest


def memory_mb(pid: int, field: str = "VmRSS") -> float:
    """A process's resident memory now (or at its peak, ``VmHWM``), in MB; 0 where unknown."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    line = next((line for line in status.splitlines() if line.startswith(f"{field}:")), "x 0")
    return int(line.split()[1]) * 1024 / _MB


def long_file(work: Path, *, hours: float, chain: str, tell: Tell) -> dict[str, Any]:
    """One stereo file of hours, in one process: time and the worker's memory at its peak."""
    folder = work / "long"
    folder.mkdir()
    noise = np.random.default_rng(0).standard_normal((44_100 * 60, 2)) * 0.05
    with soundfile.SoundFile(folder / "long.flac", "w", 44_100, 2, "PCM_16") as file:
        for minute in range(max(1, round(60 * hours))):
            tell("Writing the long file", minute / (60 * hours))
            file.write(np.roll(noise, 1000 * minute, axis=0) * (0.5 + 0.4 * np.sin(minute)))
    plan = make_plan(folder, work / "long-out", Settings(prompt="warm", chain=chain))
    peak, seconds = 0.0, 0.0
    for event in run(plan, jobs=1):
        for task in Path("/proc/self/task").glob("*/children"):
            peak = max([peak, *(memory_mb(int(p), "VmHWM") for p in task.read_text().split())])
        if isinstance(event, Progress):
            tell("The long file", 0.5)
        if isinstance(event, Finished):
            seconds = event.seconds
    shutil.rmtree(folder)
    shutil.rmtree(work / "long-out")
    return {"hours": hours, "chain": chain, "seconds": seconds, "peak_mb": round(peak)}


def cores() -> int:
    """That this process may use."""
    from text2fx_studio.batch.pool import job_count

    return job_count(None)


def load_average() -> float | None:
    """Of the last minute, where the system tells: figures on a busy machine mean less."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None
