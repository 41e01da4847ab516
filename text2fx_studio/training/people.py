"""People's words for equalizer settings (SocialFX; Zheng, Seetharaman and Pardo, 2016)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PRIOR_ROWS = 4.0  # trust n / (n + PRIOR_ROWS): one person's setting says little


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

    @property
    def trust(self) -> float:
        """How much the mean is worth, 0..1."""
        return self.count / (self.count + PRIOR_ROWS)


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
