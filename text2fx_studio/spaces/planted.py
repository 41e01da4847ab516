"""Planted pairs: embeddings whose shared axes are known, with figures like those of COMET.

Both sides carry the same K hidden concepts, each side along axes of its own that are turned
against the other's more and more with the axis; each side adds much private variation, and a mean
of its own. Fits, gap methods and diagnostics can then be checked without anyone's weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

# Squared lengths of the parts of an embedding, and how they are shaped.
_MEAN_POWER = 0.45
_SHARED_POWER = 0.42
_MEAN_COSINE = 0.6
_DECAY = 0.75  # power of concept j falls as j ** -decay
_AGREEMENT = 0.78  # correlation of the two sides of a concept
_STRONG_SHARE = 0.5  # of the private power in a few directions
_STRONG_TEXT, _STRONG_AUDIO = 1, 3
_TURN_FIRST, _TURN_LAST = 0.5, 1.2  # radians between u_j and v_j


@dataclass(frozen=True)
class PlantedPairs:
    """Pairs and what was planted.

    Attributes:
        text: Unit-norm float64, [N, D].
        audio: Unit-norm float64, [N, D].
        text_axes: Orthonormal, [D, K].
        audio_axes: Orthonormal, [D, K].
    """

    text: torch.Tensor
    audio: torch.Tensor
    text_axes: torch.Tensor
    audio_axes: torch.Tensor


class Planted:
    """A planted world, fixed by its seed.

    Args:
        dim: D; at least 3 K + 2.
        concepts: K.
        seed: Of the axes and means.
    """

    def __init__(self, dim: int = 1024, concepts: int = 100, seed: int = 0) -> None:
        generator = torch.Generator().manual_seed(seed)
        frame = torch.randn(dim, dim, generator=generator, dtype=torch.float64)
        frame, _ = torch.linalg.qr(frame)
        first, second, means = frame[:, :concepts], frame[:, concepts : 2 * concepts], frame[:, -2:]
        turn = torch.linspace(_TURN_FIRST, _TURN_LAST, concepts, dtype=torch.float64)
        self.text_axes = first
        self.audio_axes = first * turn.cos() + second * turn.sin()
        angle = torch.tensor(_MEAN_COSINE, dtype=torch.float64).acos()
        self._text_mean = means[:, 0] * _MEAN_POWER**0.5
        self._audio_mean = (
            means[:, 0] * angle.cos() + means[:, 1] * angle.sin()
        ) * _MEAN_POWER**0.5
        power = torch.arange(1, concepts + 1, dtype=torch.float64) ** -_DECAY
        self._scale = (power / power.sum() * _SHARED_POWER).sqrt()
        # Private variation: even, but for a few directions that outdo the shared concepts and
        # differ in number between the sides, which is what sends a PCA head astray.
        self._private_text = _private(dim, _STRONG_TEXT, generator)
        self._private_audio = _private(dim, _STRONG_AUDIO, generator)

    def draw(self, pairs: int, seed: int) -> PlantedPairs:
        """Fresh pairs of this world."""
        generator = torch.Generator().manual_seed(seed)
        dim, concepts = self.text_axes.shape

        def normal(columns: int) -> torch.Tensor:
            return torch.randn(pairs, columns, generator=generator, dtype=torch.float64)

        common = normal(concepts)
        heard = _AGREEMENT * common + (1 - _AGREEMENT**2) ** 0.5 * normal(concepts)
        text = self._text_mean + (common * self._scale) @ self.text_axes.mT
        audio = self._audio_mean + (heard * self._scale) @ self.audio_axes.mT
        text = text + normal(dim) @ self._private_text.mT
        audio = audio + normal(dim) @ self._private_audio.mT
        return PlantedPairs(
            torch.nn.functional.normalize(text, dim=1),
            torch.nn.functional.normalize(audio, dim=1),
            self.text_axes,
            self.audio_axes,
        )


def _private(dim: int, strong: int, generator: torch.Generator) -> torch.Tensor:
    """Mixing matrix [D, D] of one side's private variation."""
    spectrum = torch.full((dim,), (1 - _STRONG_SHARE) / (dim - strong), dtype=torch.float64)
    spectrum[:strong] = _STRONG_SHARE / strong
    frame, _ = torch.linalg.qr(torch.randn(dim, dim, generator=generator, dtype=torch.float64))
    mixing: torch.Tensor = frame * (spectrum * (1 - _MEAN_POWER - _SHARED_POWER)).sqrt()
    return mixing
