"""The equalizer's ten stages as bands that can be moved, switched, reset and turned into others."""

from __future__ import annotations

from dataclasses import dataclass

from dsp.equalizer import STAGES, Equalizer, Stage
from dsp.parameters import Parameter
from ui.views.quantity import format_quantity

KIND_TITLES: dict[Stage, str] = {
    "high_pass": "High-pass", "low_shelf": "Low shelf", "peaking": "Bell",
    "high_shelf": "High shelf", "low_pass": "Low-pass",
}  # fmt: skip
_LABELS = {"high_pass": "HP", "low_shelf": "LS", "high_shelf": "HS", "low_pass": "LP"}
_FIRST_GAIN_DB = 3.0  # of a gain stage switched on that was never set
_FIRST_HZ: dict[str, float] = {"high_pass": 80.0, "low_pass": 12_000.0}


@dataclass(frozen=True, slots=True)
class Band:
    """One stage of an equalizer as it stands.

    Attributes:
        name: The stage's name in :data:`dsp.equalizer.STAGES`.
        kind: What it does.
        label: Two signs at most, for its node.
        title: For people.
        frequency_hz: Where it acts.
        gain_db: How much; None for high-pass and low-pass.
        q: How narrow; None for high-pass and low-pass.
        on: Whether it changes the sound.
    """

    name: str
    kind: Stage
    label: str
    title: str
    frequency_hz: float
    gain_db: float | None
    q: float | None
    on: bool

    @property
    def summary(self) -> str:
        """One line: ``Bell 4, 3.20 kHz, −4.2 dB, Q 1.40``."""
        if not self.on and self.gain_db is None:
            return f"{self.title}, off"
        parts = [self.title, format_quantity(self.frequency_hz, "Hz")]
        if self.gain_db is not None and self.q is not None:
            parts += [format_quantity(self.gain_db, "dB"), f"Q {format_quantity(self.q, 'Q')}"]
        return ", ".join(parts)


def bands(eq: Equalizer) -> tuple[Band, ...]:
    """The ten bands in signal order."""
    found = []
    for name, kind in STAGES:
        frequency = eq.values[f"{name}_frequency_hz"]
        gain = eq.values.get(f"{name}_gain_db")
        number = name.removeprefix("bell_")
        title = f"Bell {number}" if kind == "peaking" else KIND_TITLES[kind]
        on = gain != 0.0 if gain is not None else not frequency_parameter(name).is_off(frequency)
        found.append(
            Band(
                name, kind, _LABELS.get(name, number), title, frequency, gain,
                eq.values.get(f"{name}_q"), on,
            )
        )  # fmt: skip
    return tuple(found)


def band(eq: Equalizer, name: str) -> Band:
    """One band by its stage's name."""
    return next(b for b in bands(eq) if b.name == name)


def frequency_parameter(name: str) -> Parameter:
    """The declared frequency of a stage."""
    return Equalizer.parameter(f"{name}_frequency_hz")


def gain_parameter(name: str) -> Parameter:
    """The declared gain of a stage that has one."""
    return Equalizer.parameter(f"{name}_gain_db")


def q_parameter(name: str) -> Parameter:
    """The declared Q of a stage that has one."""
    return Equalizer.parameter(f"{name}_q")


def with_band(
    eq: Equalizer,
    name: str,
    *,
    frequency_hz: float | None = None,
    gain_db: float | None = None,
    q: float | None = None,
) -> Equalizer:
    """A copy with one band changed; values are clipped to their ranges, None keeps."""
    changed: dict[str, float] = {}
    if frequency_hz is not None:
        changed[f"{name}_frequency_hz"] = frequency_parameter(name).clip(frequency_hz)
    if gain_db is not None and f"{name}_gain_db" in eq.values:
        changed[f"{name}_gain_db"] = gain_parameter(name).clip(gain_db)
    if q is not None and f"{name}_q" in eq.values:
        changed[f"{name}_q"] = q_parameter(name).clip(q)
    return eq.replace(**changed)


def default_band(eq: Equalizer, name: str) -> Equalizer:
    """A copy with one band at its defaults, which is off."""
    names = [p for p in eq.values if p.startswith(f"{name}_")]
    return eq.replace(**{n: Equalizer.parameter(n).default for n in names})


class BandSwitch:
    """Switches bands off and on again, and remembers how they stood."""

    def __init__(self) -> None:
        self._kept: dict[str, float] = {}

    def toggle(self, eq: Equalizer, name: str) -> Equalizer:
        """A copy with one band switched: off keeps its value, on brings it back."""
        found = band(eq, name)
        if found.gain_db is None:
            off = frequency_parameter(name).off_value
            if found.on:
                self._kept[name] = found.frequency_hz
                return with_band(eq, name, frequency_hz=off)
            return with_band(eq, name, frequency_hz=self._kept.get(name, _FIRST_HZ[name]))
        if found.on:
            self._kept[name] = found.gain_db
            return with_band(eq, name, gain_db=0.0)
        return with_band(eq, name, gain_db=self._kept.get(name, _FIRST_GAIN_DB))


def free_band(eq: Equalizer, kind: Stage, frequency_hz: float) -> str | None:
    """Name of the unused band of a kind whose frequency lies nearest; None if all are used."""
    free = [b for b in bands(eq) if b.kind == kind and not b.on]
    if not free:
        return None
    nearest = min(
        free,
        key=lambda b: max(b.frequency_hz / frequency_hz, frequency_hz / b.frequency_hz),
    )
    return nearest.name


def turned_into(eq: Equalizer, name: str, kind: Stage) -> tuple[Equalizer, str] | None:
    """Hand a band's setting to an unused band of another kind.

    Returns:
        The equalizer and the other band's name; None if no band of that kind is free.
    """
    source = band(eq, name)
    target = free_band(eq, kind, source.frequency_hz)
    if target is None or kind == source.kind:
        return None
    changed = with_band(
        default_band(eq, name),
        target,
        frequency_hz=source.frequency_hz,
        gain_db=source.gain_db if source.gain_db is not None else _FIRST_GAIN_DB,
    )
    return changed, target
