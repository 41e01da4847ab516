"""An explanation's figures as rows, for the panel's bars and for its table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ui.views.quantity import MINUS, format_quantity, signed
from ui.views.share_bars import Share

SHARES_SHOWN = 6
EACH_SHOWN = 4


class WhyRow(NamedTuple):
    """One row of the table: part, name, before, after, change."""

    part: str
    name: str
    before: str
    after: str
    change: str


def concept_changes(
    explanation: Mapping[str, Any], count: int = EACH_SHOWN
) -> list[Mapping[str, Any]]:
    """The strongest rises, then the strongest falls, ``count`` of each at most."""
    concepts = explanation["story"]["concepts"]
    return [*concepts["rose"][:count], *concepts["fell"][:count]]


def shares(explanation: Mapping[str, Any], count: int | None = SHARES_SHOWN) -> list[Share]:
    """Bands and reverb by the size of their part, the largest first."""
    found = explanation["attribution"]
    change = found["score_wet"] - found["score_dry"]
    whole = abs(change) if abs(change) > 1e-6 else 1e-6
    rows = [
        Share(
            band["name"], format_quantity(band["gain_db"], "dB"), band["share"],
            100 * band["share"] / whole,
        )
        for band in found["bands"]
    ]  # fmt: skip
    if found["reverb"] is not None:
        rows.append(Share("reverb", "", found["reverb"], 100 * found["reverb"] / whole))
    rows.sort(key=lambda row: -abs(row.share))
    return rows if count is None else rows[:count]


def sureness(explanation: Mapping[str, Any]) -> tuple[str, str]:
    """How sure, in two words for the panel's title line, and the role of its colour."""
    found = explanation["confidence"]
    if not found["can_tell"]:
        return "how sure: cannot tell", "problem"
    if found["margin"] < 0.02 or found["better_windows"] < 0.5:
        return "how sure: hardly", "problem"
    if found["beats_random"] < 0.9 or found["better_windows"] < 1.0:
        return "how sure: fairly", "muted"
    return "how sure: high", "good"


def agreement(explanation: Mapping[str, Any]) -> str:
    """What other seeds and a second encoder say; empty where they were not asked."""
    told = []
    if explanation.get("seeds"):
        seeds = explanation["seeds"]
        count, spread = len(seeds["scores"]), seeds["spread_db"]
        told.append(f"{count} seeds end {spread:.1f} dB apart")
    if explanation.get("second"):
        second = explanation["second"]
        agrees = second["score_wet"] > second["score_dry"]
        told.append(f"{second['encoder_id']} {'agrees' if agrees else 'does not agree'}")
    return " · ".join(told)


def table_rows(explanation: Mapping[str, Any]) -> list[WhyRow]:
    """Everything that the panel shows and leaves out, as text."""
    found = explanation["attribution"]
    rows = [
        WhyRow(
            "Score", explanation["prompt"], _three(found["score_dry"]), _three(found["score_wet"]),
            signed(found["score_wet"] - found["score_dry"], 3),
        )
    ]  # fmt: skip
    rows += [
        WhyRow(
            "Concept", c["text"], f"{c['before']:.2f}", f"{c['after']:.2f}",
            signed(c["after"] - c["before"], 2),
        )
        for c in concept_changes(explanation, 100)
    ]  # fmt: skip
    rows += [
        WhyRow("Brought by", s.name, "", s.what, f"{signed(s.share, 3)} ({signed(s.percent, 0)} %)")
        for s in shares(explanation, None)
    ]
    rows += [
        WhyRow("Without", {"eq": "equalizer"}.get(kind, kind), "", _three(score),
               signed(score - found["score_wet"], 3))
        for kind, score in found["without"].items()
    ]  # fmt: skip
    rows += [
        WhyRow(
            f"Axis {axis['axis'] + 1}",
            f"{', '.join(axis['more'])} against {', '.join(axis['less'])}",
            _three(axis["dry"]), _three(axis["wet"]), signed(axis["wet"] - axis["dry"], 3),
        )
        for axis in explanation["story"]["axes"]
    ]  # fmt: skip
    return rows


def _three(value: float) -> str:
    return f"{value:.3f}".replace("-", MINUS)
