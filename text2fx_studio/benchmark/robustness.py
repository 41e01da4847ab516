"""Whether the search exploits its encoder: settings at their limits, spread over seeds, a judge.

The judge is an encoder trained with another seed on other recordings. It sees each result once,
after the search, and says whether it moved towards the prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from text2fx_studio.benchmark.clips import Clip, Clips
from text2fx_studio.benchmark.prompts import CHAIN, choose
from text2fx_studio.benchmark.searches import Wanted
from text2fx_studio.benchmark.workbench import Workbench
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.search.scoring import embed_windows, score
from text2fx_studio.search.target import build_target
from text2fx_studio.search.variables import Variables
from text2fx_studio.search.windows import ArraySource, loud_windows, window_seconds

PROMPTS = 100
SEEDS = 3
SEED_PAIRS = 20  # prompt–clip pairs on which the seeds are compared
AT_LIMIT = 0.01  # of a range: as near to its end
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)

_FREQUENCIES_HZ = np.geomspace(80.0, 10_000.0, 48)


def run(
    bench: Workbench,
    clips: Clips,
    *,
    prompts: int = PROMPTS,
    seeds: int = SEEDS,
    judge: Encoder | None = None,
) -> dict[str, Any]:
    """Measure.

    Args:
        bench: The encoder.
        clips: Recordings, never trained on.
        prompts: How many of ``directions.json``.
        seeds: Of the search, compared on some pairs.
        judge: Another encoder of the same kind; None leaves its part out.

    Returns:
        Distributions, shares at the limits by kind of parameter, spread over seeds, the judge's
        verdicts.
    """
    chosen = choose(prompts)
    values: dict[str, list[float]] = {}
    at_limit: dict[str, list[bool]] = {}
    agreed: list[bool] = []
    moved: list[float] = []
    accepted = 0
    bench.prefetch(
        Wanted(clip, prompt.text, CHAIN, seed=bench.seed)
        for prompt in chosen for clip in clips.items
    )  # fmt: skip
    for number, prompt in enumerate(chosen):
        for index, clip in enumerate(clips.items):
            done = (number + index / len(clips.items)) / len(chosen)
            bench.tell(0.9 * done, f"searching: {prompt.text}")
            result = bench.search(clip, prompt.text, CHAIN)
            if not result.accepted:
                continue
            accepted += 1
            _collect(result.chain, bench.encoder, values, at_limit)
            if judge is not None:
                change = judged_change(judge, clip, prompt.text, result.chain)
                agreed.append(change > 0)
                moved.append(change)
    every = [limit for found in at_limit.values() for limit in found]
    return {
        "benchmark": "robustness",
        "encoder": bench.encoder.id,
        "weights": bench.encoder.weights_hash,
        "prompts": len(chosen),
        "clips": [clip.name for clip in clips.items],
        "clips_from": clips.why_fair,
        "pairs": len(chosen) * len(clips.items),
        "accepted": accepted,
        "distribution": {name: _quantiles(found) for name, found in sorted(values.items())},
        "at_limit_share": {
            "all": _share(every),
            **{name: _share(found) for name, found in sorted(at_limit.items())},
        },
        "seeds": _seeds(bench, clips, seeds),
        "judge": None
        if judge is None
        else {
            "weights": judge.weights_hash,
            "same_weights": judge.weights_hash == bench.encoder.weights_hash,
            "hears": _recordings_heard(judge),
            "pairs": len(agreed),
            "agrees_share": _share(agreed),
            "mean_change": round(float(np.mean(moved)), 4) if moved else None,
        },
    }


def _recordings_heard(judge: Encoder) -> str | None:
    """The split that a judge's training heard; None where its notes do not say."""
    notes = getattr(judge, "notes", {})
    found = notes.get("splits", {}).get("recordings_heard")
    return None if found is None else str(found)


def judged_change(judge: Encoder, clip: Clip, prompt: str, chain: Chain) -> float:
    """Score after minus score before by a judge, on waveforms matched in loudness."""
    target = build_target(prompt, judge, "cosine", {})
    source = ArraySource(clip.audio, clip.sample_rate, clip.name)
    window_s = window_seconds(judge, source.frames / source.sample_rate)
    windows = loud_windows(source, window_s)
    placed = [embed_windows(judge, windows, c, "cpu", target.space) for c in (Chain(), chain)]
    return score(placed[1], placed[0], target) - score(placed[0], placed[0], target)


def _collect(
    chain: Chain,
    encoder: Encoder,
    values: dict[str, list[float]],
    at_limit: dict[str, list[bool]],
) -> None:
    """Add a setting's values by kind: gain_db, q, frequency, filter, t60_s, wet_db, room."""
    active = Chain(tuple(e for e in chain if not (isinstance(e, Reverb) and e.is_neutral())))
    settings = {effect.kind: effect.values for effect in active}
    for variable in Variables(active, encoder.passband_hz).columns:
        parameter = variable.parameter
        value = settings[variable.effect][parameter.name]
        if parameter.is_off(value):
            continue
        kind = kind_of(variable.effect, parameter.name)
        position = parameter.to_scale(value)
        reach = AT_LIMIT * (variable.high - variable.low)
        at_limit.setdefault(kind, []).append(
            not variable.low + reach < position < variable.high - reach
        )
        values.setdefault(kind, []).append(value)


def kind_of(effect: str, name: str) -> str:
    """Parameters that are told together."""
    if effect == Reverb.kind:
        return name if name in ("t60_s", "wet_db") else "room_character"
    if "_pass_" in name:
        return "filter_hz"
    return {"gain_db": "gain_db", "q": "q"}.get(_unit(name), "frequency_hz")


def _unit(name: str) -> str:
    return "gain_db" if name.endswith("_gain_db") else name.rpartition("_")[2]


def _seeds(bench: Workbench, clips: Clips, seeds: int) -> dict[str, Any]:
    """How far results of other seeds lie apart: responses in dB, the room in octaves of T60."""
    if seeds < 2:
        return {"seeds": seeds, "pairs": 0}
    curves: list[float] = []
    rooms: list[float] = []
    bench.prefetch(
        Wanted(clips.items[n % len(clips.items)], prompt.text, CHAIN, seed=bench.seed + k)
        for n, prompt in enumerate(choose(SEED_PAIRS)) for k in range(seeds)
    )  # fmt: skip
    for number, prompt in enumerate(choose(SEED_PAIRS)):
        clip = clips.items[number % len(clips.items)]
        bench.tell(0.9 + 0.1 * number / SEED_PAIRS, f"seeds: {prompt.text}")
        found = [
            bench.search(clip, prompt.text, CHAIN, seed=bench.seed + k).chain for k in range(seeds)
        ]
        responses = np.stack(
            [Chain((c.get(Equalizer) or Equalizer(),)).frequency_response_db(_FREQUENCIES_HZ)
             for c in found]
        )  # fmt: skip
        responses = responses - responses.mean(axis=1, keepdims=True)
        curves.append(float(np.sqrt(responses.var(axis=0).mean())))
        t60 = [room.values["t60_s"] for c in found
               if (room := c.get(Reverb)) is not None and not room.is_neutral()]  # fmt: skip
        if len(t60) == seeds:
            rooms.append(float(np.std(np.log2(t60))))
    return {
        "seeds": seeds,
        "pairs": len(curves),
        "curve_spread_db": round(float(np.mean(curves)), 4),
        "curve_spread_largest_db": round(max(curves), 4),
        "t60_spread_octaves": round(float(np.mean(rooms)), 4) if rooms else None,
    }


def _quantiles(values: Sequence[float]) -> dict[str, Any]:
    found = np.quantile(values, QUANTILES)
    pairs = zip(QUANTILES, found, strict=True)
    named = {f"p{round(100 * q):02d}": round(float(v), 3) for q, v in pairs}
    return {"count": len(values), **named}


def _share(values: Sequence[bool]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None
