"""The command line in-process, with a search that answers at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from text2fx_studio.cli.main import main
from text2fx_studio.search import engine
from text2fx_studio.search.result import Progress, SearchResult

RATE_HZ = 44_100


@dataclass
class Outcome:
    """What one run of the command line did."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The one object on stdout."""
        (line,) = self.out.splitlines()
        data: dict[str, Any] = json.loads(line)
        return data

    def error_line(self) -> str:
        """The one line on stderr."""
        (line,) = self.err.splitlines()
        assert line.startswith("text2fx: error: ")
        assert "Traceback" not in self.err
        return line


Run = Callable[..., Outcome]


@pytest.fixture
def text2fx(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> Outcome:
        code = main([str(a) for a in arguments])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return run


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Half a second of stereo noise at -20 dBFS, 24 bit."""
    folder = tmp_path / "in"
    folder.mkdir()
    path = folder / "voice.wav"
    noise = np.random.Generator(np.random.PCG64(1)).standard_normal((RATE_HZ // 2, 2))
    soundfile.write(path, 0.1 * np.clip(noise, -3, 3), RATE_HZ, subtype="PCM_24")
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An empty folder for outputs."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@dataclass
class FakeSearch:
    """Stands for the search: answers what it is told, and keeps what it was asked."""

    accepted: bool = True
    error: BaseException | None = None
    gain_db: float = 4.2
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, source: Path, prompt: str, **options: Any) -> SearchResult:
        self.asked.append({"source": source, "prompt": prompt, **options})
        report = options["progress"]
        template = Chain.parse(options.get("chain", "eq"))
        report(Progress(0, 0, 0.0, "loading the encoder"))
        report(Progress(1, 2, 0.2, "shaping", template))
        if self.error is not None:
            raise self.error
        equalizer = Equalizer(
            {"high_shelf_gain_db": self.gain_db, "high_shelf_frequency_hz": 8100.0}
        )
        found = template.replace(equalizer)
        amount = options.get("amount", 1.0)
        return SearchResult(
            prompt=prompt,
            chain=found.with_amount(amount) if self.accepted else template,
            proposal=found,
            score_dry=0.213,
            score_wet=0.287 if self.accepted else 0.213,
            accepted=self.accepted,
            reason="closer than dry" if self.accepted else "nothing scored above dry",
            loss=options.get("loss", "cosine"),
            space=options.get("space", "full"),
            amount=amount,
            seed=options.get("seed", 0),
            encoder_id="fake-1",
            weights_hash="0" * 64,
            device="cpu",
            steps=2,
            seconds=0.5,
        )


@pytest.fixture
def fake_search(monkeypatch: pytest.MonkeyPatch) -> FakeSearch:
    fake = FakeSearch()
    monkeypatch.setattr(engine, "apply_file", fake)
    return fake
