"""The explanation as one self-contained HTML page: curves, shares, loss, players. No scripts."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
import soundfile
from numpy.typing import NDArray

from dsp.chain import Chain
from dsp.loudness import integrated_lufs
from dsp.render import render_array
from text2fx_studio.explain.document import document, section
from text2fx_studio.explain.report import Explanation
from text2fx_studio.search.windows import Source, loud_windows

Curve = NDArray[np.float64]

PLAYED_S = 8.0
_LOW_HZ, _HIGH_HZ = 40.0, 16_000.0
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 760, 300, 46, 26
_RANGE_DB = 24.0


def explanation_page(explanation: Explanation, source: Source, lines: Sequence[str]) -> str:
    """Draw the page.

    Args:
        explanation: What is explained.
        source: The recording, for spectra and players.
        lines: The setting in words, one stage a line.

    Returns:
        A whole HTML document that needs nothing else, not even a network.
    """
    dry = loud_windows(source, PLAYED_S, count=1, context_s=0.0).segments[0]
    rate = source.sample_rate
    wet = render_array(dry, rate, explanation.chain)
    match = _match(dry, wet, rate)
    found = explanation.attribution
    title = f"“{explanation.prompt}” on {explanation.recording}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p class='muted'>{escape(explanation.confidence.verdict)} Score {found.score_dry:.3f} "
        f"dry, {found.score_wet:.3f} shaped, by {escape(explanation.encoder_id)}.</p>",
        section("Listen (at equal loudness)", _player("Dry", "dry", dry, rate)
                 + _player("Shaped", "wet", wet * match, rate)),
        section("What was done", "".join(f"<p>{escape(line)}</p>" for line in lines)
                 + _curves(explanation.chain, dry, wet * match, rate)),
        section("What each band and effect brought", _shares(explanation)),
        section("In concepts", _concepts(explanation)),
        section("On the map of words", _map(explanation)),
        section("How sure", _confidence(explanation)),
    ]  # fmt: skip
    if len(explanation.history) > 1:
        parts.append(section("The search", _history(explanation.history)))
    return document(title, parts)


def _match(dry: NDArray[np.float32], wet: NDArray[np.float32], rate: int) -> np.float32:
    """The factor that brings ``wet`` to the loudness of ``dry``."""
    difference = integrated_lufs(dry, rate) - integrated_lufs(wet, rate)
    return np.float32(10 ** (difference / 20)) if np.isfinite(difference) else np.float32(1.0)


def _player(name: str, kind: str, audio: NDArray[np.float32], rate: int) -> str:
    peak = float(np.abs(audio).max())
    data = io.BytesIO()
    soundfile.write(data, (audio / max(1.0, peak))[:2].T, rate, format="OGG")
    encoded = base64.b64encode(data.getvalue()).decode("ascii")
    return (
        f"<figure><figcaption class='{kind}'>{name}</figcaption>"
        f"<audio controls preload='none' src='data:audio/ogg;base64,{encoded}'></audio></figure>"
    )


def _x(frequencies: Curve) -> Curve:
    share = np.log(frequencies / _LOW_HZ) / np.log(_HIGH_HZ / _LOW_HZ)
    return np.asarray(_LEFT + (_WIDTH - _LEFT) * share)


def _y(db: Curve) -> Curve:
    middle = (_HEIGHT - _BOTTOM) / 2
    return np.asarray(middle - np.clip(db, -_RANGE_DB, _RANGE_DB) / _RANGE_DB * (middle - 8))


def _line(xs: Curve, ys: Curve, colour: str, width: float) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    return (
        f"<polyline points='{points}' fill='none' stroke='var(--{colour})' "
        f"stroke-width='{width}' stroke-linejoin='round'/>"
    )


def _curves(chain: Chain, dry: NDArray[np.float32], wet: NDArray[np.float32], rate: int) -> str:
    high = min(_HIGH_HZ, 0.45 * rate)
    frequencies = np.geomspace(_LOW_HZ, high, 220)
    xs = _x(frequencies)
    before, after = _spectrum_db(dry, rate, frequencies), _spectrum_db(wet, rate, frequencies)
    level = float(np.percentile(before, 60))
    drawn = []
    for db in (-12.0, 0.0, 12.0):
        y = float(_y(np.array([db]))[0])
        drawn.append(f"<path d='M{_LEFT} {y:.1f}H{_WIDTH}' stroke='var(--line)'/>")
        drawn.append(f"<text x='0' y='{y + 4:.1f}'>{db:+.0f} dB</text>")
    for hz, name in ((100.0, "100 Hz"), (1000.0, "1 kHz"), (10_000.0, "10 kHz")):
        x = float(_x(np.array([hz]))[0])
        drawn.append(f"<path d='M{x:.1f} 0V{_HEIGHT - _BOTTOM}' stroke='var(--line)'/>")
        drawn.append(f"<text x='{x:.1f}' y='{_HEIGHT - 8}' text-anchor='middle'>{name}</text>")
    drawn.append(_line(xs, _y((before - level) / 2), "dry", 1.2))
    drawn.append(_line(xs, _y((after - level) / 2), "wet", 1.2))
    response = chain.frequency_response_db(frequencies, rate)
    drawn.append(_line(xs, _y(response), "wet", 3.0))
    return (
        f"<svg viewBox='0 0 {_WIDTH} {_HEIGHT}' role='img' aria-label='Equalizer curve over the "
        f"spectra'>{''.join(drawn)}</svg><p class='muted'>Thick: equalizer in dB. Thin: spectrum "
        "<span class='dry'>before</span> and <span class='wet'>after</span>, at half scale.</p>"
    )


def _spectrum_db(audio: NDArray[np.float32], rate: int, frequencies: Curve) -> Curve:
    """Mean level in thirds of an octave around each frequency."""
    power = (np.abs(np.fft.rfft(audio.astype(np.float64))) ** 2).mean(axis=0)
    bins = np.fft.rfftfreq(audio.shape[-1], 1 / rate)
    total = np.concatenate(([0.0], np.cumsum(power)))
    low = np.searchsorted(bins, frequencies * 2 ** (-1 / 6))
    high = np.maximum(np.searchsorted(bins, frequencies * 2 ** (1 / 6)), low + 1)
    return np.asarray(10 * np.log10((total[high] - total[low]) / (high - low) + 1e-12))


def _shares(explanation: Explanation) -> str:
    found = explanation.attribution
    rows = [(f"{b.name}, {b.low_hz:.0f}–{b.high_hz:.0f} Hz", f"{b.gain_db:+.1f} dB", b.share)
            for b in found.bands]  # fmt: skip
    if found.reverb is not None:
        rows.append(("reverb", "", found.reverb))
    if not rows:
        return "<p>Nothing was changed.</p>"
    largest = max(abs(share) for _, _, share in rows) or 1.0
    body = "".join(
        f"<tr><td>{escape(name)}</td><td>{gain}</td><td>{share:+.3f}</td>"
        f"<td>{_bar(share / largest)}</td></tr>"
        for name, gain, share in rows
    )
    without = "".join(
        f"<p>Without the {escape(kind)}: {score:.3f} instead of {found.score_wet:.3f}.</p>"
        for kind, score in found.without.items()
    )
    return (
        "<table><tr><th>band</th><th>gain</th><th>share of the change</th><th></th></tr>"
        f"{body}</table>{without}"
    )


def _bar(share: float) -> str:
    """A bar to the right of the middle for help, to the left for harm."""
    width = 70 * abs(share)
    x = 75.0 if share >= 0 else 75.0 - width
    colour = "wet" if share >= 0 else "dry"
    return (
        "<svg viewBox='0 0 150 12' style='width:150px'><path d='M75 0V12' stroke='var(--line)'/>"
        f"<rect x='{x:.1f}' y='2' width='{width:.1f}' height='8' fill='var(--{colour})'/></svg>"
    )


def _concepts(explanation: Explanation) -> str:
    story = explanation.story
    largest = max((abs(c.rise) for c in (*story.concepts.rose, *story.concepts.fell)), default=1.0)
    rows = "".join(
        f"<tr><td>{escape(c.text)}</td><td class='dry'>{c.before:.2f}</td>"
        f"<td class='wet'>{c.after:.2f}</td><td>{c.rise:+.2f}</td>"
        f"<td>{_bar(c.rise / largest)}</td></tr>"
        for c in (*story.concepts.rose, *reversed(story.concepts.fell))
    )
    words = ", ".join(f"{escape(c.text)} {c.weight:.2f}" for c in story.concepts.target)
    axes = "".join(
        f"<tr><td>{escape(', '.join(a.more))} ↔ {escape(', '.join(a.less))}</td>"
        f"<td class='dry'>{a.dry:+.3f}</td><td class='wet'>{a.wet:+.3f}</td></tr>"
        for a in story.axes
    )
    table = (
        "<table><tr><th>axis of the space</th><th>dry</th><th>shaped</th></tr>" + axes + "</table>"
        if axes
        else ""
    )
    return (
        f"<p class='muted'>The words are near: {words or 'no concept'}.</p>"
        "<table><tr><th>concept</th><th>dry</th><th>shaped</th><th>change</th><th></th></tr>"
        f"{rows}</table>{table}<p class='muted'>The concepts leave "
        f"{story.concepts.residual_dry:.0%} of the dry sound unsaid, "
        f"{story.concepts.residual_wet:.0%} of the shaped one.</p>"
    )


def _map(explanation: Explanation) -> str:
    """All words as dots, some named, and the way from dry to the result."""
    journey = explanation.story.journey
    width, height, margin = 760.0, 420.0, 40.0
    places = np.array([(x, y) for _, x, y in journey.words] + [*journey.path, journey.prompt])
    low, high = places.min(axis=0), places.max(axis=0)
    scaled = (places - low) / np.maximum(high - low, 1e-9)
    xs = margin + scaled[:, 0] * (width - 2 * margin)
    ys = height - margin - scaled[:, 1] * (height - 2 * margin)
    count = len(journey.words)
    drawn = [
        f"<circle cx='{x:.1f}' cy='{y:.1f}' r='1.2' fill='var(--line)'/>"
        for x, y in zip(xs[:count], ys[:count], strict=True)
    ]
    cells: dict[tuple[int, int], int] = {}
    for index in range(count):  # one name for each cell of a grid, so that none overlap
        cells.setdefault((int(xs[index] // 110), int(ys[index] // 26)), index)
    drawn += [
        f"<text x='{xs[i]:.1f}' y='{ys[i]:.1f}' text-anchor='middle'>"
        f"{escape(journey.words[i][0])}</text>"
        for i in cells.values()
        if len(journey.words[i][0]) <= 14
    ]
    way = slice(count, count + len(journey.path))
    drawn.append(_line(xs[way], ys[way], "wet", 2.5))
    drawn.append(f"<circle cx='{xs[count]:.1f}' cy='{ys[count]:.1f}' r='6' fill='var(--dry)'/>")
    end = count + len(journey.path) - 1
    drawn.append(f"<circle cx='{xs[end]:.1f}' cy='{ys[end]:.1f}' r='6' fill='var(--wet)'/>")
    drawn.append(
        f"<circle cx='{xs[-1]:.1f}' cy='{ys[-1]:.1f}' r='9' fill='none' stroke='var(--text)'/>"
    )
    return (
        f"<svg viewBox='0 0 {width:.0f} {height:.0f}' role='img' aria-label='Map of words'>"
        f"{''.join(drawn)}</svg><p class='muted'>From <span class='dry'>dry</span> (near "
        f"{escape(', '.join(journey.near_dry))}) to <span class='wet'>shaped</span> (near "
        f"{escape(', '.join(journey.near_wet))}); the ring is the prompt.</p>"
    )


def _confidence(explanation: Explanation) -> str:
    found = explanation.confidence
    rows = (
        ("Margin over dry", f"{found.margin:+.3f}"),
        ("Windows in which it is better than dry", f"{found.better_windows:.0%}"),
        ("Spread of the gain over the windows", f"{found.window_spread:.3f}"),
        ("Random settings that it beats", f"{found.beats_random:.0%}"),
        ("Spread of the score over random settings", f"{found.random_spread:.3f}"),
    )
    body = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in rows)
    agreed = "".join(f"<p>{escape(line)}</p>" for line in explanation.agreement_lines())
    return f"<p>{escape(found.verdict)}</p><table>{body}</table>{agreed}"


def _history(history: Sequence[float]) -> str:
    values = np.asarray(history, dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    xs = np.linspace(_LEFT, _WIDTH, len(values))
    ys = 110 - 100 * (values - low) / max(high - low, 1e-9)
    return (
        f"<svg viewBox='0 0 {_WIDTH} 120' role='img' aria-label='Loss over the steps'>"
        f"<text x='0' y='14'>{high:.2f}</text><text x='0' y='114'>{low:.2f}</text>"
        f"{_line(xs, ys, 'wet', 2.0)}</svg>"
        f"<p class='muted'>Loss (prior included) over {len(values) - 1} steps.</p>"
    )
