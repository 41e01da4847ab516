"""Small folders of recordings, and an engine without processes for what does not need them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from text2fx_studio.batch import Plan, Settings, engine, make_plan
from text2fx_studio.batch.executor import Answer
from text2fx_studio.batch.questions import QUESTIONS
from text2fx_studio.batch.task import Task
from text2fx_studio.batch.work import Workshop
from text2fx_studio.preset import Preset, save_preset

RATE_HZ = 44_100


def tone(path: Path, seconds: float = 0.5, rate: int = RATE_HZ, channels: int = 1, **how) -> Path:
    """Noise with a slope, of its own for each name."""
    rng = np.random.default_rng(sum(path.name.encode()))
    noise = rng.standard_normal((round(seconds * rate), channels))
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.1 * np.clip(noise, -3, 3), rate, **how)
    return path


@pytest.fixture
def pack(tmp_path) -> Path:
    """Four good files, nested, with names of all kinds, and one that is text."""
    folder = tmp_path / "in"
    tone(folder / "a.wav")
    tone(folder / "b c.flac", rate=48_000, channels=2)
    tone(folder / "sub" / "Ünï.ogg", rate=22_050)
    tone(folder / "sub" / "deep" / "d.aiff", rate=8_000)
    (folder / "sub" / "text.wav").write_text("no sound in here\n" * 20)
    (folder / "notes.txt").write_text("not a recording")
    return folder


@pytest.fixture
def preset(tmp_path) -> Path:
    path = tmp_path / "bright.t2fx.json"
    eq = Equalizer({"high_shelf_gain_db": 6.0, "high_shelf_frequency_hz": 4000.0})
    save_preset(Preset(Chain((eq,)), "bright"), path)
    return path


class Inline:
    """An executor that works when it is asked for answers, in this process."""

    workers = 1

    def __init__(self) -> None:
        self.waiting: list[list[Task]] = []
        self.seen: list[str] = []
        self.closed = False

    @property
    def free(self) -> int:
        return 0 if self.waiting else 1

    def submit(self, group: Sequence[Task]) -> None:
        self.waiting.append(list(group))

    def answers(self, timeout_s: float) -> list[Answer]:
        told: list[Answer] = []
        if self.waiting:
            group = self.waiting.pop(0)
            self.seen += [task.file for task in group]
            Workshop(lambda kind, file, data: told.append(Answer(kind, file, data))).run([group])
        return told

    def ask(self, question: str, **data: Any) -> dict[str, Any]:
        return QUESTIONS[question](**data)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def inline(monkeypatch) -> list[Inline]:
    """Every run of the engine stays in this process; the list holds their executors."""
    made: list[Inline] = []

    def make(*_: object) -> Inline:
        made.append(Inline())
        return made[-1]

    monkeypatch.setattr(engine, "_executor", make)
    return made


def plan_of(pack: Path, out: Path, preset: Path, **more) -> Plan:
    return make_plan(pack, out, Settings(preset=str(preset)), **more)


def events_of(plan: Plan, **how):
    """All events of a run, by kind; and the last."""
    found: dict[str, list[Any]] = {}
    for event in engine.run(plan, **how):
        found.setdefault(event.kind, []).append(event)
    return found


def files(events) -> list[str]:
    return [event.file for event in events]


def tree(folder: Path) -> dict[str, bytes]:
    """Content of all files but the record and the page, which tell of times."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in ("batch.jsonl", "batch.html")
    }
