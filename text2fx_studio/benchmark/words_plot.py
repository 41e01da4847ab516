"""Agreement by word as a picture: own SVG, no plotting library."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

_ROW, _TOP, _LEFT, _WIDTH, _RIGHT, _BOTTOM = 18, 64, 170, 640, 24, 34
_INK, _GRID, _SEARCH, _TRAINED, _TEXT, _CEILING = (
    "#222222", "#dddddd", "#1f6fb2", "#6f93ad", "#c8571b", "#7a7a7a"
)  # fmt: skip
_LOW, _HIGH = -1.0, 1.0


def words_svg(data: Mapping[str, Any]) -> str:
    """One line a word, best first: the search, the words alone, and people's own agreement.

    Args:
        data: As of ``benchmark.words.run``.

    Returns:
        A whole SVG document; the same data give the same text.
    """
    rows = sorted(data["rows"], key=lambda row: (row["state"] != "held_out", -row["search"]))
    height = _TOP + _ROW * len(rows) + _BOTTOM
    title = "Agreement with people's settings, r between 80 Hz and 10 kHz"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="12" '
        f'fill="{_INK}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="20" font-size="15">{escape(title)}</text>',
        *_legend(),
    ]
    for value in (-1.0, -0.5, 0.0, 0.5, 1.0):
        x = _x(value)
        parts.append(f'<path d="M{x:.1f} {_TOP - 6}V{height - _BOTTOM}" stroke="{_GRID}"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{height - _BOTTOM + 18}" text-anchor="middle">{value:g}</text>'
        )
    for number, row in enumerate(rows):
        y = _TOP + _ROW * number + _ROW / 2
        parts += _line(row, y)
    return "\n".join(parts) + "\n</svg>\n"


def _line(row: Mapping[str, Any], y: float) -> list[str]:
    held_out = row["state"] == "held_out"
    colour = _SEARCH if held_out else _TRAINED
    word = f"{row['word']} ({row['count']})"
    parts = [
        f'<text x="{_LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{escape(word)}</text>',
        f'<path d="M{_x(0):.1f} {y:.1f}H{_x(row["search"]):.1f}" stroke="{colour}" '
        'stroke-width="7"/>',
        f'<circle cx="{_x(row["text_only"]):.1f}" cy="{y:.1f}" r="3.5" fill="none" '
        f'stroke="{_TEXT}" stroke-width="1.5"/>',
    ]
    if row["split_half"] is not None:
        x = _x(row["split_half"])
        parts.append(
            f'<path d="M{x:.1f} {y - 7:.1f}V{y + 7:.1f}" stroke="{_CEILING}" stroke-width="2"/>'
        )
    return parts


def _legend() -> list[str]:
    items = (
        (_SEARCH, "search, word held out"), (_TRAINED, "search, word trained on"),
        (_TEXT, "words alone (o)"), (_CEILING, "people, split half (|)"),
    )  # fmt: skip
    step = (_WIDTH - _RIGHT - 10) / len(items)
    return [
        f'<text x="{10 + step * i:.0f}" y="42" fill="{colour}" font-size="11">{name}</text>'
        for i, (colour, name) in enumerate(items)
    ]


def _x(value: float) -> float:
    share = (min(max(value, _LOW), _HIGH) - _LOW) / (_HIGH - _LOW)
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)
