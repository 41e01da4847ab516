"""The window's thread while a search runs and sound plays: no turn may take a sixtieth of a second.

What counts is the processor time of that thread: by the clock, a busy machine would be measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

TURN_MS = 16.0
TRIES = 3  # a core that is shared with others is slower; one quiet run proves the point


def measured():
    done = subprocess.run(
        [sys.executable, "-m", "ui.measure", "stall"], capture_output=True, text=True, check=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.alone
def test_no_turn_of_the_window_takes_longer_than_a_frame():
    runs = []
    for _ in range(TRIES):
        runs.append(measured())
        assert runs[-1]["state"] == "ready"
        assert runs[-1]["pictures_told"] >= 10
        assert runs[-1]["turns"] > 100
        if runs[-1]["longest_work_ms"] < TURN_MS:
            break
    assert min(run["longest_work_ms"] for run in runs) < TURN_MS, runs
    assert min(run["work_p99_ms"] for run in runs) < TURN_MS / 1.5, runs
