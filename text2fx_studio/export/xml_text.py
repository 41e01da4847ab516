"""Text that XML 1.0 can hold."""

from __future__ import annotations


def xml_text(text: str) -> str:
    """The text without the characters that XML 1.0 forbids (control characters, U+FFFE, U+FFFF)."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= "\x20" and c not in "\ufffe\uffff"))
