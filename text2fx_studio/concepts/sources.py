"""Where concepts come from: AudioSet's labels, the lexicon, and words that captions use often."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from text2fx_studio.errors import UsageError
from text2fx_studio.lexicon import Lexicon
from text2fx_studio.lexicon.entry import Entry, normalize

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_BRACKET = re.compile(r"\s*\([^)]*\)")
LONGEST_LABEL_WORDS = 3
_NO_CONCEPTS = ("degree", "negation", "request", "pairs")
# Of these categories so many words make up the vocabulary of effects, in this order.
_EFFECT_CATEGORIES = {
    "timbre": 400, "quality": 250, "space": 250, "device": 200, "place": 150,
    "touch_motion": 110, "visual": 110, "material": 110, "taste": 80, "voice": 110, "era": 60,
    "emotion": 110,
}  # fmt: skip
# Of these categories the plain words are taken, with names of so many words.
_PLAIN_CATEGORIES = {
    "timbre": 1, "quality": 1, "space": 2, "device": 2, "place": 2, "visual": 1, "material": 1,
    "voice": 1, "era": 1, "emotion": 1,
}  # fmt: skip
_PLAIN_CONFIDENCE = 0.6
_ORDERS = frozenset({"boost", "boosted", "cut", "notch", "raise", "reduce", "remove", "roll"})


@dataclass(frozen=True)
class Candidate:
    """A concept that may enter a vocabulary.

    Attributes:
        text: A word or short label in lower case.
        sources: ``audioset``, ``lexicon``, ``captions``: all that hold it.
        weight: How common it is in captions: share of captions with it, mean over the corpora.
    """

    text: str
    sources: tuple[str, ...]
    weight: float


def audioset_labels(path: Path) -> list[str]:
    """AudioSet's labels as short concepts: ``Male speech, man speaking`` -> ``male speech``.

    Abstract classes are left out. AudioSet ontology: Gemmeke et al. 2017, CC BY-SA 4.0.

    Args:
        path: ``ontology.json``.

    Raises:
        UsageError: The file is missing or not the ontology.
    """
    try:
        classes = json.loads(path.read_text("utf-8"))
        rows = [(str(row["name"]), list(row["restrictions"])) for row in classes]
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{path}: is not AudioSet's ontology ({error!r})") from error
    labels = []
    for name, restrictions in rows:
        label = " ".join(_BRACKET.sub("", name).split(",")[0].lower().split())
        if "abstract" not in restrictions and len(label.split()) <= LONGEST_LABEL_WORDS:
            labels.append(label)
    return list(dict.fromkeys(labels))


def effect_words(lexicon: Lexicon, shares: Mapping[str, float] | None = None) -> list[str]:
    """The lexicon's words for how a thing sounds, not for what sounds; the plainest first.

    For an encoder that hears effects and no sources. Args as of :func:`lexicon_words`.
    """
    words: list[str] = []
    for category, most in _EFFECT_CATEGORIES.items():
        entries = _of_category(lexicon, category)
        found = lexicon_words(Lexicon(entries), shares, known=lexicon)
        words += [word for word in found if not is_rude(word)][:most]
    return list(dict.fromkeys(words))


def plain_words(lexicon: Lexicon) -> list[str]:
    """The words that name the lexicon's entries on how a thing sounds, where people agree on them.

    What lies beside them in meaning ("stroke", "hyped up") is told by its entry's own name. Only
    things and rooms may have names of two words ("old telephone").
    """
    words = [
        entry.texts[0].lower()
        for category, longest in _PLAIN_CATEGORIES.items()
        for entry in _of_category(lexicon, category)
        if entry.confidence >= _PLAIN_CONFIDENCE and len(entry.texts[0].split()) <= longest
    ]
    stems = {normalize(text) for text, _ in lexicon.texts()}
    return [
        word
        for word in dict.fromkeys(words)
        if not is_rude(word) and not _is_order(normalize(word).split(), stems)
    ]


def _of_category(lexicon: Lexicon, category: str) -> list[Entry]:
    return [entry for entry in lexicon.entries if entry.tags[0] == category]


def lexicon_words(
    lexicon: Lexicon, shares: Mapping[str, float] | None = None, known: Lexicon | None = None
) -> list[str]:
    """The lexicon's texts of one or two words, the most useful as concepts first.

    Worth: how far people agree on the entry; more where captions use the word; less for the
    entry's later texts and for two words. Orders are no concepts: requests, degrees, negations,
    comparatives (``warmer``), settings (``boost 3k``).

    Args:
        lexicon: The lexicon.
        shares: Share of captions by word, see :func:`word_shares`.
        known: Whose adjectives make comparatives; None for the same.
    """
    used = shares or {}
    stems = {normalize(text) for text, _ in (known or lexicon).texts()}
    ranked: list[tuple[float, int, str]] = []
    for entry in lexicon.entries:
        if entry.tags[0] in _NO_CONCEPTS:
            continue
        for place, text in enumerate(entry.texts):
            plain = text.lower().strip()
            words = normalize(plain).split()
            if len(plain) < 3 or not 1 <= len(words) <= 2 or _is_order(words, stems):
                continue
            worth = entry.confidence + 0.3 * (plain in used) - 0.2 * (place > 0)
            ranked.append((-worth + 0.2 * (len(words) - 1), len(ranked), plain))
    return list(dict.fromkeys(text for _, _, text in sorted(ranked)))


def _is_order(words: Sequence[str], known: Container[str]) -> bool:
    first = words[0]
    if first in _ORDERS or first in left_out()["empty"] or any(c.isdigit() for c in "".join(words)):
        return True
    stems = (first[:-2], first[:-1], first[:-3] + "y", first[:-3])  # darker, wider, boomier, bigger
    return first.endswith("er") and any(len(s) > 2 and s in known for s in stems)


def read_captions(path: Path) -> Iterator[str]:
    """Captions of a text file (one a line) or JSONL (field ``caption``).

    Raises:
        UsageError: The file cannot be read, or a line is not valid; names it.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                if path.suffix.lower() != ".jsonl":
                    yield line
                    continue
                try:
                    yield str(json.loads(line)["caption"])
                except (ValueError, TypeError, KeyError) as error:
                    raise UsageError(f"{path}:{number}: no caption ({error!r})") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from error


def word_shares(corpora: Iterable[Iterable[str]]) -> dict[str, float]:
    """For each word the share of captions that hold it, mean over the corpora.

    Only words and counts leave this function, never a sentence.
    """
    shares: dict[str, float] = {}
    number = 0
    for captions in corpora:
        counts: Counter[str] = Counter()
        total = 0
        for caption in captions:
            counts.update(set(_WORD.findall(caption.lower())))
            total += 1
        for word, count in counts.items():
            shares[word] = shares.get(word, 0.0) + count / max(total, 1)
        number += 1
    return {word: share / max(number, 1) for word, share in shares.items()}


def caption_words(shares: dict[str, float]) -> list[str]:
    """Words of captions that may say something of a sound, the most common first."""
    ranked = sorted(shares.items(), key=lambda row: (-row[1], row[0]))
    empty = left_out()["empty"]
    # Adverbs say how often and how much; their adjectives stand for them.
    return [w for w, _ in ranked if len(w) > 2 and w not in empty and not w.endswith("ly")]


def is_rude(text: str) -> bool:
    """Whether a word of the text is on the list of rude words."""
    return not left_out()["rude"].isdisjoint(re.split(r"[\s-]+", text.lower()))


@lru_cache(maxsize=1)
def left_out() -> dict[str, frozenset[str]]:
    """Words for no vocabulary: ``empty`` ones, which say nothing of a sound, and ``rude`` ones."""
    path = resources.files("presets").joinpath("concepts", "left_out.json")
    data = json.loads(path.read_text("utf-8"))
    return {kind: frozenset(data[kind]) for kind in ("empty", "rude")}
