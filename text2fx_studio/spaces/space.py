"""Spaces for the losses: where audio and text embeddings are compared.

A space is two affine maps, one for each side, without renormalising: the cosine loss normalises by
itself, and in the directional loss the means cancel, so that the same maps serve both::

    target = text_target(loss, prompt, lambda texts: space.text(encoder.embed_text(texts)))
    embeddings = space.audio(encoder.embed_mel(mel))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import torch

from text2fx_studio.errors import UsageError
from text2fx_studio.spaces.pls import NamedWeights, PlsSvd

SpaceName = Literal["full", "centred", "plshead", "plshead-w"]
SPACES: tuple[SpaceName, ...] = get_args(SpaceName)

Map = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Space:
    """A way to compare sounds with words.

    Attributes:
        name: One of ``SPACES``, or of a gap method.
        dim: Size of a mapped embedding.
        audio: Unit-norm audio embeddings [..., D] -> [..., dim]; differentiable.
        text: Unit-norm text embeddings [..., D] -> [..., dim]; differentiable.
    """

    name: str
    dim: int
    audio: Map
    text: Map

    def similarity(self, text: torch.Tensor, audio: torch.Tensor) -> torch.Tensor:
        """Cosine of every text [N, D] with every audio [M, D], [N, M]."""
        t = torch.nn.functional.normalize(self.text(text), dim=-1)
        a = torch.nn.functional.normalize(self.audio(audio), dim=-1)
        return t @ a.mT


def full_space(dim: int) -> Space:
    """The encoder's own space, untouched."""
    return Space("full", dim, _same, _same)


def centred_space(pls: PlsSvd) -> Space:
    """The means of both sides taken away: the gap's constant part is gone."""
    return Space(
        "centred",
        pls.dim,
        lambda audio: audio - pls.audio_mean.to(audio),
        lambda text: text - pls.text_mean.to(text),
    )


def head_space(pls: PlsSvd, axes: int | None = None, *, weighted: bool = False) -> Space:
    """PLSHead: scores on the first axes; weighted (PLSHeadW), audio times u_j . v_j.

    Args:
        pls: The axes.
        axes: K; None for the fitted head.
        weighted: With it the plain dot product is the direct effect of the head.

    Raises:
        UsageError: K is out of range.
    """
    k = pls.head_size if axes is None else axes
    if not 1 <= k <= pls.dim:
        raise UsageError(f"head of {k} axes: allowed are 1 to {pls.dim}")
    U, V = pls.U[:, :k], pls.V[:, :k]
    if weighted:
        V = V * pls.alignment[:k]
    return Space(
        "plshead-w" if weighted else "plshead",
        k,
        lambda audio: (audio - pls.audio_mean.to(audio)) @ V.to(audio),
        lambda text: (text - pls.text_mean.to(text)) @ U.to(text),
    )


def make_space(
    name: str, dim: int, pls: PlsSvd | None = None, encoder: NamedWeights | None = None
) -> Space:
    """A space by name.

    Args:
        name: One of ``SPACES``.
        dim: D, the encoder's.
        pls: Fitted axes; all but ``full`` need them.
        encoder: If given, the axes must be fitted for it.

    Raises:
        UsageError: An unknown name, or axes are needed and there are none.
        EncoderError: The axes belong to another encoder.
    """
    if name not in SPACES:
        raise UsageError(f"space {name!r} is unknown; allowed are {', '.join(SPACES)}")
    if name == "full":
        return full_space(dim)
    if pls is None:
        raise UsageError(
            f"the space {name!r} needs fitted axes, and there are none for this encoder; fit them "
            "with text2fx spaces fit, or use the space 'full'"
        )
    if encoder is not None:
        pls.check_encoder(encoder)
    if pls.dim != dim:
        raise UsageError(f"the axes have {pls.dim} dimensions, the encoder has {dim}")
    if name == "centred":
        return centred_space(pls)
    return head_space(pls, weighted=name == "plshead-w")


def _same(embeddings: torch.Tensor) -> torch.Tensor:
    return embeddings
