"""Several recordings in one descent: to the last bit as each alone, and as the plain search."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dsp.chain import Chain
from text2fx_studio.encoders import load_encoder
from text2fx_studio.search.joint import (
    SETTING_ROWS,
    descend_together,
    joint_key,
    packs,
    rows_stand_alone,
)
from text2fx_studio.search.optimizer import Schedule, descend
from text2fx_studio.search.preparation import Prepared, prepare
from text2fx_studio.search.target import build_target
from text2fx_studio.search.threads import cpu_threads
from text2fx_studio.search.windows import ArraySource

RATE_HZ = 44_100
SCHEDULE = Schedule(steps=12, trial=5)
PROMPTS = ("warm", "bright and thin", "in a big hall", "like an old telephone")


def sound(seed: int, seconds: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE_HZ)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    tilt = np.arange(1, len(spectrum) + 1) ** rng.uniform(-0.8, 0.1)
    shaped = np.fft.irfft(spectrum * tilt, count)
    return (0.2 * shaped / np.abs(shaped).max())[None].astype(np.float32)


@pytest.fixture(scope="module")
def encoder():
    return load_encoder("fxsem")


def ready(encoder, seed: int, chain: str = "eq", prompt: str | None = None, rate=RATE_HZ):
    words = prompt or PROMPTS[seed % len(PROMPTS)]
    with cpu_threads(1):
        target = build_target(words, encoder, "cosine", {})
        source = ArraySource(sound(seed, 1.0 + 3.5 * (seed % 3)), rate)
        return prepare(
            source, target, Chain.parse(chain), encoder, "cpu", seed=seed, prior_weight=0.1
        )


@pytest.fixture(scope="module")
def group(encoder) -> list[Prepared]:
    return [ready(encoder, seed) for seed in range(5)]


def together(group: list[Prepared]):
    with cpu_threads(1):
        return descend_together(group, SCHEDULE)


def test_what_is_found_for_a_recording_does_not_depend_on_those_beside_it(encoder, group):
    if not rows_stand_alone(encoder, 128, group[0].cached.dry_power.shape[-1]):
        pytest.skip("this machine's matrix products depend on the batch; files go one by one")
    assert len({len(one.windows.starts_s) for one in group}) > 1, "of different numbers of windows"
    whole = together(group)
    for members in ([3], [4, 0], [2, 1, 3], [4, 3, 2, 1, 0]):
        found = together([group[i] for i in members])
        for one, i in zip(found, members, strict=True):
            assert torch.equal(one.best, whole[i].best)
            assert torch.equal(one.losses, whole[i].losses)
            assert one.history == whole[i].history


@pytest.mark.parametrize("chain", ["eq", "eq,reverb"])
def test_it_is_the_plain_descent_of_each(encoder, chain):
    members = [ready(encoder, seed, chain, "in a big hall") for seed in (1, 2)]
    with cpu_threads(1):
        for one, found in zip(members, together(members), strict=True):
            alone = descend(one.objective, one.variables, one.prior, one.starts, SCHEDULE)
            assert found.steps == alone.steps
            np.testing.assert_allclose(found.history, alone.history, atol=1e-3)  # Adam amplifies
            np.testing.assert_allclose(found.losses, alone.losses, atol=5e-3)


def test_each_ends_by_its_own_patience(encoder, group):
    with cpu_threads(1):
        found = descend_together(group, Schedule(steps=30, patience=2, tolerance=0.01))
    assert len({one.steps for one in found}) > 1
    for one in found:
        assert len(one.history) == one.steps + 1


def test_only_what_fits_is_packed_together(encoder, group):
    other_rate = ready(encoder, 1, rate=48_000)
    hall = ready(encoder, 2, "eq,reverb", "in a big hall")
    assert joint_key(group[0]) == joint_key(group[1])
    assert len({joint_key(one) for one in (group[0], other_rate, hall)}) == 3
    assert packs([group[0], other_rate, group[1], hall]) == [[0, 2], [1], [3]]
    many = packs(group * 3)
    assert sorted(i for pack in many for i in pack) == list(range(15))
    assert all(sum(len((group * 3)[i].starts) for i in pack) <= SETTING_ROWS for pack in many)


def test_an_encoder_that_mixes_its_rows_is_found_out():
    class Mixing:
        def embed_mel(self, rows: torch.Tensor) -> torch.Tensor:
            return rows.mean(dim=-1) - rows.mean()

    class Apart:
        def embed_mel(self, rows: torch.Tensor) -> torch.Tensor:
            return rows.mean(dim=-1)

    assert not rows_stand_alone(Mixing(), 8, 20)
    assert rows_stand_alone(Apart(), 8, 20)


def test_a_step_may_stop_all(encoder, group):
    def stop(step: int) -> None:
        if step == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        descend_together(group[:1], SCHEDULE, stop)
