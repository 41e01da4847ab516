"""Benchmark reports as text that a person reads: one table and what its figures mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_STEPS = 600


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns under headers: the first to the left, the others to the right.

    Args:
        headers: N texts.
        rows: Each N texts.
    """
    widths = [max(len(cell) for cell in column) for column in zip(headers, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        first = cells[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return "  ".join([first, *rest]).rstrip()

    return "\n".join([line(headers), line(["-" * width for width in widths]), *map(line, rows)])


def duration(seconds: float) -> str:
    """``85 ms``, ``3.21 s``, ``25.4 s``, ``4 min 12 s``, ``6 h 18 min``."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.00995 else f"{seconds * 1000:.1f} ms"
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min"


def times(ratio: float) -> str:
    """``0.85x``, ``3.2x``, ``131x``, ``12,300x``."""
    if ratio < 1:
        return f"{ratio:.2f}x"
    return f"{ratio:.1f}x" if ratio < 9.95 else f"{ratio:,.0f}x"


def speed_text(data: Mapping[str, Any]) -> str:
    """The text of ``bench speed``.

    Args:
        data: As of ``SpeedReport.to_data``.
    """
    rows = [
        [
            chain["chain"],
            f'"{chain["prompt"]}"',
            duration(chain["ours_seconds"]),
            ("about " if chain["baseline"]["extrapolated"] else "")
            + duration(chain["baseline"]["seconds"]),
            times(chain["ratio"]),
            f"{chain['score_dry']:.3f}",
            f"{chain['score_ours']:.3f}",
            f"{chain['score_baseline']:.3f}",
            str(chain["score_baseline_steps"]),
        ]
        for chain in data["chains"]
    ]
    headers = (
        "chain", "prompt", "ours", "Text2FX", "faster",
        "dry score", "ours", "Text2FX", "after steps",
    )  # fmt: skip
    runs = len(data["chains"][0]["ours_runs_seconds"])
    lines = [
        f"{data['audio']}: {data['seconds']:.1f} s, {_channels(data['channels'])}, "
        f"{data['sample_rate']:,} Hz",
        f"encoder {data['encoder']}, {data['loss']} loss, seed {data['seed']}; "
        f"torch {data['torch_version']}, {_count(data['threads'], 'thread')} on "
        f"{_count(data['cpus'], 'CPU')} ({data['machine']}){_load(data['load_average'])}",
        "",
        table(headers, rows),
        "",
        "ours: the whole search, rendering included, encoder loaded, on "
        f"{_count(data['ours_threads'], 'thread')}; median of {_count(runs, 'run')}. Like for like "
        "without our prior, since Text2FX has none.",
        *(_shipped_line(chain) for chain in data["chains"]),
        *(f"ours {chain['chain']}: {chain['ours_reason']}." for chain in data["chains"]),
        *(_step_line(chain) for chain in data["chains"]),
        *(_timing_line(chain) for chain in data["chains"]),
        *(_cpu_line(chain) for chain in data["chains"]),
        *(_twin_line(chain) for chain in data["chains"] if chain["baseline_by_fft"]),
        *(
            _upstream_line(chain, data["upstream"])
            for chain in data["chains"]
            if chain["baseline_upstream"]
        ),
        *(
            [f"Text2FX over the authors' own package: not measured: {data['upstream']}"]
            if data["upstream"] and not data["chains"][0]["baseline_upstream"]
            else []
        ),
        "score: cosine with the prompt by the same encoder, of the rendered sound, matched in "
        "loudness, on the dry sound's loudest windows.",
    ]
    if (data["load_average"] or 0.0) > 0.5 * data["cpus"]:
        lines.append(
            "The machine was busy with other work: for firm figures run this on a quiet one."
        )
    partial = [c["chain"] for c in data["chains"] if c["score_baseline_steps"] < _STEPS]
    if partial:
        lines.append(
            f"The score of Text2FX is not its final one ({'; '.join(partial)}): "
            f"--full takes all {_STEPS} steps."
        )
    return "\n".join(lines)


def _timing_line(chain: Mapping[str, Any]) -> str:
    timing = chain["baseline"]
    how = "extrapolated from" if timing["extrapolated"] else "all taken;"
    return (
        f"Text2FX {chain['chain']}: {_STEPS} steps, {how} the median of "
        f"{_count(timing['measured_steps'], 'timed step')}: {duration(timing['step_seconds'])} "
        "a step."
    )


def _shipped_line(chain: Mapping[str, Any]) -> str:
    return (
        f"as the product runs it, with the prior that keeps settings moderate, {chain['chain']}: "
        f"{duration(chain['shipped_seconds'])}, score {chain['score_shipped']:.3f}."
    )


def _cpu_line(chain: Mapping[str, Any]) -> str:
    theirs = _STEPS * chain["baseline"]["step_cpu_seconds"]
    return (
        f"processor time of all threads, {chain['chain']}: ours "
        f"{duration(chain['ours_cpu_seconds'])}, Text2FX about {duration(theirs)}: "
        f"{times(chain['cpu_ratio'])}."
    )


def _twin_line(chain: Mapping[str, Any]) -> str:
    twin = chain["baseline_by_fft"]
    about = "about " if twin["extrapolated"] else ""
    return (
        f"Text2FX {chain['chain']} with the reverb's direct convolution replaced by an FFT "
        f"(not as published): {about}{duration(twin['seconds'])}, "
        f"{times(twin['seconds'] / chain['ours_seconds'])} ours."
    )


def _upstream_line(chain: Mapping[str, Any], name: str) -> str:
    own = chain["baseline_upstream"]
    return (
        f"Text2FX {chain['chain']} over the authors' own package ({name}): "
        f"{duration(own['step_seconds'])} a step, about {duration(own['seconds'])} in all, "
        f"{times(own['seconds'] / chain['ours_seconds'])} ours; in processor time "
        f"{times(_STEPS * own['step_cpu_seconds'] / chain['ours_cpu_seconds'])}."
    )


def _step_line(chain: Mapping[str, Any]) -> str:
    return (
        f"ours {chain['chain']}: {_count(chain['ours_steps'], 'step')}, "
        f"{duration(chain['ours_step_seconds'])} a step, all starts and windows together."
    )


def rows_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table of rows that share their keys; numbers to three digits."""
    if not rows:
        return "nothing to show"
    keys = list(dict.fromkeys(key for row in rows for key in row))

    def cell(value: object) -> str:
        return f"{value:.3g}" if isinstance(value, float) else str(value)

    return table(tuple(keys), [[cell(row.get(key, "")) for key in keys] for row in rows])


def render_text(data: Mapping[str, Any]) -> str:
    """The text of ``bench render``.

    Args:
        data: As of ``RenderReport.to_data``.
    """
    rows = [
        [
            chain["chain"],
            duration(chain["seconds"]),
            times(chain["times_real_time"]),
            duration(chain["cpu_seconds"]),
            duration(chain["first_seconds"]),
            times(chain["first_times_real_time"]),
            _megabytes(chain["peak_bytes"]),
            _megabytes(chain["idle_bytes"]),
        ]
        for chain in data["chains"]
    ]
    headers = (
        "chain", "warm", "real time", "CPU time", "first", "real time", "peak memory", "before",
    )  # fmt: skip
    return "\n".join(
        [
            f"{data['seconds']:g} s, {_channels(data['channels'])}, {data['sample_rate']:,} Hz, "
            f"{data['subtype']}; reverb T60 {data['t60_s']:g} s; {_count(data['cpus'], 'CPU')} "
            f"({data['machine']})",
            "",
            table(headers, rows),
            "",
            f"warm: median of {data['repeats']} after the first in the same process; reading and "
            "writing the files included. CPU time: of all threads, free of what else runs here. "
            "Memory: of the whole process, libraries included.",
        ]
    )


def figures_text(data: Mapping[str, Any], indent: int = 0) -> str:
    """Any benchmark's plain data as indented ``name: value`` lines; lists of rows as tables."""
    pad = " " * indent
    lines: list[str] = []
    for name, value in data.items():
        if isinstance(value, Mapping):
            lines += [f"{pad}{name}:", figures_text(value, indent + 2)]
        elif isinstance(value, list | tuple) and value and _same_rows(value):
            headers = [str(key) for key in value[0]]
            rows = [[_cell(cell) for cell in row.values()] for row in value]
            lines += [f"{pad}{name}:", *(pad + row for row in table(headers, rows).split("\n"))]
        else:
            lines.append(f"{pad}{name}: {_cell(value)}")
    return "\n".join(lines)


def _same_rows(values: Sequence[Any]) -> bool:
    return all(
        isinstance(row, Mapping) and row and row.keys() == values[0].keys() for row in values
    )


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return ", ".join(_cell(item) for item in value) or "-"
    return "-" if value is None else str(value)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _load(average: float | None) -> str:
    return "" if average is None else f", load average {average:.1f} at the start"


def _channels(channels: int) -> str:
    return {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")


def _megabytes(count: int | None) -> str:
    return "-" if count is None else f"{count / 1e6:,.0f} MB"
