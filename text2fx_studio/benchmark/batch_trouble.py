"""What batches bear: being killed at random moments, and losing a worker of a cluster."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from text2fx_studio.benchmark.batch import Tell, tree_digests
from text2fx_studio.benchmark.batch_corpus import Corpus
from text2fx_studio.errors import UsageError

_COMMAND = [sys.executable, "-m", "text2fx_studio.cli.main", "batch"]
_SHORTEST_S, _LONGEST_S = 3.0, 12.0  # of a run's life; loading takes the first seconds
_START_S = 60.0


def kills(
    corpus: Corpus, work: Path, *, chain: str, count: int, seed: int, tell: Tell
) -> dict[str, Any]:
    """Kill a batch at random moments, go on each time, and compare with an undisturbed run.

    Returns:
        ``kills``, ``half_written`` (visible files that were not whole, over all moments),
        ``done_twice``, ``identical`` (the final tree), ``seconds_left`` (hidden leftovers at the
        end).
    """
    tell("Undisturbed", 0.0)
    _finish(corpus, work / "whole", chain)
    whole = tree_digests(work / "whole")
    out = work / "killed"
    rng = random.Random(seed)  # noqa: S311 - moments, no secrets
    half, made = 0, Counter[str]()
    moments = []
    for number in range(count):
        tell("Killing", number / count)
        process = _start(corpus, out, chain, "--resume")
        moment_s = rng.uniform(_SHORTEST_S, _LONGEST_S)
        moments.append(round(moment_s, 2))
        try:
            process.wait(moment_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        time.sleep(0.5)
        found = tree_digests(out)
        half += sum(whole.get(name) != digest for name, digest in found.items())
        made += _newly_done(out, made)
    process = _start(corpus, out, chain, "--resume")
    process.wait()
    made += _newly_done(out, made)
    identical = tree_digests(out) == whole
    left = len(list(out.rglob(".text2fx-*")))
    shutil.rmtree(work / "whole")
    shutil.rmtree(out)
    return {
        "files": len(corpus.good), "kills": count, "moments_s": moments, "half_written": half,
        "done_twice": sum(times > 1 for times in made.values()), "identical": identical,
        "leftovers": left,
    }  # fmt: skip


def _newly_done(out: Path, before: Counter[str]) -> Counter[str]:
    """How often each file was done since: the record is rewritten only at a run's own end."""
    path = out / "batch.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    told = Counter(line["file"] for line in map(json.loads, lines) if line.get("status") == "done")
    return told - before


def cluster(corpus: Corpus, work: Path, *, chain: str, tell: Tell) -> dict[str, Any]:
    """One and two Dask workers on this machine, and two of which one is killed on the way.

    Raises:
        UsageError: Dask is not installed.
    """
    seconds = {}
    for count in (1, 2):
        tell(f"{count} Dask workers", 0.0)
        with _dask(work, count) as (address, _):
            seconds[count], _ = _distribute(corpus, work / f"dask{count}", chain, address, [])
    tell("2 Dask workers, one killed", 0.5)
    with _dask(work, 2) as (address, workers):
        _, done = _distribute(corpus, work / "lost", chain, address, workers[:1])
    same = tree_digests(work / "dask1") == tree_digests(work / "dask2")
    same = same and tree_digests(work / "lost") == tree_digests(work / "dask1")
    for name in ("dask1", "dask2", "lost"):
        shutil.rmtree(work / name)
    return {
        "files": len(corpus.good), "one_worker_s": seconds[1], "two_workers_s": seconds[2],
        "ratio": seconds[1] / seconds[2], "done_with_one_lost": done, "identical": same,
    }  # fmt: skip


def _distribute(
    corpus: Corpus, out: Path, chain: str, address: str, victims: list[subprocess.Popen[bytes]]
) -> tuple[float, int]:
    """Seconds, and files done; a victim is killed after the first result."""
    began = time.perf_counter()
    process = _start(corpus, out, chain, "--scheduler", address, "--json", pipe=True)
    done = 0
    for line in process.stdout or ():
        done += json.loads(line).get("event") == "done"
        if done:
            for victim in victims:
                victim.kill()
    process.wait()
    return time.perf_counter() - began, done


def _start(
    corpus: Corpus, out: Path, chain: str, *more: str, pipe: bool = False
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [*_COMMAND, str(corpus.folder), str(out), "--prompt", "warm", "--chain", chain, *more],
        stdout=subprocess.PIPE if pipe else subprocess.DEVNULL,
        stderr=None if pipe else subprocess.DEVNULL,
    )


def _finish(corpus: Corpus, out: Path, chain: str) -> None:
    _start(corpus, out, chain).wait()


@contextmanager
def _dask(work: Path, count: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and workers over loopback: (its address, the workers)."""
    folder = work / "dask"
    folder.mkdir(exist_ok=True)
    file = folder / "scheduler.json"
    file.unlink(missing_ok=True)
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    module = [sys.executable, "-m"]
    local = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    started = [
        subprocess.Popen(  # noqa: S603 - our own interpreter, Dask's module
            [*module, "distributed.cli.dask_scheduler", "--port", "0", *local], **quiet
        )
    ]
    try:
        for _ in range(count):
            started.append(  # noqa: PERF401 - each is to be ended if the next cannot start
                subprocess.Popen(  # noqa: S603
                    [*module, "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny",
                     "--local-directory", str(folder), *local],
                    env=environment, **quiet,
                )
            )  # fmt: skip
        yield _address(file, started[0]), started[1:]
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()


def _address(file: Path, scheduler: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and scheduler.poll() is None:
        if file.is_file() and (text := file.read_text("utf-8").strip()):
            return str(json.loads(text)["address"])
        time.sleep(0.1)
    raise UsageError("bench batch: no Dask scheduler starts here; pip install text2fx-studio[dask]")
