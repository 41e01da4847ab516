from functools import partial

import numpy as np
import pytest
import torch
from dasp_pytorch.modules import NoiseShapedReverb, ParametricEQ
from fake_encoder import FakeEncoder

from text2fx_studio.benchmark import text2fx_baseline as baseline
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.errors import AudioContentError, PromptError, UsageError


@pytest.fixture
def noise() -> np.ndarray:
    """One second of quiet stereo noise at 44.1 kHz, [2, 44100]."""
    return (0.05 * np.random.default_rng(0).standard_normal((2, 44_100))).astype(np.float32)


def test_the_fake_follows_the_protocol() -> None:
    assert isinstance(FakeEncoder(), Encoder)


def test_cosine_loss_by_hand() -> None:
    audio = torch.tensor([[3.0, 4.0], [1.0, 0.0]])
    text = torch.tensor([[4.0, 3.0], [-2.0, 0.0]])
    assert baseline.cosine_loss(audio, text).tolist() == pytest.approx([1 - 24 / 25, 2.0])


def test_directional_loss_by_hand() -> None:
    # audio - dry = (0, 2), text - opposite = (3, 3): 45 degrees apart.
    loss = baseline.directional_loss(
        torch.tensor([[1.0, 3.0]]), torch.tensor([[1.0, 1.0]]),
        torch.tensor([[2.0, 1.0]]), torch.tensor([[-1.0, -2.0]]),
    )  # fmt: skip
    assert loss.tolist() == pytest.approx([1 - 0.5**0.5])


def test_directional_loss_is_unguarded_at_dry_as_published() -> None:
    one = torch.tensor([[1.0, 0.0]])
    assert baseline.directional_loss(one, one, one, -one).isnan().all()


def test_peaks_are_scaled_down_per_channel_and_never_up() -> None:
    audio = torch.tensor([[0.5, -4.0, 2.0], [0.1, 0.2, -0.3]])
    expected = torch.tensor([[0.125, -1.0, 0.5], [0.1, 0.2, -0.3]])
    torch.testing.assert_close(baseline.limit_peaks(audio), expected)


@pytest.mark.parametrize("rate_in,rate_out", [(44_100, 32_000), (44_100, 48_000)])
def test_resampling_keeps_a_tone_and_removes_what_lies_above(rate_in: int, rate_out: int) -> None:
    t = np.arange(rate_in) / rate_in
    tone = torch.from_numpy(np.sin(2 * np.pi * 1000 * t))[None]
    above = torch.from_numpy(np.sin(2 * np.pi * 20_000 * t))[None]
    wanted = torch.from_numpy(np.sin(2 * np.pi * 1000 * np.arange(rate_out) / rate_out))[None]
    inner = slice(rate_out // 10, -rate_out // 10)
    got = baseline.resample_by_fft(tone, rate_in, rate_out)
    assert got.shape == wanted.shape
    assert (got - wanted)[:, inner].abs().max() < 1e-3
    if rate_out < rate_in:
        assert baseline.resample_by_fft(above, rate_in, rate_out)[:, inner].abs().max() < 1e-3


def test_resampling_length_and_gradient() -> None:
    audio = torch.randn(1, 10_007, dtype=torch.float64, requires_grad=True)
    out = baseline.resample_by_fft(audio, 44_100, 32_000)
    assert out.shape == (1, -(-10_007 * 32_000 // 44_100))
    out.square().sum().backward()
    assert audio.grad is not None
    assert (audio.grad.abs() > 0).float().mean() > 0.99


def test_a_short_sound_is_repeated_and_a_long_one_cropped() -> None:
    encoder = FakeEncoder(sample_rate=10, window_s=1.0)
    short = baseline.crop_for_encoder(torch.tensor([[1.0, 2.0, 3.0, 4.0]]), encoder)
    assert short.tolist() == [[1, 2, 3, 4, 1, 2, 3, 4, 1, 2]]
    ramp = torch.arange(100.0)[None]
    starts = {float(baseline.crop_for_encoder(ramp, encoder)[0, 0]) for _ in range(200)}
    assert len(starts) > 40
    assert max(starts) < 90
    piece = baseline.crop_for_encoder(ramp, encoder)
    assert piece.diff().tolist() == [[1.0] * 9]


def test_ranges_are_dasps_and_the_middle_of_the_logits_is_the_middle_of_the_range() -> None:
    processors = baseline.make_processors("eq, reverb")
    assert [kind for kind, _ in processors] == ["eq", "reverb"]
    theirs = (ParametricEQ(sample_rate=44_100), NoiseShapedReverb(sample_rate=44_100))
    total = sum(p.num_params for p in theirs)
    lowest, middle, highest = (
        baseline.physical_setting(processors, torch.full((1, total), value))
        for value in (-40.0, 0.0, 40.0)
    )
    for index, processor in enumerate(theirs):
        for name, (low, high) in processor.param_ranges.items():
            assert lowest[index]["parameters"][name] == pytest.approx(low, abs=1e-4)
            half = (low + high) / 2
            assert middle[index]["parameters"][name] == pytest.approx(half, abs=1e-4)
            assert highest[index]["parameters"][name] == pytest.approx(high, rel=1e-5, abs=1e-4)
    assert middle[0]["parameters"]["band3_cutoff_freq"] == pytest.approx((12_000 + 21_050) / 2)


def test_zero_logits_leave_the_sound_as_it_is(noise: np.ndarray) -> None:
    processors = baseline.make_processors("eq")
    mono = baseline.prepare(noise, 44_100)
    out = baseline.apply_effects(processors, mono, torch.zeros(1, 18))
    torch.testing.assert_close(out, mono, atol=1e-6, rtol=0)


def test_the_gradient_reaches_every_equalizer_logit(noise: np.ndarray) -> None:
    processors = baseline.make_processors("eq")
    encoder = FakeEncoder()
    logits = torch.randn(1, 18, generator=torch.Generator().manual_seed(3), requires_grad=True)
    wet = baseline.apply_effects(processors, baseline.prepare(noise, 44_100), logits)
    heard = encoder.embed_audio(
        baseline.resample_by_fft(wet, 44_100, encoder.sample_rate).mean(dim=1)
    )
    baseline.cosine_loss(heard, encoder.embed_text(["this sound is bright"])).mean().backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()
    assert (logits.grad != 0).all()


def test_the_same_seed_gives_the_same_search_and_leaves_the_global_generator(
    noise: np.ndarray,
) -> None:
    before = torch.random.get_rng_state()
    runs = [
        baseline.search(noise, 44_100, "bright", "eq", FakeEncoder(), seed=seed, steps=3)
        for seed in (5, 5, 6)
    ]
    assert torch.equal(torch.random.get_rng_state(), before)
    np.testing.assert_array_equal(runs[0].audio, runs[1].audio)
    assert runs[0].setting == runs[1].setting
    assert runs[0].scores == runs[1].scores
    assert runs[0].setting != runs[2].setting


def test_the_texts_are_text2fxs(noise: np.ndarray) -> None:
    encoder = FakeEncoder()
    baseline.search(noise, 44_100, "bright", "eq", encoder, loss="directional", steps=1)
    assert encoder.texts == ["this sound is bright", "this sound is not bright"]
    # Directional: the dry sound once, then once a step; always one crop of half a second.
    assert encoder.embedded_shapes == [(1, 16_000)] * 2


def test_the_search_climbs_and_returns_the_last_iterate(
    noise: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A large rate, so that few steps suffice to climb, and the last iterate is not the best one.
    monkeypatch.setattr(baseline, "LEARNING_RATE", 0.2)
    seen: list[torch.Tensor] = []
    apply = baseline.apply_effects

    def spy(processors, audio, logits):  # type: ignore[no-untyped-def]
        seen.append(logits.detach().clone())
        return apply(processors, audio, logits)

    monkeypatch.setattr(baseline, "apply_effects", spy)
    result = baseline.search(noise, 44_100, "bright", "eq", FakeEncoder(), seed=1, steps=25)
    assert result.steps == len(result.scores) == 25
    assert np.mean(result.scores[-5:]) > np.mean(result.scores[:5]) + 0.05
    # The effects ran 25 times in the loop and once more, on the logits after the last step.
    assert len(seen) == 26
    assert not torch.equal(seen[-1], seen[-2])
    processors = baseline.make_processors("eq")
    assert result.setting == baseline.physical_setting(processors, seen[-1])
    again = apply(processors, baseline.prepare(noise, 44_100), seen[-1])[0].numpy()
    np.testing.assert_allclose(result.audio, again, atol=1e-6)


def test_the_first_step_has_adams_length(
    noise: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Adam's first step moves each parameter by the learning rate, whatever the gradient's size.
    seen: list[torch.Tensor] = []
    apply = baseline.apply_effects

    def spy(processors, audio, logits):  # type: ignore[no-untyped-def]
        seen.append(logits.detach().clone())
        return apply(processors, audio, logits)

    monkeypatch.setattr(baseline, "apply_effects", spy)
    baseline.search(noise, 44_100, "bright", "eq", FakeEncoder(), steps=1)
    moved = (seen[1] - seen[0]).abs()
    torch.testing.assert_close(moved, torch.full_like(moved, 0.01), rtol=1e-2, atol=0)


@pytest.mark.parametrize("sample_rate", [22_050, 48_000])
def test_output_is_mono_at_44100_and_keeps_the_length(sample_rate: int) -> None:
    audio = (0.1 * np.random.default_rng(1).standard_normal((2, sample_rate))).astype(np.float32)
    result = baseline.search(audio, sample_rate, "warm", "eq", FakeEncoder(), steps=1)
    assert result.sample_rate == 44_100
    assert result.audio.shape == (1, 44_100)
    assert result.audio.dtype == np.float32
    assert np.abs(result.audio).max() <= 1.0


def short_reverb(sample_rate: int) -> NoiseShapedReverb:
    """dasp's reverb with an impulse response of 2,048 samples instead of 65,536, for speed."""
    processor = NoiseShapedReverb(sample_rate)
    processor.process_fn = partial(processor.process_fn, num_samples=2048)
    return processor


def test_the_reverb_makes_stereo_and_draws_seeded_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "PROCESSORS", {"eq": ParametricEQ, "reverb": short_reverb})
    audio = (0.1 * np.random.default_rng(2).standard_normal((1, 4_000))).astype(np.float32)
    result, again = (
        baseline.search(
            audio, 44_100, "spacious", "eq,reverb", FakeEncoder(window_s=0.08), steps=2, seed=4
        )
        for _ in range(2)
    )
    np.testing.assert_array_equal(result.audio, again.audio)
    assert np.abs(result.audio[0] - result.audio[1]).max() > 1e-3
    assert result.audio.shape == (2, 4_000)
    assert [item["effect"] for item in result.setting] == ["eq", "reverb"]
    assert len(result.setting[1]["parameters"]) == 25
    assert all(0.0 < v < 1.0 for v in result.setting[1]["parameters"].values())
    assert np.isfinite(result.scores).all()


def test_progress_is_reported(noise: np.ndarray) -> None:
    seen: list[tuple[int, int]] = []
    baseline.search(
        noise, 44_100, "warm", "eq", FakeEncoder(), steps=2, on_step=lambda *s: seen.append(s)
    )
    assert seen == [(1, 2), (2, 2)]


@pytest.mark.parametrize("chain", ["", "gain", "eq,eq", "eq,compressor"])
def test_other_chains_are_refused(noise: np.ndarray, chain: str) -> None:
    with pytest.raises(UsageError, match="allowed are 'eq'"):
        baseline.search(noise, 44_100, "warm", chain, FakeEncoder(), steps=1)


def test_bad_requests_are_refused(noise: np.ndarray) -> None:
    encoder = FakeEncoder()
    with pytest.raises(UsageError, match="steps"):
        baseline.search(noise, 44_100, "warm", "eq", encoder, steps=0)
    with pytest.raises(UsageError, match="loss"):
        baseline.search(noise, 44_100, "warm", "eq", encoder, loss="standard")  # type: ignore[arg-type]
    with pytest.raises(PromptError, match="empty"):
        baseline.search(noise, 44_100, "  ", "eq", encoder, steps=1)
    with pytest.raises(AudioContentError, match="shape"):
        baseline.search(np.zeros((1, 0), np.float32), 44_100, "warm", "eq", encoder)
    noise[0, 5] = np.nan
    with pytest.raises(AudioContentError, match="NaN"):
        baseline.search(noise, 44_100, "warm", "eq", encoder)
