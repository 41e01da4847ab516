"""Half precision for the descent, where it is quick and does not change what the search hears.

Only steps with a gradient are computed in float16; every score that is reported is computed in
float32. Whether a model stands it is measured once, on probe sounds and texts: float16 reaches to
65,504 and keeps three digits, and not every model's inner numbers fit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

LARGEST_CHANGE = 1e-3  # of a score
LEAST_AGREEMENT = 0.95  # cosine between the gradients; a ReLU or a maximum may tip over
# Gradients are enlarged on their way through the network, or the smallest would be lost.
_SCALE = 1024.0
_NOISE_RMS = 0.1
PROBE_TEXTS = (
    "this sound is warm",
    "this sound is bright",
    "a dog barks twice",
    "slow piano music in a large concert hall, warm and full",
)

Embed = Callable[[torch.Tensor], torch.Tensor]


class _ScaledGradient(torch.autograd.Function):
    """The same numbers forward; the gradient times a factor."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, factor: float) -> torch.Tensor:
        ctx.factor = factor
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[torch.Tensor, None]:
        return gradients[0] * ctx.factor, None


def _scaled(x: torch.Tensor, factor: float) -> torch.Tensor:
    found: torch.Tensor = _ScaledGradient.apply(x, factor)  # type: ignore[no-untyped-call]
    return found


def in_half(network: Embed, x: torch.Tensor) -> torch.Tensor:
    """Run a network in float16 where torch thinks it safe; input and output are float32.

    Args:
        network: Any.
        x: Its input; the gradient is brought back to its own size there.
    """
    entering = _scaled(x, 1.0 / _SCALE)
    with torch.autocast(x.device.type, dtype=torch.float16):
        found = network(entering)
    return _scaled(found.float(), _SCALE)


def is_quick_in_half(device: torch.device) -> bool:
    """Whether a device computes in float16 itself: GPUs of CUDA, and CPUs with AVX512-FP16.

    Elsewhere float16 is slower than float32, or not proved.
    """
    if device.type == "cuda":
        return True
    if device.type != "cpu":
        return False
    try:
        return bool(torch.ops.mkldnn._is_mkldnn_fp16_supported())
    except (AttributeError, RuntimeError):  # a build of torch without oneDNN
        return False


def probe_sounds(count: int) -> torch.Tensor:
    """White noise and dark noise (-6 dB per octave) at -20 dBFS RMS, float32 [2, count]."""
    white = torch.randn(count, generator=torch.Generator().manual_seed(0))
    spectrum = torch.fft.rfft(white)
    dark = torch.fft.irfft(spectrum / torch.arange(1, spectrum.shape[0] + 1), count)
    both = torch.stack((white, dark))
    return both / both.square().mean(dim=1, keepdim=True).sqrt() * _NOISE_RMS


def half_is_close(full: Embed, half: Embed, mel_power: torch.Tensor, texts: torch.Tensor) -> bool:
    """Whether scores and gradients in half precision are those of full precision.

    Args:
        full: Mel power [B, M, frames] -> unit-norm embeddings [B, D], in float32.
        half: The same in half precision.
        mel_power: Of probe sounds.
        texts: Unit-norm embeddings of texts, [N, D].

    Returns:
        True where no score changes by ``LARGEST_CHANGE`` and the gradients of all keep their
        direction.
    """
    scores, gradients = _heard(full, mel_power, texts)
    half_scores, half_gradients = _heard(half, mel_power, texts)
    change = (scores - half_scores).abs().max()
    agreement = torch.nn.functional.cosine_similarity(gradients, half_gradients, dim=1).min()
    # A comparison with NaN is False.
    return bool(change < LARGEST_CHANGE) and bool(agreement > LEAST_AGREEMENT)


def _heard(
    embed: Embed, mel_power: torch.Tensor, texts: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores [B, N], and of each sound the gradient of its scores' sum over decibels, [B, ...]."""
    with torch.enable_grad():
        level_db = (10 * mel_power.clamp(min=1e-10).log10()).detach().requires_grad_(True)
        scores = embed(10 ** (level_db / 10)) @ texts.T
        (gradient,) = torch.autograd.grad(scores.sum(), level_db)
    return scores.detach(), gradient.flatten(1)
