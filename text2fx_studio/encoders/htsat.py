"""HTSAT, the audio network of LAION-CLAP and of MS-CLAP 2023, from its authors' tensors.

The network is transformers' ``ClapAudioModel`` (imported at the first use only); this module
reads its sizes off the tensors' shapes and renames the tensors. Source: K. Chen et al., "HTS-AT:
A Hierarchical Token-Semantic Audio Transformer for Sound Classification and Detection", ICASSP
2022.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import torch

from text2fx_studio.encoders.clap_frontend import decibels, resize_matrix
from text2fx_studio.encoders.clap_weights import Store, fill
from text2fx_studio.errors import EncoderError

IMAGE = 256  # side of the square that the spectrogram is folded into
# What training needed and embedding does not. The front-end is read by ``clap_encoder``.
HARMLESS = (
    r"tscam_conv\.(weight|bias)",
    r"head\.(weight|bias)",
    r"layers\.\d+\.blocks\.\d+\.attn_mask",
    r"bn0\.num_batches_tracked",
)
_RENAMED = (
    (r"^bn0\.", "batch_norm."),
    (r"\.attn\.proj\.", ".attention.output.dense."),
    (r"\.attn\.relative", ".attention.self.relative"),
    (r"\.mlp\.fc1\.", ".intermediate.dense."),
    (r"\.mlp\.fc2\.", ".output.dense."),
    (r"\.norm1\.", ".layernorm_before."),
    (r"\.norm2\.", ".layernorm_after."),
)
_TAKEN = re.compile(
    r"bn0\.(weight|bias|running_mean|running_var)|patch_embed\.(proj|norm)\.(weight|bias)|"
    r"norm\.(weight|bias)|layers\.\d+\.(blocks\.\d+\..*(weight|bias|relative_position_(bias_table|"
    r"index))|downsample\.(reduction\.weight|norm\.(weight|bias)))"
)


@dataclass(frozen=True)
class Size:
    """Sizes of an HTSAT.

    Attributes:
        width: Channels of the first stage; doubled at each of the next.
        depths: Blocks of each stage.
        heads: Attention heads of each stage.
        window: Side of an attention window, in patches.
        patch: Side of a patch, in frames and mel bands.
        mels: Mel bands.
    """

    width: int
    depths: tuple[int, ...]
    heads: tuple[int, ...]
    window: int
    patch: int
    mels: int

    @property
    def features(self) -> int:
        """Numbers in the embedding before the projection."""
        return self.width << (len(self.depths) - 1)

    @property
    def frames(self) -> int:
        """Frames that the network takes."""
        return IMAGE * (IMAGE // self.mels)

    @property
    def name(self) -> str:
        """``tiny`` or ``base`` as the authors call them; else the sizes."""
        known: dict[tuple[int, tuple[int, ...]], str] = {
            (96, (2, 2, 6, 2)): "tiny",
            (128, (2, 2, 12, 2)): "base",
        }
        plain = f"{self.width}x{'-'.join(map(str, self.depths))}"
        return known.get((self.width, self.depths), plain)


def read_size(store: Store, prefix: str) -> Size:
    """Read an HTSAT's sizes off its tensors' shapes.

    Raises:
        EncoderError: Tensors are missing, or the sizes are impossible.
    """
    width, channels, patch, _ = store.shape(f"{prefix}patch_embed.proj.weight")
    if channels != 1:
        raise EncoderError(f"{store.path}: takes {channels} spectrograms at once; it must be one")
    blocks = re.compile(re.escape(prefix) + r"layers\.(\d+)\.blocks\.(\d+)\.norm1\.weight")
    depth: dict[int, int] = {}
    for name in store.names:
        if found := blocks.fullmatch(name):
            stage, block = int(found[1]), int(found[2])
            depth[stage] = max(depth.get(stage, 0), block + 1)
    stages = range(len(depth))
    if sorted(depth) != list(stages):
        raise EncoderError(f"{store.path}: stages of the audio network are missing")
    tables = [
        store.shape(f"{prefix}layers.{s}.blocks.0.attn.relative_position_bias_table")
        for s in stages
    ]
    mels = store.shape(f"{prefix}bn0.weight")[0]
    if not mels or IMAGE % mels:
        raise EncoderError(f"{store.path}: {mels} mel bands do not divide {IMAGE}")
    return Size(
        width=width,
        depths=tuple(depth[s] for s in stages),
        heads=tuple(table[1] for table in tables),
        window=(round(tables[0][0] ** 0.5) + 1) // 2,
        patch=patch,
        mels=mels,
    )


def hub_weights(store: Store, prefix: str) -> dict[str, torch.Tensor]:
    """The tensors under a prefix by transformers' names; joint query-key-value is taken apart."""
    found: dict[str, torch.Tensor] = {}
    for name, full in store.part(prefix).items():
        if not _TAKEN.fullmatch(name):
            continue
        tensor = store.take(full)
        joint = re.fullmatch(r"(layers\.\d+\.blocks\.\d+)\.attn\.qkv\.(weight|bias)", name)
        if joint:
            for part, piece in zip(("query", "key", "value"), tensor.chunk(3), strict=True):
                found[f"{joint[1]}.attention.self.{part}.{joint[2]}"] = piece
            continue
        for pattern, new in _RENAMED:
            name = re.sub(pattern, new, name)
        found[name] = tensor
    return {f"audio_encoder.{name}": tensor for name, tensor in found.items()}


def build(size: Size, weights: dict[str, torch.Tensor], where: str) -> Any:
    """A frozen ``ClapAudioModel``.

    Raises:
        EncoderError: Weights are missing, left over, or of another shape.
    """
    from transformers import ClapAudioConfig
    from transformers.models.clap.modeling_clap import ClapAudioModel

    config = ClapAudioConfig(
        window_size=size.window,
        num_mel_bins=size.mels,
        spec_size=IMAGE,
        patch_size=size.patch,
        patch_stride=[size.patch, size.patch],
        hidden_size=size.features,
        depths=list(size.depths),
        num_attention_heads=list(size.heads),
        patch_embeds_hidden_size=size.width,
        num_hidden_layers=len(size.depths),
    )
    return fill(ClapAudioModel(config), weights, where, r".*num_batches_tracked")


class HTSAT(torch.nn.Module):
    """Mel power [B, M, N frames] -> features [B, D].

    Args:
        network: A ``ClapAudioModel``.
        frames: N, of one window.
        wanted: Frames that the network takes.
    """

    resize: torch.Tensor

    def __init__(self, network: Any, frames: int, wanted: int) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("resize", resize_matrix(frames, wanted), persistent=False)

    def forward(self, mel_power: torch.Tensor) -> torch.Tensor:
        """Decibels, resizing in time, network."""
        # Resizing before the batch norm instead of after it: both are linear, and the weights
        # of the resizing sum to one, so they can be exchanged.
        with torch.autocast(mel_power.device.type, enabled=False):  # decibels need their digits
            image = self.resize @ decibels(mel_power).transpose(1, 2)  # [B, wanted, M]
        found: torch.Tensor = self.network.audio_encoder(
            input_features=image[:, None]
        ).pooler_output
        return found
