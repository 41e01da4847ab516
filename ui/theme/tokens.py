"""The colours by their role, and which of them may carry text on which.

Two colours carry meaning everywhere: ``dry`` (before, blue) and ``wet`` (after, orange), a pair
that stays apart for colour-blind eyes. ``good`` and ``problem`` are for state, beside a word. All
else is neutral.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import product


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme's colours, each ``#RRGGBB``.

    Attributes:
        name: ``dark`` or ``light``.
        window: Behind the panels.
        panel: Of the panels.
        field: Inside text fields, plots and unpressed buttons.
        raised: Under the pointer, selected rows, tooltips.
        track: The empty part of sliders and bars.
        line: Borders and rules.
        grid: Lines inside plots.
        text: What is read.
        muted: What is read second: facts, units, hints.
        wet: The sound after; the accent.
        on_wet: Text on ``wet``.
        wet_hover: ``wet`` under the pointer.
        dry: The sound before.
        on_dry: Text on ``dry``.
        good: All well.
        problem: Something is wrong.
        wave: The waveform outside the loop.
    """

    name: str
    window: str
    panel: str
    field: str
    raised: str
    track: str
    line: str
    grid: str
    text: str
    muted: str
    wet: str
    on_wet: str
    wet_hover: str
    dry: str
    on_dry: str
    good: str
    problem: str
    wave: str

    def colours(self) -> dict[str, str]:
        """Every colour by its role."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "name"}


DARK = Tokens(
    name="dark",
    window="#121417", panel="#1A1D21", field="#121417", raised="#23272D", track="#2F353D",
    line="#2A2F36", grid="#262B31",
    text="#E6E9ED", muted="#949CA7",
    wet="#FF9F45", on_wet="#121417", wet_hover="#FFB066", dry="#6CA6E0", on_dry="#121417",
    good="#7BC47F", problem="#F2777A", wave="#5A636E",
)  # fmt: skip

LIGHT = Tokens(
    name="light",
    window="#F3F4F6", panel="#FFFFFF", field="#FFFFFF", raised="#ECEEF1", track="#DDE1E6",
    line="#D7DBE0", grid="#E8EBEE",
    text="#171A1E", muted="#5A636E",
    # One shade darker than #B85C00, which reads at 4.2:1 only on the window's grey.
    wet="#A65300", on_wet="#FFFFFF", wet_hover="#8F4700", dry="#1C69AD", on_dry="#FFFFFF",
    good="#2A752E", problem="#B3261E", wave="#A3ABB5",
)  # fmt: skip

# (text, ground): every pair that the stylesheet and the canvases use.
TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *product(
        ("text", "muted", "wet", "dry", "good", "problem"), ("window", "panel", "field", "raised")
    ),
    ("on_wet", "wet"),
    ("on_wet", "wet_hover"),
    ("on_dry", "dry"),
)


def contrast_ratio(first: str, second: str) -> float:
    """Contrast of two colours ``#RRGGBB`` after WCAG 2.2, 1 (none) to 21."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
