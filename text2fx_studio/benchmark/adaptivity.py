"""Whether the search hears: one recording in several colours must end closer together.

For each recording and timbre prompt the search runs on the plain version and on versions made
bright, dull, boomy and thin beforehand. The spread of their spectral tilts (standard deviation, in
dB per octave, free of level) before and after says how far the differences were evened out. A
setting from the words alone is the same for all versions, so it leaves the spread where it was.

The table of versions has an aim that both can be held to: the tilt of the plain version, moved by
what the words' own proposal does to it. On the plain version the proposal meets it by construction;
on coloured ones only a search that hears can.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dsp.chain import Chain
from text2fx_studio.benchmark.clips import Clip, Clips
from text2fx_studio.benchmark.colours import CUTOFF_HZ, WET, band_limited, coloured, wet
from text2fx_studio.benchmark.searches import Wanted
from text2fx_studio.benchmark.sound_measures import (
    NO_ENERGY_DB,
    NO_ROOM_DB,
    filled_bands,
    room_db,
    third_octaves_db,
    tilt_db_per_octave,
)
from text2fx_studio.benchmark.workbench import Workbench, rendered

TIMBRES = ("warm", "bright", "dark", "crisp", "mellow", "airy", "thin", "full-bodied")
BRIGHT_TIMBRES = ("bright", "airy", "crisp", "sparkling")
SPACES = ("in a huge cathedral", "in a large hall", "roomy", "spacious")
NO_SPACE = ("dry, no reverb", "close and dry", "no room at all")
HALVED = 0.5
BOOST_DB = 1.0
LESS_DB = 0.5  # of room on the wet version, to count as less
FAINT_ROOM_DB = -30.0  # a room below is as good as none
CHAIN = "eq,reverb"
_EMPTY_FROM = 1.25  # times the cutoff: there the band-limited version holds nothing


def run(bench: Workbench, clips: Clips, *, prompts: Sequence[str] | None = None) -> dict[str, Any]:
    """Measure.

    Args:
        bench: The encoder.
        clips: Recordings, never trained on.
        prompts: Timbre prompts; None for the eight of ``TIMBRES``.

    Returns:
        Share of pairs whose spread is at least halved, the table of versions, boosts where there
        is no energy, and what the wet version gets.
    """
    chosen = tuple(prompts) if prompts is not None else TIMBRES
    pairs, versions = _tilts(bench, clips, chosen)
    ratios = [pair["after"] / pair["before"] for pair in pairs if pair["before"] > 0]
    return {
        "benchmark": "adaptivity",
        "encoder": bench.encoder.id,
        "weights": bench.encoder.weights_hash,
        "prompts": list(chosen),
        "clips": [clip.name for clip in clips.items],
        "clips_from": clips.why_fair,
        "tilt_spread": {
            "pairs": len(ratios),
            "before_db_per_octave": _mean([pair["before"] for pair in pairs]),
            "after_db_per_octave": _mean([pair["after"] for pair in pairs]),
            "text_only_db_per_octave": _mean([pair["text_only"] for pair in pairs]),
            "ratio_median": round(float(np.median(ratios)), 4) if ratios else None,
            "halved_share": _mean([ratio <= HALVED for ratio in ratios]),
            "smaller_share": _mean([ratio < 1.0 for ratio in ratios]),
        },
        "hearing_against_text_only": _versions_table(versions),
        "empty_band": _empty_band(bench, clips, len(chosen)),
        "wet_source": _wet_source(bench, clips, len(chosen)),
        "pairs": pairs,
    }


def _tilts(
    bench: Workbench, clips: Clips, prompts: Sequence[str]
) -> tuple[list[dict[str, Any]], dict[str, list[tuple[float, float, float]]]]:
    """A row a pair; and by version (search's error, text-only's error, error of doing nothing)."""
    pairs = []
    versions: dict[str, list[tuple[float, float, float]]] = {}
    total = len(clips.items) * len(prompts)
    bench.prefetch(
        Wanted(source, prompt, "eq", seed=bench.seed)
        for clip in clips.items for source in coloured(clip).values() for prompt in prompts
    )  # fmt: skip
    for index, clip in enumerate(clips.items):
        sources = coloured(clip)
        used = filled_bands(third_octaves_db(clip.audio, clip.sample_rate))
        before = {name: _tilt(source, None, used) for name, source in sources.items()}
        for number, prompt in enumerate(prompts):
            place = index * len(prompts) + number
            bench.tell(0.7 * place / total, f"searching: {prompt}")
            text_only = bench.text_only(prompt, "eq", clip.sample_rate)
            after, deaf = {}, {}
            for name, source in sources.items():
                found = bench.search(source, prompt, "eq")
                after[name] = _tilt(source, found.chain, used)
                deaf[name] = _tilt(source, text_only, used)
            aim = deaf["plain"]
            for name in sources:
                versions.setdefault(name, []).append(
                    (abs(after[name] - aim), abs(deaf[name] - aim), abs(before[name] - aim))
                )
            pairs.append(
                {
                    "prompt": prompt, "clip": clip.name,
                    "before": _spread(before), "after": _spread(after), "text_only": _spread(deaf),
                }
            )  # fmt: skip
    return pairs, versions


def _versions_table(
    versions: dict[str, list[tuple[float, float, float]]],
) -> list[dict[str, Any]]:
    rows = []
    for name, found in versions.items():
        table = np.asarray(found)
        rows.append(
            {
                "version": name,
                "search_error": round(float(table[:, 0].mean()), 3),
                "text_only_error": round(float(table[:, 1].mean()), 3),
                "untouched_error": round(float(table[:, 2].mean()), 3),
                "search_nearer_share": round(float((table[:, 0] < table[:, 1]).mean()), 4),
                "hearing_wins": bool(table[:, 0].mean() < table[:, 1].mean()),
            }
        )
    return rows


def _empty_band(bench: Workbench, clips: Clips, count: int) -> dict[str, Any]:
    """Boosts above the band of a band-limited recording, for prompts that ask for treble."""
    found: dict[str, list[float]] = {"search": [], "text_only": []}
    prompts = BRIGHT_TIMBRES[:count]
    bench.prefetch(
        Wanted(band_limited(clip), prompt, "eq", seed=bench.seed)
        for clip in clips.items for prompt in prompts
    )  # fmt: skip
    for number, clip in enumerate(clips.items):
        limited = band_limited(clip)
        for prompt in prompts:
            bench.tell(0.7 + 0.1 * number / len(clips.items), f"band-limited: {prompt}")
            systems = {
                "search": bench.search(limited, prompt, "eq").chain,
                "text_only": bench.text_only(prompt, "eq", limited.sample_rate),
            }
            for name, chain in systems.items():
                found[name].append(empty_band_boost_db(limited, chain))
    return {
        "cutoff_hz": CUTOFF_HZ,
        "pairs": len(found["search"]),
        **{
            name: {
                "mean_boost_db": _mean(values),
                "largest_boost_db": round(max(values), 2),
                f"at_most_{BOOST_DB:g}_db_share": _mean([v <= BOOST_DB for v in values]),
            }
            for name, values in found.items()
        },
    }


def empty_band_boost_db(clip: Clip, chain: Chain) -> float:
    """How much more a setting lifts what lies above the band than it lifts the sound itself.

    The largest response from 1.25 times the cutoff to 14 kHz, against the level change of the
    recording: a gain of all frequencies is no boost.
    """
    top = min(14_000.0, 0.45 * clip.sample_rate)
    above = chain.frequency_response_db(np.geomspace(_EMPTY_FROM * CUTOFF_HZ, top, 48))
    wet_power = float((rendered(clip, chain).astype(np.float64) ** 2).mean())
    dry_power = float((clip.audio.astype(np.float64) ** 2).mean()) or 1e-30
    return float(above.max() - 10 * np.log10(max(wet_power, 1e-30) / dry_power))


def _wet_source(bench: Workbench, clips: Clips, count: int) -> dict[str, Any]:
    """Nearer in room than they began; no more room where none is asked for."""
    less, apart, none = [], [], []
    versions = [(clip, wet(clip)) for clip in clips.items]
    spaces, no_space = SPACES[:count], NO_SPACE[:count]
    bench.prefetch(
        Wanted(source, prompt, CHAIN, seed=bench.seed)
        for clip, room in versions
        for source, prompts in ((clip, spaces), (room, spaces + no_space))
        for prompt in prompts
    )
    for number, (clip, room) in enumerate(versions):
        bench.tell(0.8 + 0.2 * number / len(versions), f"wet: {clip.name}")
        own = Chain((WET,))
        own_db = room_db(clip.audio, clip.sample_rate, own, rendered(clip, own, tail=True))
        for prompt in spaces:
            dry_db, wet_db = _added(bench, clip, prompt), _added(bench, room, prompt)
            less.append(wet_db < dry_db - LESS_DB)
            apart.append((rooms_apart_db(own_db, NO_ENERGY_DB, NO_ENERGY_DB),
                          rooms_apart_db(own_db, wet_db, dry_db)))  # fmt: skip
        none += [_added(bench, room, prompt) < NO_ROOM_DB for prompt in no_space]
    return {
        "pairs": len(less),
        "less_room_share": _mean(less),
        "apart_before_db": _mean([before for before, _ in apart]),
        "apart_after_db": _mean([after for _, after in apart]),
        "halved_share": _mean([after <= HALVED * before for before, after in apart]),
        "asked_for_none": len(none),
        "none_added_share": _mean(none),
    }


def rooms_apart_db(own_db: float, added_wet_db: float, added_dry_db: float) -> float:
    """How far two versions are apart in the level of all their room against the direct sound.

    Args:
        own_db: Level of the room that the wet version came with.
        added_wet_db: Level of what was added to it, against all of it.
        added_dry_db: Level of what was added to the dry version.

    Returns:
        In dB; a room fainter than ``FAINT_ROOM_DB`` counts as that.
    """
    own, onto_wet = 10 ** (own_db / 10), 10 ** (added_wet_db / 10)
    faint = 10 ** (FAINT_ROOM_DB / 10)
    total_wet = own + onto_wet * (1 + own)
    total_dry = 10 ** (added_dry_db / 10)
    return abs(10 * float(np.log10(max(total_wet, faint) / max(total_dry, faint))))


def _added(bench: Workbench, clip: Clip, prompt: str) -> float:
    chain = bench.search(clip, prompt, CHAIN).chain
    return room_db(clip.audio, clip.sample_rate, chain, rendered(clip, chain, tail=True))


def _tilt(clip: Clip, chain: Chain | None, used: np.ndarray[Any, np.dtype[np.bool_]]) -> float:
    audio = clip.audio if chain is None else rendered(clip, chain)
    return tilt_db_per_octave(third_octaves_db(audio, clip.sample_rate), used)


def _spread(tilts: dict[str, float]) -> float:
    return round(float(np.std(list(tilts.values()))), 4)


def _mean(values: Sequence[float | bool]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None
