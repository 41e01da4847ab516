"""The seven checks of the method on planted pairs: identities, and what COMET reports.

1-4 hold to rounding. 5-7 are measured: a planted world with figures like the paper's, where the
true axes are known, so that a fault in fitting, centring or decoding shows without any encoder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from text2fx_studio.benchmark.retrieval import run as retrieval
from text2fx_studio.spaces.diagnostics import covariance_split, direct_matrix, split_similarity
from text2fx_studio.spaces.gap import (
    linear_projection_by_axes,
    nearest_text,
    pca_head,
    projection,
)
from text2fx_studio.spaces.planted import Planted, PlantedPairs
from text2fx_studio.spaces.pls import PlsSvd, fit
from text2fx_studio.spaces.space import full_space, head_space

ROUNDING = 1e-9


@dataclass(frozen=True)
class Size:
    """How large the planted world is.

    Attributes:
        dim: D.
        concepts: K.
        pairs: N of the large fit.
        few: N of the small fit.
        tests: Held-out pairs.
    """

    dim: int = 1024
    concepts: int = 100
    pairs: int = 19_195
    few: int = 600
    tests: int = 1000


PAPER = Size()
QUICK = Size(dim=512, concepts=60, pairs=3000, few=600, tests=500)


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        number: As in the project's list.
        claim: What must hold.
        paper: What COMET reports on real data.
        figures: What was measured here.
        passed: Whether the claim holds.
    """

    number: int
    claim: str
    paper: str
    figures: dict[str, float]
    passed: bool

    def to_data(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def run(
    size: Size = QUICK, *, seed: int = 0, report: Callable[[str], None] | None = None
) -> list[Check]:
    """All seven checks.

    Args:
        size: ``PAPER`` or ``QUICK``, or another.
        seed: Of everything planted and drawn.
        report: Told what is being done.
    """
    tell = report or (lambda _: None)
    tell("Planting pairs")
    world = Planted(size.dim, size.concepts, seed)
    train, test = world.draw(size.pairs, seed + 1), world.draw(size.tests, seed + 2)
    tell("Fitting axes")
    pls = _fit(train, size.concepts)
    few = world.draw(size.few, seed + 3)
    small = _fit(few, min(size.concepts, size.few - 1))
    tell("Checking")
    return [
        _diagonal(pls, train),
        _covariance(pls, train),
        _linear(pls, train, test),
        _sum(pls, test),
        _retrieval(pls, train, test),
        _effects(pls, small, test),
        _projection(pls, train, test),
    ]


def _fit(pairs: PlantedPairs, head_size: int) -> PlsSvd:
    return fit(
        pairs.text, pairs.audio, encoder_id="planted", weights_hash="0" * 64, head_size=head_size
    )


def _diagonal(pls: PlsSvd, train: PlantedPairs) -> Check:
    cross = pls.text_scores(train.text).mT @ pls.audio_scores(train.audio)
    off = float((cross - cross.diagonal().diag()).abs().max() / pls.sigma[0])
    on = float((cross.diagonal() - pls.sigma).abs().max() / pls.sigma[0])
    return Check(
        1, "(TU)'(AV) is diagonal on the training pairs, and holds sigma", "by construction",
        {"largest_off_diagonal": off, "largest_error_of_sigma": on},
        max(off, on) < ROUNDING,
    )  # fmt: skip


def _covariance(pls: PlsSvd, train: PlantedPairs) -> Check:
    split = covariance_split(pls, train.text, train.audio)
    product = split.correlation * split.text_std * split.audio_std
    error = float((pls.sigma / pls.pairs - product).abs().max() * pls.pairs / pls.sigma[0])
    kept = float((pls.correlation - split.correlation).abs().max())
    return Check(
        2, "sigma / N = correlation x std of text x std of audio", "Eq. 4",
        {"largest_error": error, "largest_error_of_stored_correlation": kept},
        error < ROUNDING and kept < 1e-6,
    )  # fmt: skip


def _linear(pls: PlsSvd, train: PlantedPairs, test: PlantedPairs) -> Check:
    texts = train.text - pls.text_mean
    plain = (test.audio - pls.audio_mean) @ (texts.mT @ texts)
    by_axes = linear_projection_by_axes(pls, train.text, test.audio)
    error = float((plain - by_axes).abs().max() / plain.abs().max())
    return Check(
        3, "linear projection decoding = U (X'X) (U'V) a on the axes", "Eq. 12",
        {"largest_error": error}, error < ROUNDING,
    )  # fmt: skip


def _sum(pls: PlsSvd, test: PlantedPairs) -> Check:
    split = split_similarity(pls, test.text, test.audio)
    # Cross written out: all products of scores by U'V without its diagonal.
    t, a = pls.text_scores(test.text), pls.audio_scores(test.audio)
    turn = pls.U.mT @ pls.V
    cross = ((t @ (turn - turn.diagonal().diag())) * a).sum(dim=1)
    error = float((split.cross - cross).abs().max())
    return Check(
        4, "direct + cross = centred dot product", "Eq. 6",
        {"largest_error": error}, error < ROUNDING,
    )  # fmt: skip


def _retrieval(pls: PlsSvd, train: PlantedPairs, test: PlantedPairs) -> Check:
    spaces = [
        full_space(pls.dim),
        head_space(pls),
        pca_head(train.text, train.audio, pls.head_size),
    ]
    owner = np.arange(len(test.text))
    rows = retrieval(test.text, test.audio, owner, spaces, ks=(1,))["rows"]
    found = {r["space"]: 100 * r["R@1"] for r in rows if r["direction"] == "text to audio"}
    chance = 100 / len(owner)
    return Check(
        5, "R@1 of PLSHead >= raw - 0.5; of PCAHead under 20 times chance",
        "17.32 against 17.42; PCAHead 0.06",
        {"raw": found["full"], "plshead": found["plshead"], "pcahead": found["pcahead"],
         "chance": chance},
        found["plshead"] >= found["full"] - 0.5 and found["pcahead"] < 20 * chance,
    )  # fmt: skip


def _effects(pls: PlsSvd, small: PlsSvd, test: PlantedPairs) -> Check:
    split = split_similarity(pls, test.text, test.audio)
    direct = float(split.direct.mean())
    head = float(split.by_axis[:, : pls.head_size].sum(dim=1).mean())
    every = direct_matrix(pls, test.text, test.audio)
    off = ~torch.eye(len(every), dtype=torch.bool)
    # The mean over false pairs is near zero by centring; their size is the harder measure.
    false_pairs = float(every[off].abs().mean())
    few = split_similarity(small, test.text, test.audio)
    few_direct, few_cross = float(few.direct.mean()), float(few.cross.mean())
    cross = float(split.cross.mean())
    return Check(
        6, "head >= 99 % of the direct effect; true pairs >= 4 x false; cross < direct / 4",
        ".1931 of .1937; .1937 against .0445; cross .0326",
        {"direct": direct, "direct_of_head": head, "direct_of_false_pairs": false_pairs,
         "cross": cross, "direct_few": few_direct, "cross_few": few_cross},
        head >= 0.99 * direct and direct >= 4 * false_pairs
        and cross < direct / 4 and few_cross < few_direct / 4,
    )  # fmt: skip


def _projection(pls: PlsSvd, train: PlantedPairs, test: PlantedPairs) -> Check:
    decoded = projection(train.text).audio(test.audio)
    nearest = nearest_text(train.text).audio(test.audio)
    target = test.text.mean(dim=0)
    true_head = pls.text_scores(test.text)[:, : pls.head_size]

    def of_means(own: torch.Tensor) -> float:
        return float(torch.nn.functional.cosine_similarity(own.mean(dim=0), target, dim=0))

    def of_heads(own: torch.Tensor) -> float:
        scores = pls.text_scores(own)[:, : pls.head_size]
        return float(torch.nn.functional.cosine_similarity(scores, true_head, dim=1).mean())

    figures = {
        "cosine_of_means_before": of_means(test.audio),
        "cosine_of_means_after": of_means(decoded),
        "head_kept_by_projection": of_heads(decoded),
        "head_kept_by_nearest": of_heads(nearest),
    }
    return Check(
        7, "projection decoding moves the mean onto the text mean and keeps the head better than "
        "the nearest text", ".598 to .995; .772 against .677",
        figures,
        figures["cosine_of_means_before"] < 0.7 and figures["cosine_of_means_after"] > 0.99
        and figures["head_kept_by_projection"] > figures["head_kept_by_nearest"],
    )  # fmt: skip
