"""The main job with the real search and the real renderer."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.cli.conftest import RATE_HZ, Run
from text2fx_studio import load_preset
from text2fx_studio.demo import demo_loop

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "text2fx_studio.cli.main"]


def _centroid_hz(path: Path) -> float:
    sound, rate = soundfile.read(path)
    power = (np.abs(np.fft.rfft(sound, axis=0)) ** 2).mean(axis=1)
    frequencies = np.fft.rfftfreq(len(sound), 1 / rate)
    return float((power * frequencies).sum() / power.sum())


@pytest.fixture
def music(tmp_path: Path) -> Path:
    path = tmp_path / "music.wav"
    soundfile.write(path, demo_loop(4.0).T, RATE_HZ, subtype="PCM_16")
    return path


@pytest.mark.slow
def test_bright_is_brighter_than_dark_and_presets_render_the_same(
    text2fx: Run, music: Path, out: Path
) -> None:
    centroids = {}
    for prompt in ("bright", "dark"):
        target, preset = out / f"{prompt}.wav", out / f"{prompt}.t2fx.json"
        done = text2fx("apply", music, prompt, "-o", target, "--preset-out", preset, "--json")
        assert done.code == 0
        data = done.data
        assert data["accepted"] is True
        assert data["score_wet"] > data["score_dry"]
        assert soundfile.info(target).subtype == "PCM_16"
        assert soundfile.info(target).frames == soundfile.info(music).frames
        kept = load_preset(preset)
        assert kept.chain.to_data() == data["parameters"]
        assert (kept.encoder, kept.weights_hash) == (data["encoder"], data["weights_hash"])
        again = out / "again.wav"
        assert text2fx("render", music, preset, "-o", again, "--overwrite").code == 0
        assert again.read_bytes() == target.read_bytes()
        centroids[prompt] = _centroid_hz(target)
    assert centroids["dark"] < _centroid_hz(music) < centroids["bright"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "seconds, level, said", [(2.0, 0.0, "silen"), (0.05, 0.1, "0.05")], ids=["silence", "short"]
)
def test_nothing_to_shape(
    text2fx: Run, tmp_path: Path, out: Path, seconds: float, level: float, said: str
) -> None:
    path = tmp_path / "clip.wav"
    noise = np.random.Generator(np.random.PCG64(3)).standard_normal((int(seconds * RATE_HZ), 2))
    soundfile.write(path, level * noise.clip(-3, 3), RATE_HZ)
    done = text2fx("apply", path, "warm", "-o", out / "o.wav")
    assert done.code == 1
    assert said in done.error_line()
    assert list(out.iterdir()) == []


@pytest.fixture
def long_noise(tmp_path: Path) -> Path:
    path = tmp_path / "long.wav"
    noise = np.random.Generator(np.random.PCG64(4)).standard_normal(240 * RATE_HZ)
    soundfile.write(path, 0.1 * noise.clip(-3, 3), RATE_HZ)
    return path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_render_leaves_nothing(
    long_noise: Path, out: Path, number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [*COMMAND, "render", str(long_noise), "cathedral", "-o", str(out / "o.wav")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not list(out.iterdir()) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    assert [p.suffix for p in out.iterdir()] == [".part"]
    process.send_signal(number)
    said, complaint = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said == ""
    assert complaint.startswith("text2fx: error: interrupted")
    assert list(out.iterdir()) == []


_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
from text2fx_studio.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
@pytest.mark.parametrize("preset", ["telephone", "neutral"])
def test_a_full_disk_is_told_and_leaves_nothing(music: Path, out: Path, preset: str) -> None:
    if preset == "neutral":
        preset = str(music.with_name("neutral.t2fx.json"))
        Path(preset).write_text('{"format": "t2fx", "version": 1, "name": "n", "chain": []}')
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, "render", str(music), preset, "-o", str(out / "o.wav"),
         "--json"],
        capture_output=True, text=True, cwd=ROOT, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "written" in done.stderr
    assert "o.wav" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert json.loads(done.stdout)["error"] in done.stderr
    assert list(out.iterdir()) == []
