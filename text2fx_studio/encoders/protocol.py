"""What every encoder offers. An encoder owns its front-end; all of it is differentiable torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self, runtime_checkable

import torch

from dsp.spectrum import FrontEnd


@runtime_checkable
class Listener(Protocol):
    """A joint audio–text space, seen from outside: enough to judge a sound.

    Attributes:
        id: Name and version, for presets.
        weights_hash: SHA-256 of the weights, hexadecimal.
        sample_rate: In Hz, of the audio that it takes.
        dim: D, the size of an embedding.
        window_s: Seconds of audio that one embedding covers best.
        passband_hz: (low, high) in Hz; it cannot hear outside.
        cpu_threads: How many threads suit it on a CPU; None leaves torch's own choice. A small
            network is slowed down by more, several times over on a busy machine.
        heavy: Whether a step costs tenths of a second on a CPU: the search is frugal with it.
        repeats: Whether it repeats sounds that are shorter than its window, as its training did;
            others get them padded with silence.
    """

    id: str
    weights_hash: str
    sample_rate: int
    dim: int
    window_s: float
    passband_hz: tuple[float, float]
    cpu_threads: int | None
    heavy: bool
    repeats: bool

    def to(self, device: torch.device | str) -> Self:
        """Move weights and buffers to a device; returns itself."""
        ...

    def embed_audio(self, audio: torch.Tensor) -> torch.Tensor:
        """Mono audio [B, T] at ``sample_rate`` -> unit-norm embeddings [B, D]; differentiable."""
        ...

    def embed_text(self, texts: Sequence[str]) -> torch.Tensor:
        """N texts -> unit-norm embeddings [N, D], without gradient."""
        ...


@runtime_checkable
class Encoder(Listener, FrontEnd, Protocol):
    """A listener that can be searched with.

    Its audio side is a power spectrogram, a mel basis and a network, in this order, so that a
    filter can be applied to a cached spectrum without touching the waveform again::

        spectrum = encoder.spectrum(audio)                    # [B, T] -> complex [B, F, frames]
        mel = encoder.mel_basis @ spectrum.abs().square()     # [B, M, frames]
        encoder.embed_mel(mel) == encoder.embed_audio(audio)  # [B, D], unit norm

    Attributes:
        mel_basis: Shape [M, F], weights of the spectrum's bins in each mel band.
        mel_centers_hz: Shape [M].
        bin_frequencies_hz: Shape [F].
        fft_window: Shape [n_fft], the analysis window of the spectrum.
    """

    def embed_mel(self, mel_power: torch.Tensor) -> torch.Tensor:
        """Mel power [B, M, frames] -> unit-norm embeddings [B, D]; differentiable."""
        ...
