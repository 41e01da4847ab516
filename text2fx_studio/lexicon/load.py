"""Reading the lexicon: every ``*.jsonl`` of a folder, one entry a line."""

from __future__ import annotations

import gc
import json
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from text2fx_studio.errors import LexiconError
from text2fx_studio.lexicon.entry import Entry, normalize
from text2fx_studio.lexicon.lexicon import Lexicon


def lexicon_folder() -> Path:
    """The folder of the lexicon that ships with the app."""
    return Path(str(resources.files("presets").joinpath("lexicon")))


def load_lexicon(folder: Path | None = None) -> Lexicon:
    """The lexicon; read once per folder, then kept.

    Args:
        folder: Where the ``*.jsonl`` lie; None for those that ship with the app.

    Raises:
        LexiconError: No file, an unreadable line, a missing or mistyped field, an id or a text
            that stands twice, or an antonym that does not exist; names file and line.
    """
    return _load((lexicon_folder() if folder is None else folder).resolve())


@lru_cache(maxsize=4)
def _load(folder: Path) -> Lexicon:
    # All that is made here stays: to look for garbage among it takes a fifth of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _read(folder)
    finally:
        if collecting:
            gc.enable()


def _read(folder: Path) -> Lexicon:
    rows = []
    for place, data in read_lines(folder):
        try:
            rows.append((place, Entry.from_data(data)))
        except LexiconError as error:
            raise LexiconError(f"{place}: {error}") from error
    lexicon = Lexicon(entry for _, entry in rows)
    if lexicon.repeats:
        raise _repetition(rows)
    for place, entry in rows:
        if entry.antonym is not None and entry.antonym not in lexicon:
            raise LexiconError(f"{place}: antonym {entry.antonym!r} is the id of no entry")
    return lexicon


def _repetition(rows: list[tuple[str, Entry]]) -> LexiconError:
    """Where an id or a text stands for the second time."""
    seen: dict[tuple[str, str], str] = {}
    for place, entry in rows:
        names = [("id", entry.id), *(("text", text) for text in entry.texts)]
        for kind, name in names:
            key = (kind, normalize(name) if kind == "text" else name)
            if key in seen:
                return LexiconError(f"{place}: {kind} {name!r} stands already in {seen[key]}")
            seen[key] = place
    return LexiconError(f"{rows[0][0]}: something stands twice")


def lexicon_files(folder: Path) -> list[Path]:
    """The lexicon's files in order of their names.

    Raises:
        LexiconError: The folder holds none.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise LexiconError(f"{folder}: no *.jsonl found; a lexicon is a folder of such files")
    return files


def read_lines(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every line as plain data, unchecked but for being a JSON object.

    Returns:
        Pairs of the place (``path:line``, lines counted from 1) and the object.

    Raises:
        LexiconError: A file cannot be read, or a line is not a JSON object.
    """
    rows: list[tuple[str, dict[str, Any]]] = []
    for path in lexicon_files(folder):
        try:
            lines = path.read_text("utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise LexiconError(f"{path}: cannot be read as UTF-8 text ({error})") from error
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            place = f"{path}:{number}"
            try:
                data = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise LexiconError(f"{place}: not valid JSON ({error})") from error
            if not isinstance(data, dict):
                raise LexiconError(f"{place}: found {type(data).__name__}, an object is needed")
            rows.append((place, data))
    return rows
