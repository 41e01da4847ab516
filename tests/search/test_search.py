"""The whole search with a toy encoder whose meaning is known."""

import numpy as np
import pytest
import torch

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from tests.search.toy_encoder import ToyEncoder
from text2fx_studio.errors import (
    AudioContentError,
    CancelledError,
    ParameterError,
    PromptError,
    UsageError,
)
from text2fx_studio.search.engine import ACCEPT_MARGIN, optimize
from text2fx_studio.search.optimizer import Schedule

RATE = 44_100


@pytest.fixture(scope="module")
def audio():
    generator = np.random.default_rng(3)
    white = np.fft.rfft(generator.standard_normal((2, 3 * RATE)))
    pink = np.fft.irfft(white / np.sqrt(np.arange(white.shape[-1]) + 50), 3 * RATE)
    hits = np.exp(-((np.arange(3 * RATE) % (RATE // 2)) / (0.05 * RATE)))
    return (0.2 * pink / pink.std() * hits).astype(np.float32)


def run(audio, prompt, **options):
    return optimize(audio, RATE, prompt, **{"encoder": ToyEncoder(), "device": "cpu", **options})


def centroid_hz(audio):
    power = np.abs(np.fft.rfft(audio.mean(axis=0))) ** 2
    return float((np.fft.rfftfreq(audio.shape[-1], 1 / RATE) * power).sum() / power.sum())


@pytest.mark.parametrize("loss", ["cosine", "directional"])
def test_words_move_the_sound_their_way(audio, loss):
    bright, dark = run(audio, "bright", loss=loss), run(audio, "dark", loss=loss)
    assert bright.accepted
    assert dark.accepted
    assert centroid_hz(dark.audio) < centroid_hz(audio) < centroid_hz(bright.audio)
    for result in (bright, dark):
        assert result.score_wet >= result.score_dry + ACCEPT_MARGIN
        assert result.audio.shape == audio.shape
        assert result.audio.dtype == np.float32


def test_two_runs_with_one_seed_are_bit_identical(audio):
    first, second = run(audio, "bright", seed=7), run(audio, "bright", seed=7)
    assert first.chain == second.chain
    assert np.array_equal(first.audio, second.audio)
    assert first.history == second.history


def test_nothing_better_than_dry_leaves_the_sound_alone(audio, monkeypatch):
    target = ToyEncoder()
    dry = None

    def already_there(texts):
        return torch.stack([dry for _ in texts])

    from text2fx_studio.search import windows

    cut = windows.loud_windows(windows.ArraySource(audio, RATE), target.window_s, context_s=0.0)
    mono, _ = windows.to_encoder(cut, target.sample_rate, target.window_s)
    dry = torch.nn.functional.normalize(target.embed_audio(mono).mean(0), dim=-1)
    monkeypatch.setattr(target, "embed_text", already_there)
    result = optimize(audio, RATE, "as it is", encoder=target, device="cpu")
    assert not result.accepted
    assert result.chain.is_neutral()
    assert result.score_wet == result.score_dry
    assert np.array_equal(result.audio, audio)
    assert "no better than dry" in result.reason


def test_reverb_is_searched_and_its_tail_is_kept(audio):
    result = run(audio, "long", chain="reverb")
    assert result.accepted
    room = result.chain.get(Reverb)
    assert room.values["wet_db"] > -30
    assert result.audio.shape[1] > audio.shape[1]
    assert run(audio, "long", chain="reverb", tail=False).audio.shape == audio.shape


def test_amount_holds_part_of_the_setting(audio):
    full = run(audio, "bright")
    part = run(audio, "bright", amount=0.25)
    assert part.proposal == full.proposal
    assert part.chain == full.chain.with_amount(0.25)
    assert run(audio, "bright", amount=0.0).chain.is_neutral()


def test_prior_keeps_gains_moderate(audio):
    eq = run(audio, "bright").chain.get(Equalizer)
    gains = [abs(v) for name, v in eq.values.items() if name.endswith("_gain_db")]
    assert max(gains) < 17.0


def test_progress_tells_the_best_setting_so_far_and_cancel_stops(audio):
    seen = []
    run(audio, "bright", progress=seen.append, schedule=Schedule(steps=6))
    steps = [event.step for event in seen if event.chain is not None]
    assert steps == sorted(steps)
    assert isinstance(seen[-2].chain, Chain)
    with pytest.raises(CancelledError):
        run(audio, "bright", cancel=lambda: True)


@pytest.mark.parametrize(
    "options,error,message",
    [
        ({"chain": "flanger"}, ParameterError, "unknown effect 'flanger'"),
        ({"chain": "gain"}, UsageError, "holds nothing to search"),
        ({"loss": "l2"}, UsageError, "loss: found 'l2'"),
        ({"space": "half"}, UsageError, "space: found 'half', allowed are full, centred"),
        ({"space": "plshead"}, UsageError, "needs fitted axes, and there are none"),
        ({"concepts": "bright"}, UsageError, "give a prompt or concepts, not both"),
        ({"amount": 1.5}, UsageError, "amount: found 1.5"),
        ({"device": "tpu"}, UsageError, "device: found 'tpu'"),
    ],
)
def test_bad_options_are_refused_by_name(audio, options, error, message):
    with pytest.raises(error, match=message):
        run(audio, "bright", **options)


def test_bad_audio_and_prompt():
    with pytest.raises(AudioContentError, match="silent"):
        run(np.zeros((1, RATE)), "bright")
    with pytest.raises(AudioContentError, match="shape"):
        run(np.zeros((RATE, 2)), "bright")
    with pytest.raises(PromptError):
        run(np.ones((1, RATE)), " ")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cpu_and_gpu_find_the_same_setting(audio):
    cpu = run(audio, "bright")
    gpu = optimize(audio, RATE, "bright", encoder=ToyEncoder(), device="cuda")
    frequencies = np.geomspace(60, 14_000, 40)
    assert gpu.chain.frequency_response_db(frequencies) == pytest.approx(
        cpu.chain.frequency_response_db(frequencies), abs=0.5
    )
