"""The axes as a picture: own SVG, no plotting library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from text2fx_studio.spaces.diagnostics import running_direct
from text2fx_studio.spaces.pls import PlsSvd

_WIDTH, _HEIGHT = 640, 250  # of one panel
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 20, 38, 40
_INK, _GRID, _FIRST, _SECOND, _MARK = "#222222", "#dddddd", "#1f6fb2", "#c8571b", "#7a7a7a"


def axes_svg(pls: PlsSvd) -> str:
    """Three panels over the axes, as in COMET: covariance, correlation with alignment, running sum.

    Args:
        pls: Fitted axes.

    Returns:
        A whole SVG document; the same axes give the same text.
    """
    covariance = (pls.sigma / pls.pairs).tolist()
    running = running_direct(pls).tolist()
    panels = [
        _panel(0, "Covariance of text and audio, sigma / N", [("", _FIRST, covariance)],
               0.0, max(covariance), pls.head_size),
        _panel(1, "Correlation, and alignment u · v",
               [("correlation", _FIRST, pls.correlation.tolist()),
                ("alignment", _SECOND, pls.alignment.tolist())],
               min(0.0, float(pls.alignment.min())), 1.0, pls.head_size),
        _panel(2, f"Running share of the direct effect; {pls.head_size} axes are the head",
               [("", _FIRST, running)], min(0.0, *running), max(1.0, *running), pls.head_size),
    ]  # fmt: skip
    title = escape(f"PLS axes of {pls.encoder_id}, {pls.pairs:,} pairs")
    height = 30 + len(panels) * _HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="12" '
        f'fill="{_INK}" role="img">\n<title>{title}</title>\n'
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>\n'
        f'<text x="{_LEFT}" y="20" font-size="15">{title}</text>\n'
        + "\n".join(panels)
        + "\n</svg>\n"
    )


def _panel(
    index: int, title: str, lines: Sequence[tuple[str, str, Sequence[float]]],
    low: float, high: float, head: int,
) -> str:  # fmt: skip
    top = 30 + index * _HEIGHT + _TOP
    bottom = 30 + (index + 1) * _HEIGHT - _BOTTOM
    high = high if high > low else low + 1.0
    count = max(len(values) for _, _, values in lines)

    def x(axis: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (axis - 1) / max(count - 1, 1)

    def y(value: float) -> float:
        return bottom - (bottom - top) * (value - low) / (high - low)

    parts = [f'<text x="{_LEFT}" y="{top - 12}">{escape(title)}</text>']
    parts += [
        f'<path d="M{_LEFT} {y(value):.1f}H{_WIDTH - _RIGHT}" stroke="{_GRID}"/>'
        f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.3g}</text>'
        for value in _ticks(low, high)
    ]
    parts += [
        f'<text x="{x(axis):.1f}" y="{bottom + 16}" text-anchor="middle">{axis}</text>'
        for axis in sorted({1, head, count})
    ]
    parts.append(
        f'<path d="M{x(head):.1f} {top}V{bottom}" stroke="{_MARK}" stroke-dasharray="4 3"/>'
    )
    for number, (name, colour, values) in enumerate(lines):
        points = " ".join(f"{x(i):.1f},{y(v):.2f}" for i, v in enumerate(values, start=1))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        )
        if name:
            place = _WIDTH - _RIGHT - 90 * (len(lines) - number)
            parts.append(f'<text x="{place}" y="{top - 12}" fill="{colour}">{escape(name)}</text>')
    if index == 2:
        parts.append(f'<text x="{_WIDTH - _RIGHT}" y="{bottom + 32}" text-anchor="end">axis</text>')
    return "\n".join(parts)


def _ticks(low: float, high: float) -> list[float]:
    """Three to seven round values within a range."""
    rough = (high - low) / 4
    scale = 10.0 ** math.floor(math.log10(rough))
    step = min((s * scale for s in (1, 2, 5, 10)), key=lambda s: abs(math.log(s / rough)))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [step * i for i in range(first, last + 1)]
