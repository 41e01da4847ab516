"""Equalizer APO's text, as APO, Peace, REW and AutoEq write it: strictly read, nothing executed.

Known lines: ``Preamp``, ``Filter`` with PK, PEQ, LS, HS, LSC, HSC, LP, LPQ, HP, HPQ, and
``GraphicEQ``. Shelves without a Q are read as the RBJ cookbook's slope S, 0.9 where none is given;
LS and HS name their corner, which lies ``10^(|gain| / (80 S))`` away from the cookbook's frequency.
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass, field

from text2fx_studio.errors import ImportFileError
from text2fx_studio.export.stages import Kind, Stage

LARGEST_BYTES = 1_000_000
MOST_FILTERS = 200
MOST_POINTS = 2000
_NUMBER = r"([-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d{1,3})?)"
_PREAMP = re.compile(rf"Preamp\s*:\s*{_NUMBER}\s*dB", re.IGNORECASE)
_FILTER = re.compile(r"Filter\s*\d*\s*:\s*(ON|OFF)\s+(\w+)\b(.*)", re.IGNORECASE)
_GRAPHIC = re.compile(r"GraphicEQ\s*:\s*(.+)", re.IGNORECASE)
_FREQUENCY = re.compile(rf"\bFc\s+{_NUMBER}\s*(k?)Hz", re.IGNORECASE)
_GAIN = re.compile(rf"\bGain\s+{_NUMBER}\s*dB", re.IGNORECASE)
_Q = re.compile(rf"\bQ\s+{_NUMBER}", re.IGNORECASE)
_WIDTH = re.compile(rf"\bBW\s+Oct\s+{_NUMBER}", re.IGNORECASE)
_SLOPE = re.compile(rf"^\s*{_NUMBER}\s*dB\s+Fc", re.IGNORECASE)
_POINT = re.compile(rf"\s*{_NUMBER}\s+{_NUMBER}\s*")
_KINDS: dict[str, Kind] = {
    "PK": "peaking", "PEQ": "peaking", "LS": "low_shelf", "LSC": "low_shelf", "HS": "high_shelf",
    "HSC": "high_shelf", "LP": "low_pass", "LPQ": "low_pass", "HP": "high_pass",
    "HPQ": "high_pass",
}  # fmt: skip
_SLOPE_S = 0.9
_OTHER = re.compile(r"(\w+)\s*:")
_FINE_IN_HZ, _FINE_IN_DB = (1.0, 100_000.0), 120.0


@dataclass(frozen=True)
class ApoText:
    """What a text says.

    Attributes:
        preamp_db: Sum of its preamps.
        stages: Its filters in order, as RBJ sections.
        points: (Hz, dB) of its graphic equalizer; empty without one.
        ignored: What was not read, one phrase each.
    """

    preamp_db: float = 0.0
    stages: tuple[Stage, ...] = ()
    points: tuple[tuple[float, float], ...] = ()
    ignored: tuple[str, ...] = field(default=())


def parse_apo(raw: bytes, where: str) -> ApoText:
    """Read the text.

    Raises:
        ImportFileError: It is too large, no text, holds no line of an equalizer, or a line of one
            that cannot be read; names ``where`` and the line.
    """
    if len(raw) > LARGEST_BYTES:
        raise ImportFileError(f"{where}: larger than {LARGEST_BYTES:,} bytes, no equalizer text")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    preamp, known = 0.0, 0
    stages: list[Stage] = []
    points: tuple[tuple[float, float], ...] = ()
    ignored: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        at = f"{where}, line {number}"
        if not said or said.startswith("#"):
            continue
        if found := _PREAMP.match(said):
            preamp += _number(found[1], at, -_FINE_IN_DB, _FINE_IN_DB)
        elif found := _FILTER.match(said):
            stage = _stage(found[1], found[2], found[3], at, ignored)
            stages += [stage] if stage is not None else []
            if len(stages) > MOST_FILTERS:
                raise ImportFileError(f"{at}: more than {MOST_FILTERS} filters")
        elif found := _GRAPHIC.match(said):
            points = _points(found[1], at)
        else:
            other = _OTHER.match(said)
            ignored.append(f"line {number} ({ascii(other[1] if other else said)[:30]})")
            continue
        known += 1
    if not known:
        raise ImportFileError(
            f"{where}: no line of an equalizer in it; needed are lines such as "
            "'Filter 1: ON PK Fc 1000 Hz Gain -3 dB Q 1.4'"
        )
    shown = (*ignored[:20], f"{len(ignored) - 20} more") if len(ignored) > 20 else tuple(ignored)
    return ApoText(preamp, tuple(stages), points, shown)


def _stage(switch: str, name: str, rest: str, where: str, ignored: list[str]) -> Stage | None:
    if switch.upper() == "OFF" or (name.upper() in ("NONE", "NO") and "Fc" not in rest):
        return None
    kind = _KINDS.get(name.upper())
    if kind is None:
        ignored.append(f"filter of type {ascii(name)[:20]}")
        return None
    found = _FREQUENCY.search(rest)
    if found is None:
        raise ImportFileError(f"{where}: the filter has no frequency ('Fc 1000 Hz')")
    scale = 1000.0 if found[2] else 1.0
    frequency_hz = scale * _number(found[1], where, _FINE_IN_HZ[0] / scale, _FINE_IN_HZ[1] / scale)
    gain_db = 0.0
    if kind not in ("low_pass", "high_pass"):
        if (gain := _GAIN.search(rest)) is None:
            raise ImportFileError(f"{where}: the filter has no gain ('Gain -3 dB')")
        gain_db = _number(gain[1], where, -_FINE_IN_DB, _FINE_IN_DB)
    if (q := _Q.search(rest)) is not None:
        return Stage(kind, frequency_hz, gain_db, _number(q[1], where, 0.01, 1000.0))
    if (width := _WIDTH.search(rest)) is not None:
        octaves = _number(width[1], where, 0.001, 20.0)
        return Stage(kind, frequency_hz, gain_db, 1 / (2 * math.sinh(math.log(2) / 2 * octaves)))
    if kind in ("low_pass", "high_pass"):
        return Stage(kind, frequency_hz, 0.0, math.sqrt(0.5))
    if kind == "peaking":
        raise ImportFileError(f"{where}: the bell has no width ('Q 1.4')")
    slope = _SLOPE_S
    if (steep := _SLOPE.match(rest)) is not None:
        slope = _number(steep[1], where, 0.1, 120.0) / 12.0
    if name.upper() in ("LS", "HS"):
        away = 10 ** (abs(gain_db) / 80.0 / slope)
        frequency_hz = frequency_hz * away if kind == "low_shelf" else frequency_hz / away
    return Stage(kind, frequency_hz, gain_db, _q_of_slope(slope, gain_db))


def _q_of_slope(slope: float, gain_db: float) -> float:
    """The cookbook's 1/Q = sqrt((A + 1/A)(1/S - 1) + 2); steeper than it allows is its steepest."""
    big = 10 ** (gain_db / 40)
    square = (big + 1 / big) * (1 / slope - 1) + 2
    return 1 / math.sqrt(max(square, 0.01))


def _points(text: str, where: str) -> tuple[tuple[float, float], ...]:
    found = []
    for part in text.split(";"):
        if not part.strip():
            continue
        pair = _POINT.fullmatch(part)
        if pair is None:
            raise ImportFileError(f"{where}: {ascii(part.strip())[:30]} is no pair of Hz and dB")
        hz = _number(pair[1], where, *_FINE_IN_HZ)
        found.append((hz, _number(pair[2], where, -_FINE_IN_DB, _FINE_IN_DB)))
        if len(found) > MOST_POINTS:
            raise ImportFileError(f"{where}: more than {MOST_POINTS} points")
    if len(found) < 2 or any(a[0] >= b[0] for a, b in itertools.pairwise(found)):
        raise ImportFileError(f"{where}: a graphic equalizer needs two or more rising frequencies")
    return tuple(found)


def _number(text: str, where: str, low: float, high: float) -> float:
    value = float(text.replace(",", "."))
    if not low <= value <= high:
        raise ImportFileError(f"{where}: found {value:g}, allowed is {low:g} to {high:g}")
    return value
