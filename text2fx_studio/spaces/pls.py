"""PLS-SVD: the axes that sounds and words share (COMET, Zhu et al. 2026, arXiv 2605.29628).

T and A are the centred embeddings of N pairs, row by row, and M = T'A = U S V'. A text is then
t = mean + sum of t_j u_j, an audio a = mean + sum of a_j v_j. The first K axes are the head; the
rest carries almost nothing of the similarity. An audio with five captions stands in five rows.
"""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save as to_safetensors

from dsp.atomic import write_atomic
from text2fx_studio.encoders.files import read_tensors_and_notes
from text2fx_studio.errors import EncoderError, OutputError, UsageError

FORMAT = "text2fx-pls-1"
ENOUGH_PAIRS = 300
HEAD_SHARE = 0.99
_LEAST_AGREEMENT = 1e-12  # mean centred similarity: below it is rounding

Embeddings = torch.Tensor | NDArray[np.floating[Any]]


class FewPairsWarning(UserWarning):
    """Axes were fitted on fewer pairs than their head needs to be trusted."""


class NamedWeights(Protocol):
    """What identifies an encoder: the part of ``encoders.protocol.Encoder`` needed here."""

    id: str
    weights_hash: str


@dataclass(frozen=True)
class PlsSvd:
    """Fitted axes of an encoder's space. All tensors are float64 on the CPU.

    Attributes:
        text_mean: Mean of the unit-norm text embeddings, [D].
        audio_mean: Mean of the unit-norm audio embeddings, [D].
        U: Text axes in the columns, orthonormal, [D, D].
        V: Audio axes in the columns, orthonormal, [D, D].
        sigma: Singular values of T'A, falling, [D]: sums over the N pairs, not means.
        text_std: Standard deviation of the pairs' text scores on each axis, [D].
        audio_std: Standard deviation of the pairs' audio scores on each axis, [D].
        pairs: N.
        head_size: K, the axes that PLSHead keeps.
        encoder_id: The encoder whose embeddings were fitted.
        weights_hash: SHA-256 of its weights.
        notes: Anything else that is good to know: where the pairs came from, figures.
    """

    text_mean: torch.Tensor
    audio_mean: torch.Tensor
    U: torch.Tensor
    V: torch.Tensor
    sigma: torch.Tensor
    text_std: torch.Tensor
    audio_std: torch.Tensor
    pairs: int
    head_size: int
    encoder_id: str
    weights_hash: str
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def dim(self) -> int:
        """D, the size of an embedding."""
        return int(self.text_mean.shape[0])

    @property
    def alignment(self) -> torch.Tensor:
        """u_j . v_j for every axis, [D], -1 to 1: how far text and audio share the axis."""
        return (self.U * self.V).sum(dim=0)

    @property
    def correlation(self) -> torch.Tensor:
        """Correlation of text and audio scores over the pairs, [D] (COMET, Eq. 4)."""
        spread = self.pairs * self.text_std * self.audio_std
        return torch.where(spread > 0, self.sigma / spread.clamp(min=1e-300), 0.0)

    def text_scores(self, text: torch.Tensor) -> torch.Tensor:
        """Text embeddings [..., D] -> scores t_j on all axes [..., D], differentiable."""
        return (text - self.text_mean.to(text)) @ self.U.to(text)

    def audio_scores(self, audio: torch.Tensor) -> torch.Tensor:
        """Audio embeddings [..., D] -> scores a_j on all axes [..., D], differentiable."""
        return (audio - self.audio_mean.to(audio)) @ self.V.to(audio)

    def check_encoder(self, encoder: NamedWeights) -> None:
        """Refuse another encoder than the one that was fitted.

        Raises:
            EncoderError: Name or weights differ.
        """
        if encoder.id != self.encoder_id:
            raise EncoderError(
                f"these PLS axes belong to the encoder {self.encoder_id!r}, found {encoder.id!r}; "
                "fit axes for it: text2fx spaces fit"
            )
        if encoder.weights_hash != self.weights_hash:
            raise EncoderError(
                f"these PLS axes belong to {self.encoder_id!r} with the weights "
                f"{self.weights_hash[:12]}, found {encoder.weights_hash[:12]}; fit them again: "
                "text2fx spaces fit"
            )

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the axes as safetensors, whole or not at all.

        Raises:
            OutputError: The file cannot be written, or exists without ``overwrite``.
        """
        header = {
            "format": FORMAT,
            "encoder_id": self.encoder_id,
            "weights_hash": self.weights_hash,
            "pairs": str(self.pairs),
            "head_size": str(self.head_size),
            "notes": json.dumps(self.notes),
        }
        tensors = {name: getattr(self, name).contiguous() for name in _TENSORS}
        write_atomic(path, to_safetensors(tensors, header), overwrite=overwrite, error=OutputError)

    @classmethod
    def load(cls, path: str | os.PathLike[str], encoder: NamedWeights | None = None) -> PlsSvd:
        """Read fitted axes.

        Args:
            path: A file of :meth:`save`.
            encoder: Checked against the file if given.

        Raises:
            EncoderError: The file is missing, damaged, not of this format, or of another encoder.
        """
        place = Path(path)
        tensors, header = read_tensors_and_notes(place)
        if header.get("format") != FORMAT:
            raise EncoderError(
                f"{place}: format is {header.get('format', 'not stated')!r}, PLS axes are "
                f"{FORMAT!r}"
            )
        try:
            parts = {name: tensors[name].double() for name in _TENSORS}
            notes = json.loads(header["notes"])
            found = cls(
                **parts,
                pairs=int(header["pairs"]),
                head_size=int(header["head_size"]),
                encoder_id=header["encoder_id"],
                weights_hash=header["weights_hash"],
                notes=notes if isinstance(notes, dict) else {},
            )
        except (KeyError, ValueError) as error:
            raise EncoderError(f"{place}: not complete ({error}); fit the axes again") from error
        found._check_shapes(place)
        if encoder is not None:
            found.check_encoder(encoder)
        return found

    def _check_shapes(self, place: Path) -> None:
        d = self.text_mean.shape[0] if self.text_mean.ndim == 1 else 0
        for name in _TENSORS:
            tensor: torch.Tensor = getattr(self, name)
            wanted = (d, d) if name in ("U", "V") else (d,)
            if tensor.shape != wanted or d == 0:
                raise EncoderError(
                    f"{place}: {name} has the shape {tuple(tensor.shape)}, {wanted} is needed"
                )
            if not bool(torch.isfinite(tensor).all()):
                raise EncoderError(f"{place}: {name} holds values that are not finite")
        if not 1 <= self.head_size <= d:
            raise EncoderError(f"{place}: head_size is {self.head_size}, allowed are 1 to {d}")


_TENSORS = ("text_mean", "audio_mean", "U", "V", "sigma", "text_std", "audio_std")


def fit(
    text: Embeddings,
    audio: Embeddings,
    *,
    encoder_id: str,
    weights_hash: str,
    head_size: int | None = None,
    notes: dict[str, Any] | None = None,
) -> PlsSvd:
    """Fit the axes on pairs.

    Args:
        text: Text embeddings of the pairs, [N, D]; rows are brought to unit norm.
        audio: Audio embeddings of the same pairs, [N, D].
        encoder_id: The encoder that made them.
        weights_hash: SHA-256 of its weights.
        head_size: K; None for the K at which the running direct effect reaches 99 %.
        notes: Kept with the axes.

    Raises:
        EncoderError: Embeddings that are not finite, all zero, or of shapes that do not fit.
        UsageError: Fewer than two pairs, pairs that do not agree at all, or a K out of range.

    Warns:
        FewPairsWarning: Under 300 pairs (planted data: 95.6 % of the raw retrieval at 300, 87.7 %
            at 150).
    """
    T, A = unit_rows(text, "text"), unit_rows(audio, "audio")
    if T.shape != A.shape:
        raise EncoderError(
            f"text embeddings are {tuple(T.shape)} and audio embeddings {tuple(A.shape)}; pairs "
            "need the same number of rows and the same size"
        )
    n, d = T.shape
    if n < 2:
        raise UsageError(f"found {n} pairs; at least 2 are needed, {ENOUGH_PAIRS} to be of use")
    text_mean, audio_mean = T.mean(dim=0), A.mean(dim=0)
    T -= text_mean  # in place: the unit rows are this function's own
    A -= audio_mean
    # float64 and the plain cross-product: scikit-learn's PLSSVD would scale the features.
    M = T.mT @ A
    U, sigma, Vh = torch.linalg.svd(M)
    V = Vh.mT
    sign = _signs(U)
    U, V = (U * sign).contiguous(), (V * sign).contiguous()
    whole = float(M.trace())  # the summed centred similarity of the pairs
    if whole <= _LEAST_AGREEMENT * n:
        raise _disagreement(whole)
    most = _largest_head(sigma, n)
    if head_size is not None and not 1 <= head_size <= most:
        raise UsageError(
            f"head size {head_size}: {n} pairs of {d} dimensions allow 1 to {most} axes"
        )
    if n < ENOUGH_PAIRS:
        warnings.warn(
            f"{n} pairs: under {ENOUGH_PAIRS} the axes are noise in part; aim for 1,000",
            FewPairsWarning,
            stacklevel=2,
        )
    chosen = head_size or min(head_size_for(sigma, (U * V).sum(dim=0)), most)
    return PlsSvd(
        text_mean=text_mean,
        audio_mean=audio_mean,
        U=U,
        V=V,
        sigma=sigma,
        text_std=(T @ U).std(dim=0, correction=0),
        audio_std=(A @ V).std(dim=0, correction=0),
        pairs=n,
        head_size=chosen,
        encoder_id=encoder_id,
        weights_hash=weights_hash,
        notes=dict(notes or {}),
    )


def head_size_for(sigma: torch.Tensor, alignment: torch.Tensor, share: float = HEAD_SHARE) -> int:
    """The K at which the running sum of sigma_j (u_j . v_j) reaches a share of the whole.

    The whole is the trace of T'A: the pairs' summed centred similarity.

    Args:
        sigma: Singular values, [D].
        alignment: u_j . v_j, [D].
        share: 0 to 1.

    Raises:
        UsageError: The whole is not positive: text and audio of the pairs do not agree.
    """
    running = torch.cumsum(sigma * alignment, dim=0)
    whole = float(running[-1])
    if whole <= 0.0:
        raise _disagreement(whole)
    return int(torch.nonzero(running >= share * whole)[0]) + 1


def _disagreement(whole: float) -> UsageError:
    return UsageError(
        f"the pairs' centred similarity sums to {whole:.3g}: text and audio do not agree; "
        "check that the captions belong to their files"
    )


def unit_rows(embeddings: Embeddings, what: str) -> torch.Tensor:
    """Embeddings as float64 of unit norm on the CPU, [N, D].

    Args:
        embeddings: [N, D].
        what: ``text`` or ``audio``, for messages.

    Raises:
        EncoderError: Not a matrix, or a row that is not finite or has no length.
    """
    rows = torch.as_tensor(embeddings).detach().to("cpu", torch.float64)
    if rows.ndim != 2 or 0 in rows.shape:
        raise EncoderError(f"{what} embeddings: found the shape {tuple(rows.shape)}, need [N, D]")
    length = rows.norm(dim=1)
    bad = torch.nonzero(~torch.isfinite(length) | (length <= 0))
    if len(bad):
        raise EncoderError(
            f"{what} embeddings: row {int(bad[0])} is not finite or has no length "
            f"({len(bad)} such rows)"
        )
    unit: torch.Tensor = rows / length[:, None]
    return unit


def _largest_head(sigma: torch.Tensor, pairs: int) -> int:
    """K may not pass N - 1, nor the numerical rank."""
    floor = float(sigma[0]) * len(sigma) * torch.finfo(torch.float64).eps
    return max(1, min(pairs - 1, int((sigma > floor).sum())))


def _signs(U: torch.Tensor) -> torch.Tensor:
    """+1 or -1 an axis, so that its largest entry in U is positive: fits are reproducible."""
    peak = U.gather(0, U.abs().argmax(dim=0, keepdim=True))[0]
    return torch.where(peak < 0, -1.0, 1.0).to(U)
