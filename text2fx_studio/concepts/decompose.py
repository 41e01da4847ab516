"""Sounds and prompts as sparse sums of concepts, and concepts turned round into targets.

SpLiCE (Bhalla et al. 2024), for sound arXiv 2504.14076: z is centred by its own side's mean and
brought to unit norm, then min |Cw - z|^2 + lambda sum(w) over w >= 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from text2fx_studio.concepts.active_set import Vector
from text2fx_studio.concepts.dictionary import Dictionary
from text2fx_studio.concepts.lasso import Solution
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.errors import EncoderError, UsageError

PENALTY = 0.15
MOST_WEIGHT = 10.0
_LEAST_LENGTH = 1e-9

Side = Literal["text", "audio"]


@dataclass(frozen=True)
class Concept:
    """A concept and how much of it there is."""

    text: str
    weight: float


@dataclass(frozen=True)
class Decomposition:
    """A sparse sum of concepts.

    Attributes:
        concepts: Those with weight, the largest first.
        penalty: lambda.
        residual: |Cw - z|, 0 to 1: the share that the concepts do not say.
        cosine: Cosine of Cw with z; 0 where no concept has weight.
        kkt_gap: Largest violation of the optimality conditions.
        weights: Of all concepts of the dictionary, [n].
    """

    concepts: tuple[Concept, ...]
    penalty: float
    residual: float
    cosine: float
    kkt_gap: float
    weights: Vector

    def weight(self, text: str) -> float:
        """Weight of a concept; 0 where it has none."""
        return next((c.weight for c in self.concepts if c.text == text), 0.0)

    def to_data(self, most: int = 20) -> dict[str, Any]:
        """As plain data, with the largest concepts only."""
        return {
            "concepts": [{"text": c.text, "weight": c.weight} for c in self.concepts[:most]],
            "count": len(self.concepts),
            "penalty": self.penalty,
            "residual": self.residual,
            "cosine": self.cosine,
            "kkt_gap": self.kkt_gap,
        }


@dataclass(frozen=True)
class Change:
    """How a concept's weight changed from one decomposition to another."""

    text: str
    before: float
    after: float

    @property
    def rise(self) -> float:
        """After minus before."""
        return self.after - self.before


class Decomposer:
    """Decomposes embeddings of one encoder.

    Args:
        dictionary: The concepts.
        audio_mean: Mean audio embedding [D], of the pairs that axes were fitted on
            (``PlsSvd.audio_mean``). None counts sounds from the dictionary's origin: right for an
            encoder without a gap between its sides, such as ``fxsem``; for others it shows the gap
            as concepts.

    Raises:
        EncoderError: The mean has another size, or is not finite.
    """

    def __init__(
        self, dictionary: Dictionary, audio_mean: torch.Tensor | Vector | None = None
    ) -> None:
        self.dictionary = dictionary
        mean = dictionary.origin if audio_mean is None else np.asarray(audio_mean, np.float64)
        if mean.shape != dictionary.origin.shape or not np.isfinite(mean).all():
            raise EncoderError(
                f"audio mean: found the shape {mean.shape}, need finite values of the shape "
                f"{dictionary.origin.shape}"
            )
        self._means: dict[Side, Vector] = {"text": dictionary.origin, "audio": mean}

    def centred(self, embeddings: torch.Tensor, side: Side) -> Vector:
        """Embeddings [N, D] less their side's mean, unit norm, float64; zero stays zero.

        Raises:
            EncoderError: Another size, or values that are not finite.
        """
        rows = embeddings.detach().cpu().double().numpy()
        if rows.ndim != 2 or rows.shape[1] != self.dictionary.dim:
            raise EncoderError(
                f"{side} embeddings: found the shape {rows.shape}, need [N, {self.dictionary.dim}]"
            )
        if not np.isfinite(rows).all():
            raise EncoderError(f"{side} embeddings: hold values that are not finite")
        z: Vector = rows - self._means[side]
        length = np.linalg.norm(z, axis=1, keepdims=True)
        return np.where(length > _LEAST_LENGTH, z / np.maximum(length, _LEAST_LENGTH), 0.0)

    def decompose(
        self, embeddings: torch.Tensor, side: Side, penalty: float = PENALTY
    ) -> list[Decomposition]:
        """Decompose embeddings.

        Args:
            embeddings: Of the dictionary's encoder, [N, D].
            side: Which side they come from; each is centred by its own mean.
            penalty: lambda: larger gives fewer concepts (of 2,000 and 512 to 1,024 dimensions,
                .05 about 95, .1 about 60, .15 about 40).
        """
        z = self.centred(embeddings, side)
        found = self.dictionary.lasso.solve_many(z, penalty)
        return [self._named(row, solution) for row, solution in zip(z, found, strict=True)]

    def path(
        self, embedding: torch.Tensor, side: Side, penalties: Sequence[float]
    ) -> list[Decomposition]:
        """One embedding [D] at several lambdas, each started from its neighbour."""
        z = self.centred(embedding[None], side)[0]
        return [self._named(z, s) for s in self.dictionary.lasso.path(z, penalties)]

    def classify(self, decomposition: Decomposition, classes: Vector) -> Vector:
        """Zero-shot classification from the sparse weights: cosine of Cw with each class.

        Args:
            decomposition: Of a sound.
            classes: Directions of the classes' names, [C, D], see ``Dictionary.directions``.

        Returns:
            Cosines, [C]; all zero where no concept has weight.
        """
        rebuilt = decomposition.weights @ self.dictionary.atoms
        length = float(np.linalg.norm(rebuilt))
        scores: Vector = np.asarray(classes, np.float64) @ rebuilt
        return scores / length if length > _LEAST_LENGTH else np.zeros(len(classes))

    def _named(self, z: Vector, solution: Solution) -> Decomposition:
        support = solution.support
        order = support[np.argsort(-solution.weights[support], kind="stable")]
        rebuilt = solution.weights[support] @ self.dictionary.atoms[support]
        lengths = float(np.linalg.norm(rebuilt)) * float(np.linalg.norm(z))
        return Decomposition(
            tuple(Concept(self.dictionary.concepts[i], float(solution.weights[i])) for i in order),
            solution.penalty,
            float(np.linalg.norm(rebuilt - z)),
            float(rebuilt @ z) / lengths if lengths > _LEAST_LENGTH else 0.0,
            solution.kkt_gap,
            solution.weights,
        )


def changes(before: Decomposition, after: Decomposition) -> list[Change]:
    """Concepts whose weight changed, the largest rise first, the largest fall last."""
    texts = dict.fromkeys(c.text for c in (*after.concepts, *before.concepts))
    found = [Change(text, before.weight(text), after.weight(text)) for text in texts]
    return sorted(found, key=lambda change: -change.rise)


def parse_concepts(text: str) -> dict[str, float]:
    """Read ``"echo:+0.6,muffled:-0.4"``.

    Raises:
        UsageError: Not of this form, a concept twice, a weight of zero or beyond 10.
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        name, colon, number = part.rpartition(":")
        name = " ".join(name.split())
        if not colon or not name:
            raise UsageError(
                f"concepts: found {part.strip()!r}; write each as concept:weight, for example "
                '"echo:+0.6,muffled:-0.4"'
            )
        try:
            weight = float(number)
        except ValueError:
            weight = float("nan")
        if not 0.0 < abs(weight) <= MOST_WEIGHT:
            raise UsageError(
                f"concepts: {name!r} has the weight {number.strip()!r}; allowed are numbers from "
                f"-{MOST_WEIGHT:g} to {MOST_WEIGHT:g} but 0"
            )
        if name in found:
            raise UsageError(f"concepts: {name!r} stands more than once")
        found[name] = weight
    return found


def concept_direction(
    dictionary: Dictionary, weights: Mapping[str, float], encoder: Encoder
) -> torch.Tensor:
    """Concepts with signed weights as a direction, unit norm, float32 [D].

    It is the text side of the directional loss: the way that the sound shall move.

    Args:
        dictionary: Of the encoder.
        weights: Weight of each concept; any text will do, in the vocabulary or not.
        encoder: Reads the texts that are not.

    Raises:
        UsageError: No concepts, or they cancel each other out.
        PromptError: A text is nothing that the encoder reads.
    """
    if not weights:
        raise UsageError("concepts: none given")
    texts = list(weights)
    summed = np.array([weights[t] for t in texts]) @ dictionary.directions(texts, encoder)
    length = float(np.linalg.norm(summed))
    if not length > 1e-6 * max(abs(w) for w in weights.values()):
        raise UsageError(f"concepts: {', '.join(texts)} cancel each other out")
    return torch.from_numpy(summed / length).float()


def concept_target(
    dictionary: Dictionary, weights: Mapping[str, float], encoder: Encoder
) -> torch.Tensor:
    """Concepts with signed weights as an embedding, unit norm, float32 [D].

    It is the text side of the cosine loss: the dictionary's origin, and from there as far along
    :func:`concept_direction` as a concept usually lies.
    """
    direction = concept_direction(dictionary, weights, encoder).double().numpy()
    placed = dictionary.origin + dictionary.typical_length * direction
    return torch.nn.functional.normalize(torch.from_numpy(placed), dim=-1).float()
