"""A Dask cluster over loopback, in processes of its own: this one has no network."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batch.conftest import events_of, plan_of, tone, tree

pytest.importorskip("distributed", reason="needs the extra: pip install text2fx-studio[dask]")

COUNT = 20
BATCH = [sys.executable, "-m", "text2fx_studio.cli.main", "batch"]


class Cluster:
    """A scheduler and two workers."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        common = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1",
                 "--port", "0", "--no-dashboard", "--scheduler-file", str(self.file)], **common,
            )
        ]  # fmt: skip
        self.workers = [
            subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file",
                 str(self.file), "--nthreads", "1", "--no-nanny", "--no-dashboard",
                 "--host", "127.0.0.1", "--local-directory", str(folder)], **common,
            )
            for _ in range(2)
        ]  # fmt: skip
        self.processes += self.workers

    @property
    def address(self) -> str:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.file.is_file() and self.file.read_text().strip():
                return str(json.loads(self.file.read_text())["address"])
            time.sleep(0.1)
        pytest.fail("the scheduler does not start")

    def close(self) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()


@pytest.fixture
def cluster(tmp_path) -> Iterator[Cluster]:
    folder = tmp_path / "dask"
    folder.mkdir()
    made = Cluster(folder)
    yield made
    made.close()


@pytest.mark.slow
def test_a_cluster_makes_what_this_machine_makes_and_outlives_a_worker(cluster, tmp_path, preset):
    for number in range(COUNT):
        tone(tmp_path / "in" / f"{number:02d}.wav", seconds=6.0)
    (tmp_path / "in" / "bad.wav").write_text("no sound\n" * 9)
    out = tmp_path / "out"
    told = []
    with subprocess.Popen(
        [*BATCH, str(tmp_path / "in"), str(out), "--preset", str(preset), "--json",
         "--scheduler", cluster.address],
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        for line in process.stdout:
            told.append(json.loads(line))
            kinds = [event.get("event") for event in told]
            if kinds.count("done") == 1 and cluster.workers[0].poll() is None:
                os.kill(cluster.workers[0].pid, signal.SIGKILL)
                cluster.workers[0].wait()
    assert process.returncode == 1
    end = told[-1]
    assert (end["event"], end["done"], end["failed"], end["left"]) == ("finished", COUNT, 1, 0)
    done = [e["file"] for e in told if e["event"] == "done"]
    assert len(set(done)) == len(done) == COUNT
    local = tmp_path / "local"
    events_of(plan_of(tmp_path / "in", local, preset), jobs=1)
    assert tree(out) == tree(local)
    assert not list(out.rglob("*.part"))


@pytest.mark.slow
def test_no_scheduler_is_told_in_a_line(tmp_path, pack, preset):
    done = subprocess.run(
        [*BATCH, str(pack), str(tmp_path / "out"), "--preset", str(preset),
         "--scheduler", "tcp://127.0.0.1:9"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no Dask scheduler answers at 'tcp://127.0.0.1:9'" in done.stderr
    assert "Traceback" not in done.stderr
