"""How well texts find sounds and sounds find texts: the usual retrieval figures.

An audio may have several captions. R@k is the share of queries with at least one right answer
among the first k (as is usual for Clotho and AudioCaps); P@k is the share of right answers among
the first k, F1@k its harmonic mean with the share of all right answers found. Ranks are those of
the first right answer. Of equal similarities the wrong answers count first, so that an encoder
that says the same of everything finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.errors import EncoderError, UsageError

if TYPE_CHECKING:
    import torch

    from text2fx_studio.spaces.space import Space

KS = (1, 5, 10)
AP_DEPTH = 10
_BLOCK_CELLS = 1 << 24

Matrix = NDArray[np.float64]


def evaluate(
    similarity: Matrix, relevant: NDArray[np.bool_], ks: Sequence[int] = KS
) -> dict[str, float]:
    """Figures of a ranking.

    Args:
        similarity: Queries by candidates, [Q, M]; higher is nearer.
        relevant: Which candidates are right, [Q, M]; at least one for each query.
        ks: Depths of R@k, P@k and F1@k.

    Returns:
        ``R@k``, ``P@k``, ``F1@k`` for each k, ``mAP@10`` and ``MRR`` (0 to 1), ``mean_rank`` and
        ``median_rank`` (1 is best).

    Raises:
        UsageError: Shapes that differ, no candidates, a query without a right answer.
        EncoderError: A similarity that is not finite.
    """
    return _mean(_per_query(similarity, relevant, ks))


def evaluate_both(
    similarity: Matrix, audio_of_text: NDArray[np.int64], ks: Sequence[int] = KS
) -> dict[str, dict[str, float]]:
    """Figures in both directions.

    Args:
        similarity: Texts by audio, [N, M].
        audio_of_text: For each text the index of its audio, [N].
        ks: Depths.
    """
    relevant = _relevance(similarity.shape, audio_of_text)
    return {
        "text_to_audio": evaluate(similarity, relevant, ks),
        "audio_to_text": evaluate(
            np.ascontiguousarray(similarity.T), np.ascontiguousarray(relevant.T), ks
        ),
    }


def run(
    text: torch.Tensor,
    audio: torch.Tensor,
    audio_of_text: NDArray[np.int64],
    spaces: Iterable[Space],
    ks: Sequence[int] = KS,
) -> dict[str, Any]:
    """Figures in each space, both directions, in blocks that spare the memory.

    Args:
        text: Text embeddings, [N, D].
        audio: Audio embeddings, [M, D], each audio once.
        audio_of_text: For each text the index of its audio, [N].
        spaces: Where to compare; gap methods are spaces too.
        ks: Depths.

    Returns:
        ``texts``, ``audio`` and ``rows``: one for each space and direction.

    Raises:
        UsageError: Shapes that do not fit together.
        EncoderError: Embeddings that are not finite.
    """
    import torch

    n, m = int(text.shape[0]), int(audio.shape[0])
    owner = np.asarray(audio_of_text, dtype=np.int64)
    _check_owner((n, m), owner)
    rows: list[dict[str, Any]] = []
    with torch.no_grad():
        for space in spaces:
            t = torch.nn.functional.normalize(space.text(text.double()), dim=-1)
            a = torch.nn.functional.normalize(space.audio(audio.double()), dim=-1)
            for direction, queries, candidates in (
                ("text to audio", t, a), ("audio to text", a, t),
            ):  # fmt: skip
                parts: list[dict[str, NDArray[np.float64]]] = []
                step = max(1, _BLOCK_CELLS // max(1, len(candidates)))
                for start in range(0, len(queries), step):
                    block = (queries[start : start + step] @ candidates.mT).cpu().numpy()
                    mine = np.arange(start, start + len(block))
                    right = (
                        owner[mine][:, None] == np.arange(m)
                        if direction == "text to audio"
                        else mine[:, None] == owner
                    )
                    parts.append(_per_query(block, right, ks))
                figures = {key: np.concatenate([p[key] for p in parts]) for key in parts[0]}
                rows.append({"space": space.name, "direction": direction, **_mean(figures)})
    return {"texts": n, "audio": m, "rows": rows}


def _per_query(
    similarity: Matrix, relevant: NDArray[np.bool_], ks: Sequence[int]
) -> dict[str, NDArray[np.float64]]:
    if similarity.ndim != 2 or similarity.shape != relevant.shape or 0 in similarity.shape:
        raise UsageError(
            f"similarity {similarity.shape} and right answers {relevant.shape}: the same shape "
            "[queries, candidates] is needed"
        )
    if any(k < 1 for k in ks):
        raise UsageError(f"depths {list(ks)}: each must be 1 or more")
    if not np.isfinite(similarity).all():
        raise EncoderError("the similarities hold values that are not finite")
    total = relevant.sum(axis=1)
    if not total.all():
        raise UsageError(f"query {int(np.argmin(total))} has no right answer among the candidates")
    # The last key sorts first: by similarity, and among equals the wrong answers first.
    order = np.lexsort((relevant, -similarity), axis=1)
    right = np.take_along_axis(relevant, order, axis=1)
    found = np.cumsum(right, axis=1)
    rank = np.argmax(right, axis=1) + 1.0
    figures: dict[str, NDArray[np.float64]] = {}
    for k in ks:
        hits = found[:, min(k, found.shape[1]) - 1]
        precision, recall = hits / k, hits / total
        figures[f"R@{k}"] = (hits > 0).astype(np.float64)
        figures[f"P@{k}"] = precision
        both = precision + recall
        figures[f"F1@{k}"] = np.where(
            both > 0, 2 * precision * recall / np.where(both > 0, both, 1.0), 0.0
        )
    depth = min(AP_DEPTH, right.shape[1])
    precisions = found[:, :depth] / np.arange(1, depth + 1)
    figures[f"mAP@{AP_DEPTH}"] = (precisions * right[:, :depth]).sum(axis=1) / np.minimum(
        total, AP_DEPTH
    )
    figures["MRR"] = 1.0 / rank
    figures["rank"] = rank
    return figures


def _mean(figures: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    means = {name: float(values.mean()) for name, values in figures.items() if name != "rank"}
    means["mean_rank"] = float(figures["rank"].mean())
    means["median_rank"] = float(np.median(figures["rank"]))
    return means


def _relevance(shape: tuple[int, ...], audio_of_text: NDArray[np.int64]) -> NDArray[np.bool_]:
    owner = np.asarray(audio_of_text, dtype=np.int64)
    _check_owner(shape, owner)
    relevant: NDArray[np.bool_] = owner[:, None] == np.arange(shape[1])
    return relevant


def _check_owner(shape: tuple[int, ...], owner: NDArray[np.int64]) -> None:
    if len(shape) != 2 or owner.shape != (shape[0],):
        raise UsageError(
            f"audio_of_text has the shape {owner.shape} for similarities of {shape}; one index "
            "for each text is needed"
        )
    if owner.size and not (owner.min() >= 0 and owner.max() < shape[1]):
        raise UsageError(
            f"audio_of_text: found {int(owner.min())} to {int(owner.max())}, allowed are 0 to "
            f"{shape[1] - 1}"
        )
