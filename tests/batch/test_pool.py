"""Real worker processes: what they make, and what happens when one dies."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.batch.conftest import events_of, plan_of, tone, tree
from text2fx_studio.batch import engine, run
from text2fx_studio.batch.pool import Pool, job_count
from text2fx_studio.errors import EncoderError, JobError


def workers() -> list[int]:
    """Batch workers among this process's children, where the platform tells."""
    found = []
    for task in Path("/proc/self/task").glob("*/children"):
        for pid in map(int, task.read_text().split()):
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            if b"spawn_main" in command and b"resource_tracker" not in command:
                found.append(pid)
    return found


def test_two_processes_make_what_one_makes(pack, tmp_path, preset):
    for jobs in (1, 2):
        found = events_of(plan_of(pack, tmp_path / str(jobs), preset), jobs=jobs)
        assert (found["finished"][0].done, found["finished"][0].failed) == (4, 1)
    assert tree(tmp_path / "1") == tree(tmp_path / "2")
    assert workers() == []


def test_closing_ends_the_processes(pack, tmp_path, preset):
    running = run(plan_of(pack, tmp_path / "out", preset), jobs=2)
    while next(running).kind != "running":
        pass
    assert workers()
    running.close()
    assert workers() == []


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")
def test_a_killed_workers_files_go_to_another(tmp_path, preset):
    for number in range(12):
        tone(tmp_path / "in" / f"{number:02d}.wav", seconds=4.0)
    killed = []
    found: dict[str, list] = {}
    for event in run(plan_of(tmp_path / "in", tmp_path / "out", preset), jobs=1):
        found.setdefault(event.kind, []).append(event)
        if event.kind == "done" and not killed:
            killed = workers()
            os.kill(killed[0], signal.SIGKILL)
    assert "a worker stopped (signal SIGKILL)" in [e.message for e in found["note"]]
    assert found["finished"][0].done == 12
    assert "failed" not in found
    assert not list((tmp_path / "out").rglob("*.part"))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")
def test_a_file_that_kills_its_worker_again_and_again_is_given_up(tmp_path, preset, monkeypatch):
    for name in ("a.wav", "poison.wav", "z.wav"):
        tone(tmp_path / "in" / name, seconds=1.0)
    tone(tmp_path / "in" / "poison.wav", seconds=60.0)
    monkeypatch.setattr(engine, "groups_of", lambda units, _: [[u] for u in units])
    monkeypatch.setattr("text2fx_studio.batch.pool.AHEAD", 1)
    found: dict[str, list] = {}
    for event in run(plan_of(tmp_path / "in", tmp_path / "out", preset), jobs=1):
        found.setdefault(event.kind, []).append(event)
        if event.kind == "running" and event.file == "poison.wav":
            os.kill(workers()[0], signal.SIGKILL)
    (failed,) = found["failed"]
    assert failed.reason == "poison.wav: ended its worker 2 times (signal SIGKILL)"
    assert sorted(e.file for e in found["done"]) == ["a.wav", "z.wav"]


def test_questions_are_answered_or_refused_as_the_error_they_are():
    from text2fx_studio.batch import Settings

    pool = Pool(1)
    try:
        wrong = Settings(encoder="laion", checkpoint="no-such-file.pt").to_data()
        with pytest.raises(EncoderError, match="no-such-file"):
            pool.ask("identify", settings=wrong)
        with pytest.raises(JobError):
            pool.ask("frobnicate")
    finally:
        pool.close()


def test_as_many_jobs_as_cores_unless_told():
    assert job_count(None) >= 1
    assert job_count(7) == 7
