"""How fast and how exact the sparse concepts are; beside scikit-learn where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.concepts.lasso import NonNegativeLasso, Solution

ATOMS = 2000
PENALTY = 0.15
SIZES = (512, 1024)
_SOUNDS = 1000
_SHARED, _OWN, _RANK = 0.6, 0.6, 200


def run(
    *, repeats: int = 50, random_problems: int = 1000, seed: int = 0, compare: bool = True
) -> dict[str, Any]:
    """Measure; one thread is fair: set OMP_NUM_THREADS=1.

    Args:
        repeats: Timed solves a row.
        random_problems: Small problems whose largest KKT gap is told, degenerate ones among them.
        seed: Of all that is drawn.
        compare: Whether to time scikit-learn's Lasso (tol 1e-6) too, where it is installed.

    Returns:
        ``rows`` of times, gaps and agreement, and ``random_problems``.
    """
    there = compare and importlib.util.find_spec("sklearn") is not None
    return {
        "atoms": ATOMS,
        "lambda": PENALTY,
        "rows": [
            _row(d, centred, repeats, seed, there) for d in SIZES for centred in (True, False)
        ],
        "random_problems": _random(random_problems, seed),
    }


def kkt_gap(lasso: NonNegativeLasso, z: NDArray[np.float64], solution: Solution) -> float:
    """The gap from the residual itself, not from the solver's Gram matrix."""
    w = solution.weights
    slope = lasso.atoms @ (z - w @ lasso.atoms) - solution.penalty / 2
    inside = np.abs(slope[w > 0]).max(initial=0.0)
    return float(max(slope.max(initial=0.0), inside, -w.min(initial=0.0)))


def planted_dictionary(
    atoms: int, dim: int, seed: int, *, centred: bool = True
) -> NDArray[np.float64]:
    """Atoms that are as alike as words are: few common factors, a common mean, unit norm."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(_RANK, dim)) / dim**0.5
    rows = rng.normal(size=(atoms, _RANK)) @ factors * (_SHARED / _RANK**0.5)
    rows += rng.normal(size=(atoms, dim)) * (_OWN / dim**0.5)
    rows += rng.normal(size=dim) / dim**0.5
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    if centred:
        rows -= rows.mean(axis=0)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float64] = rows
    return unit


def planted_sounds(
    dictionary: NDArray[np.float64], count: int, seed: int, concepts: int = 80
) -> NDArray[np.float64]:
    """Sums of a few atoms with noise of a third of their length, unit norm, [count, d]."""
    rng = np.random.default_rng(seed)
    n, d = dictionary.shape
    rows = np.zeros((count, d))
    for row in rows:
        chosen = rng.choice(n, concepts, replace=False)
        row[:] = (0.5 + rng.random(concepts)) @ dictionary[chosen]
        row /= np.linalg.norm(row)
        row += rng.normal(size=d) / (3 * d**0.5)
    unit: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def _row(dim: int, centred: bool, repeats: int, seed: int, compare: bool) -> dict[str, Any]:
    atoms = planted_dictionary(ATOMS, dim, seed, centred=centred)
    sounds = planted_sounds(atoms, repeats, seed + 1)
    lasso = NonNegativeLasso(atoms)
    times, found = _timed(sounds, lambda z: lasso.solve(z, PENALTY))
    row: dict[str, Any] = {
        "dim": dim,
        "centred": centred,
        "median_ms": 1e3 * statistics.median(times),
        "slowest_ms": 1e3 * max(times),
        "concepts": statistics.median(len(s.support) for s in found),
        "kkt_gap": max(kkt_gap(lasso, z, s) for z, s in zip(sounds, found, strict=True)),
    }
    many = planted_sounds(atoms, _SOUNDS, seed + 2)
    start = time.perf_counter()
    lasso.solve_many(many, PENALTY)
    row["seconds_for_1000"] = time.perf_counter() - start
    if compare:
        few = sounds[: max(3, repeats // 10)]
        their_times, theirs = _timed(few, lambda z: scikit_learn(atoms, z, PENALTY))
        row["scikit_learn_ms"] = 1e3 * statistics.median(their_times)
        row["largest_difference"] = max(
            float(np.abs(a.weights - b).max()) for a, b in zip(found, theirs, strict=False)
        )
    return row


def scikit_learn(
    atoms: NDArray[np.float64], z: NDArray[np.float64], penalty: float, tolerance: float = 1e-6
) -> NDArray[np.float64]:
    """The same problem by scikit-learn's coordinate descent: its alpha is lambda / (2 d)."""
    linear_model = importlib.import_module("sklearn.linear_model")
    model = linear_model.Lasso(
        alpha=penalty / (2 * len(z)), positive=True, fit_intercept=False, tol=tolerance,
        max_iter=100_000,
    )  # fmt: skip
    weights: NDArray[np.float64] = model.fit(np.asfortranarray(atoms.T), z).coef_
    return weights


def _timed(
    sounds: NDArray[np.float64], solve: Callable[[NDArray[np.float64]], Any]
) -> tuple[list[float], list[Any]]:
    solve(sounds[0])
    times, found = [], []
    for z in sounds:
        start = time.perf_counter()
        found.append(solve(z))
        times.append(time.perf_counter() - start)
    return times, found


def _random(count: int, seed: int) -> dict[str, Any]:
    """Small problems of many shapes: coherent, duplicated, with zero atoms, with ties."""
    rng = np.random.default_rng(seed)
    gaps = [_random_gap(rng, number % 5) for number in range(count)]
    return {"count": count, "largest_kkt_gap": max(gaps, default=0.0)}


def _random_gap(rng: np.random.Generator, kind: int) -> float:
    n, d = int(rng.integers(1, 120)), int(rng.integers(1, 60))
    atoms = rng.normal(size=(n, d))
    if kind == 1:
        atoms = np.concatenate([atoms, atoms])
    elif kind == 2:
        atoms = np.abs(atoms)
    elif kind == 3:
        atoms[rng.random(n) < 0.2] = 0.0
    elif kind == 4:
        atoms = np.round(2 * atoms) / 2
    atoms /= np.maximum(np.linalg.norm(atoms, axis=1, keepdims=True), 1e-12)
    z = rng.normal(size=d)
    z /= np.linalg.norm(z)
    lasso = NonNegativeLasso(atoms)
    return kkt_gap(lasso, z, lasso.solve(z, float(rng.choice([0.0, 1e-6, 0.01, 0.1, 0.3, 1.0]))))
