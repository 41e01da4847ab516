"""Whether words move the sound the way that they mean, measured on rendered waveforms.

The checks are physical: the spectral centroid, the level of a band against the whole, the energy of
the room's sound. A check on a band that the recording leaves empty is not asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from dsp.chain import Chain
from dsp.reverb import Reverb
from text2fx_studio.benchmark.clips import Clip, Clips
from text2fx_studio.benchmark.prompts import CHAIN, KINDS, Prompt, choose
from text2fx_studio.benchmark.searches import Wanted
from text2fx_studio.benchmark.side_by_side import side_by_side
from text2fx_studio.benchmark.sound_measures import check_change, measure, room_db
from text2fx_studio.benchmark.workbench import Workbench, random_chain, rendered

Counts = Counter[tuple[str, str]]


def run(
    bench: Workbench,
    clips: Clips,
    *,
    prompts: int | None = None,
    loss: str = "cosine",
    chosen: Sequence[Prompt] | None = None,
) -> dict[str, Any]:
    """Measure.

    Args:
        bench: The encoder.
        clips: Recordings, never trained on.
        prompts: Only so many, spread over the kinds; None for all.
        loss: Of the search.
        chosen: These prompts in place of the file's.

    Returns:
        Share of checks met by the search and by every baseline: over all, by kind, by seen and
        unseen; pairs that scored below dry; rooms where none was asked for; what was missed.
    """
    rows = choose(prompts) if chosen is None else tuple(chosen)
    rng = np.random.default_rng([bench.seed, 17])
    met: Counts = Counter()
    asked: Counts = Counter()
    missed: list[dict[str, Any]] = []
    silent = Counter[str]()
    worse, unchanged = 0, 0
    bench.prefetch(
        Wanted(clip, prompt.text, CHAIN, loss, bench.seed)
        for prompt in rows for clip in clips.items
    )  # fmt: skip
    pairs = [(prompt, index) for prompt in rows for index in range(len(clips.items))]
    results, wanted_renders = [], []
    for number, (prompt, index) in enumerate(pairs):
        clip = clips.items[index]
        bench.tell(number / len(pairs), f"searching: {prompt.text}")
        results.append(bench.search(clip, prompt.text, CHAIN, loss=loss))
        chains = _systems(bench, prompt.text, clip, results[-1].chain, rng)
        wanted_renders.append(Renders(index, chains))
    measured = side_by_side(
        _measured, wanted_renders, bench.jobs,
        lambda done, _: bench.tell(done / len(pairs), "measuring"),
        begin=partial(_begin, clips.items),
    )  # fmt: skip
    before = [measure(clip.audio, clip.sample_rate) for clip in clips.items]
    for (prompt, index), result, after in zip(pairs, results, measured, strict=True):
        worse += int(result.score_wet < result.score_dry - 1e-6)
        unchanged += int(not result.accepted)
        if prompt.silent_about_space:
            silent["asked"] += 1
            room = result.chain.get(Reverb)
            silent["kept"] += int(room is None or room.is_neutral())
        for name in after:
            for check, wanted in prompt.checks.items():
                verdict = check_change(check, wanted, before[index], after[name])
                if verdict is None:
                    continue
                for group in _groups(prompt, wanted):
                    asked[name, group] += 1
                    met[name, group] += int(verdict)
                if name == "search" and not verdict:
                    missed.append(
                        {
                            "prompt": prompt.text, "clip": clips.items[index].name, "check": check,
                            "wanted": wanted, "before": round(before[index][check], 2),
                            "after": round(after[name][check], 2), "accepted": result.accepted,
                        }
                    )  # fmt: skip
    return {
        "benchmark": "directions",
        "encoder": bench.encoder.id,
        "weights": bench.encoder.weights_hash,
        "loss": loss,
        "prompts": len(rows),
        "prompts_unseen": sum(prompt.unseen for prompt in rows),
        "clips": [clip.name for clip in clips.items],
        "clips_from": clips.why_fair,
        "pairs": len(rows) * len(clips.items),
        "checks": asked["search", "all"],
        "met": _shares(met, asked, "all"),
        **{
            f"met_{group}": _shares(met, asked, group)
            for group in ("seen", "unseen", "room", "no_room", *KINDS)
            if asked["search", group]
        },
        "worse_than_dry": worse,
        "left_dry": unchanged,
        "silent_about_space": {"pairs": silent["asked"], "room_left_alone": silent["kept"]},
        "missed_most": _most_missed(missed),
        "missed": missed,
    }


def _systems(
    bench: Workbench, prompt: str, clip: Clip, found: Chain, rng: np.random.Generator
) -> dict[str, Chain]:
    return {
        "search": found,
        "text_only": bench.text_only(prompt, CHAIN, clip.sample_rate),
        "nearest_entry": bench.nearest.chain(prompt, CHAIN, clip.sample_rate),
        "random": random_chain(CHAIN, rng),
        "dry": Chain.parse(CHAIN),
    }


@dataclass(frozen=True)
class Renders:
    """One clip through the chain of every system."""

    clip: int
    chains: Mapping[str, Chain]


_clips: tuple[Clip, ...] = ()  # of this process; set once, so that they travel once


def _begin(clips: tuple[Clip, ...]) -> None:
    global _clips
    _clips = clips


def _measured(wanted: Renders) -> dict[str, dict[str, float]]:
    """Measures of the rendered sound by system."""
    clip = _clips[wanted.clip]
    found = {}
    for name, chain in wanted.chains.items():
        sound = rendered(clip, chain, tail=True)
        found[name] = measure(sound, clip.sample_rate, clip.audio.shape[1])
        found[name]["space"] = room_db(clip.audio, clip.sample_rate, chain, sound)
    return found


def _groups(prompt: Prompt, wanted: str) -> tuple[str, ...]:
    """What a check counts towards; "none" is met by dry, so it is shown apart as well."""
    space = {"room": ("room",), "none": ("no_room",)}.get(wanted, ())
    return ("all", "unseen" if prompt.unseen else "seen", prompt.kind, *space)


def _shares(met: Counts, asked: Counts, group: str) -> dict[str, Any]:
    names = sorted({name for name, _ in asked}, key=_order)
    found: dict[str, Any] = {"checks": asked["search", group]}
    return found | {n: round(met[n, group] / max(1, asked[n, group]), 4) for n in names}


def _order(name: str) -> int:
    return ("search", "text_only", "nearest_entry", "random", "dry").index(name)


def _most_missed(missed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    count = Counter((row["prompt"], row["check"], row["wanted"]) for row in missed)
    return [
        {"prompt": prompt, "check": check, "wanted": wanted, "clips": number}
        for (prompt, check, wanted), number in count.most_common(20)
    ]
