"""Building the vocabularies that ship: sources in, a file for each out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.concepts.sources import (
    Candidate,
    audioset_labels,
    caption_words,
    effect_words,
    lexicon_words,
    plain_words,
    read_captions,
    word_shares,
)
from text2fx_studio.concepts.vocabulary import (
    SIZE,
    Embed,
    baseline,
    clustered,
    gather,
    pruned,
    write_vocabulary,
)
from text2fx_studio.lexicon import load_lexicon

_FROM_LEXICON = 2400
_FROM_CAPTIONS = 1200


def run(
    ontology: Path,
    captions: Sequence[Path],
    folder: Path,
    *,
    embed: Embed | None = None,
    size: int = SIZE,
    overwrite: bool = False,
    report: Callable[[str], None] | None = None,
) -> dict[str, int]:
    """Build and write the five vocabularies, a file each.

    Args:
        ontology: AudioSet's ``ontology.json``.
        captions: Files of captions; only words and counts are taken from them.
        folder: Where to write; exists.
        embed: Texts to points [N, D] for likeness of meaning; None for MiniLM's sentences, so
            that the lists serve every encoder.
        size: Concepts a vocabulary.
        overwrite: Whether existing files may be replaced.
        report: Told what is being done.

    Returns:
        How many candidates there were and how many concepts each vocabulary holds.

    Raises:
        UsageError: A source cannot be read.
        OutputError: A file cannot be written.
    """
    tell = report or (lambda _: None)
    tell("Reading sources")
    labels = audioset_labels(ontology)
    shares = word_shares(read_captions(path) for path in captions)
    lexicon = load_lexicon()
    words = lexicon_words(lexicon, shares)[:_FROM_LEXICON]
    frequent = caption_words(shares)[:_FROM_CAPTIONS]
    pool = gather(labels, words, frequent, shares)
    tell("Reading words")
    meaning = _remembering(embed or _sentences())
    counts = {"candidates": len(pool)}
    for name, concepts in (
        ("baseline", baseline(pool, size)),
        ("pruned", pruned(pool, meaning, size)),
        ("clustered", clustered(pool, meaning, size)),
        ("effects", _of_lexicon(effect_words(lexicon, shares)[:size], shares)),
        ("plain", _of_lexicon(plain_words(lexicon), shares)),
    ):
        tell(f"Writing {name}")
        write_vocabulary(folder / f"{name}.json", name, concepts, overwrite=overwrite)
        counts[name] = len(concepts)
    return counts


def _of_lexicon(words: Sequence[str], shares: dict[str, float]) -> list[Candidate]:
    return [Candidate(word, ("lexicon",), shares.get(word, 0.0)) for word in words]


def _sentences() -> Embed:
    from text2fx_studio.encoders.minilm import MiniLM

    model = MiniLM()
    return lambda texts: model.embed(texts).cpu().numpy()


def _remembering(embed: Embed) -> Embed:
    known: dict[tuple[str, ...], NDArray[np.floating[Any]]] = {}

    def once(texts: Sequence[str]) -> NDArray[np.floating[Any]]:
        key = tuple(texts)
        if key not in known:
            known[key] = embed(texts)
        return known[key]

    return once
