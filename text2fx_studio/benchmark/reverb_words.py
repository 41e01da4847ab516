"""Reverb words, as aggregates only: one setting says next to nothing, thousands together do.

Words with many settings are placed by the mean of log T60, log wetness and log brightness of the
settings that people gave them to, and by what the search and the words' proposal do for them. The
agreement is Spearman's rho over the words, beside the rho of two random halves of the people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from dsp.chain import Chain
from dsp.reverb import Reverb
from text2fx_studio.benchmark.clips import Clip
from text2fx_studio.benchmark.people_data import ReverbSetting
from text2fx_studio.benchmark.workbench import Workbench

LEAST = 40  # settings of a word
WORDS = 30
HALVES_DRAWN = 100
CLIPS = 2
MEASURES = ("t60", "wetness", "brightness")

Place = tuple[float, float, float]


def measure_reverb_words(
    bench: Workbench, settings: Sequence[ReverbSetting], clips: Sequence[Clip]
) -> dict[str, Any]:
    """Spearman's rho over words, with people's own.

    Args:
        bench: Searches the reverb alone.
        settings: People's.
        clips: The first two are used.

    Returns:
        Plain data with a row for each word; ``words`` 0 where too few have enough settings.
    """
    words = frequent_words(settings)
    if len(words) < 5:
        return {"words": len(words), "least": LEAST}
    people = place_words(words, settings)
    found: dict[str, dict[str, Place]] = {"search": {}, "text_only": {}}
    for number, word in enumerate(words):
        bench.tell(number / len(words), f"searching rooms: {word}")
        rooms = [bench.search(clip, word, "reverb").chain for clip in clips[:CLIPS]]
        places = [_place_of(chain) for chain in rooms]
        found["search"][word] = tuple(np.mean(places, axis=0))
        found["text_only"][word] = _place_of(bench.text_only(word, "reverb", 44_100.0))
    ceiling = halves_rho(words, settings, bench.seed)
    return {
        "words": len(words),
        "least": LEAST,
        "settings": len(settings),
        "rho": {
            system: {m: rho(people, places, i) for i, m in enumerate(MEASURES)}
            for system, places in found.items()
        },
        "ceiling_halves_rho": dict(zip(MEASURES, ceiling, strict=True)),
        "rows": [
            {"word": word}
            | {f"people_{m}": round(people[word][i], 3) for i, m in enumerate(MEASURES)}
            | {f"search_{m}": round(found["search"][word][i], 3) for i, m in enumerate(MEASURES)}
            for word in words
        ],
    }


def frequent_words(settings: Iterable[ReverbSetting]) -> list[str]:
    """The words of the most settings, at the most ``WORDS``, each with ``LEAST`` or more."""
    count = Counter(word for setting in settings for word in setting.words)
    return [word for word, number in count.most_common(WORDS) if number >= LEAST]


def place_words(words: Sequence[str], settings: Iterable[ReverbSetting]) -> dict[str, Place]:
    """Means of log2 T60, log2 wetness and log2 brightness of each word's settings."""
    wanted = set(words)
    rows: dict[str, list[Place]] = {word: [] for word in words}
    for setting in settings:
        place = (
            float(np.log2(setting.t60_s)),
            float(np.log2(setting.wetness)),
            float(np.log2(setting.brightness_hz)),
        )
        for word in setting.words & wanted:
            rows[word].append(place)
    return {word: _mean(found) for word, found in rows.items() if found}


def rho(first: Mapping[str, Place], second: Mapping[str, Place], measure: int) -> float | None:
    """Spearman's rho over the words that both hold; None where one side does not vary."""
    words = sorted(first.keys() & second.keys())
    a = [first[word][measure] for word in words]
    b = [second[word][measure] for word in words]
    if len(words) < 3 or float(np.std(a)) < 1e-9 or float(np.std(b)) < 1e-9:
        return None
    return round(float(spearmanr(a, b).statistic), 4)


def halves_rho(
    words: Sequence[str], settings: Sequence[ReverbSetting], seed: int
) -> list[float | None]:
    """People against people: rho of the words' places by two random halves of the contributors."""
    rng = np.random.default_rng([seed, 37])
    names = sorted({s.who for s in settings if s.who is not None})
    found: list[list[float]] = [[] for _ in MEASURES]
    for _ in range(HALVES_DRAWN):
        chosen = {name for name in names if rng.random() < 0.5}
        sides: tuple[list[ReverbSetting], list[ReverbSetting]] = ([], [])
        for setting in settings:
            first = setting.who in chosen if setting.who is not None else rng.random() < 0.5
            sides[int(first)].append(setting)
        places = [place_words(words, side) for side in sides]
        for index in range(len(MEASURES)):
            value = rho(places[0], places[1], index)
            if value is not None:
                found[index].append(value)
    return [round(float(np.mean(values)), 4) if values else None for values in found]


def _place_of(chain: Chain) -> Place:
    """A reverb as log2 T60, wet level in dB, and how bright it is (-damping, with its tone)."""
    room = chain.get(Reverb) or Reverb()
    value = room.values
    if room.is_neutral():
        return float(np.log2(Reverb.parameter("t60_s").low)), value["wet_db"], 0.0
    return (
        float(np.log2(value["t60_s"])),
        value["wet_db"],
        -value["damping"] + value["tone_db"] / 12.0,
    )


def _mean(places: Sequence[Place]) -> Place:
    first, second, third = np.mean(places, axis=0)
    return float(first), float(second), float(third)
