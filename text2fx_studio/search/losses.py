"""The two losses of Text2FX (Chu, O'Reilly, Barnett, Pardo 2025), exact and guarded.

    cosine       1 - cos(E_a(fx(x)), E_t("this sound is p"))
    directional  1 - cos(E_a(fx(x)) - E_a(x), E_t("this sound is p") - E_t("this sound is not p"))

The exact directional loss is 0/0 where the effect does nothing. The guarded form divides by
sqrt(|d|^2 + eps^2) instead of |d|: it is smooth everywhere, 1 (no alignment) at identity, and
tends to the exact form as the sound moves away from dry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch

LossName = Literal["cosine", "directional"]
LOSSES: tuple[LossName, ...] = ("cosine", "directional")
GUARD = 0.05

POSITIVE_TEMPLATE = "this sound is {}"
NEGATIVE_TEMPLATE = "this sound is not {}"


def cosine_loss(audio: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    """1 - cosine similarity.

    Args:
        audio: Embeddings, shape [..., D].
        text: Embedding of the prompt, shape [D].

    Returns:
        Shape [...], 0 (same direction) to 2 (opposite).
    """
    return 1 - torch.nn.functional.cosine_similarity(audio, text.expand_as(audio), dim=-1)


def directional_loss(
    audio: torch.Tensor, dry: torch.Tensor, direction: torch.Tensor, guard: float = GUARD
) -> torch.Tensor:
    """1 - cosine between the way that the sound moved and the way that the words point.

    Args:
        audio: Embeddings of the processed sound, shape [..., D].
        dry: Embeddings of the dry sound, shape [..., D] or broadcastable to it.
        direction: E_t(positive) - E_t(negative), shape [D].
        guard: eps of the guarded form; 0 is the exact form of the paper, undefined at identity.

    Returns:
        Shape [...], 0 to 2; exactly 1 at identity when guarded.
    """
    moved = audio - dry
    length = (moved.square().sum(-1) + guard**2).sqrt()
    target = torch.nn.functional.normalize(direction, dim=-1)
    return 1 - (moved * target).sum(-1) / length


def text_target(
    loss: LossName, prompt: str, embed_text: Callable[[list[str]], torch.Tensor]
) -> torch.Tensor:
    """The text side of a loss, shape [D]: the prompt's embedding, or its direction."""
    if loss == "cosine":
        return embed_text([POSITIVE_TEMPLATE.format(prompt)])[0]
    pair = embed_text([POSITIVE_TEMPLATE.format(prompt), NEGATIVE_TEMPLATE.format(prompt)])
    return pair[0] - pair[1]
