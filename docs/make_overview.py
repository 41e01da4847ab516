"""Draw docs/overview.svg (the demo loop, two prompts, what was found): run this file."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from text2fx_studio import optimize
from text2fx_studio.demo import SAMPLE_RATE_HZ, demo_loop

PROMPTS = ("warm and full-bodied", "coming through an old telephone")
WIDTH, HEIGHT, ROW = 1200, 560, 236
PANEL, LINE, TEXT, MUTED = "#1A1D21", "#2A2F36", "#E6E9ED", "#949CA7"
DRY, WET, WINDOW = "#6CA6E0", "#FF9F45", "#121417"
LOW_HZ, HIGH_HZ, RANGE_DB = 40.0, 16_000.0, 24.0
FONT = "font-family='Inter, Segoe UI, Helvetica, Arial, sans-serif'"

Curve = NDArray[np.float64]


def text(x: float, y: float, words: str, size: int, fill: str, extra: str = "") -> str:
    """One line of text."""
    style = f"{FONT} font-size='{size}' fill='{fill}' {extra}"
    return f"<text x='{x}' y='{y}' {style}>{escape(words)}</text>"


def line(xs: Curve, ys: Curve, colour: str, width: float, extra: str = "") -> str:
    """A polyline."""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    style = f"fill='none' stroke='{colour}' stroke-width='{width}' {extra}"
    return f"<polyline points='{points}' {style}/>"


def panel(x: float, y: float, width: float, height: float) -> str:
    """A rounded box."""
    return (
        f"<rect x='{x}' y='{y}' width='{width}' height='{height}' rx='8' "
        f"fill='{PANEL}' stroke='{LINE}'/>"
    )


def wave(
    audio: NDArray[np.float32], x: float, y: float, width: float, height: float, c: str
) -> str:
    """Peak waveform of the channels' mean."""
    mono = audio.mean(axis=0)
    columns = np.array_split(mono, int(width))
    peak = max(float(np.abs(mono).max()), 1e-9)
    marks = [
        f"M{x + i:.0f} {y - height / 2 * float(part.max()) / peak:.1f}"
        f"V{y - height / 2 * float(part.min()) / peak:.1f}"
        for i, part in enumerate(columns)
    ]
    return f"<path d='{''.join(marks)}' stroke='{c}' stroke-width='1' opacity='0.9'/>"


def spectrum_db(audio: NDArray[np.float32], frequencies: Curve) -> Curve:
    """Smoothed level in dB at given frequencies (sixth octaves)."""
    power = np.abs(np.fft.rfft(audio.mean(axis=0))) ** 2
    bins = np.fft.rfftfreq(audio.shape[-1], 1 / SAMPLE_RATE_HZ)
    total = np.concatenate(([0.0], np.cumsum(power)))
    low = np.searchsorted(bins, frequencies * 2 ** (-1 / 6))
    high = np.searchsorted(bins, frequencies * 2 ** (1 / 6))
    return np.asarray(10 * np.log10((total[high] - total[low]) / np.maximum(high - low, 1) + 1e-12))


def row(index: int, prompt: str, audio: NDArray[np.float32]) -> list[str]:
    """One prompt: words on the left, curves on the right."""
    result = optimize(audio, SAMPLE_RATE_HZ, prompt, device="cpu")
    top = 56 + index * (ROW + 12)
    x0, width = 396.0, 780.0
    frequencies = np.geomspace(LOW_HZ, HIGH_HZ, 240)
    xs = x0 + width * np.log(frequencies / LOW_HZ) / np.log(HIGH_HZ / LOW_HZ)
    middle = top + ROW / 2

    def height(db: Curve) -> Curve:
        return np.asarray(middle - np.clip(db, -RANGE_DB, RANGE_DB) / RANGE_DB * (ROW / 2 - 28))

    response = result.chain.frequency_response_db(frequencies, SAMPLE_RATE_HZ)
    dry, wet = spectrum_db(audio, frequencies), spectrum_db(result.audio, frequencies)
    level = float(np.percentile(dry, 60))
    match = 10 * np.log10(np.mean(audio**2) / np.mean(result.audio**2))
    drawn = [panel(24, top, 352, ROW), panel(x0 - 8, top, width + 16, ROW)]
    drawn.append(wave(audio, 44, top + 60, 312, 56, DRY))
    drawn.append(text(44, top + 122, f"“{prompt}”", 17, TEXT, "font-weight='600'"))
    drawn.append(wave(result.audio, 44, top + 176, 312, 56, WET))
    score = f"match {result.score_dry:.2f} → {result.score_wet:.2f}"
    drawn.append(text(44, top + 224, f"{score} · {result.steps} steps", 12, MUTED))
    for db in (-12, 0, 12):
        y = float(height(np.array([float(db)]))[0])
        dash = "" if db == 0 else "stroke-dasharray='2 5'"
        drawn.append(f"<path d='M{x0} {y:.1f}H{x0 + width}' stroke='{LINE}' {dash}/>")
        drawn.append(text(x0 + 2, y - 4, f"{db:+d} dB" if db else "0 dB", 11, MUTED))
    for hz, name in ((100, "100 Hz"), (1000, "1 kHz"), (10_000, "10 kHz")):
        x = x0 + width * np.log(hz / LOW_HZ) / np.log(HIGH_HZ / LOW_HZ)
        drawn.append(f"<path d='M{x:.1f} {top + 1}V{top + ROW - 1}' stroke='{LINE}'/>")
        drawn.append(text(x + 4, top + ROW - 6, name, 11, MUTED))
    drawn.append(line(xs, height((dry - level) / 2), DRY, 1.2, "opacity='0.8'"))
    drawn.append(line(xs, height((wet + match - level) / 2), WET, 1.2, "opacity='0.8'"))
    drawn.append(line(xs, height(response), WET, 3))
    return drawn


def main() -> None:
    """Write the picture beside this file."""
    audio = demo_loop()
    drawn = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' width='{WIDTH}'>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='{WINDOW}'/>",
        text(24, 36, "A recording, your words, the setting that was found", 17, TEXT),
        text(760, 36, "thin: spectrum", 12, MUTED),
        text(850, 36, "dry", 12, DRY),
        text(878, 36, "shaped (level-matched)", 12, WET),
        text(1020, 36, "thick: equalizer", 12, WET),
    ]
    for index, prompt in enumerate(PROMPTS):
        drawn += row(index, prompt, audio)
    drawn.append("</svg>")
    target = Path(__file__).parent / "overview.svg"
    target.write_text("\n".join(drawn) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
