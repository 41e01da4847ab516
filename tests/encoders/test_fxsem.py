"""fxsem: the contract of an encoder, what it must not hear, and what it must."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from dsp import reverb
from text2fx_studio.encoders import available_encoders, load_encoder
from text2fx_studio.encoders.coordinates import CURVE_COUNT
from text2fx_studio.encoders.fxsem import FORMAT, Fxsem, normalise_text, tensors_of
from text2fx_studio.encoders.proposal import propose
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.encoders.registry import WEIGHTS
from text2fx_studio.encoders.statistics import COUNT as STATISTIC_COUNT
from text2fx_studio.encoders.towers import AudioTower
from text2fx_studio.errors import EncoderError, PromptError
from text2fx_studio.lexicon import load_lexicon
from text2fx_studio.training.intents import intent_of

RATE = 32_000


@pytest.fixture(scope="module")
def encoder() -> Fxsem:
    found = load_encoder("fxsem")
    assert isinstance(found, Fxsem)
    return found


def pink_bursts(seconds: float = 3.0, seed: int = 0) -> torch.Tensor:
    """Decaying pink noise bursts, twice a second: broadband, with gaps to hear a room in."""
    generator = torch.Generator().manual_seed(seed)
    count = int(seconds * RATE)
    spectrum = torch.fft.rfft(torch.randn(count, generator=generator))
    frequency = torch.fft.rfftfreq(count, 1 / RATE).clamp(min=30.0)
    noise = torch.fft.irfft(spectrum / frequency.sqrt(), count)
    time = torch.arange(count) / RATE
    return (noise / noise.abs().max() * torch.exp(-(time % 0.5) / 0.03))[None]


def shelf(audio: torch.Tensor, tilt_db_per_octave: float) -> torch.Tensor:
    """A spectral tilt around 1 kHz."""
    spectrum = torch.fft.rfft(audio)
    frequency = torch.fft.rfftfreq(audio.shape[-1], 1 / RATE).clamp(min=40.0)
    gain = 10 ** (tilt_db_per_octave * torch.log2(frequency / 1000) / 20)
    return torch.fft.irfft(spectrum * gain, audio.shape[-1])


def in_room(audio: torch.Tensor, t60_s: float, wet_db: float) -> torch.Tensor:
    """The sound in a room of ``dsp.reverb``, by true convolution."""
    names = {
        "t60_s": t60_s, "wet_db": wet_db, "predelay_ms": 10.0, "damping": 0.3,
        "bass_ratio": 1.0, "tone_db": 0.0,
    }  # fmt: skip
    values = {name: torch.tensor([value], dtype=torch.float64) for name, value in names.items()}
    response = reverb.impulse_response(values, RATE)[0, :1].float()
    size = audio.shape[-1] + response.shape[-1]
    wet = torch.fft.irfft(torch.fft.rfft(audio, size) * torch.fft.rfft(response, size), size)
    return audio + wet[..., : audio.shape[-1]]


def test_meets_the_protocol(encoder: Fxsem) -> None:
    assert isinstance(encoder, Encoder)
    assert encoder.sample_rate == RATE
    assert encoder.mel_basis.shape == (128, encoder.bin_frequencies_hz.shape[0])
    assert encoder.mel_centers_hz.shape == (128,)
    assert bool((encoder.mel_basis.sum(dim=1) > 0).all())
    low, high = encoder.passband_hz
    assert 20 <= low < high <= RATE / 2
    assert len(encoder.weights_hash) == 64
    assert encoder.id.startswith("fxsem")


def test_audio_is_mel_of_the_spectrum(encoder: Fxsem) -> None:
    audio = torch.cat((pink_bursts(), shelf(pink_bursts(seed=1), -3)))
    mel = encoder.mel_basis @ encoder.spectrum(audio).abs().square()
    embedded = encoder.embed_audio(audio)
    torch.testing.assert_close(encoder.embed_mel(mel), embedded, atol=1e-5, rtol=0)
    torch.testing.assert_close(embedded.norm(dim=-1), torch.ones(2))
    texts = encoder.embed_text(["warm", "a cathedral"])
    torch.testing.assert_close(texts.norm(dim=-1), torch.ones(2))
    assert texts.shape[1] == embedded.shape[1] == encoder.dim


@pytest.mark.parametrize("gain", [1e-4, 0.03, 40.0, 3e4])
def test_level_does_not_matter(encoder: Fxsem, gain: float) -> None:
    audio = pink_bursts()
    torch.testing.assert_close(
        encoder.embed_audio(gain * audio), encoder.embed_audio(audio), atol=2e-4, rtol=0
    )


def test_silence_around_does_not_matter(encoder: Fxsem) -> None:
    audio = pink_bursts()
    padded = torch.nn.functional.pad(audio, (RATE // 2, RATE))
    similarity = (encoder.embed_audio(audio) * encoder.embed_audio(padded)).sum()
    assert similarity > 0.995


def test_bit_identical_again(encoder: Fxsem) -> None:
    audio = pink_bursts()
    assert torch.equal(encoder.embed_audio(audio), encoder.embed_audio(audio.clone()))
    fresh = Fxsem.load(WEIGHTS)
    assert torch.equal(fresh.embed_audio(audio), encoder.embed_audio(audio))
    assert torch.equal(fresh.embed_text(["airy"]), encoder.embed_text(["airy"]))


def test_text_does_not_depend_on_its_neighbours(encoder: Fxsem) -> None:
    alone = Fxsem.load(WEIGHTS).embed_text(["crisp"])
    among = Fxsem.load(WEIGHTS).embed_text(["a very long text about a room", "crisp"])[1:]
    assert torch.equal(alone, among)


def test_gradient_agrees_with_finite_differences(encoder: Fxsem) -> None:
    audio = pink_bursts(1.5)
    target = encoder.embed_text(["dark"])[0]
    direction = shelf(audio, -3) - audio

    def score(amount: torch.Tensor) -> torch.Tensor:
        return (encoder.embed_audio(audio + amount * direction) * target).sum()

    # Away from where a statistic crosses the bound of the tower's inputs: there it has a corner.
    at, step = 0.5, 0.02
    amount = torch.tensor(at, requires_grad=True)
    score(amount).backward()
    assert amount.grad is not None
    numeric = (score(torch.tensor(at + step)) - score(torch.tensor(at - step))) / (2 * step)
    assert float(amount.grad) == pytest.approx(float(numeric), rel=0.03)


def test_gradient_reaches_the_waveform(encoder: Fxsem) -> None:
    audio = pink_bursts(1.0).requires_grad_(True)
    (encoder.embed_audio(audio) * encoder.embed_text(["bright"])[0]).sum().backward()
    assert audio.grad is not None
    assert bool(audio.grad.isfinite().all())
    assert float(audio.grad.abs().max()) > 0


@pytest.mark.parametrize("scale", [0.0, 1e-9, 1e7])
def test_finite_for_silence_and_for_very_loud(encoder: Fxsem, scale: float) -> None:
    audio = (scale * pink_bursts(1.0)).requires_grad_(True)
    embedded = encoder.embed_audio(audio)
    (embedded * encoder.embed_text(["bright"])[0]).sum().backward()
    assert audio.grad is not None
    assert bool(embedded.isfinite().all())
    assert bool(audio.grad.isfinite().all())


def test_very_short_sound(encoder: Fxsem) -> None:
    assert bool(encoder.embed_audio(pink_bursts(0.05)).isfinite().all())


def test_hears_tilt(encoder: Fxsem) -> None:
    audio = pink_bursts()
    sounds = torch.cat([shelf(audio, tilt) for tilt in (-4.0, -2.0, 0.0, 2.0, 4.0)])
    texts = encoder.embed_text(["this sound is bright", "this sound is dark"])
    difference = encoder.embed_audio(sounds) @ (texts[0] - texts[1])
    assert bool((difference.diff() > 0).all())


def test_hears_decay_of_true_rooms(encoder: Fxsem) -> None:
    audio = pink_bursts()
    rooms = [(0.8, -12.0), (2.0, -5.0), (5.0, 0.0)]
    sounds = torch.cat([audio, *(in_room(audio, t60, wet) for t60, wet in rooms)])
    texts = encoder.embed_text(["this sound is in a huge cathedral", "this sound is dry"])
    difference = encoder.embed_audio(sounds) @ (texts[0] - texts[1])
    assert bool((difference.diff() > 0).all())


ANTONYMS = [
    ("bright", "dark"), ("warm", "cold"), ("crisp", "dull"), ("thin", "thick"), ("light", "heavy"),
    ("tinny", "boomy"), ("muffled", "clear"), ("airy", "muddy"), ("harsh", "smooth"),
    ("sharp", "soft"), ("bass heavy", "no bass"), ("sparkling", "murky"), ("shrill", "mellow"),
    ("metallic", "woolly"), ("treble boost", "treble cut"), ("happy", "gloomy"),
]  # fmt: skip


def test_antonyms_lie_on_opposite_sides(encoder: Fxsem) -> None:
    opposite = 0
    for first, second in ANTONYMS:
        points, _ = encoder.read_texts([first, second])
        curves = points[:, :CURVE_COUNT]
        opposite += int(torch.nn.functional.cosine_similarity(curves[0], curves[1], dim=0) < 0)
    assert opposite >= 0.93 * len(ANTONYMS)


@pytest.mark.parametrize(
    "word", ["bright", "warm", "boomy", "harsh", "muffled", "tinny", "airy", "crisp", "dark"]
)
def test_negation_and_strength_in_order(encoder: Fxsem, word: str) -> None:
    texts = [f"this sound is not {word}", f"slightly {word}", f"very {word}"]
    points, _ = encoder.read_texts(texts)
    axis, _ = encoder.read_texts([f"this sound is {word}"])
    along = points[:, :CURVE_COUNT] @ axis[0, :CURVE_COUNT]
    assert bool((along.diff() > 0).all()), along.tolist()
    assert float(along[0]) < 0


def test_strength_has_an_inner_best_amount(encoder: Fxsem) -> None:
    audio = pink_bursts()
    target = encoder.embed_text(["this sound is bright"])[0]
    tilts = [0.0, 1.5, 3.0, 4.5, 6.0, 9.0, 12.0]
    scores = encoder.embed_audio(torch.cat([shelf(audio, t) for t in tilts])) @ target
    assert 0 < int(scores.argmax()) < len(tilts) - 1


def test_proposal_of_words(encoder: Fxsem) -> None:
    bright, dark = propose(encoder, "bright"), propose(encoder, "dark")
    room, dry = propose(encoder, "inside a huge cathedral"), propose(encoder, "bone dry")
    phone = propose(encoder, "old telephone")
    assert bright
    assert dark
    assert room
    assert dry
    assert phone
    assert bright.gains_db[6] - bright.gains_db[1] > 3 > -3 > dark.gains_db[6] - dark.gains_db[1]
    assert bright.says_space < 0.5 < room.says_space
    assert room.t60_s > 2.0
    assert room.wet_db > -12
    assert dry.wet_db < -18
    assert phone.high_pass_hz is not None or phone.gains_db[0] < -8
    assert 0 <= bright.confidence <= 1


def test_lexicon_texts_are_met_exactly_and_their_negations_are_not(encoder: Fxsem) -> None:
    lexicon = load_lexicon()
    for word in ("telephone", "muffled", "underwater", "megaphone", "tinny"):
        entry = lexicon.lookup(word)
        if entry is None:
            continue
        wanted = intent_of(entry).point()[:CURVE_COUNT]
        found, _ = encoder.read_texts([f"this sound is {word}", f"not {word}"])
        cosine = torch.nn.functional.cosine_similarity(found[:, :CURVE_COUNT], wanted, dim=-1)
        assert float(cosine[0]) > 0.97
        assert float(cosine[1]) < 0


def test_template_changes_nothing(encoder: Fxsem) -> None:
    assert normalise_text("This sound is  warm. ") == "warm"
    assert normalise_text("this sound is") == "this sound is"
    assert torch.equal(encoder.embed_text(["warm"]), encoder.embed_text(["this sound is warm"]))


def test_blank_prompt_is_refused(encoder: Fxsem) -> None:
    with pytest.raises(PromptError):
        encoder.embed_text([" "])


def test_registry_says_what_there_is() -> None:
    assert "fxsem" in available_encoders()
    assert load_encoder("fxsem") is load_encoder("fxsem")
    with pytest.raises(EncoderError, match="unknown"):
        load_encoder("nonsense")


def test_unusable_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="not found"):
        load_encoder("fxsem", checkpoint=tmp_path / "none.safetensors")
    data = WEIGHTS.read_bytes()
    for name, content in (
        ("truncated", data[: len(data) // 2]), ("empty", b""), ("text", b"not weights at all"),
    ):  # fmt: skip
        path = tmp_path / f"{name}.safetensors"
        path.write_bytes(content)
        with pytest.raises(EncoderError, match=name):
            load_encoder("fxsem", checkpoint=path)
    foreign = tmp_path / "foreign.safetensors"
    save_file({"x": torch.zeros(1)}, foreign)
    with pytest.raises(EncoderError, match="format"):
        load_encoder("fxsem", checkpoint=foreign)
    partial = tmp_path / "partial.safetensors"
    save_file({"x": torch.zeros(1)}, partial, metadata={"format": FORMAT})
    with pytest.raises(EncoderError, match="complete"):
        load_encoder("fxsem", checkpoint=partial)


def test_not_finite_weights_are_refused(tmp_path: Path, encoder: Fxsem) -> None:
    tensors = tensors_of(encoder.audio_tower, encoder.text_tower)
    tensors["audio.linear.bias"][0] = math.nan
    path = tmp_path / "nan.safetensors"
    save_file(tensors, path, metadata={"format": FORMAT})
    with pytest.raises(EncoderError, match="finite"):
        load_encoder("fxsem", checkpoint=path)


def test_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 11e6


def test_the_frozen_audio_tower_hears_as_the_trained_one() -> None:
    tower = AudioTower(hidden=24).double().eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(6)
    rows = 4.0 * torch.randn(5, STATISTIC_COUNT, generator=generator, dtype=torch.float64)
    ours, theirs = (rows.clone().requires_grad_(True) for _ in range(2))
    found = tower.hear(ours)
    torch.testing.assert_close(found, tower(theirs))
    weights = torch.linspace(-1.0, 1.0, found.numel(), dtype=torch.float64).view_as(found)
    (found * weights).sum().backward()
    (tower(theirs) * weights).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)
    assert float((ours.grad == 0).double().mean()) > 0.01, "beyond what is told apart"
