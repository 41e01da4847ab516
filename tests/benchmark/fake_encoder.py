"""A tiny encoder that follows the protocol: 16 bands of a power spectrum, fixed random weights."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Sequence

import torch

FFT_SIZE = 512
BANDS = 16


class FakeEncoder:
    """Hears 16 bands between 50 Hz and 15 kHz; texts fall on random but fixed directions.

    Texts that hold "bright" share one direction, that of energy high up, and texts that hold
    "not" its opposite, so that a search for "bright" has something to find.
    """

    id = "fake-1"
    weights_hash = "0" * 64
    cpu_threads = 1
    heavy = False
    repeats = False

    def __init__(self, sample_rate: int = 32_000, dim: int = 8, window_s: float = 0.5) -> None:
        self.sample_rate = sample_rate
        self.dim = dim
        self.window_s = window_s
        self.passband_hz = (50.0, 15_000.0)
        self.embedded_shapes: list[tuple[int, ...]] = []
        self.texts: list[str] = []
        generator = torch.Generator().manual_seed(7)
        self._weights = torch.randn(BANDS, dim, generator=generator) / BANDS**0.5
        edges = torch.logspace(1.7, 4.17, BANDS + 1)
        bins = self.bin_frequencies_hz
        self._basis = torch.stack(
            [((bins >= low) & (bins < high)).float() for low, high in itertools.pairwise(edges)]
        )

    @property
    def bin_frequencies_hz(self) -> torch.Tensor:
        return torch.fft.rfftfreq(FFT_SIZE, 1 / self.sample_rate)

    @property
    def mel_basis(self) -> torch.Tensor:
        return self._basis

    @property
    def mel_centers_hz(self) -> torch.Tensor:
        return torch.logspace(1.75, 4.1, BANDS)

    @property
    def fft_window(self) -> torch.Tensor:
        return torch.hann_window(FFT_SIZE)

    def to(self, device: torch.device | str) -> FakeEncoder:
        return self

    def spectrum(self, audio: torch.Tensor) -> torch.Tensor:
        return torch.stft(audio, FFT_SIZE, window=self.fft_window, return_complex=True)

    def embed_mel(self, mel_power: torch.Tensor) -> torch.Tensor:
        level = (mel_power.mean(dim=-1) + 1e-6).log()
        level = level - level.mean(dim=-1, keepdim=True)
        return torch.nn.functional.normalize(level @ self._weights, dim=-1)

    def embed_audio(self, audio: torch.Tensor) -> torch.Tensor:
        self.embedded_shapes.append(tuple(audio.shape))
        return self.embed_mel(self.mel_basis @ self.spectrum(audio).abs().square())

    def embed_text(self, texts: Sequence[str]) -> torch.Tensor:
        self.texts.extend(texts)
        found = []
        for text in texts:
            if "bright" in text:
                direction = torch.linspace(-1.0, 1.0, BANDS) @ self._weights
                if " not " in text:
                    direction = -direction
            else:
                seed = zlib.crc32(text.encode())
                direction = torch.randn(self.dim, generator=torch.Generator().manual_seed(seed))
            found.append(direction)
        return torch.nn.functional.normalize(torch.stack(found), dim=-1)
