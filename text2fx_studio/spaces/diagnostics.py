"""What the PLS axes carry: shared direction, covariance, similarity, and the motion of effects.

Equation numbers are COMET's (Zhu et al. 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from text2fx_studio.errors import EncoderError
from text2fx_studio.spaces.pls import Embeddings, PlsSvd, unit_rows


@dataclass(frozen=True)
class SimilaritySplit:
    """The centred similarity of pairs in two parts (Eq. 6); direct + cross = the dot product.

    Attributes:
        direct: Sum over j of t_j a_j (u_j . v_j), [N].
        cross: Sum over j != k of t_j a_k (u_j . v_k), [N].
        by_axis: The direct effect's terms, [N, D].
    """

    direct: torch.Tensor
    cross: torch.Tensor
    by_axis: torch.Tensor


@dataclass(frozen=True)
class CovarianceSplit:
    """sigma_j / N = correlation x text_std x audio_std (Eq. 4), each [D]."""

    covariance: torch.Tensor
    correlation: torch.Tensor
    text_std: torch.Tensor
    audio_std: torch.Tensor


def split_similarity(pls: PlsSvd, text: Embeddings, audio: Embeddings) -> SimilaritySplit:
    """Split the centred similarity of each row's pair (Eq. 6).

    Args:
        pls: The axes.
        text: [N, D].
        audio: [N, D].
    """
    t, a = unit_rows(text, "text"), unit_rows(audio, "audio")
    by_axis = pls.text_scores(t) * pls.audio_scores(a) * pls.alignment
    whole = ((t - pls.text_mean) * (a - pls.audio_mean)).sum(dim=1)
    direct = by_axis.sum(dim=1)
    return SimilaritySplit(direct, whole - direct, by_axis)


def direct_matrix(
    pls: PlsSvd, text: Embeddings, audio: Embeddings, axes: int | None = None
) -> torch.Tensor:
    """Direct effect of every text with every audio by the first axes.

    Args:
        pls: The axes.
        text: [N, D].
        audio: [M, D].
        axes: How many axes; None for all.

    Returns:
        [N, M].
    """
    t = pls.text_scores(unit_rows(text, "text"))[:, :axes]
    a = (pls.audio_scores(unit_rows(audio, "audio")) * pls.alignment)[:, :axes]
    return t @ a.mT


def covariance_split(pls: PlsSvd, text: Embeddings, audio: Embeddings) -> CovarianceSplit:
    """Measure Eq. 4 on pairs: on the training pairs ``covariance`` is ``sigma / N``.

    Args:
        pls: The axes.
        text: [N, D].
        audio: [N, D].
    """
    t = pls.text_scores(unit_rows(text, "text"))
    a = pls.audio_scores(unit_rows(audio, "audio"))
    t, a = t - t.mean(dim=0), a - a.mean(dim=0)
    covariance = (t * a).mean(dim=0)
    text_std, audio_std = t.std(dim=0, correction=0), a.std(dim=0, correction=0)
    spread = text_std * audio_std
    correlation = torch.where(spread > 0, covariance / spread.clamp(min=1e-300), 0.0)
    return CovarianceSplit(covariance, correlation, text_std, audio_std)


def motion_kept(pls: PlsSvd, motion: torch.Tensor, axes: int | None = None) -> torch.Tensor:
    """How much of an effect's motion the head keeps: |V_K' d|^2 / |d|^2.

    Axes fitted on captions of events may drop the motion that effects make.

    Args:
        pls: The axes.
        motion: Audio embedding wet minus dry, [..., D].
        axes: K; None for the fitted head.

    Returns:
        0 to 1, [...]; 1 where nothing moved.

    Raises:
        EncoderError: A wrong size or values that are not finite.
    """
    d = motion.detach().to("cpu", torch.float64)
    if d.shape[-1:] != (pls.dim,):
        raise EncoderError(f"motion: found the shape {tuple(d.shape)}, need [..., {pls.dim}]")
    if not bool(torch.isfinite(d).all()):
        raise EncoderError("motion: holds values that are not finite")
    length = d.square().sum(dim=-1)
    kept = (d @ pls.V[:, : axes or pls.head_size]).square().sum(dim=-1)
    return torch.where(length > 0, (kept / length.clamp(min=1e-300)).clamp(max=1.0), 1.0)


def running_direct(pls: PlsSvd) -> torch.Tensor:
    """Running share of the training pairs' direct effect by the first axes, [D], ends at 1."""
    running = torch.cumsum(pls.sigma * pls.alignment, dim=0)
    return running / running[-1]


def summary(pls: PlsSvd, shown: int = 10) -> dict[str, Any]:
    """The axes as plain data, for ``text2fx spaces info``.

    Args:
        pls: The axes.
        shown: How many axes are listed one by one.
    """
    running, alignment = running_direct(pls), pls.alignment
    cosine = torch.nn.functional.cosine_similarity(pls.text_mean, pls.audio_mean, dim=0)
    head = alignment[: pls.head_size]
    return {
        "encoder": pls.encoder_id,
        "weights_hash": pls.weights_hash,
        "pairs": pls.pairs,
        "dim": pls.dim,
        "head_size": pls.head_size,
        "head_share_of_direct": float(running[pls.head_size - 1]),
        "mean_alignment_head": float(head.mean()),
        "mean_alignment_tail": float(alignment[pls.head_size :].mean())
        if pls.head_size < pls.dim
        else None,
        "cosine_of_means": float(cosine),
        "axes": [
            {
                "axis": j + 1,
                "sigma_over_n": float(pls.sigma[j]) / pls.pairs,
                "correlation": float(pls.correlation[j]),
                "text_std": float(pls.text_std[j]),
                "audio_std": float(pls.audio_std[j]),
                "alignment": float(alignment[j]),
                "running_direct": float(running[j]),
            }
            for j in range(min(shown, pls.dim))
        ],
        "notes": pls.notes,
    }
