"""How long a person waits: the first call, a new prompt, a step of the search, the proposal.

Times are medians; beside the wall clock stands the process's own CPU time, which other work on the
machine does not lengthen, and the load of the machine at the start.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dsp.chain import Chain
from text2fx_studio.benchmark.clips import pink_noise
from text2fx_studio.encoders.proposal import propose
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.errors import EncoderError
from text2fx_studio.search.optimizer import Schedule, descend
from text2fx_studio.search.options import PRIOR_WEIGHT
from text2fx_studio.search.preparation import prepare
from text2fx_studio.search.target import build_target
from text2fx_studio.search.threads import cpu_threads
from text2fx_studio.search.windows import ArraySource

SECONDS = 10.0
STEPS = 20
FRESH_RUNS = 3
# What issue and README promise, in milliseconds on two cores.
LIMITS_MS = {
    "first_call": 4000.0, "new_prompt": 30.0, "step_eq": 15.0, "step_eq_reverb": 60.0,
    "proposal": 100.0,
}  # fmt: skip
_ADJECTIVES = ("amber", "brisk", "chalky", "dusky", "earthy", "frosted", "glossy", "hazy", "inky",
               "jumpy", "knotty", "lucid", "mossy", "nimble", "opaque", "plush", "quaint", "rusty",
               "sandy", "tangy")  # fmt: skip
_NOUNS = ("harbour", "orchard", "meadow", "quarry", "lantern", "velvet", "copper", "willow")

_FRESH = """
import time
began = time.perf_counter()
from pathlib import Path
from text2fx_studio.encoders.registry import load_encoder
encoder = load_encoder({name!r}, checkpoint={checkpoint!r})
encoder.embed_text(["warm and close"])
import torch
encoder.embed_audio(torch.zeros(1, encoder.sample_rate))
print(time.perf_counter() - began)
"""


def run(
    encoder: Encoder,
    *,
    name: str = "fxsem",
    checkpoint: Path | None = None,
    repeats: int = FRESH_RUNS,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure.

    Args:
        encoder: Loaded, for what is measured warm.
        name: Of the encoder, for the fresh processes.
        checkpoint: Of the encoder.
        repeats: Fresh processes.
        seed: Of the new prompts.

    Returns:
        Milliseconds with the promised limits, and how busy the machine was.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    prompts = new_prompts(40, seed)
    with cpu_threads(encoder.cpu_threads):
        encoder.embed_text(["warm"])
        rows = [
            {"what": "first_call", **_summary(_fresh(name, checkpoint, repeats))},
            {"what": "new_prompt",
             **_timed(lambda i: encoder.embed_text([prompts[i]]), len(prompts) // 2)},
        ]  # fmt: skip
        if propose(encoder, "warm") is not None:
            later = prompts[len(prompts) // 2 :]
            rows.append(
                {"what": "proposal", **_timed(lambda i: propose(encoder, later[i]), len(later))}
            )
        for what, chain, prompt in (
            ("step_eq", "eq", "warm"), ("step_eq_reverb", "eq,reverb", "in a cathedral"),
        ):  # fmt: skip
            rows.append({"what": what, **_step(encoder, chain, prompt)})
    for row in rows:
        limit = LIMITS_MS[row["what"]]
        row["limit_ms"] = limit
        row["of_limit"] = round(row["wall_ms"] / limit, 3)
    return {
        "benchmark": "latency",
        "encoder": encoder.id,
        "weights": encoder.weights_hash,
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "threads": encoder.cpu_threads or torch.get_num_threads(),
        "load_average": None if load is None else round(load, 2),
        "busy": load is not None and load > 0.5 * (os.cpu_count() or 1),
        "sound_s": SECONDS,
        "rows": rows,
    }


def new_prompts(count: int, seed: int) -> list[str]:
    """Prompts that nothing can have cached: drawn words and a number."""
    rng = np.random.default_rng([seed, 41])
    return [
        f"a {rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)} and a {rng.choice(_ADJECTIVES)} "
        f"{rng.choice(_NOUNS)} number {number}"
        for number in range(count)
    ]


def _fresh(name: str, checkpoint: Path | None, repeats: int) -> list[tuple[float, float | None]]:
    """Seconds from the interpreter's first line to the first embedding, in new processes."""
    code = _FRESH.format(name=name, checkpoint=None if checkpoint is None else str(checkpoint))
    found: list[tuple[float, float | None]] = []
    for _ in range(repeats):
        began = time.perf_counter()
        # The code is ours and fixed, the two values are quoted by repr.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise EncoderError(f"a fresh process could not load {name}: {done.stderr[-300:]}")
        found.append((time.perf_counter() - began, None))
    return found


def _step(encoder: Encoder, chain: str, prompt: str) -> dict[str, Any]:
    sound = pink_noise(SECONDS)
    source = ArraySource(sound.audio, sound.sample_rate, sound.name)
    target = build_target(prompt, encoder, "cosine", {})
    ready = prepare(
        source, target, Chain.parse(chain), encoder, "cpu", seed=0, prior_weight=PRIOR_WEIGHT
    )

    marks: list[tuple[float, float]] = []

    def on_step(*_: object) -> None:
        marks.append((time.perf_counter(), time.process_time()))

    descend(
        ready.objective, ready.variables, ready.prior, ready.starts,
        Schedule(steps=STEPS + 1, patience=STEPS + 2), on_step,
    )  # fmt: skip
    steps: list[tuple[float, float | None]] = [
        (b[0] - a[0], b[1] - a[1]) for a, b in pairwise(marks[1:])
    ]
    return {
        **_summary(steps),
        "batch": f"{ready.starts.shape[0]} starts x {len(ready.windows.segments)} windows",
    }  # fmt: skip


def _timed(work: Callable[[int], object], count: int) -> dict[str, Any]:
    found: list[tuple[float, float | None]] = []
    for index in range(count):
        began, cpu_began = time.perf_counter(), time.process_time()
        work(index)
        found.append((time.perf_counter() - began, time.process_time() - cpu_began))
    return _summary(found)


def _summary(found: Sequence[tuple[float, float | None]]) -> dict[str, Any]:
    cpu = [c for _, c in found if c is not None]
    return {
        "runs": len(found),
        "wall_ms": round(1000 * statistics.median(w for w, _ in found), 2),
        "best_ms": round(1000 * min(w for w, _ in found), 2),
        "cpu_ms": round(1000 * statistics.median(cpu), 2) if cpu else None,
        "batch": "",
    }
