"""The way that words would move a sound: kept, whatever else the search finds."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from text2fx_studio.search.heading import BANDS, Heading

RATE = 44_100.0
FREQUENCIES = torch.from_numpy(np.geomspace(50.0, 15_000.0, 32))
FLAT = Equalizer()
BRIGHT = {"low_shelf_gain_db": -4.0, "low_shelf_frequency_hz": 200.0, "high_shelf_gain_db": 6.0}


def power(**changes: float) -> torch.Tensor:
    """Power response of a setting, [1, F]."""
    response = Chain((FLAT.replace(**changes),)).frequency_response_db(FREQUENCIES.numpy(), RATE)
    return torch.from_numpy(10 ** (np.asarray(response) / 10))[None]


def sound(slope_db: float, top_hz: float = 20_000.0) -> torch.Tensor:
    """Shares of a sound that falls or rises by octave, with nothing above ``top_hz``."""
    level = slope_db * torch.log2(FREQUENCIES / 1000.0)
    level = torch.where(top_hz < FREQUENCIES, level - 90.0, level)
    share = 10 ** (level / 10)
    return share / share.sum()


@pytest.mark.parametrize("slope_db", [-6.0, 0.0, 6.0])
def test_the_words_own_way_and_half_of_it_cost_nothing_and_the_opposite_does(
    slope_db: float,
) -> None:
    heading = Heading.towards(power(**BRIGHT)[0], FREQUENCIES, sound(slope_db))
    assert heading.way[0] == 1.0
    assert float(heading(power(**BRIGHT))) == pytest.approx(0.0, abs=1e-12)
    half = {n: v if n.endswith("_hz") else 0.6 * v for n, v in BRIGHT.items()}
    assert float(heading(power(**half))) < 0.02
    opposite = {n: v if n.endswith("_hz") else -v for n, v in BRIGHT.items()}
    assert float(heading(power(**opposite))) > 1.0
    assert 0.1 < float(heading(power())) < float(heading(power(**opposite)))


def test_a_bright_curve_may_leave_a_dull_sound_duller() -> None:
    """Treble lifts nothing where there is none: what the sound does counts, not the curve."""
    heading = Heading.towards(power(**BRIGHT)[0], FREQUENCIES, sound(-3.0, top_hz=800.0))
    curve_up_sound_down = power(
        high_shelf_gain_db=8.0, high_shelf_frequency_hz=5000.0,
        low_shelf_gain_db=4.0, low_shelf_frequency_hz=150.0,
    )  # fmt: skip
    assert float(heading.change(curve_up_sound_down)[0, 0]) < 0.0
    assert float(heading(curve_up_sound_down)) > 1.0


def test_what_the_words_leave_open_is_open() -> None:
    heading = Heading.towards(power()[0], FREQUENCIES, sound(0.0))
    assert heading.way.tolist() == [0.0] * (1 + BANDS)
    assert float(heading(power(low_shelf_gain_db=9.0))) == 0.0


def test_bands_without_sound_are_not_asked_about() -> None:
    heading = Heading.towards(power(**BRIGHT)[0], FREQUENCIES, sound(0.0, top_hz=2000.0))
    assert heading.way[-2:].tolist() == [0.0, 0.0]
    assert Heading.towards(power(**BRIGHT)[0], FREQUENCIES, sound(0.0)).way[-1] == 1.0


def test_gradients_are_finite_and_point_the_words_way() -> None:
    heading = Heading.towards(power(**BRIGHT)[0], FREQUENCIES, sound(-3.0))
    flat = torch.ones(2, len(FREQUENCIES), dtype=torch.float64, requires_grad=True)
    heading(flat).sum().backward()
    assert flat.grad is not None
    assert bool(torch.isfinite(flat.grad).all())
    assert float(flat.grad[0, -8:].sum()) < 0.0 < float(flat.grad[0, :8].sum())
