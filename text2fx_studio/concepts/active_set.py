"""The active set behind the Lasso: min w'Gw - 2b'w over w >= 0, G the Gram matrix of atoms.

Atoms that were ever let in form a pool; their rows of G are kept together, so that a step costs a
small Cholesky and one product with these rows. ``residual`` is b - Gw, minus half the derivative:
at the minimum it is zero on the support and nowhere positive.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

Vector = NDArray[np.float64]
Support = NDArray[np.intp]

TOLERANCE = 1e-10  # of the largest |b|
_AT_ONCE = 8
_DEPENDENT = 1e-9  # squared distance from the span of others, against the atom's own square
_LEAST_GAIN = 1e-14
_ROUNDS_PER_ATOM = 20


class ActiveSet:
    """One problem.

    Args:
        gram: G, [n, n].
        b: [n].
        rank: No more atoms than this can be independent.

    Attributes:
        residual: b - Gw, [n].
        rounds: Solves so far.
    """

    def __init__(self, gram: Vector, b: Vector, rank: int) -> None:
        self._gram = gram
        self.b = b
        self._rank = rank
        self._least = TOLERANCE * float(np.abs(b).max())
        self.residual = b.copy()
        self.rounds = 0
        capacity = 64
        self._pool = np.zeros(0, dtype=np.intp)  # atoms ever let in
        self._place = np.full(len(b), -1, dtype=np.intp)  # atom -> place in the pool
        self._rows = np.empty((capacity, len(b)))  # G of the pool with all atoms
        self._inner = np.empty((capacity, capacity))  # G of the pool with itself
        self._support = np.zeros(0, dtype=np.intp)  # places in the pool
        self._values = np.zeros(0)
        self._gain = 0.0  # b'w: minus the objective at a stationary point

    @property
    def weights(self) -> Vector:
        """w, [n]."""
        found = np.zeros(len(self.b))
        found[self._pool[self._support]] = self._values
        return found

    def begin(self, atoms: Support) -> None:
        """Start on these atoms, where they are independent; else on none."""
        if 0 < len(atoms) <= self._rank:
            found = self._settle(self._admit(atoms))
            if found is not None:
                self._accept(*found)

    def run(self) -> None:
        """Go to the minimum."""
        blocked: set[int] = set()
        most = _ROUNDS_PER_ATOM * len(self.b) + 100
        while self.rounds < most:
            new = self._violators(blocked)
            if not len(new):
                return
            places = self._admit(new)
            if self._try_all(places) or self._step_carefully(int(places[0])):
                blocked.clear()
            else:
                blocked.add(int(new[0]))

    def gap(self) -> float:
        """Largest violation of the optimality conditions, in units of b."""
        inside = self.residual[self._pool[self._support]]
        worst = float(self.residual.max(initial=0.0))
        return max(worst, float(np.abs(inside).max(initial=0.0)), 0.0)

    def _violators(self, blocked: set[int]) -> Support:
        """Up to eight atoms outside the support that would lower the objective, worst first."""
        outside = self.residual.copy()
        outside[self._pool[self._support]] = -np.inf
        if blocked:
            outside[list(blocked)] = -np.inf
        found = np.flatnonzero(outside > self._least)
        room = max(1, min(_AT_ONCE, self._rank - len(self._support)))
        if len(found) > room:
            found = found[np.argpartition(outside[found], -room)[-room:]]
        return found[np.argsort(-outside[found], kind="stable")]

    def _admit(self, atoms: Support) -> Support:
        """Places of atoms in the pool; those that are not there yet enter it."""
        new = atoms[self._place[atoms] < 0]
        if len(new):
            old, size = len(self._pool), len(self._pool) + len(new)
            self._grow(size)
            self._pool = np.concatenate([self._pool, new])
            self._place[new] = np.arange(old, size)
            self._rows[old:size] = self._gram[new]
            block = self._rows[old:size, self._pool]
            self._inner[old:size, :size] = block
            self._inner[:size, old:size] = block.T
        places: Support = self._place[atoms]
        return places

    def _grow(self, size: int) -> None:
        old = len(self._rows)
        if size <= old:
            return
        capacity = max(2 * old, size)
        rows, inner = np.empty((capacity, len(self.b))), np.empty((capacity, capacity))
        rows[:old], inner[:old, :old] = self._rows, self._inner
        self._rows, self._inner = rows, inner

    def _solved(self, places: Support) -> Vector | None:
        """The stationary point on a support; None where its atoms are not independent."""
        self.rounds += 1
        inner = self._inner[places[:, None], places]
        factor, found, trouble = lapack.dposv(inner, self.b[self._pool[places]], lower=1)
        if trouble:
            return None
        pivots = np.square(np.diagonal(factor))
        if (pivots < _DEPENDENT * np.diagonal(inner)).any():
            return None
        solved: Vector = found
        return solved

    def _settle(self, places: Support) -> tuple[Support, Vector] | None:
        """Solve and drop all that is not positive until all is."""
        while len(places):
            values = self._solved(places)
            if values is None:
                return None
            good = values > 0.0
            if good.all():
                return places, values
            places = places[good]
        return places, np.zeros(0)

    def _accept(self, places: Support, values: Vector) -> None:
        self._support, self._values = places, values
        self._gain = float(self.b[self._pool[places]] @ values)
        size = len(self._pool)
        spread = np.zeros(size)
        spread[places] = values
        self.residual = self.b - spread @ self._rows[:size]

    def _try_all(self, new: Support) -> bool:
        """Let all in at once; whether that lowered the objective."""
        found = self._settle(np.concatenate([self._support, new]))
        if found is None:
            return False
        gain = float(self.b[self._pool[found[0]]] @ found[1])
        if gain <= self._gain + _LEAST_GAIN * abs(self._gain):
            return False
        self._accept(*found)
        return True

    def _step_carefully(self, new: int) -> bool:
        """Let one in, walking only as far as no weight turns negative; whether that helped."""
        places, values = self._support, self._values
        turned = self._dependence(new)
        if turned is None:
            places, values = np.append(places, new), np.append(values, 0.0)
        else:
            # The atom is a sum of the support's: trading them for it leaves Cw as it is and
            # lowers sum(w), until one of them is used up.
            falls = turned > 0.0
            if not falls.any():
                return False
            steps = np.where(falls, values / np.where(falls, turned, 1.0), np.inf)
            out = int(steps.argmin())
            values = np.append(np.delete(values - steps[out] * turned, out), steps[out])
            places = np.append(np.delete(places, out), new)
            values = np.maximum(values, 0.0)
        while len(places):
            target = self._solved(places)
            if target is None:
                return False
            low = target <= 0.0
            if not low.any():
                break
            steps = np.where(low, values / np.where(low, values - target, 1.0), np.inf)
            steps[low & (values <= 0.0)] = 0.0
            least = float(steps.min())
            values = np.maximum(values + least * (target - values), 0.0)
            stay = steps > least
            places, values = places[stay], values[stay]
        else:
            return False
        if float(self.b[self._pool[places]] @ target) <= self._gain:
            return False  # rounding has eaten the step
        self._accept(places, target)
        return True

    def _dependence(self, new: int) -> Vector | None:
        """How an atom is a sum of the support's, [support]; None where it is not."""
        if not len(self._support):
            return None
        self.rounds += 1
        inner = self._inner[self._support[:, None], self._support]
        column = self._inner[self._support, new]
        _, found, trouble = lapack.dposv(inner, column, lower=1)
        own = float(self._inner[new, new])
        if trouble or own - float(column @ found) > 2.0 * _DEPENDENT * own:
            return None
        turned: Vector = found
        return turned
