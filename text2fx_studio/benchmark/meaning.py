"""All benchmarks of meaning in one run and one file: what the model card is filled from.

The file is written anew after every part, so that a stopped run loses one part at the most.
Searches are shared between parts: what ``directions`` has found, ``robustness`` need not search.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsp.atomic import write_atomic
from text2fx_studio.benchmark import (
    adaptivity,
    antonyms,
    directions,
    latency,
    measured_rooms,
    robustness,
    words,
)
from text2fx_studio.benchmark.clips import Clips, read_clips
from text2fx_studio.benchmark.workbench import Workbench
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.errors import OutputError, UsageError

FORMAT = "text2fx-meaning-1"
PARTS = ("latency", "rooms", "antonyms", "words", "directions", "robustness", "adaptivity")
CLIPS = 8


@dataclass(frozen=True)
class Plan:
    """What a run measures.

    Attributes:
        shared: Folder with ``data/socialfx`` and ``ir``.
        audio: Recordings.
        name: Of the encoder, for fresh processes.
        checkpoint: Of the encoder.
        clips: Recordings; None for the benchmarks' own numbers.
        prompts: Of directions, robustness and adaptivity; None for all.
        text2fx_words: Words on which Text2FX runs too.
        only: Parts to run; none for all.
        resume: Keep parts that the file holds for the same weights.
    """

    shared: Path
    audio: Path
    name: str = "fxsem"
    checkpoint: Path | None = None
    clips: int | None = None
    prompts: int | None = None
    text2fx_words: int = 0
    only: tuple[str, ...] = ()
    resume: bool = False


def run(
    bench: Workbench,
    plan: Plan,
    out: Path,
    *,
    folds: Sequence[Workbench] = (),
    judge: Encoder | None = None,
) -> dict[str, Any]:
    """Measure the parts one after another and write each into ``out``.

    Args:
        bench: The encoder to release.
        plan: See :class:`Plan`.
        out: JSON file; replaced.
        folds: Encoders trained without one fold of people's words each; none: ``bench`` alone.
        judge: See ``robustness``.

    Returns:
        The file's content.

    Raises:
        UsageError: A part is unknown, or a folder is missing.
        OutputError: ``out`` cannot be written.
    """
    for name in plan.only:
        if name not in PARTS:
            raise UsageError(f"--only: found {name!r}, allowed are {', '.join(PARTS)}")
    data: dict[str, Any] = {
        "benchmark": "meaning",
        "format": FORMAT,
        "encoder": bench.encoder.id,
        "weights": bench.encoder.weights_hash,
        "seed": bench.seed,
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "parts": _kept(out, bench) if plan.resume else {},
    }
    chosen = [part for part in PARTS if not plan.only or part in plan.only]
    jobs = _jobs(bench, plan, folds, judge)
    say = bench.progress
    for number, part in enumerate(chosen):
        if part in data["parts"]:
            continue
        _follow((bench, *folds), say, number, len(chosen), part)
        data["parts"][part] = jobs[part]()
        write_atomic(out, json.dumps(data, indent=1) + "\n", overwrite=True, error=OutputError)
    _follow((bench, *folds), say, 0, 1, "")
    write_atomic(out, json.dumps(data, indent=1) + "\n", overwrite=True, error=OutputError)
    return data


def read_figures(path: Path) -> dict[str, Any]:
    """The content of a file that :func:`run` wrote.

    Raises:
        UsageError: It is missing or of another format.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read; make it with: text2fx bench meaning") from error
    except ValueError as error:
        raise UsageError(f"{path}: is not JSON ({error})") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise UsageError(f"{path}: is not a file of text2fx bench meaning ({FORMAT})")
    return data


def _jobs(
    bench: Workbench, plan: Plan, folds: Sequence[Workbench], judge: Encoder | None
) -> Mapping[str, Callable[[], dict[str, Any]]]:
    def clips() -> Clips:
        return read_clips(plan.audio, plan.clips or CLIPS, bench.encoder, bench.seed)

    options = words.Options(
        clips=plan.clips or words.Options.clips, text2fx_words=plan.text2fx_words
    )
    return {
        "latency": lambda: latency.run(
            bench.encoder, name=plan.name, checkpoint=plan.checkpoint, seed=bench.seed
        ),
        "rooms": lambda: measured_rooms.run(bench, clips(), plan.shared / "ir"),
        "antonyms": lambda: antonyms.run(bench, pairs=plan.prompts, words=plan.prompts),
        "words": lambda: words.run(
            folds or [bench], plan.shared / "data" / "socialfx", plan.audio, options
        ),
        "directions": lambda: directions.run(bench, clips(), prompts=plan.prompts),
        "robustness": lambda: robustness.run(
            bench, clips(), prompts=plan.prompts or robustness.PROMPTS, judge=judge
        ),
        "adaptivity": lambda: adaptivity.run(
            bench, clips(), prompts=adaptivity.TIMBRES[: plan.prompts]
        ),
    }


def _kept(out: Path, bench: Workbench) -> dict[str, Any]:
    """Parts of an earlier run with the same weights and seed."""
    if not out.is_file():
        return {}
    data = read_figures(out)
    same = data["weights"] == bench.encoder.weights_hash and data["seed"] == bench.seed
    return dict(data["parts"]) if same else {}


def _follow(
    benches: Sequence[Workbench],
    say: Callable[[float, str], None] | None,
    number: int,
    total: int,
    part: str,
) -> None:
    """Let the parts' progress count as a share of the whole."""

    def told(share: float, text: str) -> None:
        if say is not None:
            say((number + share) / total, f"{part}: {text}" if part else text)

    for bench in benches:
        bench.progress = told
