"""The curve of an entry: the gains, the interpolation between them, the filters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from text2fx_studio.errors import ParameterError
from text2fx_studio.lexicon import BAND_CENTERS_HZ, Entry
from text2fx_studio.lexicon.curve import intent_curve_db

PLAIN = Entry(
    "plain", ("plain",), (0.0,) * 8, None, None, None, None, None, 0.5, 0.5, ("test",), None
)
gains = st.tuples(*[st.floats(-18.0, 18.0, allow_subnormal=False).map(lambda g: round(g, 3))] * 8)


@given(gains)
def test_curve_is_pchip_over_log_frequency(values: tuple[float, ...]) -> None:
    entry = replace(PLAIN, gains_db=values)
    frequencies = np.geomspace(60.0, 14_000.0, 300)
    expected = PchipInterpolator(np.log2(BAND_CENTERS_HZ), values)(np.log2(frequencies))
    np.testing.assert_allclose(intent_curve_db(entry, frequencies), expected, atol=1e-6)


@given(gains)
def test_curve_meets_the_gains_and_is_flat_outside(values: tuple[float, ...]) -> None:
    entry = replace(PLAIN, gains_db=values)
    np.testing.assert_allclose(intent_curve_db(entry, BAND_CENTERS_HZ), values, atol=1e-9)
    assert intent_curve_db(entry, [0.0, 20.0]) == pytest.approx([values[0]] * 2)
    assert intent_curve_db(entry, [20_000.0]) == pytest.approx([values[-1]])


@pytest.mark.parametrize(
    ("high_pass_hz", "low_pass_hz", "frequency_hz", "expected_db"),
    [
        (300.0, None, 300.0, -3.01),
        (300.0, None, 75.0, -24.1),
        (None, 3400.0, 3400.0, -3.01),
        (None, 3400.0, 13_600.0, -24.1),
        (300.0, 3400.0, 1000.0, -0.07),
    ],
)
def test_filters_fall_by_12_db_an_octave(
    high_pass_hz: float | None, low_pass_hz: float | None, frequency_hz: float, expected_db: float
) -> None:
    entry = replace(PLAIN, high_pass_hz=high_pass_hz, low_pass_hz=low_pass_hz)
    assert intent_curve_db(entry, frequency_hz) == pytest.approx(expected_db, abs=0.05)


def test_high_pass_stays_finite_at_0_hz() -> None:
    assert intent_curve_db(replace(PLAIN, high_pass_hz=100.0), [0.0])[0] == -120.0


@pytest.mark.parametrize("frequency", [-1.0, float("nan"), float("inf")])
def test_impossible_frequencies_are_refused(frequency: float) -> None:
    with pytest.raises(ParameterError, match="frequencies_hz"):
        intent_curve_db(PLAIN, [frequency])
