"""What LAION-CLAP and MS-CLAP share once their parts are built: the ``Encoder`` protocol."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch.utils.checkpoint import checkpoint

from text2fx_studio.encoders.clap_frontend import FrontEnd, short_time_spectrum, windows_of
from text2fx_studio.encoders.clap_precision import (
    PROBE_TEXTS,
    half_is_close,
    in_half,
    is_quick_in_half,
    probe_sounds,
)
from text2fx_studio.encoders.clap_tokens import Words
from text2fx_studio.encoders.clap_weights import Accounting

# Windows that are embedded at once. With a gradient each keeps some 0.15 GB until the way back;
# beyond this number a chunk is computed a second time instead of being kept.
CHUNK = 4
_CACHED_TEXTS = 4096


@dataclass(frozen=True)
class Parts:
    """A loaded model.

    Attributes:
        id: Name and size, for presets.
        weights_hash: SHA-256 of the weights file.
        front_end: How it listens.
        audio: Mel power [B, M, frames] -> embedding [B, D], any length.
        text: Numbers [1, L] -> embedding [1, D], any length.
        words: Text to numbers.
        dim: D.
        accounting: Where the checkpoint's tensors went.
    """

    id: str
    weights_hash: str
    front_end: FrontEnd
    audio: torch.nn.Module
    text: torch.nn.Module
    words: Words
    dim: int
    accounting: Accounting


class ClapEncoder:
    """A CLAP model; implements :class:`text2fx_studio.encoders.protocol.Encoder`.

    Everything from the mel power on is in :meth:`embed_mel`; sounds of another length than the
    model's window are repeated, or cut into windows whose embeddings are averaged. Nothing is
    random: the same input gives the same bits. Texts are embedded one by one, so that none depends
    on its neighbours.
    """

    cpu_threads: int | None = None
    heavy = True
    repeats = True

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.id = parts.id
        self.weights_hash = parts.weights_hash
        self.sample_rate = parts.front_end.sample_rate
        self.dim = parts.dim
        self.window_s = parts.front_end.window_s
        self.passband_hz = parts.front_end.passband_hz
        self._front = parts.front_end
        self._centers = parts.front_end.mel_centers_hz
        self._bins = parts.front_end.bin_frequencies_hz
        self._device = torch.device("cpu")
        self._half: bool | None = None
        self._texts: OrderedDict[str, torch.Tensor] = OrderedDict()

    @property
    def mel_basis(self) -> torch.Tensor:
        """Weights of the bins in each mel band, [M, F]."""
        return self._front.mel_basis

    @property
    def mel_centers_hz(self) -> torch.Tensor:
        """Centers of the mel bands in Hz, [M]."""
        return self._centers

    @property
    def bin_frequencies_hz(self) -> torch.Tensor:
        """Frequencies of the spectrum's bins in Hz, [F]."""
        return self._bins

    @property
    def fft_window(self) -> torch.Tensor:
        """The analysis window, [n_fft]."""
        return self._front.window

    def to(self, device: torch.device | str) -> Self:
        """Move weights and buffers to a device; returns itself."""
        self._device = torch.device(device)
        self.parts.audio.to(self._device)
        self.parts.text.to(self._device)
        self._front = replace(
            self._front,
            window=self._front.window.to(self._device),
            mel_basis=self._front.mel_basis.to(self._device),
        )
        self._centers = self._centers.to(self._device)
        self._bins = self._bins.to(self._device)
        self._texts.clear()
        self._half = None
        return self

    @property
    def half(self) -> bool:
        """Whether steps with a gradient are computed in half precision.

        Decided by measurement at the first such step, where the device is quick at it. What is
        computed without a gradient, scores above all, never is in half precision.
        """
        if self._half is None:
            self._half = is_quick_in_half(self._device) and self.stands_half()
        return self._half

    @half.setter
    def half(self, wanted: bool) -> None:
        self._half = wanted

    def stands_half(self) -> bool:
        """Measure whether this model can be searched with in half precision, where it is."""
        count = round(self.window_s * self.sample_rate)
        spectrum = self.spectrum(probe_sounds(count).to(self._device))
        power = self.mel_basis @ (spectrum.real.square() + spectrum.imag.square())
        texts = self.embed_text(PROBE_TEXTS)
        return half_is_close(self._embed_in_full, self._embed_in_half, power, texts)

    def spectrum(self, audio: torch.Tensor) -> torch.Tensor:
        """Short-time Fourier transform, [B, T] -> complex [B, F, frames]."""
        return short_time_spectrum(audio, self._front.window, self._front.hop)

    def embed_mel(self, mel_power: torch.Tensor) -> torch.Tensor:
        """Mel power [B, M, frames] -> unit-norm embeddings [B, D]; differentiable.

        Memory is bounded: see ``CHUNK``.
        """
        windows, each = windows_of(mel_power, self._front.frames)
        descending = torch.is_grad_enabled() and windows.requires_grad
        embed = self._embed_in_half if descending and self.half else self._embed_in_full
        found = []
        for chunk in torch.split(windows, CHUNK):
            if descending and windows.shape[0] > CHUNK:
                found.append(checkpoint(embed, chunk, use_reentrant=False))
            else:
                found.append(embed(chunk))
        embeddings = torch.cat(found)
        if each == 1:
            return embeddings
        mean = embeddings.reshape(mel_power.shape[0], each, -1).mean(dim=1)
        return torch.nn.functional.normalize(mean, dim=-1)

    def _embed_in_full(self, windows: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(self.parts.audio(windows), dim=-1)

    def _embed_in_half(self, windows: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(in_half(self.parts.audio, windows), dim=-1)

    def embed_audio(self, audio: torch.Tensor) -> torch.Tensor:
        """Mono audio [B, T] at ``sample_rate`` -> unit-norm embeddings [B, D]; differentiable."""
        spectrum = self.spectrum(audio)
        power = spectrum.real.square() + spectrum.imag.square()
        return self.embed_mel(self.mel_basis @ power)

    @torch.no_grad()
    def embed_text(self, texts: Sequence[str]) -> torch.Tensor:
        """N texts -> unit-norm embeddings [N, D], without gradient; kept for the next call.

        Raises:
            PromptError: A text is blank.
        """
        for text in texts:
            if text in self._texts:
                self._texts.move_to_end(text)
                continue
            numbers = self.parts.words.numbers(text)
            ids = torch.tensor([numbers], dtype=torch.int64, device=self._device)
            found = torch.nn.functional.normalize(self.parts.text(ids), dim=-1)[0]
            self._texts[text] = found
            if len(self._texts) > max(_CACHED_TEXTS, len(texts)):
                self._texts.popitem(last=False)
        if not texts:
            return torch.zeros((0, self.dim), device=self._device)
        return torch.stack([self._texts[text] for text in texts])
