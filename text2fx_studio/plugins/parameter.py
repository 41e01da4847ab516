"""A hosted plugin's parameter in the plugin's own units; how its texts are read as numbers."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

MOST_CHOICES = 64
_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([kKM]?)")
# Added by the frameworks DPF and JUCE, no setting of the sound.
_PSEUDO = re.compile(r"^(buffer size|sample rate|current program|bypass|midi cc.*|.*\|.*cc \d+.*)$")
_PERHAPS_METER = re.compile(r"reduction|meter|level|peak|\bvu\b|latency|cpu")
_CONTINUOUS = 1000  # steps


@dataclass(frozen=True)
class PluginParameter:
    """One parameter.

    Attributes:
        key: Name for the command line and for code: lower case, digits and underscores.
        name: As the plugin calls it.
        unit: As the plugin labels it; may be empty.
        raw: Present value on the plugin's own scale, 0..1.
        text: Present value as the plugin writes it.
        default: Raw value of the plugin's default.
        low: Number that the plugin shows at raw 0; None where it shows no number.
        high: The same at raw 1.
        choices: The texts of a parameter with few steps; empty for a continuous one.
    """

    key: str
    name: str
    unit: str
    raw: float
    text: str
    default: float
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "choices": list(self.choices)}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Inverse of :meth:`to_data`."""
        known = {f.name: data[f.name] for f in fields(cls)}
        return cls(**{**known, "choices": tuple(known["choices"])})


def key_of(name: str) -> str:
    """A name as an identifier: ``Boost/Cut 1`` is ``boost_cut_1``."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "parameter"


def is_hidden(name: str, *, automatable: bool, steps: int) -> bool:
    """Whether it is no setting: a framework's own parameter, or an output meter."""
    if _PSEUDO.match(name.strip().lower()):
        return True
    return not automatable and steps > _CONTINUOUS


def may_be_meter(name: str, *, steps: int) -> bool:
    """Whether a continuous parameter of that name could be an output; only trying tells."""
    return steps > _CONTINUOUS and _PERHAPS_METER.search(name.lower()) is not None


def number_in(text: str) -> float | None:
    """The number at the start of a text such as ``-6.0 dB`` or ``1.2 kHz``; None without one."""
    found = _NUMBER.match(text.replace(",", "."))
    if found is None:
        return None
    return float(found[1]) * {"k": 1e3, "K": 1e3, "M": 1e6, "": 1.0}[found[2]]
