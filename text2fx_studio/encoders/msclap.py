"""MS-CLAP 2022 and 2023 from Microsoft's own ``.pth`` files.

Sources: B. Elizalde et al., "CLAP: Learning Audio Concepts from Natural Language Supervision",
ICASSP 2023 (the 2022 model: CNN14 and BERT); B. Elizalde, S. Deshmukh, H. Wang, "Natural Language
Supervision for General-Purpose Audio Representations", ICASSP 2024 (the 2023 model: HTSAT and
GPT-2). The front-ends are those that msclap 1.3.4 really runs, which its configuration for 2023
does not say: filters made for 32 kHz, fed with 44.1 kHz, so that they reach from 69 to 19,294 Hz.
"""

from __future__ import annotations

from pathlib import Path

import torch

from text2fx_studio.encoders import htsat
from text2fx_studio.encoders.clap_encoder import ClapEncoder, Parts
from text2fx_studio.encoders.clap_frontend import FrontEnd
from text2fx_studio.encoders.clap_text import BUFFERS, bert, gpt2
from text2fx_studio.encoders.clap_tokens import bert_words, find_files, gpt2_words
from text2fx_studio.encoders.clap_weights import Store
from text2fx_studio.encoders.files import cached_sha256
from text2fx_studio.encoders.laion import slaney
from text2fx_studio.encoders.msclap_cnn14 import CNN14
from text2fx_studio.encoders.msclap_cnn14 import HARMLESS as CNN14_HARMLESS
from text2fx_studio.encoders.safe_load import read_checkpoint, weights_of
from text2fx_studio.errors import EncoderError

SAMPLE_RATE = 44_100
HTSAT_RATE = 32_000  # what the 2023 model's filters were made for
N_FFT = 1024
HOP = 320
FRAMES_2022 = 690  # 5 s
FRAMES_2023 = 965  # 7 s
MEL_LOW_HZ, MEL_HIGH_HZ = 50.0, 14_000.0
TEXT_LIMIT_2022, TEXT_LIMIT_2023 = 100, 77

_AUDIO, _TEXT = "audio_encoder.base.", "caption_encoder.base."
_HTSAT = f"{_AUDIO}htsat."
_HARMLESS = (
    *(rf"audio_encoder\.base\.htsat\.{pattern}" for pattern in htsat.HARMLESS),
    *(rf"audio_encoder\.base\.{pattern}" for pattern in CNN14_HARMLESS),
    *(rf"caption_encoder\.base\.{pattern}" for pattern in BUFFERS),
    r"caption_encoder\.base\.pooler\.dense\.(weight|bias)",
    r"audio_encoder\.base\.(htsat\.)?spectrogram_extractor\.stft\.conv_(real|imag)\.weight",
    r"logit_scale",
)


class Projection(torch.nn.Module):
    """Features to embedding: layer norm of a linear map plus its own refinement.

    Args:
        store: The checkpoint.
        prefix: Of the projection's names.
    """

    linear1_weight: torch.Tensor
    linear2_weight: torch.Tensor
    layer_norm_weight: torch.Tensor
    layer_norm_bias: torch.Tensor

    def __init__(self, store: Store, prefix: str) -> None:
        super().__init__()
        for name in ("linear1.weight", "linear2.weight", "layer_norm.weight", "layer_norm.bias"):
            tensor = store.take(f"{prefix}{name}").clone()
            self.register_buffer(name.replace(".", "_"), tensor, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, features] -> [B, D]."""
        functional = torch.nn.functional
        first = functional.linear(x, self.linear1_weight)
        second = functional.linear(functional.gelu(first), self.linear2_weight)
        return functional.layer_norm(
            first + second, (first.shape[-1],), self.layer_norm_weight, self.layer_norm_bias
        )


def load_msclap(path: Path, *, device: torch.device | str = "cpu") -> ClapEncoder:
    """Load MS-CLAP; the tensors tell the version.

    Args:
        path: ``CLAP_weights_2022.pth`` or ``CLAP_weights_2023.pth``, under any name.
        device: Where to compute.

    Raises:
        EncoderError: The file is missing, damaged, hostile, or of a variant that is not read; or
            its vocabulary is missing.
    """
    if path.is_dir():
        raise EncoderError(f"{path}: is a folder; name Microsoft's .pth file in it")
    store = Store(path, weights_of(path, read_checkpoint(path)))
    return ClapEncoder(_parts(path, store)).to(device)


def version_of(path: Path, names: tuple[str, ...]) -> str:
    """``2022`` or ``2023``.

    Raises:
        EncoderError: It is neither.
    """
    if any(name.startswith("clap_project.") for name in names):
        raise EncoderError(f"{path}: clapcap, which writes captions and has no text embedding")
    if any(name.startswith("audio_branch.") for name in names):
        raise EncoderError(f"{path}: this is a LAION-CLAP checkpoint; use --encoder laion")
    if any(name.startswith(_HTSAT) for name in names) and f"{_TEXT}wte.weight" in names:
        return "2023"
    if f"{_AUDIO}conv_block1.conv1.weight" in names and any(
        name.startswith(f"{_TEXT}embeddings.") for name in names
    ):
        return "2022"
    raise EncoderError(
        f"{path}: not an MS-CLAP checkpoint of 2022 (CNN14 and BERT) or 2023 (HTSAT and GPT-2)"
    )


def _parts(path: Path, store: Store) -> Parts:
    version = version_of(path, store.names)
    audio: torch.nn.Module
    if version == "2023":
        words = gpt2_words(find_files("gpt2", path), TEXT_LIMIT_2023)
        size = htsat.read_size(store, _HTSAT)
        front_end = _front_end(store, _HTSAT, HTSAT_RATE, FRAMES_2023)
        network = htsat.build(size, htsat.hub_weights(store, _HTSAT), f"{path}: audio network")
        audio = htsat.HTSAT(network, front_end.frames, size.frames)
        text = gpt2(store, _TEXT, words)
    else:
        words = bert_words(find_files("bert-base-uncased", path), TEXT_LIMIT_2022)
        front_end = _front_end(store, _AUDIO, SAMPLE_RATE, FRAMES_2022)
        audio = CNN14(store, _AUDIO)
        text = bert(store, _TEXT, words)
    heads = [Projection(store, f"{side}_encoder.projection.") for side in ("audio", "caption")]
    return Parts(
        id=f"msclap-{version}",
        weights_hash=cached_sha256(path),
        front_end=front_end,
        audio=torch.nn.Sequential(audio, heads[0]),
        text=torch.nn.Sequential(text, heads[1]),
        words=words,
        dim=int(heads[0].linear2_weight.shape[0]),
        accounting=store.account(_HARMLESS),
    )


def _front_end(store: Store, prefix: str, made_for: int, frames: int) -> FrontEnd:
    """Window and filters as the checkpoint has them; computed where it has not."""
    mels = store.shape(f"{prefix}bn0.weight")[0]
    fourier = f"{prefix}spectrogram_extractor.stft.conv_real.weight"
    window = store.take(fourier)[0, 0].clone() if fourier in store else torch.hann_window(N_FFT)
    name = f"{prefix}logmel_extractor.melW"
    basis = (
        store.take(name).T.contiguous()
        if name in store
        else slaney(mels, MEL_LOW_HZ, MEL_HIGH_HZ, made_for, N_FFT)
    )
    if basis.shape != (mels, window.shape[0] // 2 + 1):
        raise EncoderError(f"{store.path}: mel filters of shape {tuple(basis.shape)} do not fit")
    stretch = SAMPLE_RATE / made_for
    passband = (MEL_LOW_HZ * stretch, MEL_HIGH_HZ * stretch)
    return FrontEnd(SAMPLE_RATE, HOP, frames, window, basis, passband)
