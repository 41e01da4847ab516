"""The equalizer as a plain list of stages, and what of a preset a target leaves out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dsp.chain import Chain
from dsp.equalizer import BUTTERWORTH_Q, STAGES, Equalizer, active_stages

if TYPE_CHECKING:
    from text2fx_studio.preset import Preset

Kind = Literal["high_pass", "low_shelf", "peaking", "high_shelf", "low_pass"]
LINEAR = ("eq", "reverb", "gain")


@dataclass(frozen=True)
class Stage:
    """One second-order section after the RBJ cookbook.

    Attributes:
        kind: Its shape; high-pass and low-pass fall by 12 dB per octave.
        frequency_hz: Corner or centre.
        gain_db: 0 for high-pass and low-pass.
        q: Quality; shelves too are given by Q.
    """

    kind: Kind
    frequency_hz: float
    gain_db: float
    q: float


def eq_stages(chain: Chain) -> tuple[Stage, ...]:
    """The stages of the chain's equalizer that change the sound, in signal order; may be empty."""
    eq = chain.get(Equalizer)
    if eq is None or not eq.enabled:
        return ()
    kinds = dict(STAGES)
    found = []
    for name in active_stages(eq.values):
        kind = kinds[name]
        passing = kind in ("high_pass", "low_pass")
        found.append(
            Stage(
                kind,
                eq.values[f"{name}_frequency_hz"],
                0.0 if passing else eq.values[f"{name}_gain_db"],
                BUTTERWORTH_Q if passing else eq.values[f"{name}_q"],
            )
        )
    return tuple(found)


def linear_part(chain: Chain) -> Chain:
    """The chain without the effects that no impulse response can hold."""
    return Chain(tuple(effect for effect in chain if effect.kind in LINEAR))


def left_out(preset: Preset, carried: Collection[str]) -> tuple[str, ...]:
    """What is heard in a preset and lies outside ``carried``.

    Args:
        preset: The setting.
        carried: Kinds of effects (``eq`` ...) that the target holds, and ``plugins``.

    Returns:
        One phrase for each; neutral and bypassed parts are not missed.
    """
    missing = [
        effect.title.lower()
        for effect in preset.chain
        if effect.kind not in carried and not effect.is_neutral()
    ]
    if "plugins" not in carried:
        missing += [f"plugin {plugin.name}" for plugin in preset.plugins if plugin.enabled]
    return tuple(missing)


def plain(value: float, places: int) -> str:
    """A number with a decimal point in any locale, without exponent or needless zeros."""
    text = f"{value:.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def octaves(q: float) -> float:
    """Bandwidth in octaves of a bell of quality ``q``: 2 / ln 2 * asinh(1 / (2 q))."""
    import math

    return 2.0 / math.log(2.0) * math.asinh(1.0 / (2.0 * q))
