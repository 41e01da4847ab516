"""How far away a text says a sound is, in units of length: "a few inches away" is very close.

A sentence model reads lengths as measures and hears no room in them; a rule says in the lexicon's
words what they mean for a sound.
"""

from __future__ import annotations

import re

from text2fx_studio.encoders.degrees import either

# The first whose distance in metres is not exceeded; the lexicon has all of these texts.
PLACES = ((1.5, "very close"), (12.0, "across the room"), (300.0, "far away"))
BEYOND = "a mile away"
_UNITS_M = {
    "millimetre": 0.001, "millimeter": 0.001, "mm": 0.001, "centimetre": 0.01, "centimeter": 0.01,
    "cm": 0.01, "inch": 0.0254, "foot": 0.305, "feet": 0.305, "ft": 0.305, "yard": 0.914,
    "metre": 1.0, "meter": 1.0, "m": 1.0, "kilometre": 1000.0, "kilometer": 1000.0, "km": 1000.0,
    "mile": 1609.0,
}  # fmt: skip
_SOME = 3.0  # units, where a text only says that they are several
_COUNTS = {
    "half a": 0.5, "half an": 0.5, "a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "a couple of": 2.0,
    "three": 3.0, "a few": _SOME, "few": _SOME, "some": _SOME, "four": 4.0, "five": 5.0,
    "several": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0, "ten": 10.0,
    "a dozen": 12.0, "fifteen": 15.0, "twenty": 20.0, "thirty": 30.0, "forty": 40.0, "fifty": 50.0,
    "a hundred": 100.0, "one hundred": 100.0, "hundreds of": 300.0, "a thousand": 1000.0,
    "thousands of": 3000.0,
}  # fmt: skip
_PATTERN = re.compile(
    rf"(?:\b(?:from|at)\s+)?(?:\b(?:only|just|barely|about|around|roughly|almost)\s+)*"
    rf"(?:\b(?P<count>\d+(?:\.\d+)?|{either(_COUNTS)})[\s-]*)?"
    rf"(?<![a-z'’])(?P<unit>{either(_UNITS_M)})(?:e?s)?\s+"
    r"(?:(?:away|off)(?:\s+from\s+(?:the\s+|my\s+|your\s+)?\w+)?"
    r"|from\s+(?:the\s+|my\s+|your\s+)?\w+)(?![\w-])",
    re.IGNORECASE,
)
_JOINED = re.compile(r"(?:^|,|\b(?:and|but|yet))\s*$", re.IGNORECASE)


def without_lengths(text: str) -> str:
    """A text with what it says of distance in the lexicon's words.

    Args:
        text: As :func:`text2fx_studio.encoders.fxsem.normalise_text` writes it.

    Returns:
        "very close" for "a few inches away"; "a voice, across the room" for "a voice ten feet from
        the microphone"; a text without lengths as it is.
    """
    found = _PATTERN.search(text)
    if found is None:
        return text
    said = " ".join(found["count"].lower().split()) if found["count"] else None
    count = _SOME if said is None else _COUNTS.get(said)
    metres = (float(said or 0) if count is None else count) * _UNITS_M[found["unit"].lower()]
    place = next((name for most, name in PLACES if metres <= most), BEYOND)
    before, after = text[: found.start()].rstrip(), text[found.end() :]
    joint = "" if not before or _JOINED.search(before) else ","
    return f"{before}{joint} {place}{after}".strip()
