"""The exact non-negative Lasso: min |Cw - z|^2 + lambda sum(w) over w >= 0.

A quadratic programme: with G = C'C and b = C'z - lambda/2 it is min w'Gw - 2b'w. An active set on
the Gram matrix solves it to rounding: let in the worst violators of the optimality conditions (up
to eight at once), solve on the support by Cholesky, drop what turned negative, repeat. Where that
would not lower the objective, and where an atom depends on the support, it takes the careful step
of Lawson and Hanson (1974) instead, so that it ends for any dictionary, duplicates included.
scikit-learn's ``alpha`` is lambda / (2 d).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from text2fx_studio.concepts.active_set import ActiveSet, Support, Vector
from text2fx_studio.errors import EncoderError, UsageError

MOST_ATOMS = 20_000  # their Gram matrix takes 3.2 GB


@dataclass(frozen=True)
class Solution:
    """The minimiser for one z.

    Attributes:
        weights: w, [n], not negative.
        penalty: lambda.
        objective: |Cw - z|^2 + lambda sum(w).
        kkt_gap: Largest violation of the optimality conditions: of the derivative being zero on
            the support and not negative elsewhere, in units of C'(z - Cw).
        rounds: Solves on a support that it took.
    """

    weights: Vector
    penalty: float
    objective: float
    kkt_gap: float
    rounds: int

    @property
    def support(self) -> Support:
        """Indices of the atoms with weight."""
        return np.flatnonzero(self.weights)


class NonNegativeLasso:
    """A dictionary made ready for many solves.

    Args:
        atoms: C with an atom a row, [n, d]: usually of unit norm. Zero rows are never used.

    Raises:
        EncoderError: Values that are not finite.
        UsageError: No atoms, or more than 20,000.
    """

    def __init__(self, atoms: ArrayLike) -> None:
        rows = np.ascontiguousarray(atoms, dtype=np.float64)
        if rows.ndim != 2 or 0 in rows.shape:
            raise UsageError(f"dictionary: found the shape {rows.shape}, need [atoms, dimensions]")
        if len(rows) > MOST_ATOMS:
            raise UsageError(f"dictionary: {len(rows):,} atoms; at most {MOST_ATOMS:,} are taken")
        if not np.isfinite(rows).all():
            bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
            raise EncoderError(f"dictionary: atom {bad} holds values that are not finite")
        self.atoms = rows
        self._gram = rows @ rows.T

    def solve(self, z: ArrayLike, penalty: float, *, start: ArrayLike | None = None) -> Solution:
        """The minimiser for one vector.

        Args:
            z: [d].
            penalty: lambda, 0 or above. At 0 a dependent dictionary has many minimisers, one of
                which is found.
            start: Weights to start from, [n]; the support of a near problem saves work.

        Raises:
            EncoderError: z is not finite.
            UsageError: z has another size, or lambda is negative or not finite.
        """
        target = self._targets(np.asarray(z, dtype=np.float64)[None])[0]
        _check_penalty(penalty)
        return self._solve(self.atoms @ target, float(target @ target), penalty, start)

    def solve_many(self, z: ArrayLike, penalty: float) -> list[Solution]:
        """The minimisers for many vectors [m, d]; one product with the dictionary serves all."""
        targets = self._targets(np.asarray(z, dtype=np.float64))
        _check_penalty(penalty)
        products = targets @ self.atoms.T
        squares = np.einsum("md,md->m", targets, targets)
        return [
            self._solve(product, float(square), penalty, None)
            for product, square in zip(products, squares, strict=True)
        ]

    def path(self, z: ArrayLike, penalties: Sequence[float]) -> list[Solution]:
        """The minimisers for several lambdas, each started from its larger neighbour.

        Args:
            z: [d].
            penalties: In any order.

        Returns:
            In the order of ``penalties``.
        """
        target = self._targets(np.asarray(z, dtype=np.float64)[None])[0]
        for penalty in penalties:
            _check_penalty(penalty)
        product, square = self.atoms @ target, float(target @ target)
        found: dict[int, Solution] = {}
        start: Vector | None = None
        for i in sorted(range(len(penalties)), key=lambda i: -penalties[i]):
            found[i] = self._solve(product, square, penalties[i], start)
            start = found[i].weights
        return [found[i] for i in range(len(penalties))]

    def largest_penalty(self, z: ArrayLike) -> float:
        """The least lambda at which all weights are zero."""
        target = self._targets(np.asarray(z, dtype=np.float64)[None])[0]
        return max(0.0, 2.0 * float((self.atoms @ target).max()))

    def _targets(self, z: Vector) -> Vector:
        if z.ndim != 2 or z.shape[1] != self.atoms.shape[1]:
            raise UsageError(
                f"found vectors of the shape {z.shape[1:]}, the dictionary's have "
                f"({self.atoms.shape[1]},)"
            )
        if not np.isfinite(z).all():
            bad = int(np.flatnonzero(~np.isfinite(z).all(axis=1))[0])
            raise EncoderError(f"vector {bad} to decompose holds values that are not finite")
        return z

    def _solve(
        self, product: Vector, square: float, penalty: float, start: ArrayLike | None
    ) -> Solution:
        state = ActiveSet(self._gram, product - penalty / 2.0, self.atoms.shape[1])
        state.begin(self._started(start))
        state.run()
        weights = state.weights
        used = weights @ (state.b - state.residual)  # w'Gw
        distance = float(used) - 2.0 * float(product @ weights) + square
        return Solution(
            weights,
            penalty,
            max(distance, 0.0) + penalty * float(weights.sum()),
            state.gap(),
            state.rounds,
        )

    def _started(self, start: ArrayLike | None) -> Support:
        if start is None:
            return np.zeros(0, dtype=np.intp)
        weights = np.asarray(start, dtype=np.float64)
        if weights.shape != (len(self.atoms),):
            raise UsageError(
                f"start: found the shape {weights.shape}, need one weight for each of the "
                f"{len(self.atoms)} atoms"
            )
        return np.flatnonzero(weights > 0)


def _check_penalty(penalty: float) -> None:
    if not 0.0 <= penalty < np.inf:
        raise UsageError(f"lambda: found {penalty!r}, a number from 0 is needed")
