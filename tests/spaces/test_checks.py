"""The seven checks of the method on planted pairs."""

from __future__ import annotations

import dataclasses

import pytest

from text2fx_studio.spaces import checks
from text2fx_studio.spaces.pls import fit


@pytest.fixture(scope="module")
def found() -> dict[int, checks.Check]:
    return {check.number: check for check in checks.run(checks.QUICK, seed=0)}


@pytest.mark.parametrize("number", range(1, 8))
def test_check(found: dict[int, checks.Check], number: int) -> None:
    assert found[number].passed, found[number]


def test_figures_are_those_of_the_paper_in_kind(found: dict[int, checks.Check]) -> None:
    retrieval, effects, decoding = (found[n].figures for n in (5, 6, 7))
    assert 50 < retrieval["raw"] < 100
    assert effects["direct"] == pytest.approx(0.1937, abs=0.04)
    assert effects["direct_of_false_pairs"] == pytest.approx(0.0445, abs=0.015)
    assert decoding["cosine_of_means_before"] == pytest.approx(0.598, abs=0.01)
    assert decoding["cosine_of_means_after"] == pytest.approx(0.995, abs=0.005)


def test_axes_that_are_not_the_pairs_own_fail_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    def swapped(text, audio, **names):  # type: ignore[no-untyped-def]
        found = fit(text, audio, **names)
        return dataclasses.replace(found, V=found.V.roll(1, dims=1))

    monkeypatch.setattr(checks, "fit", swapped)
    small = checks.Size(dim=64, concepts=10, pairs=400, few=300, tests=100)
    failed = {check.number for check in checks.run(small) if not check.passed}
    assert {1, 2, 5, 6} <= failed


def test_means_that_are_not_the_pairs_own_fail_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    def shifted(text, audio, **names):  # type: ignore[no-untyped-def]
        found = fit(text, audio, **names)
        return dataclasses.replace(found, audio_mean=found.audio_mean * 0.5)

    monkeypatch.setattr(checks, "fit", shifted)
    small = checks.Size(dim=64, concepts=10, pairs=400, few=300, tests=100)
    assert not {c.number: c.passed for c in checks.run(small)}[6]
