"""Checkpoints in exactly the layouts of laion-clap, msclap and the hub, with seeded random weights.

Names, shapes, wrapper dictionaries and the NumPy scalars in them are those that the packages'
own ``state_dict`` gives (``tests/parity`` loads them there with nothing missing or left over); the
values are noise. ``SMALL`` is quick, ``TINY``, ``BASE`` are of full size.

    python -m tests.encoders.clap_fixtures laion FILE [--size full] [--seed N]
"""

from __future__ import annotations

import json
import math
import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from text2fx_studio.encoders.mel import mel_filterbank

State = OrderedDict[str, torch.Tensor]
N_FFT, MELS, CLASSES = 1024, 64, 527


@dataclass(frozen=True)
class Sizes:
    """Of one model: HTSAT (width, depths, heads), CNN14's channels, the text network, D."""

    width: int = 96
    depths: tuple[int, ...] = (2, 2, 6, 2)
    heads: tuple[int, ...] = (4, 8, 16, 32)
    channels: tuple[int, ...] = (64, 128, 256, 512, 1024, 2048)
    text_width: int = 768
    text_layers: int = 12
    vocabulary: int = 0  # 0: as many as the model's own
    dim: int = 0


TINY = Sizes()
BASE = Sizes(width=128, depths=(2, 2, 12, 2))
SMALL = Sizes(
    width=8, depths=(2, 1, 1, 1), heads=(1, 2, 2, 4), channels=(4, 4, 8, 8, 8, 16), text_width=64,
    text_layers=2, vocabulary=300, dim=32,
)  # fmt: skip


class _Noise:
    """Seeded tensors, put under names into a state."""

    def __init__(self, seed: int) -> None:
        self.state: State = OrderedDict()
        self._generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape: int, std: float = 1.0, mean: float = 0.0) -> torch.Tensor:
        return torch.randn(shape, generator=self._generator).mul_(std).add_(mean)

    def linear(
        self, name: str, out: int, into: int, *, bias: bool = True, gain: float = 1.0
    ) -> None:
        self.state[f"{name}.weight"] = self.normal(out, into, std=gain * into**-0.5)
        if bias:
            self.state[f"{name}.bias"] = self.normal(out, std=0.05)

    def conv1d(self, name: str, into: int, out: int) -> None:
        """GPT-2's linear layer: the weight lies on its side."""
        self.state[f"{name}.weight"] = self.normal(into, out, std=1.5 * into**-0.5)
        self.state[f"{name}.bias"] = self.normal(out, std=0.05)

    def norm(self, name: str, size: int) -> None:
        self.state[f"{name}.weight"] = self.normal(size, std=0.1, mean=1.0)
        self.state[f"{name}.bias"] = self.normal(size, std=0.1)

    def batch_norm(self, name: str, size: int, mean: float = 0.0, std: float = 1.0) -> None:
        self.norm(name, size)
        self.state[f"{name}.running_mean"] = self.normal(size, std=0.1 * std, mean=mean)
        self.state[f"{name}.running_var"] = self.normal(size, std=0.05, mean=1.0).abs() * std**2
        self.state[f"{name}.num_batches_tracked"] = torch.tensor(1000)


def _front_end(noise: _Noise, prefix: str, filters_hz: int) -> None:
    """torchlibrosa's frozen transform and filters."""
    window = torch.hann_window(N_FFT, dtype=torch.float64)
    angle = torch.outer(torch.arange(N_FFT // 2 + 1.0), torch.arange(1.0 * N_FFT)).double()
    angle = angle * (2 * math.pi / N_FFT)
    stft = f"{prefix}spectrogram_extractor.stft."
    noise.state[f"{stft}conv_real.weight"] = (angle.cos() * window).float()[:, None]
    noise.state[f"{stft}conv_imag.weight"] = (-angle.sin() * window).float()[:, None]
    basis, _ = mel_filterbank(filters_hz, N_FFT, MELS, 50.0, 14_000.0, scale="slaney", norm="area")
    noise.state[f"{prefix}logmel_extractor.melW"] = basis.T.contiguous()


def _position_index(window: int) -> torch.Tensor:
    at = torch.stack(torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij"))
    flat = at.flatten(1)
    apart = (flat[:, :, None] - flat[:, None, :]).permute(1, 2, 0) + window - 1
    return apart[..., 0] * (2 * window - 1) + apart[..., 1]


def _shift_mask(side: int, window: int) -> torch.Tensor:
    shift = window // 2
    area = torch.zeros(side)
    area[-window:] += 1
    area[-shift:] += 1
    image = area[:, None] * 3 + area[None]
    parts = image.view(side // window, window, side // window, window).permute(0, 2, 1, 3)
    parts = parts.reshape(-1, window * window)
    apart = parts[:, None] - parts[:, :, None]
    return torch.where(apart != 0, -100.0, 0.0)


def _htsat(noise: _Noise, prefix: str, sizes: Sizes, filters_hz: int) -> None:
    _front_end(noise, prefix, filters_hz)
    noise.batch_norm(f"{prefix}bn0", MELS, mean=-30.0, std=20.0)
    noise.state[f"{prefix}patch_embed.proj.weight"] = noise.normal(sizes.width, 1, 4, 4, std=0.25)
    noise.state[f"{prefix}patch_embed.proj.bias"] = noise.normal(sizes.width, std=0.05)
    noise.norm(f"{prefix}patch_embed.norm", sizes.width)
    side, window = 64, 8
    for stage, (depth, heads) in enumerate(zip(sizes.depths, sizes.heads, strict=True)):
        dim = sizes.width * 2**stage
        for block in range(depth):
            name = f"{prefix}layers.{stage}.blocks.{block}."
            if block % 2 and side > window:
                noise.state[f"{name}attn_mask"] = _shift_mask(side, window)
            noise.norm(f"{name}norm1", dim)
            table = noise.normal((2 * window - 1) ** 2, heads, std=0.3)
            noise.state[f"{name}attn.relative_position_bias_table"] = table
            noise.state[f"{name}attn.relative_position_index"] = _position_index(window)
            noise.linear(f"{name}attn.qkv", 3 * dim, dim)
            noise.linear(f"{name}attn.proj", dim, dim)
            noise.norm(f"{name}norm2", dim)
            noise.linear(f"{name}mlp.fc1", 4 * dim, dim)
            noise.linear(f"{name}mlp.fc2", dim, 4 * dim)
        if stage < len(sizes.depths) - 1:
            name = f"{prefix}layers.{stage}.downsample."
            noise.linear(f"{name}reduction", 2 * dim, 4 * dim, bias=False)
            noise.norm(f"{name}norm", 4 * dim)
            side //= 2
    features = sizes.width * 2 ** (len(sizes.depths) - 1)
    noise.norm(f"{prefix}norm", features)
    kernel = 256 // 2 ** (len(sizes.depths) - 1) // 4 // 4
    noise.state[f"{prefix}tscam_conv.weight"] = noise.normal(CLASSES, features, kernel, 3, std=0.02)
    noise.state[f"{prefix}tscam_conv.bias"] = noise.normal(CLASSES, std=0.02)
    noise.linear(f"{prefix}head", CLASSES, CLASSES)


def _cnn14(noise: _Noise, prefix: str, sizes: Sizes) -> None:
    _front_end(noise, prefix, 44_100)
    noise.batch_norm(f"{prefix}bn0", MELS, mean=-30.0, std=20.0)
    into = 1
    for block, out in enumerate(sizes.channels, start=1):
        for layer in (1, 2):
            name = f"{prefix}conv_block{block}."
            std = (2 / (9 * into)) ** 0.5
            noise.state[f"{name}conv{layer}.weight"] = noise.normal(out, into, 3, 3, std=std)
            into = out
        for layer in (1, 2):
            noise.batch_norm(f"{prefix}conv_block{block}.bn{layer}", out)
    noise.linear(f"{prefix}fc1", into, into, gain=1.4)
    noise.linear(f"{prefix}fc_audioset", CLASSES, into)


def _bert_like(
    noise: _Noise, prefix: str, sizes: Sizes, vocabulary: int, positions: int, types: int
) -> None:
    """RoBERTa's and BERT's names, as transformers before 4.31 stored them."""
    dim = sizes.text_width
    e = f"{prefix}embeddings."
    noise.state[f"{e}position_ids"] = torch.arange(positions)[None]
    noise.state[f"{e}word_embeddings.weight"] = noise.normal(vocabulary, dim)
    noise.state[f"{e}position_embeddings.weight"] = noise.normal(positions, dim, std=0.3)
    noise.state[f"{e}token_type_embeddings.weight"] = noise.normal(types, dim, std=0.3)
    noise.norm(f"{e}LayerNorm", dim)
    for layer in range(sizes.text_layers):
        name = f"{prefix}encoder.layer.{layer}."
        for part in ("query", "key", "value"):
            noise.linear(f"{name}attention.self.{part}", dim, dim, gain=1.5)
        noise.linear(f"{name}attention.output.dense", dim, dim, gain=1.5)
        noise.norm(f"{name}attention.output.LayerNorm", dim)
        noise.linear(f"{name}intermediate.dense", 4 * dim, dim)
        noise.linear(f"{name}output.dense", dim, 4 * dim)
        noise.norm(f"{name}output.LayerNorm", dim)
    noise.linear(f"{prefix}pooler.dense", dim, dim)


def _gpt2(noise: _Noise, prefix: str, sizes: Sizes, vocabulary: int, positions: int) -> None:
    dim = sizes.text_width
    noise.state[f"{prefix}wte.weight"] = noise.normal(vocabulary, dim)
    noise.state[f"{prefix}wpe.weight"] = noise.normal(positions, dim, std=0.3)
    for layer in range(sizes.text_layers):
        name = f"{prefix}h.{layer}."
        noise.norm(f"{name}ln_1", dim)
        mask = torch.ones(positions, positions, dtype=torch.uint8).tril()[None, None]
        noise.state[f"{name}attn.bias"] = mask
        noise.state[f"{name}attn.masked_bias"] = torch.tensor(-1e4)
        noise.conv1d(f"{name}attn.c_attn", dim, 3 * dim)
        noise.conv1d(f"{name}attn.c_proj", dim, dim)
        noise.norm(f"{name}ln_2", dim)
        noise.conv1d(f"{name}mlp.c_fc", dim, 4 * dim)
        noise.conv1d(f"{name}mlp.c_proj", 4 * dim, dim)
    noise.norm(f"{prefix}ln_f", dim)


def laion_state(sizes: Sizes = SMALL, seed: int = 0) -> State:
    """The names of laion-clap's ``CLAP`` with HTSAT and RoBERTa."""
    noise = _Noise(seed)
    dim = sizes.dim or 512
    for side in "at":
        noise.state[f"logit_scale_{side}"] = torch.tensor(math.log(1 / 0.07))
    _htsat(noise, "audio_branch.", sizes, 48_000)
    positions = 514 if sizes.vocabulary == 0 else 90
    _bert_like(noise, "text_branch.", sizes, sizes.vocabulary or 50_265, positions, 1)
    features = {"text": sizes.text_width, "audio": sizes.width * 2 ** (len(sizes.depths) - 1)}
    for side in ("text", "audio"):
        for layer in (0, 3):
            noise.linear(f"{side}_transform.sequential.{layer}", dim, dim)
        noise.linear(f"{side}_projection.0", dim, features[side], gain=1.4)
        noise.linear(f"{side}_projection.2", dim, dim)
    return noise.state


def msclap_state(version: str, sizes: Sizes = SMALL, seed: int = 0) -> State:
    """The names of msclap's ``CLAP``, 2022 or 2023."""
    noise = _Noise(seed)
    dim = sizes.dim or 1024
    noise.state["logit_scale"] = torch.tensor(math.log(1 / 0.07))
    text = "caption_encoder.base."
    if version == "2023":
        _htsat(noise, "audio_encoder.base.htsat.", sizes, 32_000)
        features = sizes.width * 2 ** (len(sizes.depths) - 1)
        positions = 1024 if sizes.vocabulary == 0 else 90
        _gpt2(noise, text, sizes, sizes.vocabulary or 50_257, positions)
    else:
        _cnn14(noise, "audio_encoder.base.", sizes)
        features = sizes.channels[-1]
        _bert_like(noise, text, sizes, sizes.vocabulary or 30_522, 512, 2)
    for side, into in (("audio", features), ("caption", sizes.text_width)):
        name = f"{side}_encoder.projection."
        noise.linear(f"{name}linear1", dim, into, bias=False)
        noise.linear(f"{name}linear2", dim, dim, bias=False)
        noise.norm(f"{name}layer_norm", dim)
    return noise.state


def write_laion(path: Path, sizes: Sizes = SMALL, seed: int = 0) -> State:
    """A ``.pt`` as laion-clap's training wrote it: ``module.`` names, optimizer, NumPy scalars."""
    state = laion_state(sizes, seed)
    moment = torch.zeros(3)
    torch.save(
        {
            "epoch": 15,
            "name": "random weights for tests",
            "state_dict": OrderedDict((f"module.{name}", t) for name, t in state.items()),
            "optimizer": {
                "state": {0: {"step": np.int64(3), "exp_avg": moment, "exp_avg_sq": moment}},
                "param_groups": [{"lr": np.float64(1e-4), "betas": (0.9, 0.99), "params": [0]}],
            },
        },
        path,
    )
    return state


def write_msclap(path: Path, version: str, sizes: Sizes = SMALL, seed: int = 0) -> State:
    """A ``.pth`` as Microsoft's: the weights under ``model``."""
    state = msclap_state(version, sizes, seed)
    torch.save({"model": state, "epoch": np.float32(1.0)}, path)
    return state


def write_hub(folder: Path, sizes: Sizes = SMALL, seed: int = 0, *, fused: bool = False) -> State:
    """A folder in transformers' form, of the same numbers as :func:`write_laion`'s."""
    from safetensors.torch import save_file

    from text2fx_studio.encoders import htsat
    from text2fx_studio.encoders.clap_weights import Store

    folder.mkdir(parents=True, exist_ok=True)
    state = laion_state(sizes, seed)
    store = Store(folder, state)
    size = htsat.read_size(store, "audio_branch.")
    hub: State = OrderedDict()
    for name, tensor in htsat.hub_weights(store, "audio_branch.").items():
        hub[f"audio_model.{name}"] = tensor.contiguous()
    for name, tensor in state.items():
        if name.startswith("text_branch."):
            hub[name.replace("text_branch.", "text_model.")] = tensor
        if "_projection." in name:
            hub[name.replace("_projection.0", "_projection.linear1").replace(
                "_projection.2", "_projection.linear2")] = tensor  # fmt: skip
        if name.startswith("logit_scale"):
            hub[name] = tensor
    save_file({name: tensor.clone() for name, tensor in hub.items()}, folder / "model.safetensors")
    text_rows, text_dim = hub["text_model.embeddings.word_embeddings.weight"].shape
    dim = hub["audio_projection.linear2.weight"].shape[0]
    config = {
        "model_type": "clap",
        "projection_dim": dim,
        "projection_hidden_act": "relu",
        "audio_config": {
            "model_type": "clap_audio_model", "depths": list(size.depths),
            "num_attention_heads": list(size.heads), "patch_embeds_hidden_size": size.width,
            "hidden_size": size.features, "projection_dim": dim, "enable_fusion": fused,
        },
        "text_config": {
            "model_type": "clap_text_model", "vocab_size": text_rows, "hidden_size": text_dim,
            "num_hidden_layers": sizes.text_layers, "num_attention_heads": max(1, text_dim // 64),
            "intermediate_size": 4 * text_dim, "layer_norm_eps": 1e-5, "projection_dim": dim,
        },
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "preprocessor_config.json").write_text(
        json.dumps({"sampling_rate": 48_000, "frequency_min": 50, "frequency_max": 14_000,
                    "fft_window_size": 1024, "hop_length": 480, "feature_size": 64,
                    "max_length_s": 10, "feature_extractor_type": "ClapFeatureExtractor"})
    )  # fmt: skip
    return state


def byte_letters() -> list[str]:
    """GPT-2's letters for the 256 bytes, in its order: '!' is number 0, the blank number 220."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = [b for b in range(256) if b not in plain]
    return [chr(b) for b in plain] + [chr(256 + k) for k in range(len(other))]


_MERGES = ("o r", "a r", "w ar", "war m", "Ġ s", "i s", "! !")


def write_gpt2_files(folder: Path, size: int = SMALL.vocabulary) -> tuple[Path, Path]:
    """vocab.json and merges.txt of GPT-2's form: all bytes, few merges, fillers up to ``size``."""
    folder.mkdir(parents=True, exist_ok=True)
    words = byte_letters() + [merge.replace(" ", "") for merge in _MERGES]
    words += [f"<unused{k}>" for k in range(size - len(words) - 1)]
    words.append("<|endoftext|>")
    return _write_pairs(folder, words)


def write_roberta_files(folder: Path, size: int = SMALL.vocabulary) -> tuple[Path, Path]:
    """vocab.json and merges.txt of RoBERTa's form."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["<s>", "<pad>", "</s>", "<unk>", *byte_letters()]
    words += [merge.replace(" ", "") for merge in _MERGES]
    words += [f"<unused{k}>" for k in range(size - len(words) - 1)]
    words.append("<mask>")
    return _write_pairs(folder, words)


def _write_pairs(folder: Path, words: list[str]) -> tuple[Path, Path]:
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    vocabulary.write_text(json.dumps({w: k for k, w in enumerate(words)}), "utf-8")
    merges.write_text("#version: 0.2\n" + "\n".join(_MERGES) + "\n", "utf-8")
    return vocabulary, merges


def write_bert_files(folder: Path) -> Path:
    """A vocab.txt of BERT's form: marks, letters, some words."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789!?.,"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{x}" for x in letters)]
    words += ["this", "sound", "is", "warm", "not", "bright", "##er"]
    path = folder / "vocab.txt"
    path.write_text("\n".join(words) + "\n", "utf-8")
    return path


def main(arguments: list[str]) -> None:
    """Write one checkpoint and its vocabulary: laion | laion-base | msclap-2022 | msclap-2023."""
    kind, target, *rest = arguments
    full = "full" in rest
    seed = int(rest[rest.index("--seed") + 1]) if "--seed" in rest else 0
    path = Path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    writers: dict[str, Callable[[], Any]] = {
        "laion": lambda: write_laion(path, TINY if full else SMALL, seed),
        "laion-base": lambda: write_laion(path, BASE, seed),
        "msclap-2022": lambda: write_msclap(path, "2022", TINY if full else SMALL, seed),
        "msclap-2023": lambda: write_msclap(path, "2023", TINY if full else SMALL, seed),
    }
    writers[kind]()
    big = full or kind == "laion-base"
    if kind.startswith("laion"):
        write_roberta_files(path.parent / "roberta-base", 50_265 if big else SMALL.vocabulary)
    if kind == "msclap-2023":
        write_gpt2_files(path.parent / "gpt2", 50_257 if big else SMALL.vocabulary)
    if kind == "msclap-2022" and not big:
        write_bert_files(path.parent / "bert-base-uncased")


if __name__ == "__main__":
    main(sys.argv[1:])
