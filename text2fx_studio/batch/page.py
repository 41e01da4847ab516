"""``batch.html``: what became of a folder, with players; the worst files come first.

Plain data in, one HTML file out. The sounds stay where they are: the players name the results by
paths relative to the page, so the folder can be moved as a whole.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from text2fx_studio.batch.folder import PAGE_NAME
from text2fx_studio.batch.plan import Plan
from text2fx_studio.batch.summary import Line, Summary, gain, summarise
from text2fx_studio.errors import OutputError
from text2fx_studio.explain.document import document, section

MOST_PLAYERS = 400  # files with players; a browser is slow with thousands of them
_BARS, _WIDTH, _HEIGHT = 24, 760, 150
_STYLE = """
body{max-width:1100px}td{vertical-align:middle}td.text,th.text{text-align:left}
td.name{word-break:break-all}audio{width:190px;height:32px}.problem{color:#C0362C}
@media (prefers-color-scheme:dark){.problem{color:#FF7B72}}
"""


def write_page(plan: Plan, lines: Sequence[Line]) -> Path:
    """Write the page into the folder of the results.

    Args:
        plan: The folder.
        lines: Last lines of the files in the plan's order.

    Raises:
        OutputError: It cannot be written.
    """
    from dsp.atomic import write_atomic

    path = plan.output_folder / PAGE_NAME
    text = batch_page(plan, lines).encode("utf-8", "backslashreplace")
    write_atomic(path, text, overwrite=True, error=OutputError)
    return path


def batch_page(plan: Plan, lines: Sequence[Line]) -> str:
    """Draw the page; see :func:`write_page`."""
    found = summarise(lines)
    title = f"Batch: {plan.output_folder.name}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p class='muted'>{escape(_headline(found, len(lines)))}</p>",
    ]
    if found.failed:
        parts.append(section("Failed", _failures(found)))
    if found.scored:
        parts.append(section("How much closer to the words", _distribution(found)))
    if found.done:
        heading = "Files, least gained first" if found.scored else "Files"
        parts.append(section(heading, _files(plan, found)))
    if found.others:
        parts.append(section("Not done", _others(found)))
    return document(title, parts, _STYLE)


def _headline(found: Summary, total: int) -> str:
    told = [f"{total} files", f"{len(found.done)} done"]
    told += [f"{len(found.failed)} failed"] if found.failed else []
    counts = Counter(str(line.get("status")) for line in found.others)
    told += [f"{count} {status}" for status, count in sorted(counts.items())]
    minutes = found.seconds_of_sound / 60
    told.append(f"{minutes:.1f} minutes of sound")
    prompts = Counter(str(line.get("prompt", "")) for line in found.done)
    if len(prompts) == 1:
        told.append(f"“{next(iter(prompts))}”")
    elif prompts:
        told.append(f"{len(prompts)} prompts")
    return ", ".join(told) + "."


def _failures(found: Summary) -> str:
    rows = [
        f"<tr><td class='name'>{escape(str(line['file']))}</td>"
        f"<td class='text problem'>{escape(str(line.get('reason', '')))}</td></tr>"
        for line in found.failed
    ]
    return _table(("File", "Why"), rows)


def _others(found: Summary) -> str:
    rows = [
        f"<tr><td class='name'>{escape(str(line['file']))}</td>"
        f"<td class='text'>{escape(str(line.get('status', '')))}</td>"
        f"<td class='text muted'>{escape(str(line.get('reason', '')))}</td></tr>"
        for line in found.others
    ]
    return _table(("File", "Status", "Why"), rows)


def _files(plan: Plan, found: Summary) -> str:
    rows = []
    sources = {unit.file: unit.source for unit in plan.units}
    for number, line in enumerate(found.done):
        cells = [f"<td class='name'>{_link(line)}</td>"]
        cells.append(f"<td class='text'>{escape(str(line.get('prompt', '')))}</td>")
        if line.get("score_wet") is None:
            cells += ["<td></td>", "<td></td>"]
        else:
            cells.append(f"<td>{line['score_dry']:.3f} → {line['score_wet']:.3f}</td>")
            cells.append(f"<td>{gain(line):+.3f}</td>")
        if number < MOST_PLAYERS:
            cells.append(f"<td>{_player(_source(sources, plan.output_folder, line), 'Dry')}</td>")
            cells.append(f"<td>{_player(_quoted(str(line['output'])), 'Shaped')}</td>")
        else:
            cells += ["<td></td>", "<td></td>"]
        notes = "; ".join(str(note) for note in line.get("notes", ()))
        cells.append(f"<td class='text muted'>{escape(notes)}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    more = len(found.done) - MOST_PLAYERS
    said = f"<p class='muted'>The last {more} have no players.</p>" if more > 0 else ""
    heads = ("File", "Words", "Match", "Gain", "Dry", "Shaped", "What to know")
    return _table(heads, rows) + said


def _distribution(found: Summary) -> str:
    """Histogram of the gains."""
    gains = [gain(line) for line in found.scored]
    low, high = min(0.0, *gains), max(0.01, *gains)
    width = (high - low) / _BARS
    counts = Counter(min(_BARS - 1, int((value - low) / width)) for value in gains)
    tallest = max(counts.values())
    step = _WIDTH / _BARS
    bars = "".join(
        f"<rect x='{bar * step + 1:.1f}' y='{_HEIGHT - 20 - (_HEIGHT - 36) * count / tallest:.1f}' "
        f"width='{step - 2:.1f}' height='{(_HEIGHT - 36) * count / tallest:.1f}' rx='2' "
        f"fill='var(--wet)'><title>{low + bar * width:+.3f} to {low + (bar + 1) * width:+.3f}: "
        f"{count} files</title></rect>"
        for bar, count in sorted(counts.items())
    )
    ends = (
        f"<text x='0' y='{_HEIGHT - 4}'>{low:+.3f}</text>"
        f"<text x='{_WIDTH}' y='{_HEIGHT - 4}' text-anchor='end'>{high:+.3f}</text>"
        f"<text x='0' y='11'>{tallest} files</text>"
    )
    return (
        f"<svg viewBox='0 0 {_WIDTH} {_HEIGHT}' role='img' aria-label='How many files gained how "
        f"much'>{bars}{ends}</svg><p class='muted'>Gain: match of the shaped sound with the words, "
        "less that of the dry sound.</p>"
    )


def _table(heads: Sequence[str], rows: Sequence[str]) -> str:
    titles = "".join(f"<th class='text'>{head}</th>" for head in heads)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _link(line: Line) -> str:
    return f"<a href='{_quoted(str(line['output']))}'>{escape(str(line['file']))}</a>"


def _player(address: str, name: str) -> str:
    if not address:
        return ""
    return f"<audio controls preload='none' aria-label='{name}' src='{address}'></audio>"


def _source(sources: dict[str, str], folder: Path, line: Line) -> str:
    """Where the recording is, seen from the page; empty where there is no way (another drive)."""
    path = sources.get(str(line["file"]), "")
    try:
        return _quoted(Path(os.path.relpath(path, folder)).as_posix()) if path else ""
    except ValueError:
        return ""


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"))


def lines_of(plan: Plan, record_lines: dict[str, dict[str, Any]]) -> list[Line]:
    """The record's last lines in the plan's order; files that it does not know are queued."""
    return [
        record_lines.get(unit.file, {"file": unit.file, "status": "queued"}) for unit in plan.units
    ]
