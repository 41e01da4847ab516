"""The prior: on parameters, and on the equalizer's curve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from text2fx_studio.encoders.hearing import Tilt
from text2fx_studio.search.curve_prior import SHAPE_SPREAD_DB, TILT_SPREAD_DB, CurvePrior
from text2fx_studio.search.given_back import Energy, HeardColour
from text2fx_studio.search.prior import prior_around
from text2fx_studio.search.variables import Variables

RATE = 44_100.0
FLAT = Equalizer()


def heard_slope(slope_db: float) -> HeardColour:
    """A recording that falls or rises by ``slope_db`` on either side of the middle."""
    frequencies = np.geomspace(60.0, 14_000.0, 24)
    span = float(np.log2(frequencies[-1] / frequencies[0]))
    return HeardColour(
        frequencies,
        slope_db * np.linspace(-1.0, 1.0, 24),
        Tilt(2 * slope_db / span, 60.0, 14_000.0),
    )


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


BRIGHT = FLAT.replace(high_shelf_gain_db=6.0, low_shelf_gain_db=-4.0)


def rise(prior: CurvePrior) -> float:
    return float(prior.likely[-1] - prior.likely[0])


@pytest.mark.parametrize("slope_db", [-8.0, -3.0, 3.0])
def test_tilt_that_is_there_is_not_asked_for_again(slope_db: float) -> None:
    plain = CurvePrior.around(BRIGHT, RATE)
    knowing = CurvePrior.around(BRIGHT, RATE, heard_slope(slope_db))
    assert rise(knowing) > 0
    assert np.sign(rise(knowing) - rise(plain)) == -np.sign(slope_db)


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_far_too_much_is_taken_back_and_yet_the_words_are_heard(way: float) -> None:
    """The likely curve turns, the centroid of the energy must not."""
    frequencies = np.geomspace(40.0, 16_000.0, 64)
    energy = Energy(frequencies, -6.0 * np.abs(np.log2(frequencies / 1000.0)))
    asked = BRIGHT.replace(high_shelf_gain_db=6.0 * way, low_shelf_gain_db=-4.0 * way)
    knowing = CurvePrior.around(asked, RATE, heard_slope(12.0 * way), energy)
    assert rise(knowing) * way < 0
    assert float(knowing.least_shift) == pytest.approx(0.05 * way, rel=0.02)
    up = values(bell_3_gain_db=4.0, bell_3_frequency_hz=2000.0, bell_3_q=1.0)
    down = values(bell_3_gain_db=4.0, bell_3_frequency_hz=500.0, bell_3_q=1.0)
    shifts = [float(knowing.shift(knowing.power(v) * knowing.share)) for v in (up, down)]
    assert shifts[0] > 0.05
    assert shifts[1] < -0.05
    costs = [float(knowing(v)) for v in ((up, down) if way > 0 else (down, up))]
    assert costs[1] > costs[0] + (0.1 / 0.02) ** 2


def tone(frequency_hz: float) -> Energy:
    frequencies = np.geomspace(40.0, 16_000.0, 64)
    near = np.abs(np.log2(frequencies / frequency_hz)) < 0.2
    return Energy(frequencies, np.where(near, 0.0, -90.0))


def test_the_centroid_is_that_of_the_fine_lines() -> None:
    """Not of mel bands, of which the lowest holds what rumbles below it."""
    frequencies = np.geomspace(40.0, 16_000.0, 64)
    leaked = np.where(frequencies < 50.0, 10.0, 0.0)
    lines = np.array([400.0, 1600.0])
    found = CurvePrior.around(
        BRIGHT, RATE, None, Energy(frequencies, leaked, (lines, np.array([1.0, 3.0])))
    )
    taken = found.share > 0
    assert found.frequencies_hz[taken].numpy() == pytest.approx(lines, rel=0.1)
    assert found.share[taken].numpy() == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize("frequency_hz", [200.0, 440.0, 5000.0])
def test_what_cannot_be_moved_need_not_be(frequency_hz: float) -> None:
    """The centroid of a single tone, whatever the words."""
    found = CurvePrior.around(BRIGHT, RATE, None, tone(frequency_hz))
    most = values(high_shelf_gain_db=15.0, high_shelf_frequency_hz=frequency_hz)
    most_shift = float(found.shift(found.power(most) * found.share))
    assert 0.0 <= float(found.least_shift) < max(0.05, most_shift)


def test_bright_is_up_also_where_its_curve_takes_the_centroid_down() -> None:
    """A bright word with a peak at 3 kHz, on a sound that is mostly above."""
    peaky = FLAT.replace(
        low_shelf_gain_db=-12.0, bell_4_gain_db=12.0, bell_4_frequency_hz=2500.0, bell_4_q=0.7
    )
    frequencies = np.geomspace(40.0, 16_000.0, 64)
    high = Energy(frequencies, np.where(frequencies > 2000.0, 0.0, -60.0))
    found = CurvePrior.around(peaky, RATE, None, high)
    assert float(found.shift(found.power(values(**peaky.values)) * found.share)) < 0.0
    assert float(found.least_shift) > 0.03


def test_words_without_a_tilt_move_it_as_far_as_they_do() -> None:
    middle = FLAT.replace(bell_3_gain_db=4.0, bell_3_frequency_hz=1000.0, bell_3_q=1.0)
    frequencies = np.geomspace(40.0, 16_000.0, 64)
    low = Energy(frequencies, np.where(frequencies < 1000.0, 0.0, -30.0))
    found = CurvePrior.around(middle, RATE, None, low)
    alone = float(found.shift(found.power(values(**middle.values)) * found.share))
    assert float(found.least_shift) == pytest.approx(min(alone, 0.05))
    assert alone > 0.0


def test_the_parameters_mean_follows_the_curve() -> None:
    bright = Chain((FLAT.replace(high_shelf_gain_db=6.0, high_pass_frequency_hz=80.0),))
    variables = Variables(bright, (40.0, 15_000.0))

    def treble(slope_db: float) -> tuple[float, float]:
        """The mean's response at 10 kHz against 100 Hz, and its high-pass, in dB and Hz."""
        prior = prior_around(variables, bright, 0.1, RATE, heard=heard_slope(slope_db))
        values = {
            column.parameter.name: column.parameter.from_scale(float(mean))
            for column, mean in zip(variables.columns, prior.mean, strict=True)
        }
        response = Chain((FLAT.replace(**values),)).frequency_response_db([100.0, 10_000.0], RATE)
        return float(response[1] - response[0]), values["high_pass_frequency_hz"]

    dull, plain, keen = (treble(slope_db) for slope_db in (-4.0, 0.0, 4.0))
    assert dull[0] > plain[0] + 3.0
    assert 0.0 < keen[0] < plain[0] - 1.0
    assert (dull[1], plain[1], keen[1]) == pytest.approx((80.0, 80.0, 80.0))


def test_words_that_ask_for_no_tilt_leave_the_recordings_own() -> None:
    knowing = CurvePrior.around(FLAT, RATE, heard_slope(8.0))
    assert float(knowing.likely.abs().max()) < 0.25


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


@pytest.mark.parametrize("name", ["wet_db", "t60_s"])
def test_the_room_is_not_drowned_among_the_parameters(name: str) -> None:
    """One spread away in one of the room's two parameters costs a half, however many others."""
    chain = Chain((FLAT, Reverb({"wet_db": -8.0, "t60_s": 1.5})))
    variables = Variables(chain, (40.0, 15_000.0))
    prior = prior_around(variables, chain, 1.0, RATE)
    positions = prior.mean.clone()[None]
    settings = variables.settings(variables.from_chains([chain]))
    at_home = prior.penalty(positions, settings)
    place = next(i for i, v in enumerate(variables.columns) if v.parameter.name == name)
    positions[0, place] += prior.spread[place]
    assert float(prior.penalty(positions, settings) - at_home) >= 0.5


@pytest.mark.parametrize("least", [0.05, -0.05, 0.0])
def test_slope_of_the_curves_part_is_that_of_its_formula(least: float) -> None:
    generator = torch.Generator().manual_seed(2)
    count = 32
    gaps = torch.linspace(-6.0, 6.0, count).double().sigmoid()
    share = torch.rand(count, generator=generator, dtype=torch.float64)
    found = replace(
        CurvePrior.around(BRIGHT, RATE, heard_slope(2.0)),
        empty=gaps, share=share / share.sum(), least_shift=torch.tensor(least, dtype=torch.float64),
    )  # fmt: skip
    power = (3.0 * torch.randn(5, count, generator=generator, dtype=torch.float64)).exp()

    def plainly(power: torch.Tensor) -> torch.Tensor:
        level = 10 * torch.log10(power / power.mean(-1, keepdim=True))
        bent = 18.0 * torch.tanh(level / 18.0)
        deviation = bent - bent.mean(-1, keepdim=True) - found.likely
        line = torch.linspace(-1.0, 1.0, count, dtype=torch.float64)
        line = line / line.square().mean().sqrt()
        tilt = (deviation * line).mean(-1).square()
        energy = power * found.share
        lifted = (10 * torch.log10(power / energy.sum(-1, keepdim=True))).clamp(min=0.0)
        shift = (energy * found.octaves).sum(-1) / energy.sum(-1)
        short = (abs(least) - np.sign(least) * shift).clamp(min=0.0)
        return (
            tilt / TILT_SPREAD_DB**2
            + (deviation.square().mean(-1) - tilt) / SHAPE_SPREAD_DB**2
            + (found.empty * lifted.square()).mean(-1) / 0.4**2
            + short.square() / 0.02**2
        )

    ours, theirs = (power.clone().requires_grad_(True) for _ in range(2))
    torch.testing.assert_close(found.of_power(ours), plainly(theirs))
    weights = torch.linspace(-1.0, 2.0, 5).double()
    (found.of_power(ours) * weights).sum().backward()
    (plainly(theirs) * weights).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-9, atol=1e-12)
