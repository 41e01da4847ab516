"""A table of prompts: which file gets which words.

CSV in UTF-8 with a heading. Columns: ``file`` (a path or a glob) and ``prompt``; ``chain``,
``amount`` and ``seed`` where a row differs from the rest; all others are kept into the record. The
first row that names a file is the one that counts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dsp.atomic import explain_os_error
from text2fx_studio.batch.folder import has_wildcard, matches
from text2fx_studio.batch.plan import Settings
from text2fx_studio.errors import Text2FXError, UsageError
from text2fx_studio.preset_format import LARGEST_SEED
from text2fx_studio.search.prompt import check_prompt

KNOWN = ("file", "prompt", "chain", "amount", "seed")
_LARGEST_BYTES = 50_000_000


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes:
        line: In the file, for messages.
        glob: Which files it is for.
        settings: For them.
        columns: The columns that mean nothing here.
    """

    line: int
    glob: str
    settings: Settings
    columns: dict[str, str]


def read_prompts(path: Path, settings: Settings) -> tuple[Row, ...]:
    """Read a table.

    Args:
        path: CSV; commas, or semicolons as some spreadsheets write them.
        settings: For what the rows do not say.

    Raises:
        UsageError: It cannot be read, has no heading, or a row says something impossible; names
            the line.
    """
    text = _text(path)
    heading = text.partition("\n")[0]
    delimiter = ";" if ";" in heading and "," not in heading else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    names: list[str] = []
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise UsageError(
                f"{path}, line {reader.line_num}: is not valid CSV: {error}"
            ) from error
        where = f"{path}, line {reader.line_num}"
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = _heading(cells, where)
            continue
        if len(cells) > len(names):
            raise UsageError(
                f"{where}: has {len(cells)} cells, the heading names {len(names)} columns; "
                "put a text that holds commas between double quotes"
            )
        padded = [cell.strip() for cell in cells] + [""] * (len(names) - len(cells))
        rows.append(_row(dict(zip(names, padded, strict=True)), settings, where, reader.line_num))
    if not rows:
        raise UsageError(f"{path}: holds no row; needed are a heading and a row for each file")
    return tuple(rows)


def assign(
    rows: Sequence[Row], relatives: Sequence[str]
) -> tuple[dict[str, tuple[Settings, dict[str, str]]], tuple[str, ...]]:
    """Give every file the first row that names it.

    Args:
        rows: Of the table.
        relatives: The files, with forward slashes.

    Returns:
        (settings and other columns by file; files that no row names are not in it, a sentence for
        every glob that matches nothing).

    Raises:
        UsageError: A row names a file, without wildcards, that is not there.
    """
    chosen: dict[str, tuple[Settings, dict[str, str]]] = {}
    met: set[int] = set()
    for relative in relatives:
        for row in rows:
            if matches(relative, row.glob):
                met.add(row.line)
                chosen.setdefault(relative, (row.settings, row.columns))
    notes = []
    for row in rows:
        if row.line in met:
            continue
        if not has_wildcard(row.glob):
            raise UsageError(
                f"prompts, line {row.line}: {row.glob}: there is no such recording in the folder"
            )
        notes.append(f"prompts, line {row.line}: {row.glob}: matches no file")
    return chosen, tuple(notes)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{path}: the prompts cannot be read: {explain_os_error(error)}"
        ) from error
    if len(raw) > _LARGEST_BYTES:
        raise UsageError(f"{path}: is larger than {_LARGEST_BYTES:,} bytes; is it a table?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: is not text in UTF-8 (byte {error.start}); save it as CSV in UTF-8"
        ) from error


def _heading(cells: Sequence[str], where: str) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    for name in ("file", "prompt"):
        if name not in names:
            raise UsageError(
                f"{where}: the heading names no column {name!r}; found {', '.join(names)}; "
                f"needed are file and prompt, known also {', '.join(KNOWN[2:])}"
            )
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{where}: the column {twice!r} stands there twice")
    return names


def _row(cells: dict[str, str], settings: Settings, where: str, line: int) -> Row:
    if not cells["file"]:
        raise UsageError(f"{where}: names no file")
    try:
        wanted = replace(settings, prompt=check_prompt(cells["prompt"]), concepts="")
        if cells.get("chain"):
            wanted = replace(wanted, chain=_chain(cells["chain"]))
    except Text2FXError as error:
        raise UsageError(f"{where}: {error}") from error
    if cells.get("amount"):
        wanted = replace(wanted, amount=_number(cells["amount"], "amount", 1.0, where))
    if cells.get("seed"):
        seed = _number(cells["seed"], "seed", LARGEST_SEED, where)
        if seed != int(seed):
            raise UsageError(f"{where}: seed: found {cells['seed']!r}, a whole number is needed")
        wanted = replace(wanted, seed=int(seed))
    rest = {name: text for name, text in cells.items() if name and name not in KNOWN}
    return Row(line, cells["file"], wanted, rest)


def _chain(text: str) -> str:
    from dsp.chain import Chain

    effects = Chain.parse(text)
    if not any(p.searched for effect in effects for p in effect.parameters):
        raise UsageError(f"chain: {text!r} holds nothing to search; use eq, reverb or eq,reverb")
    return ",".join(effect.kind for effect in effects)


def _number(text: str, name: str, high: float, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= high:
        raise UsageError(f"{where}: {name}: found {text!r}, allowed is 0 to {high:g}")
    return value
