"""The lexicon in memory: look up, complete, neighbours, opposites."""

from __future__ import annotations

import bisect
import difflib
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from text2fx_studio.lexicon.entry import Entry, normalize

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[np.floating]]

_LEAST_SIMILARITY = 0.6


class Lexicon:
    """Entries with quick access by text.

    Attributes:
        entries: All entries, in the order of the files.
        repeats: Whether an id or a text stands more than once; the last one is then found.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: tuple[Entry, ...] = tuple(entries)
        self._by_id = {entry.id: entry for entry in self.entries}
        self._texts = [(text, entry) for entry in self.entries for text in entry.texts]
        self._by_key = {normalize(text): (text, entry) for text, entry in self._texts}
        self.repeats = len(self._by_id) < len(self.entries) or len(self._by_key) < len(self._texts)

    @cached_property
    def _keys(self) -> list[str]:
        return sorted(self._by_key)

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, name: str) -> Entry:
        return self._by_id[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_id

    def texts(self) -> list[tuple[str, Entry]]:
        """Every text with its entry, in the order of the files."""
        return list(self._texts)

    def lookup(self, text: str) -> Entry | None:
        """The entry that holds exactly this text, whatever its case, spacing and punctuation."""
        found = self._by_key.get(normalize(text))
        return None if found is None else found[1]

    def complete(self, prefix: str, limit: int = 10) -> list[str]:
        """Texts that continue what was typed, for autocompletion.

        Args:
            prefix: What was typed so far; nothing gives nothing.
            limit: How many texts at most.

        Returns:
            Texts that start with the prefix, shortest first; then texts in which a later word
            does.
        """
        key = normalize(prefix)
        if not key or limit < 1:
            return []
        start = bisect.bisect_left(self._keys, key)
        stop = bisect.bisect_left(self._keys, key + "\U0010ffff")
        found = sorted(self._keys[start:stop], key=lambda k: (len(k), k))
        if len(found) < limit:
            later = (k for k in self._keys if f" {key}" in k and not k.startswith(key))
            found += sorted(later, key=lambda k: (len(k), k))
        return [self._by_key[k][0] for k in found[:limit]]

    def antonym_pairs(self) -> list[tuple[Entry, Entry]]:
        """Every pair of opposites once, in the order of the files."""
        pairs: dict[frozenset[str], tuple[Entry, Entry]] = {}
        for entry in self.entries:
            if entry.antonym is not None and entry.antonym in self._by_id:
                names = frozenset((entry.id, entry.antonym))
                pairs.setdefault(names, (entry, self._by_id[entry.antonym]))
        return list(pairs.values())

    def near(
        self, word: str, limit: int = 5, embed: Embed | None = None
    ) -> list[tuple[str, Entry, float]]:
        """The texts nearest to a word, at most one for each entry, nearest first.

        Args:
            word: A word or phrase, in the lexicon or not.
            limit: How many at most.
            embed: Turns N texts into an array [N, D]; nearness is then their cosine. Without it
                nearness is the similarity of spelling (difflib's ratio, at least 0.6).

        Returns:
            Text, entry, similarity (at most 1). Empty if nothing is near.
        """
        key = normalize(word)
        if not key or limit < 1:
            return []
        scored = self._by_spelling(key) if embed is None else self._by_embedding(word, embed)
        found: dict[str, tuple[str, Entry, float]] = {}
        for text, entry, score in sorted(scored, key=lambda row: (-row[2], len(row[0]), row[0])):
            found.setdefault(entry.id, (text, entry, score))
            if len(found) == limit:
                break
        return list(found.values())

    def _by_spelling(self, key: str) -> list[tuple[str, Entry, float]]:
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(key)
        scored = []
        for candidate, (text, entry) in self._by_key.items():
            matcher.set_seq1(candidate)
            # The two cheap bounds spare the quadratic match for nearly all texts.
            if (
                matcher.real_quick_ratio() >= _LEAST_SIMILARITY
                and matcher.quick_ratio() >= _LEAST_SIMILARITY
                and (score := matcher.ratio()) >= _LEAST_SIMILARITY
            ):
                scored.append((text, entry, score))
        return scored

    def _by_embedding(self, word: str, embed: Embed) -> list[tuple[str, Entry, float]]:
        import numpy as np

        vectors = np.asarray(embed([word, *(text for text, _ in self._texts)]), dtype=np.float64)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        scores = vectors[1:] @ vectors[0]
        return [
            (text, entry, float(score))
            for (text, entry), score in zip(self._texts, scores, strict=True)
        ]
