"""The window's thread while a search runs and sound plays: none costs two whole pictures.

What counts is the processor time of that thread: by the clock, a busy machine would be measured. It
is told beside the time of drawing the whole window once, measured in the same run: a machine of
half the speed doubles both. In milliseconds, ``text2fx bench app`` tells.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

TRIES = 3  # a core that is shared with others is slower; one quiet run proves the point


def measured():
    done = subprocess.run(
        [sys.executable, "-m", "ui.measure", "stall"], capture_output=True, text=True, check=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def is_quick(run):
    picture_ms = run["whole_picture_ms"]
    return run["longest_work_ms"] < 2.0 * picture_ms and run["work_p99_ms"] < 1.5 * picture_ms


@pytest.mark.slow
@pytest.mark.alone
def test_no_turn_of_the_window_costs_as_much_as_two_whole_pictures():
    runs = []
    while not any(map(is_quick, runs)):
        assert len(runs) < TRIES, runs
        runs.append(measured())
        assert runs[-1]["state"] == "ready"
        assert runs[-1]["pictures_told"] >= 10
        assert runs[-1]["turns"] > 100
