"""The words of a text that carry sound or sense, without those that only join them."""

from __future__ import annotations

import re

FUNCTION_WORDS = frozenset((
    "a", "an", "and", "are", "around", "as", "at", "away", "be", "been", "behind", "below",
    "beneath", "beside", "between", "beyond", "but", "by", "for", "few", "from", "had", "has",
    "have", "her", "his", "if", "in", "inside", "into", "is", "it", "its", "just", "my", "near",
    "no", "not", "of", "off", "on", "onto", "or", "our", "out", "outside", "over", "own", "some",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "through",
    "to", "too", "toward", "towards", "under", "until", "up", "upon", "very", "was", "were",
    "what", "when", "where", "which", "while", "who", "with", "within", "without", "yet", "you",
    "your", "down",
))  # fmt: skip


def content_words(text: str) -> tuple[str, ...]:
    """A text's words of three letters and more that are not function words."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return tuple(w for w in words if len(w) > 2 and w not in FUNCTION_WORDS)
