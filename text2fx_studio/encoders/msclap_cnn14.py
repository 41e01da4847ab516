"""CNN14, the audio network of MS-CLAP 2022.

Source: Q. Kong et al., "PANNs: Large-Scale Pretrained Audio Neural Networks for Audio Pattern
Recognition", IEEE/ACM TASLP 28 (2020), section III-A: six blocks of two 3 x 3 convolutions with
batch norm and ReLU, averaged over 2 x 2 after all but the last; mean over frequency, maximum plus
mean over time, one layer.
"""

from __future__ import annotations

import re

import torch

from text2fx_studio.encoders.clap_frontend import decibels
from text2fx_studio.encoders.clap_weights import Store
from text2fx_studio.errors import EncoderError

HARMLESS = (
    r"fc_audioset\.(weight|bias)",
    r"(conv_block\d+\.)?bn\d\.num_batches_tracked",
)
_EPS = 1e-5  # torch's own in batch norm


class CNN14(torch.nn.Module):
    """Mel power [B, M, frames] -> features [B, D].

    Args:
        store: The checkpoint.
        prefix: Of the network's names.
    """

    def __init__(self, store: Store, prefix: str) -> None:
        super().__init__()
        numbers = [
            int(m[1]) for name in store.part(prefix) if (m := re.match(r"conv_block(\d+)\.", name))
        ]
        self.blocks = max(numbers, default=0)
        if sorted(set(numbers)) != list(range(1, self.blocks + 1)):
            raise EncoderError(f"{store.path}: blocks of the audio network are missing")
        self._batch_norm(store, prefix, "bn0")
        for block in range(1, self.blocks + 1):
            for layer in (1, 2):
                name = f"conv_block{block}.conv{layer}.weight"
                self._keep(name, store.take(prefix + name))
                self._batch_norm(store, prefix, f"conv_block{block}.bn{layer}")
        for name in ("fc1.weight", "fc1.bias"):
            self._keep(name, store.take(prefix + name))

    def _keep(self, name: str, tensor: torch.Tensor) -> None:
        self.register_buffer(name.replace(".", "_"), tensor.clone(), persistent=False)

    def _batch_norm(self, store: Store, prefix: str, name: str) -> None:
        """A frozen batch norm is a scale and an offset."""
        parts = ("weight", "bias", "running_mean", "running_var")
        weight, bias, mean, variance = (store.take(f"{prefix}{name}.{p}").double() for p in parts)
        scale = weight / (variance + _EPS).sqrt()
        self._keep(f"{name}.scale", scale.float())
        self._keep(f"{name}.offset", (bias - mean * scale).float())

    def _get(self, name: str) -> torch.Tensor:
        found: torch.Tensor = getattr(self, name.replace(".", "_"))
        return found

    def forward(self, mel_power: torch.Tensor) -> torch.Tensor:
        """Decibels, network."""
        functional = torch.nn.functional
        x = decibels(mel_power)
        x = x * self._get("bn0.scale")[:, None] + self._get("bn0.offset")[:, None]
        x = x.transpose(1, 2)[:, None]  # [B, 1, frames, M]
        for block in range(1, self.blocks + 1):
            for layer in (1, 2):
                name = f"conv_block{block}."
                x = functional.conv2d(x, self._get(f"{name}conv{layer}.weight"), padding=1)
                scale = self._get(f"{name}bn{layer}.scale")[:, None, None]
                x = torch.relu(x * scale + self._get(f"{name}bn{layer}.offset")[:, None, None])
            if block < self.blocks:
                x = functional.avg_pool2d(x, 2)
        x = x.mean(dim=3)
        pooled = x.amax(dim=2) + x.mean(dim=2)
        linear = functional.linear(pooled, self._get("fc1.weight"), self._get("fc1.bias"))
        return torch.relu(linear)
