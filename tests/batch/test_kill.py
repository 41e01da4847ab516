"""The whole command, killed in the middle, leaves nothing half made and goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
import soundfile

from tests.batch.conftest import events_of, plan_of, tone, tree

COMMAND = [sys.executable, "-m", "text2fx_studio.cli.main", "batch"]
COUNT = 12


def start(pack, out, preset, *more):
    return subprocess.Popen(
        [*COMMAND, str(pack), str(out), "--preset", str(preset), "--jobs", "2", "--json", *more],
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def wait_for(process, kind: str, count: int) -> None:
    for line in process.stdout:
        count -= json.loads(line)["event"] == kind
        if not count:
            return


@pytest.fixture
def long_pack(tmp_path):
    for number in range(COUNT):
        tone(tmp_path / "in" / f"{number % 3}" / f"{number:02d}.wav", seconds=6.0, channels=2)
    return tmp_path / "in"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
def test_killed_at_two_moments_and_resumed_the_tree_is_that_of_an_undisturbed_run(
    long_pack, tmp_path, preset
):
    events_of(plan_of(long_pack, tmp_path / "whole", preset), jobs=2)
    whole = tree(tmp_path / "whole")
    out = tmp_path / "out"
    made: Counter[str] = Counter()
    for moment, more in ((3, ()), (3, ("--resume",))):
        process = start(long_pack, out, preset, *more)
        wait_for(process, "done", moment)
        time.sleep(0.03)
        os.kill(process.pid, signal.SIGKILL)  # the workers find their owner gone
        process.communicate()
        time.sleep(0.5)
        for path in out.rglob("[!.]*.wav"):
            assert whole[path.relative_to(out).as_posix()] == path.read_bytes(), "half a result"
        lines = (out / "batch.jsonl").read_bytes().split(b"\n")[:-1]
        done = [line["file"] for line in map(json.loads, lines) if line["status"] == "done"]
        assert len(done) >= moment
        made = Counter(done)
        assert max(made.values()) == 1
    process = start(long_pack, out, preset, "--resume")
    told = [json.loads(line) for line in process.communicate()[0].splitlines()]
    assert process.returncode == 0
    again = {line["file"] for line in told if line["event"] == "done"}
    assert not again & set(made), "no file is done twice"
    assert len(again) + len(made) == COUNT
    assert tree(out) == whole
    assert not list(out.rglob(".*"))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
def test_an_interrupt_ends_at_once_with_130_and_keeps_the_record(long_pack, tmp_path, preset):
    out = tmp_path / "out"
    process = start(long_pack, out, preset)
    wait_for(process, "done", 2)
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the workers get it, too
    told = process.communicate()[0]
    assert process.returncode == 130
    assert time.monotonic() - began < 3.0
    assert json.loads(told.splitlines()[-1])["kind"] == "Interrupted"
    assert not list(out.rglob("*.part"))
    for path in out.rglob("*.wav"):
        assert soundfile.info(path).frames == 6 * 44_100
    done = [line for line in (out / "batch.jsonl").read_text().splitlines() if '"done"' in line]
    assert len(done) >= 2
