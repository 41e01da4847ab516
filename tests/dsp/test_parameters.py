import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.chain import EFFECTS
from dsp.errors import ParameterError
from dsp.parameters import Parameter

ALL = [p for effect in EFFECTS.values() for p in effect.parameters]
FREQUENCY = Parameter("f_hz", "F", "Hz", 20.0, 20_000.0, 1000.0, "log", off="high")


def test_log_scale_has_the_geometric_mean_in_its_middle():
    assert FREQUENCY.from_unit(0.5) == pytest.approx(math.sqrt(20 * 20_000))


@pytest.mark.parametrize("parameter", ALL, ids=lambda p: p.name)
def test_unit_position_round_trips_over_the_range(parameter):
    for share in (0.0, 0.1, 0.5, 0.9, 1.0):
        assert parameter.to_unit(parameter.from_unit(share)) == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize("parameter", ALL, ids=lambda p: p.name)
def test_every_parameter_explains_itself_and_names_its_unit(parameter):
    assert parameter.help.endswith(".")
    suffix = {"dB": "_db", "Hz": "_hz", "s": "_s", "ms": "_ms", "Q": "_q", "": ""}[parameter.unit]
    assert parameter.name.endswith(suffix)
    low, high = parameter.search_range
    assert parameter.low <= low < high <= parameter.high


@pytest.mark.parametrize("value", [19.9, 20_001, math.nan, math.inf, "1000", None, True])
def test_check_names_parameter_found_and_allowed(value):
    with pytest.raises(ParameterError, match=r"eq\.f_hz: found"):
        FREQUENCY.check(value, "eq")


def test_off_end():
    assert FREQUENCY.is_off(20_000.0)
    assert not FREQUENCY.is_off(19_999.0)
    assert FREQUENCY.off_value == 20_000.0


@given(st.floats(20, 20_000), st.floats(20, 20_000), st.floats(0, 1))
def test_between_stays_between(start, end, amount):
    value = FREQUENCY.between(start, end, amount)
    assert min(start, end) * (1 - 1e-9) <= value <= max(start, end) * (1 + 1e-9)


def test_a_default_outside_the_range_is_refused():
    with pytest.raises(ParameterError, match="default"):
        Parameter("x", "X", "", 0.0, 1.0, 2.0)
