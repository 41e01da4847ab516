"""File names that are safe on every system and in every script."""

from __future__ import annotations

import unicodedata

LONGEST_BYTES = 120  # leaves room for what targets append; file systems allow 255 bytes
_RESERVED = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}
_KEPT = " -_.+()'&,"


def file_name(text: str) -> str:
    """A stem made from any text: letters and digits of all scripts stay, the rest becomes ``_``.

    Never empty, never longer than 120 bytes in UTF-8, holds no separator, no control or
    invisible character, no leading dot, and is no device name of Windows.
    """
    folded = unicodedata.normalize("NFC", text)
    kept = "".join(_safe(c) for c in folded)
    kept = " ".join(kept.split())
    while "__" in kept:
        kept = kept.replace("__", "_")
    kept = _shortened(kept.strip(" ._"))
    if kept.partition(".")[0].strip().lower() in _RESERVED:
        kept = f"{kept}_"
    return kept or "preset"


def _safe(character: str) -> str:
    if character in _KEPT:
        return character
    return character if unicodedata.category(character)[0] in "LNM" else "_"


def _shortened(text: str) -> str:
    raw = text.encode()
    return raw[:LONGEST_BYTES].decode(errors="ignore").rstrip(" ._") if raw else ""
