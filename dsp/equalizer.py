"""Parametric equalizer: high-pass, low shelf, six bells, high shelf, low-pass.

Every stage is a second-order section after R. Bristow-Johnson, "Cookbook formulae for audio EQ
biquad filter coefficients", in float64. High-pass and low-pass fall by 12 dB/octave (Butterworth,
Q = 1/sqrt 2). What is drawn, rendered and exported is computed here with NumPy; the search's
differentiable twins live in ``dsp.equalizer_gradient``, and a test holds the two together.

Two rules keep a setting's meaning at any sample rate: a stage whose frequency lies at or above
0.49 of the sample rate is left out (all RBJ stages tend to identity there), and a high-pass or
low-pass at the off end of its range is left out exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dsp.effect import Effect
from dsp.parameters import Parameter

if TYPE_CHECKING:
    from dsp.equalizer_gradient import complex_response, power_response, sections

__all__ = [
    "BUTTERWORTH_Q",
    "GAIN_LIMIT_DB",
    "NYQUIST_SHARE",
    "STAGES",
    "Equalizer",
    "Stage",
    "active_stages",
    "complex_response",
    "design",
    "power_response",
    "section_power",
    "sections",
]

Stage = Literal["high_pass", "low_shelf", "peaking", "high_shelf", "low_pass"]

GAIN_LIMIT_DB = 18.0
NYQUIST_SHARE = 0.49
BUTTERWORTH_Q = math.sqrt(0.5)

# (name, default Hz, search range Hz): spread over 60 Hz..14 kHz, neighbours overlap by an octave.
_BELLS: tuple[tuple[str, float, float, float], ...] = (
    ("bell_1", 120.0, 60.0, 250.0),
    ("bell_2", 280.0, 140.0, 560.0),
    ("bell_3", 650.0, 325.0, 1300.0),
    ("bell_4", 1500.0, 750.0, 3000.0),
    ("bell_5", 3500.0, 1750.0, 7000.0),
    ("bell_6", 8000.0, 4000.0, 14000.0),
)
STAGES: tuple[tuple[str, Stage], ...] = (
    ("high_pass", "high_pass"),
    ("low_shelf", "low_shelf"),
    *((name, "peaking") for name, *_ in _BELLS),
    ("high_shelf", "high_shelf"),
    ("low_pass", "low_pass"),
)


def _gain(name: str, title: str, sound: str) -> Parameter:
    return Parameter(
        f"{name}_gain_db", f"{title} gain", "dB", -GAIN_LIMIT_DB, GAIN_LIMIT_DB, 0.0,
        prior_spread=4.0, help=sound,
    )  # fmt: skip


def _frequency(name: str, title: str, default: float, low: float, high: float) -> Parameter:
    return Parameter(
        f"{name}_frequency_hz", f"{title} frequency", "Hz", 20.0, 20_000.0, default, "log",
        search_low=low, search_high=high, prior_spread=0.5,
        help="Higher moves the stage towards the treble.",
    )  # fmt: skip


def _q(name: str, title: str, default: float, low: float, high: float) -> Parameter:
    return Parameter(
        f"{name}_q", f"{title} Q", "Q", 0.1, 10.0, default, "log",
        search_low=low, search_high=high, prior_spread=0.4,
        help="Higher is narrower.",
    )  # fmt: skip


def _declare() -> tuple[Parameter, ...]:
    found = [
        Parameter(
            "high_pass_frequency_hz", "High-pass", "Hz", 10.0, 4000.0, 10.0, "log",
            search_high=1500.0, prior_spread=1.0, off="low",
            help="Higher removes more of the bass, 12 dB per octave below it; lowest is off.",
        ),
        _gain("low_shelf", "Low shelf", "More bass and weight."),
        _frequency("low_shelf", "Low shelf", 100.0, 40.0, 400.0),
        _q("low_shelf", "Low shelf", BUTTERWORTH_Q, 0.4, 1.2),
    ]  # fmt: skip
    for name, default, low, high in _BELLS:
        title = name.replace("_", " ").capitalize()
        found += [
            _gain(name, title, f"More around {default:g} Hz."),
            _frequency(name, title, default, low, high),
            _q(name, title, 1.0, 0.4, 4.0),
        ]
    found += [
        _gain("high_shelf", "High shelf", "More treble and air."),
        _frequency("high_shelf", "High shelf", 9000.0, 2500.0, 14_000.0),
        _q("high_shelf", "High shelf", BUTTERWORTH_Q, 0.4, 1.2),
        Parameter(
            "low_pass_frequency_hz", "Low-pass", "Hz", 200.0, 20_000.0, 20_000.0, "log",
            search_low=600.0, prior_spread=1.0, off="high",
            help="Lower removes more of the treble, 12 dB per octave above it; highest is off.",
        ),
    ]  # fmt: skip
    return tuple(found)


class Equalizer(Effect):
    """Setting of the parametric equalizer; every gain at 0 dB and both filters off is identity."""

    kind: ClassVar[str] = "eq"
    title: ClassVar[str] = "Equalizer"
    parameters: ClassVar[tuple[Parameter, ...]] = _declare()

    def is_neutral(self) -> bool:
        """Whether no stage changes the sound."""
        return not self.enabled or not active_stages(self.values)

    def _scaled_values(self, amount: float) -> dict[str, float]:
        # Frequency and Q say where a stage acts, not how much: they stay, gains and cuts scale.
        scaled = super()._scaled_values(amount)
        kept = {
            name: value
            for name, value in self.values.items()
            if name.endswith(("_frequency_hz", "_q")) and self.parameter(name).off is None
        }
        return {**scaled, **kept}


def active_stages(values: Mapping[str, float]) -> tuple[str, ...]:
    """Names of the stages that change the sound, in signal order."""
    active = []
    for name, _ in STAGES:
        if name in ("high_pass", "low_pass"):
            frequency = f"{name}_frequency_hz"
            if not Equalizer.parameter(frequency).is_off(values[frequency]):
                active.append(name)
        elif values[f"{name}_gain_db"] != 0.0:
            active.append(name)
    return tuple(active)


def design(values: Mapping[str, ArrayLike], sample_rate: float) -> NDArray[np.float64]:
    """Design all stages.

    Args:
        values: Physical value of every parameter in its declared unit; numbers, or arrays of one
            shape [...].
        sample_rate: In Hz.

    Returns:
        Second-order sections (b0 b1 b2 a0 a1 a2, a0 = 1), shape [..., 10, 6], in the order of
        ``STAGES``; stages that are off or beyond ``NYQUIST_SHARE`` are identity.
    """
    designed = []
    limit = NYQUIST_SHARE * sample_rate
    for name, stage in STAGES:
        frequency = np.asarray(values[f"{name}_frequency_hz"], dtype=np.float64)
        audible = frequency < limit
        gain_db, q = np.zeros_like(frequency), np.full_like(frequency, BUTTERWORTH_Q)
        if stage in ("high_pass", "low_pass"):
            parameter = Equalizer.parameter(f"{name}_frequency_hz")
            on = frequency > parameter.low if parameter.off == "low" else frequency < parameter.high
            audible = audible & on
        else:
            gain_db = np.asarray(values[f"{name}_gain_db"], dtype=np.float64)
            q = np.asarray(values[f"{name}_q"], dtype=np.float64)
        section = biquad(stage, gain_db, np.minimum(frequency, limit), q, sample_rate)
        identity = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
        designed.append(np.where(audible[..., None], section, identity))
    return np.stack(designed, axis=-2)


def biquad(
    stage: Stage,
    gain_db: NDArray[Any],
    frequency_hz: NDArray[Any],
    q: NDArray[Any],
    sample_rate: float,
) -> NDArray[Any]:
    """The cookbook's coefficients, shape [..., 6], divided by a0.

    Args:
        stage: Its kind.
        gain_db: [...]; not used by a high-pass or low-pass.
        frequency_hz: [...], below half the sample rate.
        q: [...].
        sample_rate: In Hz.

    Returns:
        Of the type of the arguments, which may be complex: the formulas are analytic.
    """
    w0 = 2 * math.pi * frequency_hz / sample_rate
    cos, alpha = np.cos(w0), np.sin(w0) / (2 * q)
    a = 10 ** (gain_db / 40)
    if stage == "peaking":
        rows = [1 + alpha * a, -2 * cos, 1 - alpha * a, 1 + alpha / a, -2 * cos, 1 - alpha / a]
    elif stage in ("low_shelf", "high_shelf"):
        sign = 1.0 if stage == "low_shelf" else -1.0  # the one is the other with -cos
        root = 2 * np.sqrt(a) * alpha
        plus, minus, turn = a + 1, a - 1, sign * cos
        rows = [
            a * (plus - minus * turn + root),
            sign * 2 * a * (minus - plus * turn),
            a * (plus - minus * turn - root),
            plus + minus * turn + root,
            sign * -2 * (minus + plus * turn),
            plus + minus * turn - root,
        ]
    else:
        sign = 1.0 if stage == "low_pass" else -1.0
        edge = 1 - sign * cos
        rows = [edge / 2, sign * edge, edge / 2, 1 + alpha, -2 * cos, 1 - alpha]
    section = np.stack(np.broadcast_arrays(*rows), axis=-1)
    return np.asarray(section / section[..., 3:4])


def section_power(
    sos: NDArray[np.float64], frequencies_hz: ArrayLike, sample_rate: float
) -> NDArray[np.float64]:
    """Squared magnitude of a cascade of second-order sections.

    With p = sin^2(w / 2), which keeps its precision at low frequencies,
    |b0 + b1 z^-1 + b2 z^-2|^2 = (b0 + b1 + b2)^2 - 4 (b0 b1 + 4 b0 b2 + b1 b2) p + 16 b0 b2 p^2.

    Args:
        sos: Shape [..., S, 6]; S may be 0.
        frequencies_hz: Shape [F]; frequencies above half the sample rate read as half of it.
        sample_rate: In Hz.

    Returns:
        |H|^2, shape [..., F].
    """
    frequencies = np.minimum(np.asarray(frequencies_hz, dtype=np.float64), sample_rate / 2)
    p = np.sin(math.pi * frequencies / sample_rate) ** 2

    def magnitude(c: NDArray[np.float64]) -> NDArray[np.float64]:
        c0, c1, c2 = c[..., 0:1], c[..., 1:2], c[..., 2:3]
        square = (c0 + c1 + c2) ** 2
        cross = c0 * c1 + 4 * c0 * c2 + c1 * c2
        return np.asarray(np.maximum(square - 4 * cross * p + 16 * c0 * c2 * p * p, 1e-30))

    power = magnitude(sos[..., :3]) / magnitude(sos[..., 3:])
    return np.asarray(power.prod(axis=-2), dtype=np.float64)


def __getattr__(name: str) -> Any:
    # The search's tensor forms, loaded on first use: a window or a render needs no torch.
    if name in ("sections", "power_response", "complex_response"):
        from dsp import equalizer_gradient

        return getattr(equalizer_gradient, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
