"""bench app: what it tells; the figures themselves are measured, never tested."""

from __future__ import annotations

import json
import subprocess

import pytest

from text2fx_studio.cli import bench_app
from text2fx_studio.cli.main import main

CALLBACK = {
    "budget_ms": 11.6, "callback_median_ms": 0.02, "callback_longest_ms": 0.07, "callbacks": 500,
    "underflows": 0, "change_to_device_median_ms": 55.0, "change_to_device_longest_ms": 70.0,
}  # fmt: skip


@pytest.mark.parametrize("code", [0, 1])
def test_one_figure_is_measured_in_a_process_of_its_own(monkeypatch, capsys, code):
    asked = []

    def run(command, **options):
        asked.append((command[1:], options["env"]["QT_QPA_PLATFORM"]))
        return subprocess.CompletedProcess(command, code, stdout=json.dumps(CALLBACK))

    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setattr(bench_app.subprocess, "run", run)
    assert main(["bench", "app", "--only", "callback"]) == 2 * code
    assert asked == [(["-m", "ui.measure", "callback"], "offscreen")]
    shown = capsys.readouterr()
    told = shown.err if code else shown.out
    assert ("ended with status 1" in told) if code else ("of 11.6 ms" in told)
