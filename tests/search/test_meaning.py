"""Words through the bundled encoder, on rendered sound: directions, gradients, repeatability."""

import json

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.chain import Chain
from dsp.reverb import Reverb
from dsp.spectrum import CachedSpectrum
from text2fx_studio import load_encoder, optimize
from text2fx_studio.demo import demo_loop
from text2fx_studio.search.objective import Objective
from text2fx_studio.search.target import build_target
from text2fx_studio.search.variables import Variables

BRIGHTER = ("bright", "crisp", "tinny", "airy")
DARKER = ("dark", "muffled", "warm", "boomy")
SPACIOUS = ("cathedral", "cavernous", "spacious")
# One clip of each kind; they stand in no list that anything was tuned on.
KINDS = {
    "drums": "loop_amen_full",
    "music": "battle_epic_0",
    "guitar": "guit_em9",
    "voice": "a woman speaking on a prompt",
    "czech voice": "a person speaking",
    "cello": "cello, forte, arco normal",
    "banjo": "banjo, forte",
    "flute": "flute, piano",
}


def clip(shared, kind):
    """The first clip of a second and more that a label or file name stands for, cut to four."""
    wanted = KINDS[kind]
    for line in (shared / "audio" / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["seconds"] >= 1.0 and (row["label"] == wanted or f"/{wanted}." in row["path"]):
            audio, rate = soundfile.read(shared / "audio" / row["path"], dtype="float32")
            return np.ascontiguousarray(np.atleast_2d(audio.T)[:, : 4 * rate]), rate
    raise LookupError(kind)


def centroid_hz(audio, rate):
    power = np.abs(np.fft.rfft(audio.mean(axis=0))) ** 2
    return float((np.fft.rfftfreq(audio.shape[-1], 1 / rate) * power).sum() / power.sum())


@pytest.mark.shared
@pytest.mark.slow
def test_words_move_every_kind_of_sound_their_way(shared):
    """At least 90 % of clip-word pairs, and never below dry."""
    pairs = of_every_kind(coloured, shared)
    assert len(pairs) == 4 * len(KINDS)
    assert {word for (_, word), _ in pairs} == {*BRIGHTER, *DARKER}
    missed = [pair for pair, good in pairs if not good]
    assert len(pairs) - len(missed) >= 0.9 * len(pairs), missed


def coloured(shared, kind, turn):
    """Whether words of timbre move a clip their way: [((kind, word), good)]."""
    audio, rate = clip(shared, kind)
    before = centroid_hz(audio, rate)
    pairs = []
    for word in in_turn(BRIGHTER, turn, 2) + in_turn(DARKER, turn, 2):
        result = optimize(audio, rate, word, device="cpu")
        assert result.score_wet >= result.score_dry, (kind, word)
        after = centroid_hz(result.audio, rate)
        pairs.append(((kind, word), result.accepted and (after > before) == (word in BRIGHTER)))
    return pairs


@pytest.mark.shared
@pytest.mark.slow
def test_words_of_space_ask_for_rooms_and_intimacy_for_none(shared):
    pairs = of_every_kind(roomy, shared)
    assert len(pairs) == 3 * len(KINDS)
    assert {word for (_, word), _ in pairs} == {"intimate", *SPACIOUS}
    missed = [pair for pair, good in pairs if not good]
    assert len(pairs) - len(missed) >= 0.9 * len(pairs), missed


def roomy(shared, kind, turn):
    """Whether words of space get a clip their room, and "intimate" none."""
    audio, rate = clip(shared, kind)
    near = optimize(audio, rate, "intimate", chain="eq,reverb", device="cpu")
    assert near.score_wet >= near.score_dry
    closest = near.chain.get(Reverb).values
    pairs = [((kind, "intimate"), closest["wet_db"] <= -20 or closest["t60_s"] < 0.4)]
    near_energy = float((near.chain.impulse_response(rate) ** 2).sum())
    for word in in_turn(SPACIOUS, turn, 2):
        result = optimize(audio, rate, word, chain="eq,reverb", device="cpu")
        assert result.score_wet >= result.score_dry, (kind, word)
        room = result.chain.get(Reverb).values
        wet_energy = float((result.chain.impulse_response(rate) ** 2).sum())
        good = result.accepted and room["t60_s"] > 1.0 and wet_energy > max(near_energy, 1e-4)
        pairs.append(((kind, word), good))
    return pairs


def of_every_kind(judge, shared):
    return [pair for turn, kind in enumerate(KINDS) for pair in judge(shared, kind, turn)]


def in_turn(words, turn, count):
    """Each kind of clip gets other words, and each word several kinds."""
    return [words[(turn + index) % len(words)] for index in range(count)]


@pytest.mark.parametrize("word,brighter", [("bright", True), ("dark", False)])
def test_words_move_the_demo_loop_their_way(word, brighter):
    audio = demo_loop(4.0)
    result = optimize(audio, 44_100, word, device="cpu")
    assert result.accepted
    assert (centroid_hz(result.audio, 44_100) > centroid_hz(audio, 44_100)) == brighter


def test_a_prompt_silent_about_space_adds_no_reverb():
    result = optimize(demo_loop(4.0), 44_100, "warm", chain="eq,reverb", device="cpu")
    assert result.chain.get(Reverb).is_neutral()
    assert "no reverb" in result.reason


@pytest.fixture(scope="module")
def objective():
    encoder = load_encoder("fxsem")
    audio = torch.from_numpy(demo_loop(3.0)[:1])
    cached = CachedSpectrum(
        encoder, audio[:, : 2 * 32_000], context=0, file_rate_hz=32_000, with_reverb=True
    )
    target = build_target("warm and spacious", encoder, "cosine", {})
    variables = Variables(Chain.parse("eq,reverb"), encoder.passband_hz)
    return Objective(encoder, cached, target), variables


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_gradient_of_the_score_is_finite_and_moves_every_parameter(objective, seed):
    score, variables = objective
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, len(variables), generator=generator, dtype=torch.float64)
    x = x.clamp(-1.5, 1.5).requires_grad_(True)
    score(variables.settings(x)).sum().backward()
    assert torch.isfinite(x.grad).all()
    moved = x.grad.abs().amax(dim=0) > 0
    assert [
        v.parameter.name for v, ok in zip(variables.columns, moved, strict=True) if not ok
    ] == []
