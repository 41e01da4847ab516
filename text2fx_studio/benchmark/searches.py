"""Searches side by side in processes of their own, each with its own copy of the encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from text2fx_studio.benchmark.clips import Clip
from text2fx_studio.benchmark.side_by_side import side_by_side
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.encoders.registry import load_encoder
from text2fx_studio.search.engine import search
from text2fx_studio.search.result import SearchResult
from text2fx_studio.search.windows import ArraySource


@dataclass(frozen=True)
class Wanted:
    """A search that will be asked for."""

    clip: Clip
    prompt: str
    chain: str = "eq"
    loss: str = "cosine"
    seed: int = 0
    space: str = "full"


@dataclass(frozen=True)
class Origin:
    """Where another process finds the encoder: name, weights (None: bundled) and their hash."""

    name: str
    checkpoint: Path | None
    weights_hash: str


def carry_out(wanted: Wanted, encoder: Encoder) -> SearchResult:
    """One search, here."""
    clip = wanted.clip
    return search(
        ArraySource(clip.audio, clip.sample_rate, clip.name), wanted.prompt,
        chain=wanted.chain, loss=wanted.loss, seed=wanted.seed, space=wanted.space,
        encoder=encoder, device="cpu",
    )  # fmt: skip


def carry_out_all(
    wanted: Sequence[Wanted],
    origin: Origin,
    jobs: int,
    told: Callable[[int, Wanted], None],
) -> list[SearchResult]:
    """Many searches in ``jobs`` processes.

    Args:
        wanted: Which.
        origin: Of the encoder.
        jobs: Processes, each on one thread.
        told: Called after each with how many are done, and which it was.

    Returns:
        The results in the order of ``wanted``; the first error is raised, the rest given up.
    """
    return side_by_side(_work, wanted, jobs, told, begin=partial(_begin, origin))


_encoder: Encoder | None = None  # of this process; only a worker sets it


def _begin(origin: Origin) -> None:
    global _encoder
    import torch

    torch.set_num_threads(1)
    _encoder = load_encoder(origin.name, checkpoint=origin.checkpoint)
    if _encoder.weights_hash != origin.weights_hash:
        raise RuntimeError(f"{origin.name}: the weights changed while they were measured")


def _work(wanted: Wanted) -> SearchResult:
    if _encoder is None:
        raise RuntimeError("a worker was asked before it had its encoder")
    return carry_out(wanted, _encoder)
