"""Work off the GUI thread answers on it; the engine's events arrive on it."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from PySide6.QtCore import QObject

from ui.tasks.engine_client import EngineClient
from ui.tasks.run_task import run_task

PATIENCE_MS = 60_000


def test_a_task_answers_on_the_gui_thread(qtbot):
    owner, answers = QObject(), []
    run_task(
        owner,
        threading.get_ident,
        lambda worker: answers.append((worker, threading.get_ident())),
    )
    qtbot.waitUntil(lambda: bool(answers))
    worker, here = answers[0]
    assert here == threading.get_ident() != worker


def test_a_task_that_fails_tells_its_owner(qtbot):
    owner, errors = QObject(), []
    run_task(owner, lambda: 1 / 0, errors.append, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], ZeroDivisionError)


@pytest.fixture
def client(qapp):
    made = EngineClient()
    yield made
    made.close()


def test_events_arrive_on_the_gui_thread(qtbot, client):
    seen = []
    client.submit("overview", lambda e: seen.append((e, threading.get_ident())), path="/no.wav")
    qtbot.waitUntil(lambda: bool(seen), timeout=PATIENCE_MS)
    event, thread = seen[0]
    assert (event.kind, event.error) == ("failed", "AudioFileError")
    assert thread == threading.get_ident()


def test_a_crash_is_told_once_and_the_next_request_works(qtbot, client):
    seen, crashes = [], []
    client.crashed.connect(crashes.append)
    client.submit("warm", seen.append)
    os.kill(client.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: bool(seen), timeout=PATIENCE_MS)
    assert seen[0].kind == crashes[0].kind == "crashed"
    client.submit("overview", seen.append, path="/no.wav")
    qtbot.waitUntil(lambda: len(seen) == 2, timeout=PATIENCE_MS)
    assert seen[1].error == "AudioFileError"


def test_a_dropped_job_is_not_heard_of_again(qtbot, client):
    heard, after = [], []
    job = client.submit("warm", heard.append)
    client.drop(job)
    client.submit("overview", after.append, path="/no.wav")
    qtbot.waitUntil(lambda: bool(after), timeout=PATIENCE_MS)
    assert heard == []
