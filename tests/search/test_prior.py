"""The prior: on parameters, and on the equalizer's curve."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from text2fx_studio.search.prior import (
    ROOM_GIVEN_BACK_MOST_DB,
    SHAPE_GIVEN_BACK,
    SHAPE_SPREAD_DB,
    TILT_GIVEN_BACK,
    TILT_SPREAD_DB,
    CurvePrior,
    Energy,
    HeardColour,
    less_heard_room,
    prior_around,
)
from text2fx_studio.search.variables import Variables

RATE = 44_100.0
FLAT = Equalizer()


def values(**changes: float) -> dict[str, torch.Tensor]:
    setting = FLAT.replace(**changes)
    return {n: torch.tensor([v], dtype=torch.float64) for n, v in setting.values.items()}


def test_the_likely_curve_costs_nothing_and_every_other_something() -> None:
    likely = FLAT.replace(bell_3_gain_db=6.0)
    prior = CurvePrior.around(likely, RATE)
    assert float(prior(values(bell_3_gain_db=6.0))) == pytest.approx(0.0, abs=1e-12)
    assert float(prior(values())) > 0.1


def test_a_low_pass_costs_by_what_it_takes_away() -> None:
    """One parameter of many, but the whole treble: the reason for a prior on the curve."""
    prior = CurvePrior.around(FLAT, RATE)
    low_pass, bell = values(low_pass_frequency_hz=6000.0), values(bell_3_gain_db=4.0)
    assert float(prior(low_pass)) > 3 * float(prior(bell))


def test_level_alone_costs_nothing() -> None:
    """Both shelves up is nearly a gain; it costs less than one of them."""
    prior = CurvePrior.around(FLAT, RATE)
    both = values(
        low_shelf_gain_db=6.0, high_shelf_gain_db=6.0, low_shelf_frequency_hz=900.0,
        high_shelf_frequency_hz=1000.0,
    )  # fmt: skip
    assert float(prior(both)) < 0.3 * float(prior(values(high_shelf_gain_db=6.0)))


def test_tilt_is_freer_than_shape() -> None:
    assert TILT_SPREAD_DB > SHAPE_SPREAD_DB
    prior = CurvePrior.around(FLAT, RATE)
    tilted = values(low_shelf_gain_db=-4.0, low_shelf_frequency_hz=300.0, high_shelf_gain_db=4.0)
    bumpy = values(bell_1_gain_db=4.5, bell_3_gain_db=-4.5, bell_5_gain_db=4.5)

    def rms(setting: dict[str, torch.Tensor]) -> float:
        return float(prior.bent(prior.power(setting)).square().mean().sqrt())

    assert float(prior(tilted)) / rms(tilted) ** 2 < float(prior(bumpy)) / rms(bumpy) ** 2


@pytest.mark.parametrize("slope_db", [-8.0, 8.0])
def test_what_is_heard_is_given_back(slope_db: float) -> None:
    octaves = np.linspace(-1.0, 1.0, 24)
    frequencies = np.geomspace(60.0, 14_000.0, 24)
    heard = HeardColour(frequencies, slope_db * octaves)
    plain, knowing = CurvePrior.around(FLAT, RATE), CurvePrior.around(FLAT, RATE, heard)
    moved = (knowing.likely - plain.likely).numpy()
    assert np.sign(moved[-1]) == -np.sign(slope_db)
    assert moved[-1] - moved[0] == pytest.approx(-2 * slope_db * TILT_GIVEN_BACK, rel=0.1)
    assert 0 < SHAPE_GIVEN_BACK < TILT_GIVEN_BACK


def test_bands_without_energy_are_not_lifted() -> None:
    frequencies = np.geomspace(40.0, 16_000.0, 64)
    energy = Energy(frequencies, np.where(frequencies < 4000.0, -20.0, -110.0))
    likely = FLAT.replace(high_shelf_gain_db=9.0)
    everywhere = CurvePrior.around(likely, RATE)
    knowing = CurvePrior.around(likely, RATE, None, energy)
    lifting, leaving = values(high_shelf_gain_db=9.0), values()
    assert float(everywhere(lifting)) < float(everywhere(leaving))
    assert float(knowing(lifting)) > float(knowing(leaving))
    assert float(knowing(values(high_shelf_gain_db=-9.0))) < float(knowing(lifting))


def test_weight_zero_is_no_prior_and_gradients_are_finite() -> None:
    chain = Chain.parse("eq,reverb")
    variables = Variables(chain, (40.0, 15_000.0))
    x = torch.randn(3, len(variables), dtype=torch.float64).requires_grad_(True)
    none = prior_around(variables, chain, 0.0, RATE)
    settings = variables.settings(x)
    assert none.penalty(variables.positions(x), settings).tolist() == [0.0] * 3
    some = prior_around(variables, chain, 0.1, RATE)
    penalty = some.penalty(variables.positions(x), settings)
    assert bool((penalty > 0).all())
    penalty.sum().backward()
    assert x.grad is not None
    assert bool(torch.isfinite(x.grad).all())


def test_a_room_that_is_there_is_not_asked_for_again() -> None:
    """By energy: -6 dB wanted and -9 dB there leave -9 dB; far more than there is stays."""
    wanted = Chain((FLAT, Reverb({"wet_db": -6.0})))
    found = less_heard_room(wanted, -9.0).get(Reverb)
    assert found is not None
    assert found.values["wet_db"] == pytest.approx(-9.02, abs=0.05)
    drenched = less_heard_room(wanted, 3.0).get(Reverb)
    assert drenched is not None
    assert drenched.values["wet_db"] == pytest.approx(-6.0 - ROOM_GIVEN_BACK_MOST_DB)
    faint = less_heard_room(wanted, -30.0).get(Reverb)
    assert faint is not None
    assert faint.values["wet_db"] == pytest.approx(-6.0, abs=0.1)


def test_no_room_is_made_where_none_is_likely() -> None:
    off = Chain((FLAT, Reverb()))
    assert less_heard_room(off, 0.0) == off
    assert less_heard_room(Chain((FLAT,)), 0.0) == Chain((FLAT,))
