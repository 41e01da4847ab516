"""Agreement with people: the equalizer that the search finds for a word against people's own.

People's settings are SocialFX (Zheng, Seetharaman, Pardo 2016) or any folder of its form: relative
gains in bands, a shape without a unit, so agreement is Pearson's r over the bands between 80 Hz and
10 kHz. The headline counts words only whose settings the encoder's training did not see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from text2fx_studio.benchmark import text2fx_baseline
from text2fx_studio.benchmark.clips import Clip, read_clips
from text2fx_studio.benchmark.people_data import (
    Curve,
    EqData,
    EqWord,
    person_against_others_r,
    read_eq,
    read_reverb,
    split_half_r,
    was_trained_on,
)
from text2fx_studio.benchmark.reverb_words import measure_reverb_words
from text2fx_studio.benchmark.searches import Wanted
from text2fx_studio.benchmark.tone import measure_tone
from text2fx_studio.benchmark.workbench import Workbench, looked_up, random_chain
from text2fx_studio.errors import UsageError

CEILING_LEAST = 8  # settings, for a split into halves to say anything
RANDOM_SETTINGS = 20
TOP_SHARE = 0.1
DRAWS = 2000  # of the bootstrap over words
INTERVAL_LEAST = 5  # words
SYSTEMS = ("search", "text_only", "nearest_entry", "lexicon_lookup", "random", "dry")


@dataclass(frozen=True)
class Options:
    """What is measured.

    Attributes:
        clips: Recordings over which the found responses are averaged.
        least: Words with fewer settings are left out.
        text2fx_words: Words on which the published Text2FX search runs too, on one clip each.
        text2fx_steps: Of it; 600 is what its authors take.
        reverb: Whether reverb words are measured too, where there are any.
    """

    clips: int = 4
    least: int = 4
    text2fx_words: int = 0
    text2fx_steps: int = text2fx_baseline.STEPS
    reverb: bool = True


def run(
    benches: Sequence[Workbench], data: Path, audio: Path, options: Options | None = None
) -> dict[str, Any]:
    """Measure.

    Args:
        benches: One encoder; or one a fold of the words, each trained without its fold: every word
            is then measured with the first encoder that has not seen it.
        data: Folder in the form of SocialFX.
        audio: Folder with recordings.
        options: See :class:`Options`.

    Returns:
        Plain data: the headline, means by group of words, ceilings, a row for each word.

    Raises:
        UsageError: There is no word to measure on, or a folder cannot be used.
    """
    options = options or Options()
    people = read_eq(data)
    words = [word for word in people.words if word.count >= options.least]
    if not words:
        raise UsageError(f"{data}: no word has {options.least} settings or more; lower --least")
    clips = read_clips(audio, options.clips, benches[0].encoder, benches[0].seed)
    jobs = [_assign(word, benches) for word in words]
    rows = []
    curves: list[dict[str, Curve]] = []
    sampled = _spread(len(words), options.text2fx_words)
    for bench in benches:
        bench.prefetch(
            Wanted(clip, word.word, "eq", seed=bench.seed, space=bench.space)
            for word, measuring, _ in jobs if measuring is bench for clip in clips.items
        )  # fmt: skip
    for number, (word, bench, state) in enumerate(jobs):
        benches[0].tell(number / len(jobs), f"searching: {word.word}")
        found = _curves(word, bench, people, clips.items)
        if number in sampled:
            benches[0].tell(number / len(jobs), f"Text2FX: {word.word}")
            found["text2fx"] = _text2fx_curve(
                word.word, bench, people, clips.items[0], options.text2fx_steps
            )
        curves.append(found)
        rows.append(_row(word, state, found, people, bench))
    _rank(rows, curves, words, people)
    held_out = [row for row in rows if row["state"] == "held_out"]
    result = {
        "benchmark": "words",
        "encoders": [bench.encoder.id for bench in benches],
        "space": benches[0].space,
        "weights": [bench.encoder.weights_hash for bench in benches],
        "clips": [clip.name for clip in clips.items],
        "clips_from": clips.why_fair,
        "least": options.least,
        "headline": _headline(held_out, len(rows)),
        "groups": {
            state: _summary([row for row in rows if row["state"] == state])
            for state in ("held_out", "trained", "unknown")
            if any(row["state"] == state for row in rows)
        },
        "ceiling": _ceiling(words, people, benches[0].seed),
        "tone": measure_tone(benches, people, clips.items),
        "rows": rows,
    }
    if options.text2fx_words:
        result["text2fx"] = _text2fx_summary(rows, options.text2fx_steps)
    if options.reverb and (settings := read_reverb(data)):
        result["reverb_words"] = measure_reverb_words(benches[0], settings, clips.items)
    return result


def _assign(word: EqWord, benches: Sequence[Workbench]) -> tuple[EqWord, Workbench, str]:
    """Who measures a word, and whether that one's training saw it."""
    seen = [was_trained_on(word.word, bench.encoder) for bench in benches]
    if False in seen:
        return word, benches[seen.index(False)], "held_out"
    return word, benches[0], "unknown" if None in seen else "trained"


def _curves(
    word: EqWord, bench: Workbench, people: EqData, clips: Sequence[Clip]
) -> dict[str, Curve]:
    frequencies = people.frequencies_hz
    found = [bench.search(clip, word.word).chain.frequency_response_db(frequencies)
             for clip in clips]  # fmt: skip
    entry = looked_up(word.word)
    flat = np.zeros(len(frequencies))
    return {
        "search": np.asarray(np.mean(found, axis=0)),
        "text_only": bench.text_only_curve(word.word, frequencies),
        "nearest_entry": bench.nearest.intent(word.word).curve_db(frequencies),
        "lexicon_lookup": flat if entry is None else entry.curve_db(frequencies),
        "dry": flat,
    }


def _row(
    word: EqWord, state: str, curves: Mapping[str, Curve], people: EqData, bench: Workbench
) -> dict[str, Any]:
    rng = np.random.default_rng([bench.seed, 11, word.count])
    random = [
        people.agreement(random_chain("eq", rng).frequency_response_db(people.frequencies_hz),
                         word.mean)
        for _ in range(RANDOM_SETTINGS)
    ]  # fmt: skip
    row: dict[str, Any] = {
        "word": word.word,
        "count": word.count,
        "state": state,
        "in_lexicon": looked_up(word.word) is not None,
    }
    row |= {name: round(people.agreement(curve, word.mean), 4) for name, curve in curves.items()}
    row["random"] = round(float(np.mean(random)), 4)
    each = [people.agreement(curves["search"], setting) for setting in word.settings]
    row["each_setting"] = round(float(np.mean(each)), 4)
    if word.who is not None:
        by_person: dict[str, list[float]] = {}
        for name, r in zip(word.who, each, strict=True):
            by_person.setdefault(name, []).append(r)
        row["each_contributor"] = round(float(np.mean([np.mean(r) for r in by_person.values()])), 4)
    row["person_against_others"] = (
        round(person_against_others_r(word, people.used), 4) if word.count >= 2 else None
    )
    if word.count >= CEILING_LEAST:
        row["split_half"] = round(split_half_r(word, people.used, rng), 4)
    else:
        row["split_half"] = None
    return row


def _rank(
    rows: list[dict[str, Any]],
    curves: Sequence[Mapping[str, Curve]],
    words: Sequence[EqWord],
    people: EqData,
) -> None:
    """Place of the right word among all, by r of the found response with each word's curve."""
    for index, row in enumerate(rows):
        for name in ("search", "text_only"):
            found = [people.agreement(curves[index][name], word.mean) for word in words]
            # Ties count against us: a flat response knows no word.
            row[f"rank_{name}"] = int(sum(r >= found[index] for r in found))
        row["ranked_among"] = len(words)


def _headline(rows: Sequence[Mapping[str, Any]], total: int) -> dict[str, Any]:
    if not rows:
        return {
            "mean_r": None,
            "says": "no word was held out of this encoder's training, or its notes do not say "
            "which: there is no figure on unseen words; give weights of the folds with --folds",
        }
    found = [row["search"] for row in rows]
    best = max(SYSTEMS[1:], key=lambda name: float(np.mean([row[name] for row in rows])))
    other = float(np.mean([row[best] for row in rows]))
    return {
        "mean_r": round(float(np.mean(found)), 4),
        "interval_90": _interval(found),
        "words": len(rows),
        "best_baseline": best,
        "best_baseline_r": round(other, 4),
        "says": f"mean r on {len(rows)} of {total} words whose settings training did not see",
    }


def _summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = [name for name in SYSTEMS if name in rows[0]]
    summary: dict[str, Any] = {
        "words": len(rows),
        "in_lexicon": sum(bool(row["in_lexicon"]) for row in rows),
        "mean_r": {n: round(float(np.mean([row[n] for row in rows])), 4) for n in names},
        "median_r": {n: round(float(np.median([row[n] for row in rows])), 4) for n in names},
        "share_positive": round(float(np.mean([row["search"] > 0 for row in rows])), 4),
        "each_setting_r": round(float(np.mean([row["each_setting"] for row in rows])), 4),
        # Ranks count among all words that were measured, whatever their group.
        "ranked_among": rows[0]["ranked_among"],
    }
    people = [row["each_contributor"] for row in rows if "each_contributor" in row]
    if people:
        summary["each_contributor_r"] = round(float(np.mean(people)), 4)
    for name in ("search", "text_only"):
        ranks = [row[f"rank_{name}"] for row in rows]
        summary[f"rank_{name}"] = {
            "mean": round(float(np.mean(ranks)), 2),
            "median": float(np.median(ranks)),
            "top_tenth_share": round(
                float(np.mean([row[f"rank_{name}"] <= _top(row) for row in rows])), 4
            ),
        }
    return summary


def _top(row: Mapping[str, Any]) -> float:
    return max(1.0, TOP_SHARE * float(row["ranked_among"]))


def _ceiling(words: Sequence[EqWord], people: EqData, seed: int) -> dict[str, Any]:
    """How well people agree with themselves: nobody can be expected to do better."""
    enough = [word for word in words if word.count >= CEILING_LEAST]
    rng = np.random.default_rng([seed, 13])
    halves = [split_half_r(word, people.used, rng) for word in enough]
    single = [person_against_others_r(word, people.used) for word in words if word.count >= 2]
    return {
        "least": CEILING_LEAST,
        "words": len(enough),
        "split_half_r": round(float(np.mean(halves)), 4) if halves else None,
        "person_against_others_r": round(float(np.mean(single)), 4) if single else None,
    }


def _interval(values: Sequence[float]) -> tuple[float, float] | None:
    """90 % interval of the mean by bootstrap over words; None where they are too few for one."""
    if len(values) < INTERVAL_LEAST:
        return None
    rng = np.random.default_rng(31)
    table = np.asarray(values)
    means = table[rng.integers(len(table), size=(DRAWS, len(table)))].mean(axis=1)
    low, high = np.quantile(means, (0.05, 0.95))
    return round(float(low), 4), round(float(high), 4)


def _spread(total: int, count: int) -> frozenset[int]:
    """``count`` places spread evenly over ``total``."""
    if count <= 0:
        return frozenset()
    return frozenset(int(i) for i in np.linspace(0, total - 1, min(count, total)))


def _text2fx_curve(
    word: str, bench: Workbench, people: EqData, clip: Clip, steps: int
) -> Curve:  # fmt: skip
    found = text2fx_baseline.search(
        clip.audio, clip.sample_rate, word, "eq", bench.encoder, seed=bench.seed, steps=steps
    )
    return text2fx_baseline.eq_response_db(found.setting[0]["parameters"], people.frequencies_hz)


def _text2fx_summary(rows: Sequence[Mapping[str, Any]], steps: int) -> dict[str, Any]:
    """Text2FX and every system on the very same words."""
    sampled = [row for row in rows if "text2fx" in row]
    names = ("text2fx", *SYSTEMS)
    return {
        "words": len(sampled),
        "steps": steps,
        "full": steps >= text2fx_baseline.STEPS,
        "mean_r": {n: round(float(np.mean([row[n] for row in sampled])), 4) for n in names},
    }
