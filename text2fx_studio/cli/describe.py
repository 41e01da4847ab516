"""Settings and results in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsp.chain import Chain

AUDIBLE_DB = 0.1
_STAGES = (
    "high_pass",
    "low_shelf",
    *(f"bell_{number}" for number in range(1, 7)),
    "high_shelf",
    "low_pass",
)
_SPACES = (
    (0.3, "a very small, dry room"),
    (0.6, "a small room"),
    (1.1, "a room"),
    (2.0, "a hall"),
    (3.5, "a large hall"),
    (5.0, "a church"),
    (float("inf"), "a cathedral"),
)
_LEVELS = ((-24.0, "a trace of "), (-15.0, "a touch of "), (-6.0, ""), (float("inf"), "deep in "))


def chain_lines(chain: Chain) -> list[str]:
    """What the chain does to the sound, one stage a line; empty for a neutral chain."""
    lines: list[str] = []
    for effect in chain:
        if effect.is_neutral():
            continue
        if effect.kind == "eq":
            lines += _equalizer(effect.values)
        elif effect.kind == "reverb":
            lines.append(_reverb(effect.values))
        elif effect.kind == "gain":
            lines.append(f"Gain {effect.values['gain_db']:+.1f} dB")
        else:
            moved = ", ".join(f"{name} {value:g}" for name, value in effect.values.items())
            lines.append(f"{effect.title}: {moved}")
    return lines


def frequency(value_hz: float) -> str:
    """``120 Hz``, ``1.6 kHz``, ``12 kHz``."""
    if value_hz < 999.5:
        return f"{value_hz:.0f} Hz"
    return f"{value_hz / 1000:.2g} kHz" if value_hz < 9950 else f"{value_hz / 1000:.0f} kHz"


def _equalizer(values: Mapping[str, float]) -> list[str]:
    from dsp.equalizer import active_stages

    active = active_stages(values)
    lines = []
    small = 0
    for stage in _STAGES:
        if stage not in active:
            continue
        at = frequency(values[f"{stage}_frequency_hz"])
        if stage == "high_pass":
            lines.append(f"High-pass: falls by 12 dB per octave below {at}")
        elif stage == "low_pass":
            lines.append(f"Low-pass: falls by 12 dB per octave above {at}")
        elif abs(values[f"{stage}_gain_db"]) < AUDIBLE_DB:
            small += 1
        else:
            lines.append(_band(stage, values, at))
    if small and not lines:
        lines.append("Equalizer: moves of less than 0.1 dB only")
    return lines


def _band(stage: str, values: Mapping[str, float], at: str) -> str:
    gain_db, q = values[f"{stage}_gain_db"], values[f"{stage}_q"]
    if stage == "low_shelf":
        return f"Low shelf {gain_db:+.1f} dB below {at}"
    if stage == "high_shelf":
        return f"High shelf {gain_db:+.1f} dB above {at}"
    width = "broad, " if q < 0.7 else "narrow, " if q > 2.0 else ""
    return f"Bell {gain_db:+.1f} dB at {at} ({width}Q {q:.2g})"


def _reverb(values: Mapping[str, float]) -> str:
    t60_s, wet_db = values["t60_s"], values["wet_db"]
    space = next(name for limit, name in _SPACES if t60_s < limit)
    level = next(name for limit, name in _LEVELS if wet_db < limit)
    tone_db, damping = values["tone_db"], values["damping"]
    colour = ""
    if tone_db < -2 or damping > 0.65:
        colour = ", dark"
    elif tone_db > 2 or damping < 0.2:
        colour = ", bright"
    return (
        f"Reverb: {level}{space}{colour} (decay {t60_s:.2g} s, wet {wet_db:+.1f} dB, "
        f"predelay {values['predelay_ms']:.0f} ms)"
    )


def score_line(score_dry: float, score_wet: float) -> str:
    """``Match 0.213 -> 0.287 (+0.074)``."""
    return f"Match {score_dry:.3f} -> {score_wet:.3f} ({score_wet - score_dry:+.3f})"


def provenance_lines(data: Mapping[str, Any]) -> list[str]:
    """Where a preset came from, from its plain data."""
    lines = []
    if "prompt" in data:
        lines.append(f'Prompt   "{data["prompt"]}"')
    if "score_dry" in data and "score_wet" in data:
        lines.append(score_line(data["score_dry"], data["score_wet"]))
    made = [str(data[key]) for key in ("encoder", "loss", "space") if key in data]
    if "seed" in data:
        made.append(f"seed {data['seed']}")
    if "amount" in data:
        made.append(f"amount {data['amount']:g}")
    if made:
        lines.append("Made by  " + ", ".join(made))
    return lines
