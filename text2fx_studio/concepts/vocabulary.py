"""Vocabularies: the words that sounds and prompts are decomposed into.

Five ship as data in ``presets/concepts``: ``baseline`` (the most common of all sources),
``pruned`` (without near-duplicates), ``clustered`` (one word for each group of like meaning), and
of the lexicon's words for how things sound, for encoders that hear effects only, ``effects`` (all)
and ``plain`` (those that name its entries).
They are built by ``text2fx spaces vocabulary``; rude words enter none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.atomic import write_atomic
from text2fx_studio.concepts.sources import Candidate, is_rude
from text2fx_studio.errors import LexiconError, OutputError, UsageError

FORMAT = "text2fx-concepts-1"
NAMES = ("baseline", "pruned", "clustered", "effects", "plain")
SIZE = 2000
NEAR_DUPLICATE = 0.8
LICENSE = "GPL-3.0-or-later, with labels from the AudioSet ontology (CC BY-SA 4.0)"
ATTRIBUTION = (
    "AudioSet ontology: J. F. Gemmeke et al., Audio Set (ICASSP 2017), Google, CC BY-SA 4.0, "
    "labels shortened; text2fx-studio lexicon; counts of single words in AudioCaps (Kim et al. "
    "2019, MIT) and MusicCaps (Agostinelli et al. 2023, CC BY-SA 4.0)"
)

Embed = Callable[[Sequence[str]], NDArray[np.floating[Any]]]


@dataclass(frozen=True)
class Vocabulary:
    """Concepts in order of how common they are.

    Attributes:
        name: ``baseline``, ``pruned``, ``clustered`` or another.
        concepts: Words and short labels, no two the same.
    """

    name: str
    concepts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.concepts)

    @property
    def hash(self) -> str:
        """SHA-256 of the concepts, hexadecimal: names cached embeddings."""
        return hashlib.sha256("\n".join(self.concepts).encode()).hexdigest()


def load_vocabulary(name: str = "pruned", folder: Path | None = None) -> Vocabulary:
    """A vocabulary that ships with the app.

    Args:
        name: One of ``NAMES``.
        folder: Where ``<name>.json`` lies; None for the app's own.

    Raises:
        UsageError: The name is unknown.
        LexiconError: The file is not a vocabulary.
    """
    if name not in NAMES:
        raise UsageError(f"vocabulary {name!r} is unknown; allowed are {', '.join(NAMES)}")
    home = Path(str(resources.files("presets").joinpath("concepts")))
    return read_vocabulary((home if folder is None else folder) / f"{name}.json")


@lru_cache(maxsize=8)
def read_vocabulary(path: Path) -> Vocabulary:
    """Read a vocabulary file.

    Raises:
        LexiconError: It is missing, not valid, or holds a concept twice.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise LexiconError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (ValueError, RecursionError) as error:
        raise LexiconError(f"{path}: not valid JSON ({error})") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise LexiconError(f"{path}: is not a vocabulary of the format {FORMAT!r}")
    rows = data.get("concepts")
    texts: list[str] = []
    for row in rows if isinstance(rows, list) else []:
        text = row.get("text") if isinstance(row, dict) else None
        if not isinstance(text, str) or not text:
            raise LexiconError(f"{path}: concept {len(texts) + 1} is no object with a 'text'")
        texts.append(text)
    if not texts:
        raise LexiconError(f"{path}: 'concepts' must be a list of objects with a 'text'")
    if len(set(texts)) < len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        raise LexiconError(f"{path}: the concept {twice!r} stands twice")
    return Vocabulary(str(data.get("name", path.stem)), tuple(texts))


def gather(
    audioset: Sequence[str],
    lexicon: Sequence[str],
    captions: Sequence[str],
    shares: dict[str, float],
) -> list[Candidate]:
    """All candidates once, in order of their worth; rude words are left out.

    The order takes the sources in turn (each is sorted by its own worth), and lets what stands in
    more than one source go first.

    Args:
        audioset: AudioSet's labels.
        lexicon: The lexicon's words.
        captions: Words of captions.
        shares: Share of captions by word.
    """
    sources: dict[str, list[str]] = {}
    rank: dict[str, float] = {}
    for name, texts in (("audioset", audioset), ("lexicon", lexicon), ("captions", captions)):
        # AudioSet's 600 labels all describe sounds: they are spread over the others' first 1,000.
        stretch = 1000.0 / max(len(texts), 1) if name == "audioset" else 1.0
        for place, text in enumerate(texts):
            if is_rude(text):
                continue
            sources.setdefault(text, []).append(name)
            rank[text] = min(rank.get(text, np.inf), place * stretch)
    ordered = sorted(sources, key=lambda t: (rank[t] / len(sources[t]) ** 2, t))
    return [Candidate(t, tuple(sources[t]), shares.get(t, 0.0)) for t in ordered]


def baseline(pool: Sequence[Candidate], size: int = SIZE) -> list[Candidate]:
    """The first of the pool."""
    return list(pool[:size])


def pruned(
    pool: Sequence[Candidate], embed: Embed, size: int = SIZE, most: float = NEAR_DUPLICATE
) -> list[Candidate]:
    """The first of the pool of which none is nearer to one before it than a cosine of ``most``."""
    points = _unit(embed([c.text for c in pool]))
    kept: list[int] = []
    for i in range(len(pool)):
        if not kept or float((points[kept] @ points[i]).max()) < most:
            kept.append(i)
            if len(kept) == size:
                break
    return [pool[i] for i in kept]


def clustered(pool: Sequence[Candidate], embed: Embed, size: int = SIZE) -> list[Candidate]:
    """One candidate for each of ``size`` groups of like meaning: the first of the group.

    Groups: average linkage on cosine distance (UPGMA).
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(pool) <= size:
        return list(pool)
    points = _unit(embed([c.text for c in pool]))
    distance = np.maximum(1.0 - points @ points.T, 0.0)
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), method="average")
    group = fcluster(tree, size, criterion="maxclust")
    first = dict.fromkeys(group.tolist(), -1)
    for i in range(len(pool) - 1, -1, -1):
        first[int(group[i])] = i
    return [pool[i] for i in sorted(first.values())]


def write_vocabulary(
    path: Path, name: str, concepts: Sequence[Candidate], *, overwrite: bool = False
) -> None:
    """Write a vocabulary with its attribution, a concept a line.

    Raises:
        OutputError: The file cannot be written.
    """
    head = {
        "format": FORMAT, "name": name, "license": LICENSE, "attribution": ATTRIBUTION,
        "made_by": "text2fx spaces vocabulary",
    }  # fmt: skip
    rows = ",\n".join(
        "  " + json.dumps({"text": c.text, "sources": list(c.sources)}) for c in concepts
    )
    start = json.dumps(head, indent=1).removesuffix("\n}")
    write_atomic(
        path, f'{start},\n "concepts": [\n{rows}\n ]\n}}\n', overwrite=overwrite, error=OutputError
    )


def _unit(rows: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    points = np.asarray(rows, dtype=np.float64)
    length = np.linalg.norm(points, axis=1, keepdims=True)
    return points / np.where(length > 0, length, 1.0)
