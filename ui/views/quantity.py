"""Values as people read and type them: ``3.20 kHz``, ``−4.2 dB``, ``0.9 s``."""

from __future__ import annotations

import math
import re

from dsp.parameters import Parameter

MINUS = "−"
_NUMBER = re.compile(r"^([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*(k?)\s*([a-zA-Z%]*)$")
# How many of the field's unit one of the typed unit is.
_FACTORS: dict[str, dict[str, float]] = {
    "Hz": {"": 1.0, "hz": 1.0, "khz": 1000.0},
    "dB": {"": 1.0, "db": 1.0},
    "s": {"": 1.0, "s": 1.0, "ms": 0.001},
    "ms": {"": 1.0, "ms": 1.0, "s": 1000.0},
    "Q": {"": 1.0, "q": 1.0},
    "%": {"": 1.0, "%": 1.0},
    "": {"": 1.0},
}


def format_quantity(value: float, unit: str) -> str:
    """A value in its unit, to three figures or so, with a true minus sign."""
    if unit == "Hz":
        if value >= 999.5:
            return f"{value / 1000:.2f} kHz" if value < 9995 else f"{value / 1000:.1f} kHz"
        return f"{value:.0f} Hz" if value >= 99.5 else f"{value:.1f} Hz"
    if unit == "dB":
        return f"{signed(value, 1)} dB"
    if unit == "s":
        return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"
    if unit == "ms":
        return f"{value:.0f} ms" if value >= 9.95 else f"{value:.1f} ms"
    if unit == "%":
        return f"{value:.0f} %"
    return f"{value:.2f}".replace("-", MINUS)


def signed(value: float, digits: int) -> str:
    """A number with its sign, ``0.0`` without one."""
    text = f"{value:+.{digits}f}"
    if float(text) == 0:
        text = text[1:]
    return text.replace("-", MINUS)


def format_value(parameter: Parameter, value: float) -> str:
    """A parameter's value; ``off`` at the end of its range that switches the stage off."""
    return "off" if parameter.is_off(value) else format_quantity(value, parameter.unit)


def parse_quantity(text: str, unit: str) -> float:
    """Read what a person typed, in the field's unit: ``1.2k``, ``1,2 kHz``, ``-3``, ``80 ms``.

    Raises:
        ValueError: It is no finite number, or another kind of unit; says what is understood.
    """
    factors = _FACTORS[unit]
    plain = text.strip().replace(MINUS, "-").replace(",", ".").lower()
    match = _NUMBER.match(plain)
    if match is None:
        raise ValueError(f"{text.strip()!r} is not a number{_allowed(unit)}")
    number, kilo, name = match.groups()
    if kilo and unit == "Hz" and name in ("", "hz"):
        name = "khz"
    elif kilo:
        raise ValueError(f"{text.strip()!r}: thousands are understood for Hz only")
    if name not in factors:
        raise ValueError(f"{text.strip()!r} has another unit{_allowed(unit)}")
    value = float(number) * factors[name]
    if not math.isfinite(value):
        raise ValueError(f"{text.strip()!r} is not finite")
    return value


def parse_value(parameter: Parameter, text: str) -> float:
    """Read a parameter's value, clipped to its range; ``off`` where it has an off end.

    Raises:
        ValueError: As :func:`parse_quantity`.
    """
    if parameter.off_value is not None and text.strip().lower() in ("off", "-inf", "−inf"):
        return parameter.off_value
    return parameter.clip(parse_quantity(text, parameter.unit))


def range_text(parameter: Parameter) -> str:
    """Unit, range, default and what turning it up sounds like, for a tooltip."""
    low = format_value(parameter, parameter.low)
    high = format_value(parameter, parameter.high)
    default = format_value(parameter, parameter.default)
    return f"{parameter.title}: {low} to {high}, default {default}. {parameter.help}"


def format_time(seconds: float, digits: int = 1) -> str:
    """Minutes and seconds, ``1:02.5``; hours where there are some."""
    scale = 10**digits
    ticks = max(0, round(seconds * scale))
    whole, rest = divmod(ticks, scale)
    minutes, s = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    tail = f".{rest:0{digits}d}" if digits else ""
    if hours:
        return f"{hours}:{minutes:02d}:{s:02d}{tail}"
    return f"{minutes}:{s:02d}{tail}"


def parse_time(text: str) -> float:
    """Seconds of ``83``, ``1:23``, ``1:23.4`` or ``1:02:03``.

    Raises:
        ValueError: It is none of these.
    """
    parts = text.strip().replace(",", ".").removesuffix("s").strip().split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    sane = all(math.isfinite(n) and n >= 0 for n in numbers)
    if not numbers or len(numbers) > 3 or not sane or any(n >= 60 for n in numbers[1:]):
        raise ValueError(f"{text.strip()!r} is not a time; write 83, 1:23 or 1:23.4")
    seconds = 0.0
    for number in numbers:
        seconds = seconds * 60 + number
    return seconds


def _allowed(unit: str) -> str:
    spelled = {"hz": "Hz", "khz": "kHz", "db": "dB", "q": "Q"}
    names = [spelled.get(name, name) for name in _FACTORS[unit] if name]
    return f"; {' or '.join(names)} is understood" if names else ""
