"""Whether a text takes something away: "not bright", "less harsh", "warm without mud"."""

from __future__ import annotations

import re

_WORDS = (
    "not", "no", "non", "less", "without", "never", "nothing", "minus", "fewer", "lose",
    "cut", "reduce", "remove", "avoid", "kill", "tame", "lacking", "free of",
    "take away", "take off", "take out", "get rid of", "too much", "instead of", "rather than",
)  # fmt: skip
_ANY = "|".join(_WORDS).replace(" ", r"\s+")
_PATTERN = re.compile(rf"\b(?:{_ANY})\b|n['’]t\b", re.IGNORECASE)


def negates(text: str) -> bool:
    """Whether a text holds a word that turns another one round.

    Sentence features hardly show it ("not bright" lies beside "bright"), so what is remembered
    about similar texts must not be asked about such a text.
    """
    return _PATTERN.search(text) is not None
