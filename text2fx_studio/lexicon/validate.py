"""Checks of the lexicon's data: the schema, and the rules that no schema can say."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.errors import LexiconError
from text2fx_studio.lexicon.curve import intent_curve_db
from text2fx_studio.lexicon.entry import DRY_T60_S, DRY_WET, Entry, normalize
from text2fx_studio.lexicon.load import lexicon_folder, read_lines

_FLATTEST_DB = 0.5
_OPPOSED_RATIO = 2.0
_RELATED = 0.3
_GRID_HZ = np.geomspace(50.0, 15_000.0, 40)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the data.

    Attributes:
        place: File and line, ``path:line``.
        message: What was found and what is allowed.
    """

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def schema() -> dict[str, Any]:
    """The JSON Schema of one entry, ``presets/lexicon/schema.json``."""
    text = resources.files("presets").joinpath("lexicon/schema.json").read_text("utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def validate_folder(folder: Path | None = None) -> list[Problem]:
    """Everything that is wrong with a lexicon.

    Args:
        folder: Where the ``*.jsonl`` lie; None for those that ship with the app.

    Returns:
        The problems in order of place; empty for a good lexicon.

    Raises:
        LexiconError: The folder holds no lexicon, or a line is not a JSON object.
    """
    from jsonschema import Draft202012Validator

    rows = read_lines(lexicon_folder() if folder is None else folder)
    validator = Draft202012Validator(schema())
    problems: list[Problem] = []
    good: dict[str, tuple[str, Entry]] = {}
    texts: dict[str, str] = {}
    for place, data in rows:
        wrong = [
            Problem(place, f"{'.'.join(map(str, error.absolute_path)) or 'entry'}: {error.message}")
            for error in validator.iter_errors(data)
        ]
        try:
            entry = None if wrong else Entry.from_data(data)
        except LexiconError as error:
            wrong, entry = [Problem(place, str(error))], None
        problems += wrong
        if entry is None:
            continue
        problems += [Problem(place, message) for message in _entry_faults(entry)]
        if entry.id in good:
            problems.append(
                Problem(place, f"id {entry.id!r} stands already in {good[entry.id][0]}")
            )
        good.setdefault(entry.id, (place, entry))
        for text in entry.texts:
            key = normalize(text)
            if key in texts:
                problems.append(Problem(place, f"text {text!r} stands already in {texts[key]}"))
            texts.setdefault(key, place)
    for place, entry in good.values():
        problems += [Problem(place, message) for message in _antonym_faults(entry, good)]
    return problems


def opposed(first: Entry, second: Entry) -> bool:
    """Whether two entries stand on opposite sides in tone, space, drive or dynamics.

    In tone: their curves correlate negatively. In space: wet × √T60 differs twofold and more.
    In dynamics: different signs. In drive: one asks for half as much again of the whole range.
    """
    if _correlation(first, second) < 0.0:
        return True
    if first.space is not None and second.space is not None:
        low, high = sorted((_roominess(first), _roominess(second)))
        if high >= _OPPOSED_RATIO * low and high > 0.0:
            return True
    if (first.dynamics or 0.0) * (second.dynamics or 0.0) < 0.0:
        return True
    return abs((first.drive or 0.0) - (second.drive or 0.0)) >= 0.5


def _entry_faults(entry: Entry) -> list[str]:
    faults = []
    if any(not normalize(text) for text in entry.texts):
        faults.append("texts: one has neither a letter nor a digit")
    spread = max(entry.gains_db) - min(entry.gains_db)
    if spread < _FLATTEST_DB and any(entry.gains_db):
        faults.append(
            f"gains_db: found {list(entry.gains_db)}, a change of level alone; "
            "give a shape, or zeros for none"
        )
    high, low = entry.high_pass_hz, entry.low_pass_hz
    if high is not None and low is not None and high >= low:
        faults.append(f"high_pass_hz {high:g} is not below low_pass_hz {low:g}")
    space = entry.space
    if space is not None and space.asks_for_none and space.t60_s > DRY_T60_S:
        faults.append(
            f"space: wet {space.wet:g} means dry (up to {DRY_WET:g}), which asks for a t60_s of "
            f"at most {DRY_T60_S:g}; found {space.t60_s:g}"
        )
    if entry.antonym == entry.id:
        faults.append("antonym: an entry cannot be its own opposite")
    return faults


def _antonym_faults(entry: Entry, good: dict[str, tuple[str, Entry]]) -> list[str]:
    if entry.antonym is None or entry.antonym == entry.id:
        return []
    if entry.antonym not in good:
        return [f"antonym: {entry.antonym!r} is the id of no entry"]
    other = good[entry.antonym][1]
    faults = []
    if not opposed(entry, other):
        faults.append(f"antonym: {other.id!r} is not on the opposite side in tone or space")
    if other.antonym is None:
        faults.append(f"antonym: {other.id!r} names no antonym; it should name {entry.id!r}")
    elif other.antonym != entry.id and other.antonym in good:
        back = good[other.antonym][1]
        if not _related(entry, back, other):
            faults.append(
                f"antonym: {other.id!r} names {back.id!r} as its antonym, which is neither "
                f"{entry.id!r} nor close to it in meaning"
            )
    return faults


def _related(entry: Entry, back: Entry, other: Entry) -> bool:
    """Whether two opposites of ``other`` lean the same way: in tone, or in space."""
    if _correlation(entry, back) >= _RELATED:
        return True
    if entry.space is None or back.space is None or other.space is None:
        return False
    level = _roominess(other)
    return (_roominess(entry) - level) * (_roominess(back) - level) > 0.0


def _shape(entry: Entry) -> NDArray[np.float64]:
    curve: NDArray[np.float64] = np.maximum(intent_curve_db(entry, _GRID_HZ), -40.0)
    centred: NDArray[np.float64] = curve - curve.mean()
    return centred


def _correlation(first: Entry, second: Entry) -> float:
    a, b = _shape(first), _shape(second)
    norm = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / norm if norm > 1e-9 else 0.0


def _roominess(entry: Entry) -> float:
    return 0.0 if entry.space is None else entry.space.wet * math.sqrt(entry.space.t60_s)
