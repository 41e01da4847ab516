"""The search with an encoder that costs tenths of a second a step (a small random CLAP here)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from dsp.chain import Chain
from tests.encoders import clap_fixtures as fixtures
from text2fx_studio.encoders.clap_encoder import ClapEncoder
from text2fx_studio.encoders.laion import load_laion
from text2fx_studio.search import optimize
from text2fx_studio.search.effort import FRUGAL, Effort, effort_for
from text2fx_studio.search.optimizer import Schedule
from text2fx_studio.search.preparation import listen
from text2fx_studio.search.windows import ArraySource, window_seconds

RATE = 44_100


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> ClapEncoder:
    home = tmp_path_factory.mktemp("clap")
    fixtures.write_laion(home / "small.pt")
    fixtures.write_roberta_files(home / "roberta-base")
    return load_laion(home / "small.pt")


def _noise(seconds: float) -> np.ndarray:
    white = np.random.Generator(np.random.PCG64(1)).standard_normal((2, round(seconds * RATE)))
    return (0.1 * white).astype(np.float32)


def test_a_heavy_encoder_is_asked_less(encoder: ClapEncoder) -> None:
    assert effort_for(encoder, "cpu") == FRUGAL
    assert effort_for(encoder, "cuda") == Effort()
    assert FRUGAL.windows * FRUGAL.kept * FRUGAL.schedule.steps < 100  # against 600 of Text2FX


def test_a_search_runs_and_repeats(encoder: ClapEncoder, tmp_path: Path) -> None:
    audio = _noise(11.0)
    one, two = (
        optimize(audio, RATE, "warm", encoder=encoder, chain="eq", device="cpu") for _ in range(2)
    )
    assert one.encoder_id == "laion-htsat-8x2-1-1-1"
    assert one.proposal == two.proposal
    assert one.score_wet == two.score_wet
    assert one.score_wet >= one.score_dry


def test_what_it_cannot_hear_is_held_still(encoder: ClapEncoder) -> None:
    """Its passband ends at 14 kHz; no searched frequency lies above."""
    from text2fx_studio.search.variables import Variables

    columns = Variables(Chain.parse("eq,reverb"), encoder.passband_hz).columns
    highest = [v.parameter.to_scale(14_000.0) for v in columns if v.parameter.unit == "Hz"]
    ends = [v.high for v in columns if v.parameter.unit == "Hz"]
    assert all(end <= top + 1e-9 for end, top in zip(ends, highest, strict=True))


def test_a_short_recording_is_repeated_for_it(encoder: ClapEncoder) -> None:
    source = ArraySource(_noise(3.0), RATE)
    assert window_seconds(encoder, 3.0) == 3.0
    assert window_seconds(encoder, 30.0) == window_seconds(encoder, 9.9999) == 10.0
    windows, cached = listen(source, encoder, "cpu", None)
    assert windows.seconds == pytest.approx(3.0)
    assert cached.dry_power.shape == (1, 64, 301)
    assert float(cached.dry_power[..., -5].amin()) > 0  # sound up to the end
    with torch.no_grad():
        found = encoder.embed_mel(cached.dry_power)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(1))


def test_what_a_step_took_is_told(encoder: ClapEncoder) -> None:
    found = optimize(_noise(2.0), RATE, "warm", encoder=encoder, chain="eq", device="cpu")
    assert 0.0 < found.step_seconds * (found.steps + 1) < found.seconds


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_finds_what_the_cpu_finds(encoder: ClapEncoder) -> None:
    audio, schedule = _noise(11.0), Schedule(steps=20)
    asked = {"chain": "eq", "prompt": "warm", "schedule": schedule}
    near = optimize(audio, RATE, encoder=encoder, device="cpu", **asked)
    far = optimize(audio, RATE, encoder=encoder, device="cuda", **asked)
    encoder.to("cpu")
    assert far.device == "cuda"
    assert far.score_wet == pytest.approx(near.score_wet, abs=5e-3)
