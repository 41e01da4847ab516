"""The exact non-negative Lasso: optimality, agreement, and inputs at the edge."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from text2fx_studio.benchmark import lasso as bench
from text2fx_studio.benchmark.lasso import kkt_gap, planted_dictionary, planted_sounds
from text2fx_studio.concepts.lasso import NonNegativeLasso
from text2fx_studio.errors import EncoderError, UsageError

Rows = NDArray[np.float64]


@pytest.fixture(scope="module")
def atoms() -> Rows:
    return planted_dictionary(300, 64, seed=1)


@pytest.fixture(scope="module")
def sounds(atoms: Rows) -> Rows:
    return planted_sounds(atoms, 12, seed=2, concepts=20)


def objective(atoms: Rows, z: Rows, w: Rows, penalty: float) -> float:
    return float(np.sum((w @ atoms - z) ** 2) + penalty * np.sum(w))


def test_kkt_gap_on_a_thousand_random_problems() -> None:
    figures = bench._random(1000, seed=0)
    assert figures["largest_kkt_gap"] <= 1e-9  # promised: 1e-6


@pytest.mark.parametrize("penalty", [0.02, 0.15, 0.6])
def test_agrees_with_scikit_learn(atoms: Rows, sounds: Rows, penalty: float) -> None:
    pytest.importorskip("sklearn")
    lasso = NonNegativeLasso(atoms)
    for z in sounds[:6]:
        ours = lasso.solve(z, penalty)
        theirs = bench.scikit_learn(atoms, z, penalty, tolerance=1e-10)
        np.testing.assert_allclose(ours.weights, theirs, atol=1e-5)
        assert objective(atoms, z, ours.weights, penalty) <= (
            objective(atoms, z, theirs, penalty) + 1e-14
        )
        loose = bench.scikit_learn(atoms, z, penalty, tolerance=1e-6)
        assert objective(atoms, z, ours.weights, penalty) <= (
            objective(atoms, z, loose, penalty) + 1e-14
        )


def test_reported_figures_are_true(atoms: Rows, sounds: Rows) -> None:
    lasso = NonNegativeLasso(atoms)
    for z in sounds:
        found = lasso.solve(z, 0.1)
        assert found.objective == pytest.approx(objective(atoms, z, found.weights, 0.1), abs=1e-12)
        assert found.kkt_gap == pytest.approx(kkt_gap(lasso, z, found), abs=1e-13)
        assert (found.weights[found.support] > 0).all()
        assert 5 < len(found.support) < 64


def test_orthonormal_atoms_shrink_by_half_lambda() -> None:
    z = np.array([0.9, 0.2, 0.05, -0.4])
    found = NonNegativeLasso(np.eye(4)).solve(z, 0.2)
    np.testing.assert_allclose(found.weights, [0.8, 0.1, 0.0, 0.0], atol=1e-15)


def test_many_at_once_are_the_same(atoms: Rows, sounds: Rows) -> None:
    lasso = NonNegativeLasso(atoms)
    for z, found in zip(sounds, lasso.solve_many(sounds, 0.15), strict=True):
        np.testing.assert_allclose(found.weights, lasso.solve(z, 0.15).weights, atol=1e-13)
    assert lasso.solve_many(np.zeros((0, 64)), 0.15) == []


def test_the_path_is_exact_and_in_the_asked_order(atoms: Rows, sounds: Rows) -> None:
    lasso = NonNegativeLasso(atoms)
    penalties = [0.3, 0.01, 2.5, 0.1, 0.1]
    path = lasso.path(sounds[0], penalties)
    assert [s.penalty for s in path] == penalties
    for solution in path:
        np.testing.assert_allclose(
            solution.weights, lasso.solve(sounds[0], solution.penalty).weights, atol=1e-12
        )
    counts = [len(s.support) for s in path]
    assert counts[1] > counts[3] > counts[0] > counts[2] == 0
    assert sum(s.rounds for s in path) < sum(lasso.solve(sounds[0], p).rounds for p in penalties)


def test_nothing_is_left_from_the_largest_penalty_on(atoms: Rows, sounds: Rows) -> None:
    lasso = NonNegativeLasso(atoms)
    for z in sounds[:3]:
        edge = lasso.largest_penalty(z)
        assert not lasso.solve(z, edge * 1.0001).weights.any()
        assert len(lasso.solve(z, edge * 0.9999).support) == 1
    assert lasso.largest_penalty(-np.ones(64) @ np.zeros((64, 64))) == 0.0


def test_a_start_changes_the_way_not_the_end(atoms: Rows, sounds: Rows) -> None:
    lasso = NonNegativeLasso(atoms)
    cold = lasso.solve(sounds[0], 0.05)
    rng = np.random.default_rng(0)
    for start in (cold.weights, np.ones(300), rng.random(300) * (rng.random(300) < 0.1)):
        warm = lasso.solve(sounds[0], 0.05, start=start)
        np.testing.assert_allclose(warm.weights, cold.weights, atol=1e-12)
    assert lasso.solve(sounds[0], 0.05, start=cold.weights).rounds == 1


def test_the_zero_vector_has_no_concepts(atoms: Rows) -> None:
    found = NonNegativeLasso(atoms).solve(np.zeros(64), 0.15)
    assert not found.weights.any()
    assert found.objective == 0.0
    assert found.kkt_gap == 0.0
    assert not NonNegativeLasso(atoms).solve(np.zeros(64), 0.0).weights.any()


def test_duplicates_and_zero_atoms(atoms: Rows, sounds: Rows) -> None:
    plain = NonNegativeLasso(atoms)
    doubled = NonNegativeLasso(np.concatenate([atoms, atoms, np.zeros((3, 64))]))
    for z in sounds:
        one, two = plain.solve(z, 0.05), doubled.solve(z, 0.05)
        joined = two.weights[:300] + two.weights[300:600]
        np.testing.assert_allclose(joined, one.weights, atol=1e-9)
        assert not two.weights[600:].any()
        assert kkt_gap(doubled, z, two) < 1e-9
    assert not NonNegativeLasso(np.zeros((4, 8))).solve(np.ones(8), 0.1).weights.any()


def test_more_atoms_than_dimensions_and_no_penalty() -> None:
    rng = np.random.default_rng(3)
    atoms = np.abs(rng.normal(size=(200, 6)))
    lasso = NonNegativeLasso(atoms)
    for z in rng.normal(size=(20, 6)):
        for penalty in (0.0, 1e-9, 0.3):
            found = lasso.solve(z, penalty)
            assert kkt_gap(lasso, z, found) < 1e-8
            assert len(found.support) <= 6


def test_atoms_of_any_length(sounds: Rows) -> None:
    atoms = planted_dictionary(50, 64, seed=4) * np.geomspace(1e-3, 1e3, 50)[:, None]
    lasso = NonNegativeLasso(atoms)
    found = lasso.solve(sounds[0], 0.01)
    assert kkt_gap(lasso, sounds[0], found) < 1e-7 * np.abs(atoms @ sounds[0]).max()


@hypothesis.given(
    st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 12),
    st.floats(0.0, 2.0), st.booleans(),
)  # fmt: skip
@hypothesis.settings(max_examples=60)
def test_no_feasible_point_is_better(
    seed: int, n: int, d: int, penalty: float, rounded: bool
) -> None:
    rng = np.random.default_rng(seed)
    atoms, z = rng.normal(size=(n, d)), rng.normal(size=d)
    if rounded:
        atoms = np.round(atoms)
    found = NonNegativeLasso(atoms).solve(z, penalty)
    least = objective(atoms, z, found.weights, penalty)
    assert (found.weights >= 0).all()
    for step in (1e-4, 0.1, 1.0):
        other = np.maximum(found.weights + step * rng.normal(size=n), 0.0)
        assert least <= objective(atoms, z, other, penalty) + 1e-9


def test_bad_input_is_told(atoms: Rows) -> None:
    lasso = NonNegativeLasso(atoms)
    with pytest.raises(EncoderError, match="vector 1 to decompose"):
        lasso.solve_many(np.stack([np.ones(64), np.full(64, np.nan)]), 0.1)
    with pytest.raises(EncoderError, match="not finite"):
        lasso.solve(np.full(64, np.inf), 0.1)
    with pytest.raises(UsageError, match=r"\(63,\), the dictionary's have \(64,\)"):
        lasso.solve(np.ones(63), 0.1)
    for penalty in (-0.1, np.nan, np.inf):
        with pytest.raises(UsageError, match="lambda"):
            lasso.solve(np.ones(64), penalty)
    with pytest.raises(UsageError, match="start"):
        lasso.solve(np.ones(64), 0.1, start=np.ones(4))
    broken = atoms.copy()
    broken[17, 2] = np.nan
    with pytest.raises(EncoderError, match="atom 17"):
        NonNegativeLasso(broken)
    for shape in ((0, 4), (4, 0), (4,)):
        with pytest.raises(UsageError, match="need"):
            NonNegativeLasso(np.zeros(shape))
    with pytest.raises(UsageError, match="at most 20,000"):
        NonNegativeLasso(np.zeros((20_001, 1)))


def test_the_benchmark_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "ATOMS", 120)
    monkeypatch.setattr(bench, "SIZES", (48,))
    monkeypatch.setattr(bench, "_SOUNDS", 3)
    data = bench.run(repeats=4, random_problems=5)
    assert [(row["dim"], row["centred"]) for row in data["rows"]] == [(48, True), (48, False)]
    for row in data["rows"]:
        assert row["kkt_gap"] < 1e-9
        assert row["median_ms"] > 0
        assert row.get("largest_difference", 0.0) < 1e-4
