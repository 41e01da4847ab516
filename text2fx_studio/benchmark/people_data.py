"""People's settings row by row, from any folder in the form of SocialFX (see ``training.people``).

``bands.json`` holds ``frequencies_hz``; ``eq.jsonl`` has a row a setting: ``word``, ``gains`` (a
shape without a unit) and, where it is known, who made it (``contributor`` or ``user``);
``reverb.jsonl`` has ``words``, ``agreed``, ``params`` and the contributor.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.errors import UsageError
from text2fx_studio.training.splits import stem_mark

LOW_HZ, HIGH_HZ = 80.0, 10_000.0
HALVES_DRAWN = 200
WHO = ("contributor", "user", "user_id", "contributor_id")

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class EqWord:
    """All settings of one word.

    Attributes:
        word: As people wrote it, lower case.
        settings: Relative gains, [N, bands], each of mean zero.
        who: Of each setting, or None where the data do not say.
    """

    word: str
    settings: Curve
    who: tuple[str, ...] | None

    @property
    def count(self) -> int:
        """N."""
        return len(self.settings)

    @property
    def mean(self) -> Curve:
        """People's mean curve, [bands]."""
        return np.asarray(self.settings.mean(axis=0))


@dataclass(frozen=True)
class EqData:
    """People's equalizer settings.

    Attributes:
        frequencies_hz: Of the bands.
        words: In alphabetical order.
    """

    frequencies_hz: Curve
    words: tuple[EqWord, ...]

    @property
    def used(self) -> NDArray[np.bool_]:
        """Bands between 80 Hz and 10 kHz, over which curves are compared."""
        return (self.frequencies_hz >= LOW_HZ) & (self.frequencies_hz <= HIGH_HZ)

    def agreement(self, curve: Curve, other: Curve) -> float:
        """Pearson's r over the used bands; 0 where either is flat."""
        return correlation(curve[self.used], other[self.used])


@dataclass(frozen=True)
class ReverbSetting:
    """One setting of the Reverbalize reverberator and the words that people gave it.

    Attributes:
        words: Its maker's words and those that its maker agreed with.
        who: Its maker, or None.
        t60_s: From the comb filter's delay d and gain g: 3 d / -log10(g).
        wetness: One over the recorded effect E. What people called dry or close has the largest E
            in the data, what they called hall or church the smallest: it counts as dry over wet.
        brightness_hz: The low-pass's cutoff.
    """

    words: frozenset[str]
    who: str | None
    t60_s: float
    wetness: float
    brightness_hz: float


def read_eq(folder: Path) -> EqData:
    """Read ``bands.json`` and ``eq.jsonl``.

    Raises:
        UsageError: A file is missing or not of this form; names file and line.
    """
    bands = _json(folder / "bands.json")
    try:
        frequencies = np.asarray(bands["frequencies_hz"], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{folder / 'bands.json'}: needs frequencies_hz, a list of numbers in Hz"
        ) from error
    rows: dict[str, list[tuple[list[float], str | None]]] = {}
    for place, row in _lines(folder / "eq.jsonl"):
        try:
            gains = [float(gain) for gain in row["gains"]]
            word = str(row["word"]).strip().lower()
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"{place}: needs word and gains, found {sorted(row)}") from error
        if len(gains) != len(frequencies) or not np.isfinite(gains).all():
            raise UsageError(
                f"{place}: found {len(gains)} gains, {len(frequencies)} finite ones are needed, "
                "one for each band of bands.json"
            )
        if word:
            rows.setdefault(word, []).append((gains, _who(row)))
    words = []
    for word, found in sorted(rows.items()):
        table = np.asarray([gains for gains, _ in found])
        who = [w for _, w in found if w is not None]
        words.append(
            EqWord(
                word, table - table.mean(axis=1, keepdims=True),
                tuple(who) if len(who) == len(found) else None,
            )
        )  # fmt: skip
    return EqData(frequencies, tuple(words))


def read_reverb(folder: Path) -> list[ReverbSetting]:
    """Read ``reverb.jsonl``; a folder without one gives nothing.

    Raises:
        UsageError: A line is not of this form.
    """
    if not (folder / "reverb.jsonl").is_file():
        return []
    found = []
    for place, row in _lines(folder / "reverb.jsonl"):
        try:
            delay_s, gain, _, cutoff_hz, effect = (float(x) for x in row["params"])
            words = [*row["words"], *row.get("agreed", [])]
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"{place}: needs words and five params") from error
        if not (0 < gain < 1 and delay_s > 0 and effect > 0 and cutoff_hz > 0):
            continue  # a reverberator that is off or does not decay says nothing of a room
        found.append(
            ReverbSetting(
                frozenset(str(w).strip().lower() for w in words), _who(row),
                3.0 * delay_s / -math.log10(gain), 1.0 / effect, cutoff_hz,
            )
        )  # fmt: skip
    return found


def correlation(first: Curve, second: Curve) -> float:
    """Pearson's r; 0 where either side is flat."""
    if float(np.std(first)) < 1e-6 or float(np.std(second)) < 1e-6:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def split_half_r(word: EqWord, used: NDArray[np.bool_], rng: np.random.Generator) -> float:
    """Mean r between the means of two random halves of a word's settings: people's own limit."""
    table = word.settings[:, used]
    found = []
    for _ in range(HALVES_DRAWN):
        order = rng.permutation(len(table))
        half = len(table) // 2
        found.append(correlation(table[order[:half]].mean(0), table[order[half:]].mean(0)))
    return float(np.mean(found))


def person_against_others_r(word: EqWord, used: NDArray[np.bool_]) -> float:
    """Mean r of each setting with the mean of the word's other settings."""
    table = word.settings[:, used]
    total = table.sum(axis=0)
    found = [correlation(row, (total - row) / (len(table) - 1)) for row in table]
    return float(np.mean(found))


def was_trained_on(word: str, encoder: object) -> bool | None:
    """Whether an encoder's training saw people's settings for a word (or for a form of it).

    Returns:
        None where the encoder's notes do not say.
    """
    notes = getattr(encoder, "notes", None)
    if notes is None:
        return False  # an encoder from elsewhere, not trained on people's settings by us
    marks = notes.get("splits", {}).get("people_stems_trained")
    return None if marks is None else stem_mark(word) in set(marks)


def _who(row: dict[str, Any]) -> str | None:
    return next((str(row[name]) for name in WHO if row.get(name) is not None), None)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read; a data folder holds bands.json and eq.jsonl"
        ) from error
    except ValueError as error:
        raise UsageError(f"{path}: is not JSON ({error})") from error


def _lines(path: Path) -> Sequence[tuple[str, dict[str, Any]]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: cannot be read; a data folder holds bands.json and eq.jsonl"
        ) from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UsageError(f"{path}:{number}: is not JSON ({error})") from error
        if not isinstance(row, dict):
            raise UsageError(f"{path}:{number}: found {type(row).__name__}, an object is needed")
        found.append((f"{path}:{number}", row))
    return found
