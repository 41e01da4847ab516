"""LAION-CLAP from random checkpoints of its authors' layout."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.encoders import clap_fixtures as fixtures
from text2fx_studio.encoders import load_encoder
from text2fx_studio.encoders.clap_encoder import CHUNK, ClapEncoder
from text2fx_studio.encoders.laion import load_laion
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.errors import EncoderError, PromptError

TEXTS = ("this sound is warm", "a dog barks twice in a large hall", "bright! bright!!")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small ``.pt``, its hub twin, and their vocabulary."""
    home = tmp_path_factory.mktemp("laion")
    fixtures.write_laion(home / "small.pt")
    fixtures.write_roberta_files(home / "roberta-base")
    fixtures.write_hub(home / "hub")
    fixtures.write_roberta_files(home / "hub")
    return home


@pytest.fixture(scope="module")
def encoder(folder: Path) -> ClapEncoder:
    return load_laion(folder / "small.pt")


def _sound(encoder: ClapEncoder, rows: int = 1, seconds: float | None = None) -> torch.Tensor:
    count = round((seconds or encoder.window_s) * encoder.sample_rate)
    return 0.1 * torch.randn(rows, count, generator=torch.Generator().manual_seed(3))


def test_every_tensor_is_used_or_known_to_be_harmless(folder: Path, encoder: ClapEncoder) -> None:
    state = fixtures.laion_state()
    books = encoder.parts.accounting
    assert set(books.used) | set(books.left_over) == set(state)
    assert not set(books.used) & set(books.left_over)
    assert {re.sub(r"\d+", "N", name) for name in books.left_over} == {
        "logit_scale_a", "logit_scale_t", "audio_branch.tscam_conv.weight",
        "audio_branch.tscam_conv.bias", "audio_branch.head.weight", "audio_branch.head.bias",
        "audio_branch.spectrogram_extractor.stft.conv_imag.weight",
        "audio_branch.bnN.num_batches_tracked", "audio_branch.layers.N.blocks.N.attn_mask",
        "text_branch.embeddings.position_ids", "text_transform.sequential.N.weight",
        "text_transform.sequential.N.bias", "audio_transform.sequential.N.weight",
        "audio_transform.sequential.N.bias",
    }  # fmt: skip


def test_it_offers_the_protocol(encoder: ClapEncoder) -> None:
    assert isinstance(encoder, Encoder)
    assert (encoder.sample_rate, encoder.window_s, encoder.passband_hz, encoder.cpu_threads) == (
        48_000, 10.0, (50.0, 14_000.0), None,
    )  # fmt: skip
    assert encoder.mel_basis.shape == (64, 513)
    assert encoder.mel_centers_hz.shape == (64,)
    assert encoder.bin_frequencies_hz[1] == pytest.approx(46.875)
    assert encoder.fft_window.shape == (1024,)
    assert len(encoder.weights_hash) == 64


def test_sound_and_mel_meet(encoder: ClapEncoder) -> None:
    sound = _sound(encoder, 2)
    mel = encoder.mel_basis @ encoder.spectrum(sound).abs().square()
    embedded = encoder.embed_audio(sound)
    assert mel.shape == (2, 64, 1001)
    torch.testing.assert_close(encoder.embed_mel(mel), embedded, atol=1e-5, rtol=0)
    torch.testing.assert_close(embedded.norm(dim=1), torch.ones(2))


def test_the_same_input_gives_the_same_bits(folder: Path, encoder: ClapEncoder) -> None:
    sound = _sound(encoder)
    first = encoder.embed_audio(sound)
    torch.manual_seed(5)
    assert torch.equal(first, encoder.embed_audio(sound))
    again = load_laion(folder / "small.pt")
    assert torch.equal(first, again.embed_audio(sound))
    assert torch.equal(encoder.embed_text(TEXTS), again.embed_text(TEXTS))
    assert not any(p.requires_grad for p in encoder.parts.audio.parameters())


def test_a_long_sound_keeps_its_place(encoder: ClapEncoder) -> None:
    """The authors' package crops at random: one file's cosine with itself fell to 0.30."""
    sound = _sound(encoder, seconds=23.0)
    assert torch.equal(encoder.embed_audio(sound), encoder.embed_audio(sound))
    rows = encoder.embed_audio(sound)
    torch.testing.assert_close(rows.norm(dim=1), torch.ones(1))


def test_a_short_sound_is_repeated_not_padded(encoder: ClapEncoder) -> None:
    mel = encoder.mel_basis @ encoder.spectrum(_sound(encoder, seconds=3.0)).abs().square()
    twice = torch.cat((mel, mel), dim=-1)
    torch.testing.assert_close(encoder.embed_mel(mel), encoder.embed_mel(twice))


def test_it_is_deaf_outside_its_passband(encoder: ClapEncoder) -> None:
    seconds = torch.arange(48_000) / 48_000
    tones = torch.stack([torch.sin(2 * torch.pi * f * seconds) for f in (1000.0, 15_000.0, 20.0)])
    inner = encoder.spectrum(tones)[..., 3:-3]  # the mirrored ends have a click
    heard = (encoder.mel_basis @ inner.abs().square()).sum(dim=(1, 2))
    assert 10 * torch.log10(heard[1] / heard[0]) < -50
    assert 10 * torch.log10(heard[2] / heard[0]) < -10  # within the leak of the analysis window


def test_the_gradient_reaches_the_waveform_and_is_right(folder: Path) -> None:
    encoder = load_laion(folder / "small.pt")
    encoder.parts.audio.double()
    encoder.half = False
    encoder._front = replace(
        encoder._front,
        window=encoder._front.window.double(),
        mel_basis=encoder._front.mel_basis.double(),
    )
    sound = _sound(encoder).double().requires_grad_(True)
    target = torch.linspace(-1, 1, encoder.dim, dtype=torch.float64)

    def score(x: torch.Tensor) -> torch.Tensor:
        return (encoder.embed_audio(x) @ target).sum()

    (gradient,) = torch.autograd.grad(score(sound), sound)
    generator = torch.Generator().manual_seed(1)
    for _ in range(3):
        way = torch.randn(sound.shape, generator=generator, dtype=torch.float64)
        way = way / way.norm()
        with torch.no_grad():
            step = 1e-4
            rise = (score(sound + step * way) - score(sound - step * way)) / (2 * step)
        assert float((gradient * way).sum()) == pytest.approx(float(rise), rel=1e-4, abs=1e-9)
    assert float(gradient.abs().max()) > 0


def test_many_windows_cost_no_more_memory_and_give_the_same_gradient(encoder: ClapEncoder) -> None:
    mel = encoder.mel_basis @ encoder.spectrum(_sound(encoder, CHUNK + 2)).abs().square()
    mel = mel.detach().requires_grad_(True)
    found = encoder.embed_mel(mel)
    found[:, 0].sum().backward()
    together, mel.grad = mel.grad, None
    assert together is not None
    for row in range(CHUNK + 2):
        alone = mel.detach()[row : row + 1].requires_grad_(True)
        embedded = encoder.embed_mel(alone)
        embedded[:, 0].sum().backward()
        assert alone.grad is not None
        torch.testing.assert_close(embedded[0], found[row], atol=1e-5, rtol=0)
        scale = float(alone.grad.abs().max())
        torch.testing.assert_close(together[row] / scale, alone.grad[0] / scale, atol=1e-3, rtol=0)


def test_texts_do_not_depend_on_their_neighbours(folder: Path) -> None:
    encoder = load_laion(folder / "small.pt")
    together = encoder.embed_text(TEXTS)
    torch.testing.assert_close(together.norm(dim=1), torch.ones(len(TEXTS)))
    assert together.shape == (3, encoder.dim)
    fresh = load_laion(folder / "small.pt")
    for text, row in zip(reversed(TEXTS), reversed(together), strict=True):
        assert torch.equal(fresh.embed_text([text])[0], row)
    assert not together.requires_grad
    assert encoder.embed_text([]).shape == (0, encoder.dim)


def test_long_texts_are_cut_as_the_authors_cut_them(encoder: ClapEncoder) -> None:
    long = "warm " * 200
    both = encoder.embed_text([long, long + "and something else"])
    assert torch.equal(both[0], both[1])
    with pytest.raises(PromptError):
        encoder.embed_text(["warm", "  "])


def test_a_hub_folder_gives_the_same(folder: Path, encoder: ClapEncoder) -> None:
    hub = load_laion(folder / "hub")
    sound = _sound(encoder, 2)
    torch.testing.assert_close(hub.embed_text(TEXTS), encoder.embed_text(TEXTS))
    torch.testing.assert_close(
        hub.embed_audio(sound), encoder.embed_audio(sound), atol=1e-5, rtol=0
    )
    assert hub.id == "laion-hub-hub"


def test_a_hub_folder_with_one_tokenizer_file(folder: Path, tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    fixtures.write_hub(tmp_path)
    pair = fixtures.write_roberta_files(tmp_path)
    whole = Tokenizer(models.BPE.from_file(*map(str, pair)))
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    whole.enable_truncation(5)
    whole.save(str(tmp_path / "tokenizer.json"))
    expected = load_laion(folder / "hub").embed_text(TEXTS)
    for path in pair:
        path.unlink()
    torch.testing.assert_close(load_laion(tmp_path).embed_text(TEXTS), expected)


def test_it_loads_by_name_once(folder: Path) -> None:
    one = load_encoder("laion", checkpoint=folder / "small.pt")
    assert one is load_encoder("laion", checkpoint=str(folder / "small.pt"))
    assert one.id == "laion-htsat-8x2-1-1-1"
    with pytest.raises(EncoderError, match="text2fx models get laion-music"):
        load_encoder("laion")
    with pytest.raises(EncoderError, match="no such file, and no model of that name"):
        load_encoder("laion", checkpoint="nothing.pt")


def _write(path: Path, change: Callable[[fixtures.State], None]) -> Path:
    state = fixtures.laion_state()
    change(state)
    torch.save({"epoch": 1, "state_dict": state}, path)
    fixtures.write_roberta_files(path.parent / "roberta-base")
    return path


def test_cleaned_checkpoints_load(tmp_path: Path, encoder: ClapEncoder) -> None:
    """Without position_ids, transforms, filters or counters, as converters leave them."""

    def clean(state: fixtures.State) -> None:
        for name in list(state):
            if any(p in name for p in ("position_ids", "_transform", "stft", "logmel", "batches",
                                       "tscam", "head.", "attn_mask")):  # fmt: skip
                del state[name]

    cleaned = load_laion(_write(tmp_path / "a.pt", clean))
    sound = _sound(encoder)
    torch.testing.assert_close(
        cleaned.embed_audio(sound), encoder.embed_audio(sound), atol=1e-4, rtol=0
    )
    assert torch.equal(cleaned.embed_text(TEXTS), encoder.embed_text(TEXTS))


def _rename(old: str, new: str) -> Callable[[fixtures.State], None]:
    def change(state: fixtures.State) -> None:
        for name in list(state):
            if old in name:
                state[name.replace(old, new)] = state.pop(name)

    return change


def _set(name: str, tensor: torch.Tensor) -> Callable[[fixtures.State], None]:
    return lambda state: state.update({name: tensor})


def _drop(name: str) -> Callable[[fixtures.State], None]:
    def change(state: fixtures.State) -> None:
        del state[name]

    return change


REFUSED: list[tuple[Callable[[fixtures.State], None], str]] = [
    (_set("audio_branch.patch_embed.fusion_model.local_att.0.weight", torch.ones(1)), "fused"),
    (_set("audio_branch.patch_embed.mel_conv2d.weight", torch.ones(1)), "fused"),
    (_set("audio_branch.conv_block1.conv1.weight", torch.ones(1)), "PANN"),
    (_rename("text_branch.embeddings", "text_branch.resblocks"), "not RoBERTa"),
    (_rename("audio_branch", "audio_encoder.base"), "use --encoder msclap"),
    (_rename("audio_branch", "vision"), "not a LAION-CLAP checkpoint"),
    (_drop("audio_branch.layers.2.blocks.0.mlp.fc1.weight"), r"missing .*intermediate"),
    (_drop("audio_branch.bn0.running_var"), r"missing .*batch_norm\.running_var"),
    (_drop("text_branch.pooler.dense.weight"), r"missing pooler\.dense\.weight"),
    (_drop("audio_projection.2.bias"), r"tensor audio_projection\.2\.bias is missing"),
    (_rename("audio_branch.layers.1.", "audio_branch.layers.7."), "stages .* are missing"),
    (_set("text_branch.adapter.weight", torch.ones(1)), r"left over adapter\.weight"),
    (_set("audio_branch.extra.weight", torch.ones(1)), "belong to no part of this model"),
    (_set("audio_branch.norm.bias", torch.ones(3)), r"network: size mismatch for .*norm\.bias"),
    (_set("audio_branch.norm.bias", torch.full((64,), float("nan"))), "not finite"),
    (_set("audio_branch.bn0.weight", torch.ones(60)), "60 mel bands"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "reason"), REFUSED)
def test_other_variants_are_refused_by_name(
    change: Callable[[fixtures.State], None], reason: str, tmp_path: Path
) -> None:
    path = _write(tmp_path / "a.pt", change)
    with pytest.raises(EncoderError, match=reason) as caught:
        load_laion(path)
    assert str(path) in str(caught.value)


def test_hub_folders_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"config\.json: missing"):
        load_laion(tmp_path)
    fixtures.write_hub(tmp_path / "fused", fused=True)
    with pytest.raises(EncoderError, match="fused LAION-CLAP model"):
        load_laion(tmp_path / "fused")
    fixtures.write_hub(tmp_path / "bare")
    with pytest.raises(EncoderError, match=r"vocab\.json and merges\.txt of roberta-base not"):
        load_laion(tmp_path / "bare")
    (tmp_path / "bare" / "model.safetensors").unlink()
    with pytest.raises(EncoderError, match="holds none of"):
        load_laion(tmp_path / "bare")
    (tmp_path / "bare" / "config.json").write_text('{"model_type": "clip"}')
    with pytest.raises(EncoderError, match="a LAION-CLAP folder says 'clap'"):
        load_laion(tmp_path / "bare")


def test_a_foreign_vocabulary_is_refused(tmp_path: Path) -> None:
    fixtures.write_laion(tmp_path / "a.pt")
    fixtures.write_roberta_files(tmp_path / "roberta-base", 400)
    with pytest.raises(EncoderError, match="knows 300 tokens, the vocabulary found for it has 400"):
        load_laion(tmp_path / "a.pt")


def test_transformers_is_imported_only_when_such_an_encoder_loads() -> None:
    script = (
        "import sys, text2fx_studio.encoders, text2fx_studio.encoders.fxsem, "
        "text2fx_studio.encoders.laion, text2fx_studio.encoders.msclap, "
        "text2fx_studio.models.check, text2fx_studio.cli.models; "
        "sys.exit('transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert done.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [fixtures.TINY, fixtures.BASE], ids=["tiny", "base"])
def test_full_size_key_by_key(sizes: fixtures.Sizes, tmp_path: Path) -> None:
    state = fixtures.write_laion(tmp_path / "full.pt", sizes)
    fixtures.write_roberta_files(tmp_path / "roberta-base", 50_265)
    encoder = load_laion(tmp_path / "full.pt")
    name = "tiny" if sizes is fixtures.TINY else "base"
    assert (encoder.id, encoder.dim) == (f"laion-htsat-{name}", 512)
    books = encoder.parts.accounting
    assert set(books.used) | set(books.left_over) == set(state)
    network = encoder.parts.audio[0].network  # type: ignore[index]
    loaded = sum(t.numel() for t in network.state_dict().values() if t.is_floating_point())
    audio = sum(
        state[n].numel() for n in books.used
        if n.startswith("audio_branch") and state[n].is_floating_point() and "extractor" not in n
    )  # fmt: skip
    assert loaded == audio
    both = encoder.embed_text(TEXTS)
    assert float(both[0] @ both[1]) < 0.98
    sound = _sound(encoder)
    assert torch.equal(encoder.embed_audio(sound), encoder.embed_audio(sound))
