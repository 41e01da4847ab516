"""People's words for equalizer settings (SocialFX), as phrases to train on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.encoders.settings import GAIN_CENTERS_HZ
from text2fx_studio.training.intents import Intent
from text2fx_studio.training.phrases import Phrase

RMS_DB = 4.0  # depth given to a mean curve: the data are shapes without a unit
PEOPLE_WEIGHT = 4.0  # of a phrase against a lexicon phrase of full confidence
CONTRADICTION = -0.3
PRIOR_ROWS = 4.0  # weight n / (n + PRIOR_ROWS): one person's setting says little


@dataclass(frozen=True)
class PeopleWord:
    """The mean setting of a word.

    Attributes:
        word: As people wrote it.
        count: Settings behind the mean.
        curve: Relative gains at the data's frequencies, mean zero.
    """

    word: str
    count: int
    curve: NDArray[np.float64]


def read_people(folder: Path) -> tuple[NDArray[np.float64], list[PeopleWord]]:
    """Read ``bands.json`` and ``eq.jsonl``.

    Returns:
        Frequencies in Hz [40], and the mean setting of every word.
    """
    bands = json.loads((folder / "bands.json").read_text("utf-8"))
    frequencies = np.asarray(bands["frequencies_hz"], dtype=np.float64)
    rows: dict[str, list[list[float]]] = {}
    for line in (folder / "eq.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        rows.setdefault(str(row["word"]).strip().lower(), []).append(row["gains"])
    found = []
    for word, gains in sorted(rows.items()):
        curve = np.asarray(gains, dtype=np.float64).mean(axis=0)
        found.append(PeopleWord(word, len(gains), curve - curve.mean()))
    return frequencies, found


def people_phrases(
    frequencies_hz: NDArray[np.float64],
    words: Iterable[PeopleWord],
    meanings: Mapping[str, tuple[Intent, bool]],
) -> list[Phrase]:
    """Each word plainly and in sentences; the mean curve scaled to ``RMS_DB``.

    People's settings were not matched in loudness: "soft" and "quiet" took energy out of the
    middle, the opposite of how these words are used where level does not change. A word of sound
    whose lexicon meaning they contradict (r below ``CONTRADICTION``) is therefore left out; words
    of emotion and the like, of which the lexicon knows less than people do, all count.

    Args:
        frequencies_hz: Of the curves, [40].
        words: To use.
        meanings: By word: the lexicon's intent, and whether it is a word of sound.
    """
    found = []
    for word in words:
        if _contradicts(frequencies_hz, word, meanings):
            continue
        at = np.interp(np.log(GAIN_CENTERS_HZ), np.log(frequencies_hz), word.curve)
        at = at - at.mean()
        size = float(np.sqrt(np.mean(at**2)))
        if size < 1e-6:
            continue
        trust = word.count / (word.count + PRIOR_ROWS)
        intent = Intent(tuple(float(g) for g in (at * RMS_DB * trust**0.5 / size).clip(-12, 12)))
        for template in ("{}", "this sound is {}", "a {} sound", "make it {}"):
            text = template.format(word.word)
            found.append(Phrase(text, intent, PEOPLE_WEIGHT * trust, (), "people"))
    return found


def _contradicts(
    frequencies_hz: NDArray[np.float64],
    word: PeopleWord,
    meanings: Mapping[str, tuple[Intent, bool]],
) -> bool:
    meaning = meanings.get(word.word)
    if meaning is None or not meaning[1]:
        return False
    use = (frequencies_hz >= 80) & (frequencies_hz <= 10_000)
    curve = meaning[0].curve_db(frequencies_hz)[use]
    if float(np.std(curve)) < 1e-6:
        return False
    return float(np.corrcoef(curve, word.curve[use])[0, 1]) < CONTRADICTION
