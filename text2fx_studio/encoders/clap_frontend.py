"""The front-end of the CLAP models: spectrum, mel filters, decibels, and the model's frames.

All in torch, differentiable and the same at every call: no resampling, no quantisation to 16 bit,
no random crop (the authors' packages do all three).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from text2fx_studio.encoders.mel import bin_frequencies

AMIN = 1e-10  # power below it counts as this: -100 dB


@dataclass(frozen=True)
class FrontEnd:
    """How a CLAP model listens.

    Attributes:
        sample_rate: In Hz.
        hop: Samples between frames.
        frames: Frames of one window, centered, both ends included.
        window: Analysis window, float32 [n_fft].
        mel_basis: Weights of the bins in each mel band, float32 [M, F].
        passband_hz: What the mel bands cover.
    """

    sample_rate: int
    hop: int
    frames: int
    window: torch.Tensor
    mel_basis: torch.Tensor
    passband_hz: tuple[float, float]

    @property
    def n_fft(self) -> int:
        """Length of the Fourier transform."""
        return int(self.window.shape[0])

    @property
    def window_s(self) -> float:
        """Seconds that fill the model's frames exactly."""
        return (self.frames - 1) * self.hop / self.sample_rate

    @property
    def bin_frequencies_hz(self) -> torch.Tensor:
        """Frequencies of the bins, [F]."""
        return bin_frequencies(self.sample_rate, self.n_fft)

    @property
    def mel_centers_hz(self) -> torch.Tensor:
        """Centers of gravity of the mel bands, [M]."""
        total = self.mel_basis.sum(dim=1).clamp(min=1e-12)
        return (self.mel_basis @ self.bin_frequencies_hz) / total


def short_time_spectrum(audio: torch.Tensor, window: torch.Tensor, hop: int) -> torch.Tensor:
    """Centered short-time Fourier transform, the ends mirrored.

    The mirror is written out: torch's own has no reproducible gradient on a GPU.

    Args:
        audio: [B, T]; a sound shorter than half the window is padded with silence.
        window: [n_fft].
        hop: Samples between frames.

    Returns:
        Complex [B, n_fft // 2 + 1, T // hop + 1].
    """
    half = window.shape[0] // 2
    missing = half + 1 - audio.shape[-1]
    if missing > 0:
        audio = torch.nn.functional.pad(audio, (0, missing))
    head = audio[:, 1 : half + 1].flip(-1)
    tail = audio[:, -half - 1 : -1].flip(-1)
    return torch.stft(
        torch.cat((head, audio, tail), dim=-1), window.shape[0], hop, window=window,
        center=False, return_complex=True,
    )  # fmt: skip


def decibels(mel_power: torch.Tensor) -> torch.Tensor:
    """10 log10 of power, not below -100 dB."""
    return 10.0 * torch.log10(mel_power.clamp(min=AMIN))


def windows_of(x: torch.Tensor, frames: int) -> tuple[torch.Tensor, int]:
    """Cut or repeat frames so that each window has as many as the model was made for.

    Shorter sounds are repeated until they fill the window (and the rest is cut off, not silent);
    longer ones are covered by the fewest windows, evenly spread.

    Args:
        x: [B, M, any number of frames].
        frames: N, of one window.

    Returns:
        ([B * W, M, N], W), the windows of one sound side by side.
    """
    count = x.shape[-1]
    if count == frames:
        return x, 1
    if count < frames:
        return x.repeat(1, 1, -(-frames // count))[..., :frames], 1
    pieces = -(-count // frames)
    starts = [round(k * (count - frames) / (pieces - 1)) for k in range(pieces)]
    cut = torch.stack([x[..., start : start + frames] for start in starts], dim=1)
    return cut.flatten(0, 1), pieces


def resize_matrix(frames: int, wanted: int) -> torch.Tensor:
    """Bicubic resizing of N frames to ``wanted`` as one matrix, float32 [wanted, N].

    A product has a reproducible gradient on every device; the library's own resizing has not.
    Its weights are the library's, in float32, as the models were trained with.
    """
    if frames == wanted:
        return torch.eye(frames)
    resized = torch.nn.functional.interpolate(
        torch.eye(frames)[None, None], (wanted, frames), mode="bicubic",
        align_corners=True,
    )  # fmt: skip
    return resized[0, 0]
