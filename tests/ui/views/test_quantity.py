import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.equalizer import Equalizer
from dsp.parameters import Parameter
from dsp.reverb import Reverb
from ui.views.quantity import (
    format_quantity,
    format_time,
    format_value,
    parse_quantity,
    parse_time,
    parse_value,
    range_text,
)

ALL = Equalizer.parameters + Reverb.parameters


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1.2k", "Hz", 1200), ("1,2 kHz", "Hz", 1200), ("80 hz", "Hz", 80), ("−3", "dB", -3),
        ("+3.5dB", "dB", 3.5), ("250 ms", "s", 0.25), ("1.5 s", "ms", 1500), (".7", "Q", 0.7),
        ("40 %", "%", 40),
    ],
)  # fmt: skip
def test_people_write_values_in_many_ways(text, unit, value):
    assert parse_quantity(text, unit) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    [
        ("", "dB", "is not a number; dB is understood"),
        ("loud", "dB", "is not a number"),
        ("3 Hz", "dB", "'3 Hz' has another unit; dB is understood"),
        ("2k", "dB", "thousands are understood for Hz only"),
        ("1e400", "Hz", "is not a number"),
        ("nan", "s", "is not a number; s or ms is understood"),
    ],
)
def test_what_cannot_be_read_is_named(text, unit, why):
    with pytest.raises(ValueError, match=why):
        parse_quantity(text, unit)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (3200, "Hz", "3.20 kHz"), (12_345, "Hz", "12.3 kHz"), (140.4, "Hz", "140 Hz"),
        (999.7, "Hz", "1.00 kHz"), (-4.2, "dB", "−4.2 dB"), (-0.01, "dB", "0.0 dB"),
        (3, "dB", "+3.0 dB"), (0.9, "s", "0.90 s"), (18, "ms", "18 ms"), (0.707, "Q", "0.71"),
    ],
)  # fmt: skip
def test_values_are_shown_in_their_unit(value, unit, text):
    assert format_quantity(value, unit) == text


@given(st.sampled_from(ALL), st.floats(0, 1))
def test_what_is_shown_can_be_typed_back(parameter: Parameter, position: float):
    value = parameter.from_unit(position)
    again = parse_value(parameter, format_value(parameter, value))
    step = {"Hz": 0.006 * value + 0.06, "dB": 0.051, "s": 0.006, "ms": 0.51}
    assert again == pytest.approx(value, abs=step.get(parameter.unit, 0.0051))


def test_off_is_a_word():
    high_pass = Equalizer.parameter("high_pass_frequency_hz")
    assert format_value(high_pass, 10.0) == "off"
    assert parse_value(high_pass, "Off") == 10.0
    assert parse_value(high_pass, "9 kHz") == 4000.0, "clipped to what is allowed"


def test_a_tooltip_says_range_default_and_sound():
    text = range_text(Reverb.parameter("t60_s"))
    assert text == (
        "Decay T60: 0.10 s to 8.00 s, default 1.00 s. "
        "Longer: the time in which the room falls by 60 dB at 1 kHz."
    )


@pytest.mark.parametrize(
    ("text", "seconds"), [("83", 83), ("1:23", 83), ("1:23.4", 83.4), ("1:02:03", 3723), ("0", 0)]
)
def test_times_are_read(text, seconds):
    assert parse_time(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "a", "1:75", "-3", "1:2:3:4", "1:", "inf"])
def test_times_that_are_none(text):
    with pytest.raises(ValueError, match="is not a time"):
        parse_time(text)


@given(st.floats(0, 36_000))
def test_times_come_back(seconds):
    assert parse_time(format_time(seconds)) == pytest.approx(seconds, abs=0.051)


def test_times_carry_over():
    assert format_time(59.96) == "1:00.0"
    assert format_time(3599.99) == "1:00:00.0"
    assert format_time(161, 0) == "2:41"
