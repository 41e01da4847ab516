"""The targets of an export, as plain data; the code of one is loaded when it is used."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from text2fx_studio.errors import UsageError
from text2fx_studio.export.parcel import Fidelity, Parcel, Request


@dataclass(frozen=True)
class Target:
    """A format that a preset can be written in.

    Attributes:
        name: As ``--to`` takes it.
        title: For people.
        opened_by: Which programs open it.
        carries: Fidelity of what it holds, by kind: ``eq``, ``reverb``, ``gain``, ``plugins``.
            What is not in it is left out, and the export says so.
        checked: How its files were proved, in a few words.
        experimental: Whether no program was at hand to open its files.
        module: Where its ``build(request)`` lies.
    """

    name: str
    title: str
    opened_by: str
    carries: dict[str, Fidelity]
    checked: str
    module: str
    experimental: bool = False

    def build(self, request: Request) -> Parcel:
        """Make the files in memory.

        Raises:
            UsageError: The preset holds nothing that the target could carry.
        """
        module = importlib.import_module(f"{__package__}.{self.module}")
        build: Callable[[Request], Parcel] = module.build
        return build(request)

    def to_data(self) -> dict[str, Any]:
        """Plain data, as ``text2fx export --list --json`` prints it."""
        return {
            "target": self.name,
            "title": self.title,
            "opened_by": self.opened_by,
            "carries": dict(self.carries),
            "checked": self.checked,
            "experimental": self.experimental,
        }


_EQ_EXACT: dict[str, Fidelity] = {"eq": "exact", "gain": "exact"}
_ALL_EXACT: dict[str, Fidelity] = {**_EQ_EXACT, "reverb": "exact"}
_EQ_LIKE: dict[str, Fidelity] = {"eq": "approximate", "gain": "exact"}

_TARGETS = (
    Target(
        "ir", "Impulse response (WAV)", "any convolution reverb", _ALL_EXACT,
        "convolved with it: the renderer's own sound", "impulse_response",
    ),
    Target(
        "equalizer-apo", "Equalizer APO text",
        "Equalizer APO, Peace; without the room EasyEffects, REW, AutoEq's users", _ALL_EXACT,
        "imported by EasyEffects 7.0, filtered with scipy", "equalizer_apo",
    ),
    Target(
        "lv2-lsp", "LV2 preset for LSP Parametric Equalizer x16",
        "Ardour, Carla, Qtractor, REAPER on Linux", _EQ_EXACT,
        "lilv, lv2apply on noise, Ardour 7.3", "lv2_lsp",
    ),
    Target(
        "lv2-x42", "LV2 preset for x42 IR Convolver", "Ardour and other LV2 hosts", _ALL_EXACT,
        "lilv, Ardour 7.3", "lv2_x42",
    ),
    Target(
        "easyeffects", "EasyEffects preset", "EasyEffects 7", _ALL_EXACT,
        "equalizers opened by EasyEffects 7.0, rooms by its settings schema", "easyeffects",
    ),
    Target(
        "dawproject", "DAWproject", "Bitwig Studio, Studio One, Cubase 14",
        {"eq": "approximate", "gain": "exact", "reverb": "exact", "plugins": "exact"},
        "against the published schema", "dawproject",
    ),
    Target(
        "reaper", "REAPER effect (JSFX) and FX chain", "REAPER", _ALL_EXACT,
        "chain parsed by rpp, effect run by an interpreter of our own", "jsfx",
    ),
    Target(
        "audacity", "Audacity macro (Filter Curve EQ)", "Audacity 3", _EQ_LIKE,
        "its text only", "audacity",
    ),
    Target(
        "vstpreset", "VST3 presets of hosted plugins", "Cubase, Studio One and others",
        {"plugins": "exact"}, "loaded by the plugin in a fresh process", "vstpreset",
    ),
    Target(
        "reaeq", "ReaEQ program (.fxp)", "REAPER", _EQ_LIKE, "its structure only", "reaeq",
        experimental=True,
    ),
    Target(
        "eq-eight", "EQ Eight preset (.adv)", "Ableton Live 11 and newer", _EQ_LIKE,
        "its structure only", "eq_eight", experimental=True,
    ),
    Target(
        "aunbandeq", "AUNBandEQ preset (.aupreset)", "Logic, GarageBand and others on macOS",
        _EQ_LIKE, "its structure only", "aunbandeq", experimental=True,
    ),
)  # fmt: skip


def targets() -> tuple[Target, ...]:
    """All targets, the proved ones first."""
    return _TARGETS


def find_target(name: str) -> Target:
    """The target of that name.

    Raises:
        UsageError: There is none.
    """
    for target in _TARGETS:
        if target.name == name:
            return target
    known = ", ".join(target.name for target in _TARGETS)
    raise UsageError(f"export: unknown target {name!r}; allowed are {known}")
