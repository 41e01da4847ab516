"""A map of words and sounds in two dimensions: words lie near what they mean.

PCA of the words' embeddings by default: deterministic, and new points fall into the same picture.
t-SNE (openTSNE) and UMAP (umap-learn) spread crowds better; both are extras
(``pip install "text2fx-studio[maps]"``) and can place new points too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from text2fx_studio.errors import UsageError

Method = Literal["pca", "tsne", "umap"]
METHODS: tuple[Method, ...] = get_args(Method)

Points = NDArray[np.float64]


@dataclass(frozen=True)
class WordMap:
    """Words in the plane, and the way to put other points among them.

    Attributes:
        words: N words.
        places: Their places, [N, 2]; the x axis carries the most variance under PCA.
        method: How it was made.
    """

    words: tuple[str, ...]
    places: Points
    method: Method
    _place: Callable[[Points], Points]

    def place(self, embeddings: ArrayLike) -> Points:
        """Places of other embeddings of the same encoder, words or sounds, [M, D] -> [M, 2].

        Raises:
            UsageError: The embeddings have another shape, or are not finite.
        """
        rows = np.asarray(embeddings, dtype=np.float64)
        if rows.ndim != 2 or not np.isfinite(rows).all():
            raise UsageError(f"map: found points of shape {rows.shape}, need finite [M, D]")
        return self._place(rows)

    def near(self, place: ArrayLike, count: int = 8) -> list[str]:
        """The words nearest to a place [2] on the map, the nearest first."""
        distance = np.linalg.norm(self.places - np.asarray(place, dtype=np.float64), axis=1)
        return [self.words[int(i)] for i in np.argsort(distance, kind="stable")[:count]]


def make_map(
    words: Sequence[str], embeddings: ArrayLike, method: Method = "pca", *, seed: int = 0
) -> WordMap:
    """Lay words out.

    Args:
        words: N words, at least 3.
        embeddings: Theirs, [N, D].
        method: ``pca``, ``tsne`` or ``umap``.
        seed: Of the latter two.

    Raises:
        UsageError: Shapes do not fit, the method is unknown, or its package is not installed.
    """
    rows = np.asarray(embeddings, dtype=np.float64)
    if rows.ndim != 2 or len(rows) != len(words) or len(rows) < 3 or not np.isfinite(rows).all():
        raise UsageError(
            f"map: found {len(words)} words and embeddings of shape {rows.shape}; needed are at "
            "least 3 words and finite [N, D]"
        )
    if method == "pca":
        place = _pca(rows)
        return WordMap(tuple(words), place(rows), method, place)
    if method == "tsne":
        places, place = _tsne(rows, seed)
    elif method == "umap":
        places, place = _umap(rows, seed)
    else:
        raise UsageError(f"map: found {method!r}, allowed are {', '.join(METHODS)}")
    return WordMap(tuple(words), places, method, place)


def _pca(rows: Points) -> Callable[[Points], Points]:
    mean = rows.mean(axis=0)
    _, _, axes = np.linalg.svd(rows - mean, full_matrices=False)
    axes = axes[:2]
    # The sign of an axis is free: make its largest component positive, so that it never flips.
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])
    axes = axes * signs[:, None]
    return lambda points: np.asarray((points - mean) @ axes.T, dtype=np.float64)


def _tsne(rows: Points, seed: int) -> tuple[Points, Callable[[Points], Points]]:
    opentsne = _extra("openTSNE")
    fitted = opentsne.TSNE(metric="cosine", random_state=seed, n_jobs=1).fit(rows)
    return np.asarray(fitted, np.float64), lambda points: np.asarray(fitted.transform(points))


def _umap(rows: Points, seed: int) -> tuple[Points, Callable[[Points], Points]]:
    fitted = _extra("umap").UMAP(metric="cosine", random_state=seed).fit(rows)
    return (
        np.asarray(fitted.embedding_, np.float64),
        lambda points: np.asarray(fitted.transform(points), np.float64),
    )


def _extra(package: str) -> Any:
    from importlib import import_module

    try:
        return import_module(package)
    except ImportError as error:
        raise UsageError(
            f"map: {package} is not installed; pip install 'text2fx-studio[maps]', or use pca"
        ) from error
