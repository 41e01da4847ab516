"""Parametric equalizer: high-pass, low shelf, six bells, high shelf, low-pass.

Every stage is a second-order section after R. Bristow-Johnson, "Cookbook formulae for audio EQ
biquad filter coefficients", designed by ``dasp_pytorch.signal.biquad`` in float64. High-pass and
low-pass fall by 12 dB/octave (Butterworth, Q = 1/sqrt 2).

Two rules keep a setting's meaning at any sample rate: a stage whose frequency lies at or above
0.49 of the sample rate is left out (all RBJ stages tend to identity there), and a high-pass or
low-pass at the off end of its range is left out exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from dasp_pytorch.signal import biquad

from dsp.effect import Effect
from dsp.parameters import Parameter

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


def sections(values: Mapping[str, torch.Tensor], sample_rate: float) -> torch.Tensor:
    """Design all stages of a batch of settings.

    Args:
        values: Physical value of every parameter, each of shape [B], in its declared unit.
        sample_rate: In Hz.

    Returns:
        Second-order sections (b0 b1 b2 a0 a1 a2, a0 = 1), float64, shape [B, 10, 6], in the order
        of ``STAGES``; stages that are off or beyond ``NYQUIST_SHARE`` are identity.
    """
    designed = []
    for name, stage in STAGES:
        frequency = values[f"{name}_frequency_hz"].double()
        limit = NYQUIST_SHARE * sample_rate
        audible = frequency < limit
        if stage in ("high_pass", "low_pass"):
            gain_db = torch.zeros_like(frequency)
            q = torch.full_like(frequency, BUTTERWORTH_Q)
            parameter = Equalizer.parameter(f"{name}_frequency_hz")
            low_off = parameter.off == "low"
            off = frequency <= parameter.low if low_off else frequency >= parameter.high
            audible = audible & ~off
        else:
            gain_db = values[f"{name}_gain_db"].double()
            q = values[f"{name}_q"].double()
        b, a = biquad(gain_db, frequency.clamp(max=limit), q, sample_rate, stage)
        section = torch.cat((b, a), dim=-1)
        identity = torch.zeros_like(section)
        identity[:, 0] = identity[:, 3] = 1.0
        designed.append(torch.where(audible[:, None], section, identity))
    return torch.stack(designed, dim=1)


def power_response(
    sos: torch.Tensor, frequencies_hz: torch.Tensor, sample_rate: float
) -> torch.Tensor:
    """Squared magnitude of a cascade of second-order sections.

    With p = sin^2(w / 2), which keeps its precision at low frequencies,
    |b0 + b1 z^-1 + b2 z^-2|^2 = (b0 + b1 + b2)^2 - 4 (b0 b1 + 4 b0 b2 + b1 b2) p + 16 b0 b2 p^2.

    Args:
        sos: Shape [B, S, 6], float64.
        frequencies_hz: Shape [F]; frequencies above half the sample rate read as half of it.
        sample_rate: In Hz.

    Returns:
        |H|^2, float64, shape [B, F].
    """
    w = 2 * math.pi * frequencies_hz.double().clamp(max=sample_rate / 2) / sample_rate
    p = torch.sin(w / 2).square()

    def magnitude(c: torch.Tensor) -> torch.Tensor:
        c0, c1, c2 = c[..., 0:1], c[..., 1:2], c[..., 2:3]
        square = (c0 + c1 + c2).square()
        return (square - 4 * (c0 * c1 + 4 * c0 * c2 + c1 * c2) * p + 16 * c0 * c2 * p * p).clamp(
            min=1e-30
        )

    return (magnitude(sos[..., :3]) / magnitude(sos[..., 3:])).prod(dim=1)


def complex_response(
    sos: torch.Tensor, frequencies_hz: torch.Tensor, sample_rate: float
) -> torch.Tensor:
    """Complex response of a cascade of second-order sections; arguments as `power_response`.

    Returns:
        H, complex128, shape [B, F].
    """
    w = 2 * math.pi * frequencies_hz.double().clamp(max=sample_rate / 2) / sample_rate
    delay = torch.polar(torch.ones_like(w), -w)
    powers = torch.stack((torch.ones_like(delay), delay, delay * delay))
    numerator = sos[..., :3].to(powers.dtype) @ powers
    denominator = sos[..., 3:].to(powers.dtype) @ powers
    return (numerator / denominator).prod(dim=1)
