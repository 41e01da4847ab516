"""Which recordings, words, lexicon entries and rooms are kept out of training."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from text2fx_studio.training.intents import Line
from text2fx_studio.training.phrases import Phrase

PEOPLE_FOLDS = 3
LEXICON_TEST_SHARE = 0.1
_ENDINGS = re.compile(r"(ness|ing|ed|er|est|ly|y|s)$")


def share_of(text: str, salt: str) -> float:
    """A number 0..1 that depends on the text alone, so that a split never moves."""
    return int(hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()[:8], 16) / 16**8


def people_fold(word: str) -> int:
    """Which of the folds 0..2 a word of the people's data belongs to; its forms stay together."""
    return int(share_of(stem(word.lower()), "people") * PEOPLE_FOLDS)


def stem(word: str) -> str:
    """A crude stem: common endings off, six letters."""
    return _ENDINGS.sub("", word)[:6]


def stems(text: str) -> frozenset[str]:
    """Stems of a text's words of three letters and more."""
    return frozenset(stem(w) for w in re.findall(r"[a-z0-9]+", text.lower()) if len(w) > 2)


def held_stems(lines: Sequence[Line]) -> frozenset[str]:
    """Stems of the lexicon's single words that the generalisation test keeps out."""
    single = {s for line in lines for t in line.texts if len(t.split()) == 1 for s in stems(t)}
    return frozenset(s for s in single if share_of(s, "lexicon") < LEXICON_TEST_SHARE)


def without_stems(phrases: Iterable[Phrase], held: frozenset[str]) -> list[int]:
    """Indices of the phrases that hold none of the stems."""
    return [i for i, phrase in enumerate(phrases) if not stems(phrase.text) & held]


def digest(names: Iterable[str]) -> str:
    """SHA-256 of a sorted list of names: tells whether two runs had the same split."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def stem_mark(word: str) -> str:
    """Twelve hex digits by which weights say what they were taught, without saying the word."""
    return hashlib.sha256(stem(word.lower()).encode()).hexdigest()[:12]
