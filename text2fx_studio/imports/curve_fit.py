"""Filters of any number and kind as the app's equalizer: taken over where they fit, else fitted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp import equalizer
from dsp.chain import Chain
from dsp.equalizer import STAGES, Equalizer
from dsp.parameters import Parameter
from text2fx_studio.export.stages import Stage

RATE_HZ = 48_000
EXACT_DB = 0.05
GOOD_DB = 0.5  # a fit that needs no further start
_FREQUENCIES_HZ = np.geomspace(20.0, 20_000.0, 240)
_MOST_STEPS = 30
_STRIDE = 3  # the descent needs fewer frequencies than the verdict
_PROBE = 1e-4

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """The app's equalizer for a curve.

    Attributes:
        equalizer: The setting.
        worst_db: Largest difference between 20 Hz and 20 kHz.
        taken_over: Whether every filter became a stage of its own; False where it was fitted.
    """

    equalizer: Equalizer
    worst_db: float
    taken_over: bool


def curve_of(stages: Sequence[Stage], points: Sequence[tuple[float, float]] = ()) -> Curve:
    """Magnitude in dB of filters in a row, and of a graphic equalizer's points, on 240 frequencies.

    Points are joined by straight lines on log frequency and held beyond their ends.
    """
    total = np.zeros(len(_FREQUENCIES_HZ))
    for stage in stages:
        total += _stage_db(stage)
    if points:
        hz, db = np.array(points).T
        total += np.interp(np.log(_FREQUENCIES_HZ), np.log(hz), db)
    return total


def fit(stages: Sequence[Stage], points: Sequence[tuple[float, float]] = ()) -> Fitted:
    """The app's equalizer that comes nearest.

    Args:
        stages: RBJ sections.
        points: (Hz, dB) of a graphic equalizer.
    """
    wanted = curve_of(stages, points)
    start, used = _take_over(stages, _height)
    worst = _worst(start, wanted)
    if worst <= EXACT_DB:
        return Fitted(start, worst, taken_over=True)
    if not used:
        used = {name for name, kind in STAGES if kind not in ("high_pass", "low_pass")}
    best = start
    shelves = used | {"low_shelf", "high_shelf"}
    for first, stages_used in (
        (start, used), (start, shelves), (_take_over(stages, _area)[0], shelves)
    ):  # fmt: skip
        found = _descend(first, wanted, stages_used)
        best = min(best, found, key=lambda eq: _worst(eq, wanted))
        if _worst(best, wanted) <= GOOD_DB:
            break
    return Fitted(best, _worst(best, wanted), taken_over=False)


def _height(stage: Stage) -> float:
    return abs(stage.gain_db)


def _area(stage: Stage) -> float:
    return abs(stage.gain_db) / stage.q


def _stage_db(stage: Stage) -> Curve:
    """One section's curve, designed as the app designs its own."""
    w = 2 * np.pi * np.minimum(stage.frequency_hz, 0.49 * RATE_HZ) / RATE_HZ
    cosine, alpha = np.cos(w), np.sin(w) / (2 * stage.q)
    big = 10 ** (stage.gain_db / 40)
    if stage.kind == "peaking":
        b = [1 + alpha * big, -2 * cosine, 1 - alpha * big]
        a = [1 + alpha / big, -2 * cosine, 1 - alpha / big]
    elif stage.kind in ("high_pass", "low_pass"):
        sign = 1 if stage.kind == "high_pass" else -1
        b = [(1 + sign * cosine) / 2, -sign * (1 + sign * cosine), (1 + sign * cosine) / 2]
        a = [1 + alpha, -2 * cosine, 1 - alpha]
    else:
        sign = 1 if stage.kind == "low_shelf" else -1
        root, c = 2 * np.sqrt(big) * alpha, sign * cosine
        b = [
            big * (big + 1 - (big - 1) * c + root),
            sign * 2 * big * (big - 1 - (big + 1) * c),
            big * (big + 1 - (big - 1) * c - root),
        ]
        a = [big + 1 + (big - 1) * c + root,
             sign * -2 * (big - 1 + (big + 1) * c),
             big + 1 + (big - 1) * c - root]  # fmt: skip
    z = np.exp(-2j * np.pi * _FREQUENCIES_HZ / RATE_HZ)
    response = np.abs(np.polyval(b[::-1], z) / np.polyval(a[::-1], z))
    return np.asarray(20 * np.log10(np.maximum(response, 1e-10)))


def _take_over(
    stages: Sequence[Stage], weight: Callable[[Stage], float]
) -> tuple[Equalizer, set[str]]:
    """Each filter in a stage of its kind while there are free ones; the weightiest bells first."""
    values: dict[str, float] = {}
    used: set[str] = set()
    bells = [s for s in stages if s.kind == "peaking" and s.gain_db]
    bells = sorted(bells, key=weight, reverse=True)[:6]
    bells.sort(key=lambda s: s.frequency_hz)
    for number, bell in enumerate(bells, 1):
        used.add(f"bell_{number}")
        values |= _values(f"bell_{number}", bell)
    for stage in stages:
        if stage.kind == "peaking" or stage.kind in used:
            continue
        used.add(stage.kind)
        if stage.kind in ("high_pass", "low_pass"):
            name = f"{stage.kind}_frequency_hz"
            values[name] = Equalizer.parameter(name).clip(stage.frequency_hz)
        elif stage.gain_db:
            values |= _values(stage.kind, stage)
    return Equalizer(values), used


def _values(name: str, stage: Stage) -> dict[str, float]:
    found = {
        f"{name}_frequency_hz": stage.frequency_hz, f"{name}_gain_db": stage.gain_db,
        f"{name}_q": stage.q,
    }  # fmt: skip
    return {key: Equalizer.parameter(key).clip(value) for key, value in found.items()}


def _worst(eq: Equalizer, wanted: Curve) -> float:
    heard = Chain((eq,)).frequency_response_db(_FREQUENCIES_HZ, RATE_HZ)
    # What lies far below is not heard: a difference of 10 dB at -80 dB is none.
    floor = np.maximum(wanted.max() - 60.0, -60.0)
    return float(np.abs(np.maximum(heard, floor) - np.maximum(wanted, floor)).max())


def _descend(start: Equalizer, wanted: Curve, used: set[str]) -> Equalizer:
    """Least squares on gains, frequencies and Q of the stages in use, within their ranges."""
    from scipy.optimize import least_squares

    names = [p for p in Equalizer.parameters if _stage_of(p) in used]
    low = np.array([p.to_scale(p.low) for p in names])
    high = np.array([p.to_scale(p.high) for p in names])
    first = np.array([p.to_scale(start.values[p.name]) for p in names])
    inside = np.clip(first, low + 1e-3 * (high - low), high - 1e-3 * (high - low))
    curves = _curves(start, names)
    floor = np.maximum(wanted.max() - 60.0, -60.0)
    clipped = np.maximum(wanted, floor)[::_STRIDE]

    def error(x: Curve) -> Curve:
        return np.asarray(np.maximum(curves(x[None])[0], floor) - clipped)

    def slopes(x: Curve) -> Curve:
        moved = curves(np.vstack([x, x + _PROBE * np.eye(len(x))]))
        moved = np.maximum(moved, floor)
        return np.asarray((moved[1:] - moved[0]).T / _PROBE)

    found = least_squares(
        error, inside, jac=slopes, bounds=(low, high), x_scale=(high - low), max_nfev=_MOST_STEPS
    )
    values = {p.name: p.clip(p.from_scale(float(v))) for p, v in zip(names, found.x, strict=True)}
    return start.replace(**values)


def _curves(eq: Equalizer, names: Sequence[Parameter]) -> Callable[[Curve], Curve]:
    def curves(rows: Curve) -> Curve:
        values = {name: np.full(len(rows), value) for name, value in eq.values.items()}
        for column, p in enumerate(names):
            position = rows[:, column]
            values[p.name] = np.exp2(position) if p.scale == "log" else position
        power = equalizer.section_power(
            equalizer.design(values, RATE_HZ), _FREQUENCIES_HZ[::_STRIDE], RATE_HZ
        )
        return np.asarray(10 * np.log10(np.maximum(power, 1e-12)))

    return curves


def _stage_of(parameter: Parameter) -> str:
    for suffix in ("_frequency_hz", "_gain_db", "_q"):
        if parameter.name.endswith(suffix):
            return parameter.name.removesuffix(suffix)
    return parameter.name
