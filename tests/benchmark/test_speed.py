import json

import numpy as np
import pytest
from fake_encoder import FakeEncoder

import text2fx_studio
from dsp.chain import Chain
from text2fx_studio.benchmark import report, speed
from text2fx_studio.errors import AudioContentError, UsageError
from text2fx_studio.search.result import Progress

RATE = 44_100


@pytest.fixture
def noise() -> np.ndarray:
    """Two seconds of stereo noise that is loud in its second half, [2, 88200]."""
    sound = 0.004 * np.random.default_rng(3).standard_normal((2, 2 * RATE))
    sound[:, RATE:] *= 30
    return sound.astype(np.float32)


def brighter(audio: np.ndarray) -> np.ndarray:
    """The first difference: 6 dB per octave more treble."""
    return np.diff(audio, axis=1, prepend=0).astype(np.float32)


class FakeResult:
    steps = 7
    reason = "closer to 'bright' than dry"

    def __init__(self, audio: np.ndarray) -> None:
        self.audio = audio


def test_the_judge_ignores_level_and_hears_colour(noise: np.ndarray) -> None:
    judge = speed.Judge(noise, RATE, "bright", FakeEncoder())
    dry = judge.score(noise, RATE)
    assert judge.score(0.1 * noise, RATE) == pytest.approx(dry, abs=1e-4)
    assert judge.score(brighter(noise), RATE) > dry + 0.1


def test_the_judge_listens_to_the_loud_part_only(noise: np.ndarray) -> None:
    judge = speed.Judge(noise, RATE, "bright", FakeEncoder())
    assert min(judge.starts_s) >= 0.5
    changed = noise.copy()
    changed[:, : RATE // 2] = brighter(changed[:, : RATE // 2])
    # Only the loudness changes a little, and the score not at all.
    assert judge.score(changed, RATE) == pytest.approx(judge.score(noise, RATE), abs=1e-3)


def test_the_judge_takes_other_rates_mono_and_tails(noise: np.ndarray) -> None:
    judge = speed.Judge(noise, RATE, "bright", FakeEncoder())
    dry = judge.score(noise, RATE)
    mono = noise.mean(axis=0, keepdims=True)
    tail = np.concatenate((mono, 0.5 * mono), axis=1)
    assert judge.score(mono, RATE) == pytest.approx(dry, abs=1e-6)
    assert judge.score(tail, RATE) == pytest.approx(dry, abs=1e-3)
    resampled = np.repeat(mono, 2, axis=1)  # crude, but the same below 10 kHz
    assert judge.score(resampled, 2 * RATE) == pytest.approx(dry, abs=0.1)


def test_the_judge_refuses_silence() -> None:
    with pytest.raises(AudioContentError, match="silent"):
        speed.Judge(np.zeros((1, RATE), np.float32), RATE, "warm", FakeEncoder())


def test_extrapolation_leaves_the_warm_up_out() -> None:
    result = speed.baseline.BaselineResult(
        audio=np.zeros((1, 1), np.float32), sample_rate=RATE, setting=[], scores=[0.0] * 4,
        step_seconds=[9.0, 0.2, 0.3, 0.4], step_cpu_seconds=[9.0, 0.5, 0.6, 0.7], other_seconds=1.0,
    )  # fmt: skip
    timing = speed.Timing.of(result)
    assert timing == speed.Timing(0.3, 0.6, 3, pytest.approx(1.0 + 600 * 0.3), True)


def test_a_whole_search_is_summed_not_extrapolated() -> None:
    result = speed.baseline.BaselineResult(
        audio=np.zeros((1, 1), np.float32), sample_rate=RATE, setting=[], scores=[0.0] * 600,
        step_seconds=[1.0] + [0.1] * 599, step_cpu_seconds=[0.2] * 600, other_seconds=0.5,
    )  # fmt: skip
    timing = speed.Timing.of(result)
    assert not timing.extrapolated
    assert timing.seconds == pytest.approx(0.5 + 1.0 + 59.9)


def test_both_searches_get_the_same_request(
    noise: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = FakeEncoder()
    asked: list[dict[str, object]] = []

    def fake_optimize(audio, sample_rate, prompt, **options):  # type: ignore[no-untyped-def]
        np.testing.assert_array_equal(audio, noise)
        for _ in range(3):
            options["progress"](Progress(0, 9, 0.0, "shaping", Chain()))
        options["progress"](Progress(0, 9, 0.0, "checking"))
        del options["progress"]
        asked.append({"sample_rate": sample_rate, "prompt": prompt, **options})
        return FakeResult(brighter(audio))

    monkeypatch.setattr(text2fx_studio, "optimize", fake_optimize, raising=False)
    steps: list[tuple[str, int, int]] = []
    found = speed.run(
        noise, RATE, [("eq", "bright")], encoder, audio_name="noise", seed=3,
        baseline_steps=lambda chain: 2, on_step=lambda *step: steps.append(step),
        upstream=FakeEncoder(window_s=0.3),
    )  # fmt: skip
    wanted = {
        "sample_rate": RATE, "prompt": "bright", "chain": "eq", "encoder": encoder,
        "loss": "cosine", "seed": 3, "device": "cpu",
    }  # fmt: skip
    like_for_like, shipped = {**wanted, "prior_weight": 0.0}, {**wanted, "prior_weight": 0.2}
    assert asked == [*[like_for_like] * 3, shipped]
    assert steps == [("eq", 1, 3), ("eq", 2, 3), ("eq", 3, 3)] * 2  # over ours, over the package
    (chain,) = found.chains
    assert chain.ours_seconds == sorted(chain.ours_runs_seconds)[1]
    assert chain.baseline.measured_steps == 2
    assert chain.baseline.extrapolated
    assert chain.baseline_upstream is not None
    assert chain.baseline_upstream.measured_steps == 2
    assert 0.0 < chain.ours_step_seconds < chain.ours_seconds
    assert chain.ratio == pytest.approx(chain.baseline.seconds / chain.ours_seconds)
    assert chain.score_ours > chain.score_dry
    assert chain.score_shipped >= chain.score_dry
    assert chain.score_baseline_steps == 3
    data = json.loads(json.dumps(found.to_data()))
    assert data["chains"][0]["baseline"]["step_seconds"] > 0
    assert '"bright"' in report.speed_text(data)


def test_unknown_chains_fail_before_anything_is_timed(noise: np.ndarray) -> None:
    with pytest.raises(UsageError, match="allowed are 'eq'"):
        speed.run(
            noise, RATE, [("eq", "warm"), ("gain", "warm")], FakeEncoder(), audio_name="x",
            baseline_steps=lambda chain: 1,
        )  # fmt: skip
