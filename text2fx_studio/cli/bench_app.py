"""``text2fx bench app``: figures of the window, each measured in a process of its own."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from text2fx_studio.cli.bench_arguments import add_json
from text2fx_studio.errors import UsageError

FIGURES = ("first_window", "stall", "callback", "memory")


def add_parser(kinds: Any) -> None:
    """Declare the benchmark."""
    parser = kinds.add_parser(
        "app",
        help="the window: first picture, longest stall, sound callback, memory of an hour",
        description="Measures the window off screen, with a sound device clocked in real time.",
    )
    parser.add_argument(
        "--only", choices=FIGURES, help="one figure instead of all (the hour takes a minute)"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Measure and tell.

    Raises:
        UsageError: The window cannot be opened here.
    """
    wanted = (args.only,) if args.only else FIGURES
    found = {name: _measure(name) for name in wanted}
    return found, "\n".join(line for name in wanted for line in _lines(name, found[name]))


def _measure(name: str) -> dict[str, Any]:
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "ui.measure", name],
        env=environment, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise UsageError(f"bench app: the window ended with status {done.returncode} ({name})")
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def _lines(name: str, found: dict[str, Any]) -> list[str]:
    if name == "first_window":
        return [f"First whole picture after {found['first_window_s']:.2f} s, imports included"]
    if name == "stall":
        return [
            f"During a search, {found['pictures_told']} moves of the curve, playing all the while:",
            f"  longest work of the GUI thread in one turn {found['longest_work_ms']:.1f} ms, "
            f"99 % under {found['work_p99_ms']:.1f} ms "
            f"(the whole window drawn once: {found['whole_picture_ms']:.1f} ms)",
            f"  longest gap between turns by the clock {found['longest_stall_ms']:.1f} ms, "
            f"99 % under {found['p99_ms']:.1f} ms; {found['underflows']} underflows",
        ]
    if name == "callback":
        return [
            f"Sound callback: median {found['callback_median_ms']:.3f} ms, longest "
            f"{found['callback_longest_ms']:.3f} ms of {found['budget_ms']:.1f} ms; "
            f"{found['underflows']} underflows in {found['callbacks']} callbacks",
            f"  from a turned knob to the device: median "
            f"{found['change_to_device_median_ms']:.0f} ms, longest "
            f"{found['change_to_device_longest_ms']:.0f} ms",
        ]
    return [
        f"A recording of {found['recording_s'] / 60:.0f} minutes: opened after "
        f"{found['opened_after_s']:.1f} s, waveform after {found['waveform_after_s']:.1f} s",
        f"  memory of the window {found['window_mb']:.0f} MB (before: "
        f"{found['window_before_mb']:.0f} MB), with all its processes "
        f"{found['all_processes_mb']:.0f} MB",
    ]
