"""Ways to bridge the gap between audio and text embeddings, all of one kind: a :class:`Space`.

The names are COMET's (Zhu et al. 2026). A method maps audio to where text lies; texts stay as
they are, but for the heads, which map both sides, and for noise, which blurs the text.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from text2fx_studio.errors import UsageError
from text2fx_studio.spaces.pls import Embeddings, PlsSvd, unit_rows
from text2fx_studio.spaces.space import Space, full_space, head_space

METHODS = ("none", "noise", "mean-shift", "nearest", "projection", "linear-projection", "plshead")
TEMPERATURE = 0.01
NOISE_STD = 0.02


def gap_method(name: str, pls: PlsSvd, memory: Embeddings | None = None, *, seed: int = 0) -> Space:
    """A method by name.

    Args:
        name: One of ``METHODS``.
        pls: Axes and means of the training pairs.
        memory: Text embeddings [N, D] for the methods that look texts up.
        seed: Of the noise.

    Raises:
        UsageError: An unknown name, or a memory is needed and not given.
    """
    if name == "none":
        return replace(full_space(pls.dim), name="none")
    if name == "noise":
        return noise(pls.dim, seed=seed)
    if name == "mean-shift":
        return mean_shift(pls)
    if name == "plshead":
        return head_space(pls)
    if name not in METHODS:
        raise UsageError(f"gap method {name!r} is unknown; allowed are {', '.join(METHODS)}")
    if memory is None:
        raise UsageError(f"the gap method {name!r} needs text embeddings to look up")
    if name == "nearest":
        return nearest_text(memory)
    if name == "projection":
        return projection(memory)
    return linear_projection(pls, memory)


def noise(dim: int, std: float = NOISE_STD, *, seed: int = 0) -> Space:
    """NI: Gaussian noise on the text, of this standard deviation per dimension; audio as it is."""
    generator = torch.Generator().manual_seed(seed)

    def blur(text: torch.Tensor) -> torch.Tensor:
        grain = torch.randn(text.shape, generator=generator, dtype=torch.float64)
        return torch.nn.functional.normalize(text + std * grain.to(text), dim=-1)

    return Space("noise", dim, lambda audio: audio, blur)


def mean_shift(pls: PlsSvd) -> Space:
    """ES: the audio moved by the difference of the means."""
    shift = pls.text_mean - pls.audio_mean
    return Space(
        "mean-shift",
        pls.dim,
        lambda audio: torch.nn.functional.normalize(audio + shift.to(audio), dim=-1),
        lambda text: text,
    )


def nearest_text(memory: Embeddings) -> Space:
    """NND: the text of the memory with the highest cosine; no gradient passes."""
    texts = unit_rows(memory, "text")

    def nearest(audio: torch.Tensor) -> torch.Tensor:
        own = texts.to(audio)
        return own[(audio @ own.mT).argmax(dim=-1)]

    return Space("nearest", int(texts.shape[1]), nearest, lambda text: text)


def projection(memory: Embeddings, temperature: float = TEMPERATURE) -> Space:
    """PD: the memory's texts averaged by softmax of their cosine over a temperature (0.01)."""
    if not temperature > 0:
        raise UsageError(f"temperature: found {temperature!r}, a number above 0 is needed")
    texts = unit_rows(memory, "text")

    def decode(audio: torch.Tensor) -> torch.Tensor:
        own = texts.to(audio)
        weights = torch.softmax(audio @ own.mT / temperature, dim=-1)
        return torch.nn.functional.normalize(weights @ own, dim=-1)

    return Space("projection", int(texts.shape[1]), decode, lambda text: text)


def linear_projection(pls: PlsSvd, memory: Embeddings) -> Space:
    """Linear PD: X'X (a - mean), with X the centred memory, set on the text mean.

    Its length carries nothing; it gets that of the memory's centred texts (root mean square).
    """
    texts = unit_rows(memory, "text") - pls.text_mean
    second = texts.mT @ texts
    length = texts.square().sum(dim=1).mean().sqrt()

    def decode(audio: torch.Tensor) -> torch.Tensor:
        along = (audio - pls.audio_mean.to(audio)) @ second.to(audio)
        placed = pls.text_mean.to(audio) + length.to(audio) * torch.nn.functional.normalize(
            along, dim=-1
        )
        return torch.nn.functional.normalize(placed, dim=-1)

    return Space("linear-projection", pls.dim, decode, lambda text: text)


def linear_projection_by_axes(pls: PlsSvd, memory: Embeddings, audio: torch.Tensor) -> torch.Tensor:
    """Linear PD written on the axes (Eq. 12): U (X^'X^)(U'V) a^, before it is placed.

    Args:
        pls: The axes.
        memory: Text embeddings, [N, D].
        audio: Audio embeddings, [..., D].

    Returns:
        Centred, [..., D]: the same as X'X (a - mean).
    """
    scores = (unit_rows(memory, "text") - pls.text_mean) @ pls.U
    chain = pls.U @ (scores.mT @ scores) @ (pls.U.mT @ pls.V)
    return pls.audio_scores(audio) @ chain.to(audio).mT


def pca_head(text: Embeddings, audio: Embeddings, axes: int) -> Space:
    """PCAHead, the baseline that fails: each side's own principal axes, which do not match.

    Args:
        text: Training texts, [N, D].
        audio: Training audio, [N, D].
        axes: K.
    """
    (t_mean, t_axes), (a_mean, a_axes) = (
        _principal_axes(unit_rows(text, "text"), axes),
        _principal_axes(unit_rows(audio, "audio"), axes),
    )
    return Space(
        "pcahead",
        axes,
        lambda own: (own - a_mean.to(own)) @ a_axes.to(own),
        lambda own: (own - t_mean.to(own)) @ t_axes.to(own),
    )


def _principal_axes(rows: torch.Tensor, axes: int) -> tuple[torch.Tensor, torch.Tensor]:
    if not 1 <= axes <= rows.shape[1]:
        raise UsageError(f"head of {axes} axes: allowed are 1 to {rows.shape[1]}")
    mean = rows.mean(dim=0)
    centred = rows - mean
    _, vectors = torch.linalg.eigh(centred.mT @ centred)  # rising
    return mean, vectors.flip(dims=(1,))[:, :axes].contiguous()
