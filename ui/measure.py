"""Figures of the app on this machine: ``text2fx bench app`` runs this in processes of its own.

Each figure is measured on the real window: time to the first picture, the longest stall of the GUI
thread while a search runs, the callback's time against its budget with a device that is clocked in
real time, the time from a turned knob to the device, and memory with a 60-minute recording open.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BEGAN = time.perf_counter()  # before Qt is imported: the first picture is timed from here

import numpy as np  # noqa: E402
from PySide6.QtCore import QCoreApplication, Qt, QTimer  # noqa: E402

from dsp.chain import Chain  # noqa: E402
from dsp.equalizer import Equalizer  # noqa: E402
from dsp.reverb import Reverb  # noqa: E402
from text2fx_studio.playback import FakeOutput  # noqa: E402

PATIENCE_S = 300.0
HOUR_S = 3600
RATE = 44_100


def main(what: str) -> dict[str, Any]:
    """Measure one thing; see ``FIGURES``."""
    return FIGURES[what]()


def first_window() -> dict[str, Any]:
    """Seconds from the interpreter's first line to the first whole picture."""
    window = _window()
    QCoreApplication.processEvents()
    window.grab()
    seconds = time.perf_counter() - BEGAN
    heavy = sorted({"torch", "transformers"} & set(sys.modules))
    window.close()
    return {"first_window_s": seconds, "heavy_modules": heavy}


def stall() -> dict[str, Any]:
    """Longest gap between turns of the event loop while a search runs and sound plays."""
    window = _window()
    window.start(restore=False)
    parts = window.parts
    with tempfile.TemporaryDirectory() as folder:
        path = _demo(Path(folder))
        window.files.open(path)
        _until(lambda: parts.recording.overview is not None)
        _until(lambda: parts.listening._player is not None)  # it opens in a thread of its own
        window.listen.play()
        _until(lambda: parts.listening.position_s > 0.5)
        _settle(3.0)  # the encoder loads, the first pictures are drawn
        watch = _Watch()
        parts.prompt.field.set_prompt("warm and full-bodied")
        window.shape.start_again()
        _until(lambda: not parts.shaping.running)
        gaps, work = watch.stop()
        player = parts.listening._player
        state = parts.shaping.state
        underflows = player.underflows if player is not None else -1
        steps = len(parts.shaping.progress.history) if parts.shaping.progress else 0
        window.shape.start_again()  # the processor is as busy then as it was before
        picture_ms = 1000 * _whole_picture_s(window)
        window.close()
    gaps_ms, work_ms = 1000 * np.array(gaps), 1000 * np.array(work)
    return {
        "longest_work_ms": float(work_ms.max()),
        "work_over_16_ms": int((work_ms > 16).sum()),
        "work_p99_ms": float(np.percentile(work_ms, 99)),
        "longest_stall_ms": float(gaps_ms.max()),
        "stalls_over_16_ms": int((gaps_ms > 16).sum()),
        "p99_ms": float(np.percentile(gaps_ms, 99)),
        "whole_picture_ms": picture_ms,
        "turns": len(gaps),
        "pictures_told": steps,
        "underflows": underflows,
        "state": state,
    }


def callback() -> dict[str, Any]:
    """Callback time against its budget, and from a change of the setting to the device."""
    from text2fx_studio.player import Player, State

    with tempfile.TemporaryDirectory() as folder:
        path = _demo(Path(folder))
        player = Player(path, opener=lambda fill, rate: FakeOutput(fill, rate, keep=True))
        fake = player.output
        if not isinstance(fake, FakeOutput):
            raise TypeError("a fake device is needed")
        room = Reverb({"wet_db": -9.0, "t60_s": 1.5})
        player.set_state(State(Chain((Equalizer(), room)), wet=True, loop_s=(0.0, 4.0)))
        player.play()
        time.sleep(2.0)
        delays = []
        for turn in range(20):
            gain = -12.0 if turn % 2 else 12.0
            eq = Equalizer({"bell_3_gain_db": gain, "bell_3_frequency_hz": 650.0})
            began = time.perf_counter()
            written = player.ring.written
            player.set_state(State(Chain((eq, room)), wet=True, loop_s=(0.0, 4.0)))
            while player._response is None or player._response.chain.get(Equalizer) != eq:
                time.sleep(0.0005)
            designed = player.ring.written  # the next block written carries the change
            while player.ring.read <= designed:
                time.sleep(0.0005)
            delays.append(time.perf_counter() - began)
            time.sleep(0.15)
            del written
        underflows = player.underflows
        player.close()
    times_ms = 1000 * np.array(fake.times_s)
    return {
        "budget_ms": 1000 * fake.period_s,
        "callback_median_ms": float(np.median(times_ms)),
        "callback_p99_ms": float(np.percentile(times_ms, 99)),
        "callback_longest_ms": float(times_ms.max()),
        "callbacks": len(times_ms),
        "underflows": underflows,
        "change_to_device_median_ms": 1000 * float(np.median(delays)),
        "change_to_device_longest_ms": 1000 * float(np.max(delays)),
    }


def memory() -> dict[str, Any]:
    """Resident memory of the window, and with all its processes, with an hour open and playing."""
    window = _window()
    window.start(restore=False)
    parts = window.parts
    with tempfile.TemporaryDirectory() as folder:
        path = _hour(Path(folder))
        before = _memory_mb(only_self=True)
        began = time.perf_counter()
        window.files.open(path)
        _until(lambda: parts.document.source == path)
        opened = time.perf_counter() - began
        _until(lambda: parts.recording.overview is not None)
        seen = time.perf_counter() - began
        window.listen.play()
        _until(lambda: parts.listening.position_s > 1.0)
        result = {
            "recording_s": HOUR_S,
            "window_before_mb": before,
            "window_mb": _memory_mb(only_self=True),
            "all_processes_mb": _memory_mb(only_self=False),
            "opened_after_s": opened,
            "waveform_after_s": seen,
        }
        window.close()
    return result


FIGURES: dict[str, Callable[[], dict[str, Any]]] = {
    "first_window": first_window,
    "stall": stall,
    "callback": callback,
    "memory": memory,
}


def _window() -> Any:
    from ui.app import make_application
    from ui.main_window import MainWindow
    from ui.theme import Theme

    window = MainWindow(Theme.of(make_application()), FakeOutput)
    window.show()
    return window


class _Watch:
    """A timer that fires at every turn of the event loop, and how long each turn took.

    By the clock, and by the processor time that the GUI thread itself used: on a machine that is
    busy with other things the first is longer by what the system took away.
    """

    def __init__(self) -> None:
        self._gaps: list[float] = []
        self._work: list[float] = []
        self._last_work = time.thread_time()
        self._last = time.perf_counter()
        self._timer = QTimer(interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turn)
        self._timer.start()

    def _turn(self) -> None:
        now = time.perf_counter()
        self._gaps.append(now - self._last)
        self._last = now
        work = time.thread_time()
        self._work.append(work - self._last_work)
        self._last_work = work

    def stop(self) -> tuple[list[float], list[float]]:
        self._timer.stop()
        return self._gaps, self._work


def _whole_picture_s(window: Any) -> float:
    """Processor time that the GUI thread needs to draw the whole window once: the median of nine.

    What a turn costs is told beside it: both are longer on a slower machine, their ratio is not.
    """
    times = []
    for _ in range(9):
        began = time.thread_time()
        window.grab()
        times.append(time.thread_time() - began)
    return float(np.median(times))


def _demo(folder: Path) -> Path:
    from text2fx_studio.demo import write_loop

    path = folder / "loop.wav"
    write_loop(path)
    return path


def _hour(folder: Path) -> Path:
    import soundfile

    path = folder / "hour.wav"
    rng = np.random.default_rng(0)
    minute = (0.1 * rng.standard_normal((RATE * 60, 2))).astype(np.float32)
    with soundfile.SoundFile(path, "w", RATE, 2, subtype="PCM_16") as file:
        for _ in range(HOUR_S // 60):
            file.write(minute)
    return path


def _memory_mb(*, only_self: bool) -> float:
    """Resident memory (Linux); 0 where the system does not tell."""
    import os

    pids = [os.getpid()]
    if not only_self:
        for task in Path("/proc/self/task").glob("*/children"):
            pids += [int(pid) for pid in task.read_text().split()]
    total = 0.0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            continue
        total += sum(float(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
    return total


def _until(condition: Callable[[], bool]) -> None:
    """Let Qt's own loop run until a condition holds: its turns are what is measured."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the window did not get there in time")
        QCoreApplication.processEvents()
        time.sleep(0.001)


def _settle(seconds: float) -> None:
    end = time.monotonic() + seconds
    _until(lambda: time.monotonic() > end)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1])) + "\n")
