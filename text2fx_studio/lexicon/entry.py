"""One entry of the lexicon: texts of one meaning and the effect intent that they mean."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from text2fx_studio.errors import LexiconError

BAND_CENTERS_HZ = (60.0, 150.0, 350.0, 800.0, 1800.0, 4000.0, 8000.0, 14000.0)
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile("['’]")
_PLAIN = re.compile("[a-z0-9]+(?: [a-z0-9]+)*")  # already its own key, as most texts are


DRY_WET, DRY_T60_S = 0.08, 0.3  # an entry up to this wet is dry, and decays no longer


@dataclass(frozen=True, slots=True)
class Space:
    """What an entry says about the room around the sound.

    Attributes:
        t60_s: Reverberation time, 0.1–8 s.
        wet: Share of the reverberated sound, 0–1; up to ``DRY_WET`` means dry or close.
        predelay_ms: Time before the reverberation starts, 0–250 ms.
        damping: How much faster highs decay than lows, 0–1.
    """

    t60_s: float
    wet: float
    predelay_ms: float
    damping: float

    @property
    def asks_for_none(self) -> bool:
        """Whether it says "dry": no room, which is more than saying nothing about rooms."""
        return self.wet <= DRY_WET


@dataclass(frozen=True, slots=True)
class Entry:
    """Texts of one meaning and the effect intent that they mean.

    Attributes:
        id: Unique name, lower case with underscores.
        texts: Words and phrases, the most common first.
        gains_db: Tonal shape at ``BAND_CENTERS_HZ``, 8 values within ±18 dB; overall level
            carries no meaning.
        high_pass_hz: Corner of a 12 dB/octave high-pass on top of the gains; None for none.
        low_pass_hz: Corner of a 12 dB/octave low-pass on top of the gains; None for none.
        space: The room; None says nothing about space (dry is a ``Space`` with little wet).
        drive: Saturation, 0–1; None says nothing about it.
        dynamics: −1 (freer, more contrast) to +1 (dense, compressed); None says nothing about it.
        strength: How far the texts ask to go, 0 (leave it) to 1 (as far as it goes).
        confidence: How far people would agree on this meaning, 0–1.
        tags: The category first, then anything that helps to find it.
        antonym: Id of the entry that means the opposite; None for none.
    """

    id: str
    texts: tuple[str, ...]
    gains_db: tuple[float, ...]
    high_pass_hz: float | None
    low_pass_hz: float | None
    space: Space | None
    drive: float | None
    dynamics: float | None
    strength: float
    confidence: float
    tags: tuple[str, ...]
    antonym: str | None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Entry:
        """The entry as read from one line of JSON.

        Args:
            data: All fields of ``presets/lexicon/schema.json``.

        Raises:
            LexiconError: A field is missing, of the wrong type, or not finite. Ranges and the
                rules between entries are the business of ``validate``.
        """
        try:
            texts, gains, tags = data["texts"], data["gains_db"], data["tags"]
            if not isinstance(texts, list) or not texts or not all(map(_is_text, texts)):
                raise LexiconError(f"texts: found {texts!r}; a list of at least one text is needed")
            if not isinstance(gains, list) or len(gains) != len(BAND_CENTERS_HZ):
                raise LexiconError(
                    f"gains_db: found {gains!r}; a list of {len(BAND_CENTERS_HZ)} numbers is needed"
                )
            if not isinstance(tags, list) or not all(map(_is_text, tags)):
                raise LexiconError(f"tags: found {tags!r}; a list of texts is needed")
            name, antonym = data["id"], data["antonym"]
            if not _is_text(name):
                raise LexiconError(f"id: found {name!r}; a text is needed")
            if antonym is not None and not _is_text(antonym):
                raise LexiconError(f"antonym: found {antonym!r}; an id or null is needed")
            return cls(
                id=name,
                texts=tuple(texts),
                gains_db=tuple([_number("gains_db", gain) for gain in gains]),
                high_pass_hz=_optional("high_pass_hz", data["high_pass_hz"]),
                low_pass_hz=_optional("low_pass_hz", data["low_pass_hz"]),
                space=_space(data["space"]),
                drive=_optional("drive", data["drive"]),
                dynamics=_optional("dynamics", data["dynamics"]),
                strength=_number("strength", data["strength"]),
                confidence=_number("confidence", data["confidence"]),
                tags=tuple(tags),
                antonym=antonym,
            )
        except KeyError as error:
            raise LexiconError(f"the field {error.args[0]!r} is missing") from error

    def to_data(self) -> dict[str, Any]:
        """The entry as plain data, ready for JSON; ``from_data`` reads it back."""
        space = self.space
        return {
            "id": self.id,
            "texts": list(self.texts),
            "gains_db": list(self.gains_db),
            "high_pass_hz": self.high_pass_hz,
            "low_pass_hz": self.low_pass_hz,
            "space": None
            if space is None
            else {
                "t60_s": space.t60_s,
                "wet": space.wet,
                "predelay_ms": space.predelay_ms,
                "damping": space.damping,
            },
            "drive": self.drive,
            "dynamics": self.dynamics,
            "strength": self.strength,
            "confidence": self.confidence,
            "tags": list(self.tags),
            "antonym": self.antonym,
        }


def normalize(text: str) -> str:
    """The key under which a text is found: letters and digits in lower case, single spaces.

    ``"Hi-Fi!"`` and ``"hi fi"`` have the same key; apostrophes join (``"it's"`` → ``"its"``).
    """
    if _PLAIN.fullmatch(text):
        return text
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return " ".join(_WORD.findall(_APOSTROPHE.sub("", folded.casefold())))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _number(field: str, value: object) -> float:
    # JSON has no other numbers; a bool is none.
    if type(value) not in (int, float) or not math.isfinite(value):  # type: ignore[arg-type]
        raise LexiconError(f"{field}: found {value!r}; a finite number is needed")
    return float(value)  # type: ignore[arg-type]


def _optional(field: str, value: object) -> float | None:
    return None if value is None else _number(field, value)


def _space(value: object) -> Space | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise LexiconError(f"space: found {value!r}; an object or null is needed")
    return Space(
        **{
            name: _number(f"space.{name}", value[name])
            for name in ("t60_s", "wet", "predelay_ms", "damping")
        }
    )
