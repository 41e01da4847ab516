"""The engine process: answers, cancels at once, dies without harm, leaves nothing behind."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.level_match import loudness_change_db
from dsp.loudness import integrated_lufs
from dsp.overview import read_overview
from dsp.render import render_array
from dsp.reverb import Reverb
from text2fx_studio.demo import demo_loop
from text2fx_studio.errors import JobError
from text2fx_studio.jobs import Engine, Event

PATIENCE_S = 60.0
RATE = 44_100


@pytest.fixture
def loop(tmp_path):
    path = tmp_path / "loop.wav"
    soundfile.write(path, demo_loop(3.0).T, RATE)
    return str(path)


@pytest.fixture
def engine():
    events: queue.Queue[Event] = queue.Queue()
    made = Engine(events.put)
    made.events = events
    yield made
    made.close()


def last(engine, job):
    """The event that ends a job."""
    while True:
        event = engine.events.get(timeout=PATIENCE_S)
        if event.job == job and event.kind != "progress":
            return event


def wait_for_progress(engine, job):
    while True:
        event = engine.events.get(timeout=PATIENCE_S)
        if event.job == job:
            assert event.kind == "progress", event
            if event.data.get("chain"):
                return event


def gone(pid):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_a_render_comes_back_with_its_report(engine, loop, tmp_path):
    target = tmp_path / "out.wav"
    chain = Chain((Equalizer({"bell_3_gain_db": 4.0}),)).to_data()
    done = last(engine, engine.submit("render", source=loop, target=str(target), chain=chain))
    assert done.kind == "done"
    assert done.data["output"] == str(target)
    assert soundfile.info(target).frames == soundfile.info(loop).frames


def test_errors_are_answers_and_the_process_lives_on(engine, loop):
    pid_before = []
    for _ in range(2):
        failed = last(engine, engine.submit("overview", path="/no/such.wav"))
        assert (failed.kind, failed.error) == ("failed", "AudioFileError")
        assert "/no/such.wav" in failed.message
        pid_before.append(engine.pid)
    unknown = last(engine, engine.submit("fly"))
    assert "allowed are" in unknown.message
    assert pid_before[0] == pid_before[1] == engine.pid


def test_a_search_proposes_reports_and_finds(engine, loop):
    options = {"chain": "eq", "device": "cpu"}
    idea = last(engine, engine.submit("propose", prompt="bright", sample_rate=RATE, **options))
    instant = Chain.from_data(idea.data["chain"])
    low, high = instant.frequency_response_db([150.0, 8000.0])
    assert high > low
    job = engine.submit("search", path=loop, prompt="muffled", **options)
    step = wait_for_progress(engine, job)
    assert 0 < step.data["steps"] >= step.data["step"]
    done = last(engine, job)
    assert done.kind == "done"
    assert done.data["score_wet"] >= done.data["score_dry"]
    found = Chain.from_data(done.data["proposal"])
    low, high = found.frequency_response_db([150.0, 8000.0])
    assert high < low


def test_cancelling_stops_at_once_and_the_process_takes_new_work(engine, loop):
    job = engine.submit("search", path=loop, prompt="bright", chain="eq", device="cpu")
    waiting = engine.submit("overview", path=loop)
    wait_for_progress(engine, job)
    engine.cancel(job)
    assert last(engine, job).kind == "cancelled"
    assert last(engine, waiting).kind in ("done", "cancelled")
    assert last(engine, engine.submit("overview", path=loop)).kind == "done"


def test_what_waits_behind_a_job_that_will_not_stop_is_done_all_the_same(engine, loop):
    stubborn = engine.submit("warm")  # loads torch for a second or more and cannot be asked
    waiting = engine.submit("overview", path=loop)
    engine.cancel(stubborn)
    assert last(engine, waiting).kind == "done"


def test_a_crash_in_the_middle_is_told_and_mended(engine, loop):
    job = engine.submit("search", path=loop, prompt="bright", chain="eq", device="cpu")
    wait_for_progress(engine, job)
    os.kill(engine.pid, signal.SIGKILL)
    crashed = last(engine, job)
    assert crashed.kind == "crashed"
    assert "SIGKILL" in crashed.message
    assert last(engine, engine.submit("overview", path=loop)).kind == "done"


def test_closing_during_work_leaves_no_process(engine, loop):
    job = engine.submit("search", path=loop, prompt="bright", chain="eq", device="cpu")
    wait_for_progress(engine, job)
    pid = engine.pid
    engine.close()
    assert gone(pid)
    assert last(engine, job).kind == "cancelled"
    with pytest.raises(JobError, match="closed"):
        engine.submit("overview", path=loop)


def test_an_owner_that_is_killed_leaves_no_process(loop):
    script = f"""
import sys, time
from text2fx_studio.jobs import Engine
if __name__ == "__main__":
    engine = Engine(lambda event: None)
    engine.submit("search", path={loop!r}, prompt="bright", chain="eq", device="cpu")
    print(engine.pid, flush=True)
    time.sleep(60)
"""
    path = Path(loop).with_name("owner.py")
    path.write_text(script)
    root = Path(__file__).resolve().parents[2]
    owner = subprocess.Popen(
        [sys.executable, str(path)], stdout=subprocess.PIPE, cwd=root, text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    pid = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert gone(pid)


def test_the_overview_tells_envelope_spectrum_and_loudness(tmp_path):
    seconds = np.arange(2 * RATE) / RATE
    tone = np.stack([0.5 * np.sin(2 * np.pi * 1000 * seconds)] * 2).astype(np.float32)
    tone[:, RATE:] *= 0.1
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone.T, RATE, subtype="FLOAT")
    found = read_overview(path, 100)
    assert (found.frames, found.sample_rate, found.channels) == (2 * RATE, RATE, 2)
    np.testing.assert_allclose(found.high[2:48], 0.5, atol=0.01)
    np.testing.assert_allclose(found.low[52:98], -0.05, atol=0.001)
    assert found.frequencies_hz[found.power.argmax()] == pytest.approx(1000, rel=0.03)
    assert found.lufs == pytest.approx(integrated_lufs(tone, RATE), abs=0.02)


@pytest.mark.parametrize(
    "chain",
    [
        Chain((Equalizer({"low_shelf_gain_db": 9.0, "bell_4_gain_db": -6.0}),)),
        Chain((Equalizer({"high_pass_frequency_hz": 400.0, "high_shelf_gain_db": 6.0}),)),
        Chain((Reverb({"wet_db": -4.0, "t60_s": 0.6}),)),
    ],
)
def test_the_expected_change_of_loudness_is_the_measured_one(chain, tmp_path):
    sound = demo_loop(8.0)
    path = tmp_path / "loop.wav"
    soundfile.write(path, sound.T, RATE, subtype="FLOAT")
    seen = read_overview(path)
    expected = loudness_change_db(chain, seen.frequencies_hz, seen.power, RATE)
    shaped = render_array(sound, RATE, chain, tail=False)
    measured = integrated_lufs(shaped, RATE) - integrated_lufs(sound, RATE)
    assert expected == pytest.approx(measured, abs=1.0)


def test_a_neutral_chain_changes_no_loudness():
    frequencies = np.geomspace(20, 20_000, 50)
    assert loudness_change_db(Chain((Equalizer(),)), frequencies, np.ones(50), RATE) == 0.0
