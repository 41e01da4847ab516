"""LAION-CLAP from its authors' ``.pt`` files, or from a hub folder in transformers' form.

Source: Y. Wu, K. Chen et al., "Large-Scale Contrastive Language-Audio Pretraining with Feature
Fusion and Keyword-to-Caption Augmentation", ICASSP 2023. The front-end's numbers are those of
laion-clap 1.1.7: 48 kHz, 10 s, hop 480, 64 mel bands from 50 to 14,000 Hz.

Read are the unfused models (HTSAT-tiny, HTSAT-base, or any size of HTSAT, with RoBERTa).
"""

from __future__ import annotations

from pathlib import Path

import torch

from text2fx_studio.encoders import htsat
from text2fx_studio.encoders.clap_encoder import ClapEncoder, Parts
from text2fx_studio.encoders.clap_frontend import FrontEnd
from text2fx_studio.encoders.clap_text import BUFFERS, TextTower, roberta
from text2fx_studio.encoders.clap_tokens import find_files, roberta_words
from text2fx_studio.encoders.clap_weights import Store
from text2fx_studio.encoders.files import cached_sha256
from text2fx_studio.encoders.mel import mel_filterbank
from text2fx_studio.encoders.safe_load import read_checkpoint, weights_of
from text2fx_studio.errors import EncoderError

SAMPLE_RATE = 48_000
N_FFT = 1024
HOP = 480
FRAMES = 1001
MEL_COUNT = 64
MEL_LOW_HZ, MEL_HIGH_HZ = 50.0, 14_000.0
TEXT_LIMIT = 77

_AUDIO, _TEXT = "audio_branch.", "text_branch."
_BASIS = f"{_AUDIO}logmel_extractor.melW"
_FOURIER = f"{_AUDIO}spectrogram_extractor.stft.conv_real.weight"
_HARMLESS = (
    *(rf"audio_branch\.{pattern}" for pattern in htsat.HARMLESS),
    *(rf"text_branch\.{pattern}" for pattern in BUFFERS),
    r"audio_branch\.spectrogram_extractor\.stft\.conv_(real|imag)\.weight",
    r"audio_branch\.logmel_extractor\.melW",
    r"(audio|text)_transform\.sequential\.\d+\.(weight|bias)",
    r"logit_scale_[at]",
    r"attn_mask",
)


class Projection(torch.nn.Module):
    """Features to embedding: linear, ReLU (or GELU), linear.

    Args:
        store: The checkpoint.
        names: Of the two layers, without ``.weight`` and ``.bias``.
        activation: ``relu`` or ``gelu``.
    """

    w1: torch.Tensor
    b1: torch.Tensor
    w2: torch.Tensor
    b2: torch.Tensor

    def __init__(self, store: Store, names: tuple[str, str], activation: str = "relu") -> None:
        super().__init__()
        for number, name in enumerate(names, start=1):
            weight, bias = store.take(f"{name}.weight"), store.take(f"{name}.bias")
            self.register_buffer(f"w{number}", weight.clone(), persistent=False)
            self.register_buffer(f"b{number}", bias.clone(), persistent=False)
        self.activation = {"relu": torch.relu, "gelu": torch.nn.functional.gelu}[activation]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, features] -> [B, D]."""
        linear = torch.nn.functional.linear
        return linear(self.activation(linear(x, self.w1, self.b1)), self.w2, self.b2)


def load_laion(path: Path, *, device: torch.device | str = "cpu") -> ClapEncoder:
    """Load LAION-CLAP.

    Args:
        path: A ``.pt`` file of laion-clap, or a folder with config.json and model.safetensors (or
            pytorch_model.bin) in transformers' form.
        device: Where to compute.

    Raises:
        EncoderError: The file is missing, damaged, hostile, or of a variant that is not read; or
            its vocabulary is missing.
    """
    if path.is_dir():
        from text2fx_studio.encoders.laion_hub import load_hub_folder

        return ClapEncoder(load_hub_folder(path)).to(device)
    store = Store(path, weights_of(path, read_checkpoint(path)))
    return ClapEncoder(_parts(path, store)).to(device)


def is_laion(names: tuple[str, ...]) -> bool:
    """Whether these are the names of a laion-clap checkpoint."""
    return any(n.startswith(_AUDIO) for n in names) and any(n.startswith(_TEXT) for n in names)


def check_variant(path: Path, names: tuple[str, ...]) -> None:
    """Refuse what is not read, by name.

    Raises:
        EncoderError: Fused audio, another audio or another text network; or no LAION checkpoint.
    """
    if any("audio_encoder.base" in name for name in names):
        raise EncoderError(f"{path}: this is an MS-CLAP checkpoint; use --encoder msclap")
    if not is_laion(names):
        raise EncoderError(
            f"{path}: not a LAION-CLAP checkpoint (its tensors begin with "
            f"{', '.join(sorted({n.split('.')[0] for n in names})[:3])})"
        )
    if any(".fusion_model." in name or ".mel_conv" in name for name in names):
        raise EncoderError(
            f"{path}: a fused LAION-CLAP model, made for sounds over 10 s; it is not read. Use an "
            "unfused one, such as laion-music (text2fx models list)"
        )
    if any(name.startswith(f"{_AUDIO}conv_block") for name in names):
        raise EncoderError(f"{path}: its audio network is PANN; only HTSAT is read")
    if f"{_TEXT}embeddings.word_embeddings.weight" not in names:
        raise EncoderError(f"{path}: its text network is not RoBERTa; only RoBERTa is read")


def _parts(path: Path, store: Store) -> Parts:
    check_variant(path, store.names)
    size = htsat.read_size(store, _AUDIO)
    words = roberta_words(find_files("roberta-base", path), TEXT_LIMIT)
    front_end = _front_end(store, size.mels)
    network = htsat.build(size, htsat.hub_weights(store, _AUDIO), f"{path}: audio network")
    audio = htsat.HTSAT(network, front_end.frames, size.frames)
    text: TextTower = roberta(store, _TEXT, words)
    heads = [
        Projection(store, (f"{side}_projection.0", f"{side}_projection.2"))
        for side in ("audio", "text")
    ]
    return Parts(
        id=f"laion-htsat-{size.name}",
        weights_hash=cached_sha256(path),
        front_end=front_end,
        audio=torch.nn.Sequential(audio, heads[0]),
        text=torch.nn.Sequential(text, heads[1]),
        words=words,
        dim=int(heads[0].w2.shape[0]),
        accounting=store.account(_HARMLESS),
    )


def _front_end(store: Store, mels: int) -> FrontEnd:
    """The filters and the window are in the checkpoint; where they are not, they are computed."""
    basis = (
        store.take(_BASIS).T.contiguous()
        if _BASIS in store
        else slaney(mels, MEL_LOW_HZ, MEL_HIGH_HZ)
    )
    # The real part of the transform's row for 0 Hz is the window itself.
    window = store.take(_FOURIER)[0, 0].clone() if _FOURIER in store else torch.hann_window(N_FFT)
    if basis.shape != (mels, window.shape[0] // 2 + 1):
        raise EncoderError(f"{store.path}: mel filters of shape {tuple(basis.shape)} do not fit")
    return FrontEnd(SAMPLE_RATE, HOP, FRAMES, window, basis, (MEL_LOW_HZ, MEL_HIGH_HZ))


def slaney(
    mels: int, low_hz: float, high_hz: float, sample_rate: int = SAMPLE_RATE, n_fft: int = N_FFT
) -> torch.Tensor:
    """Slaney's filters, each of area one, as librosa computes them: float32 [M, F]."""
    basis, _ = mel_filterbank(
        sample_rate, n_fft, mels, low_hz, high_hz, scale="slaney", norm="area"
    )
    return basis
