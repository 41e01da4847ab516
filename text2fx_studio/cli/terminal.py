"""What the command line writes: results on stdout, progress and errors on stderr."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

_INTERVAL_S = 0.1
_BAR = 20


def write(text: str, stream: TextIO | None = None) -> None:
    """Write a line; characters that the terminal's encoding lacks are escaped, never fatal."""
    stream = sys.stdout if stream is None else stream
    encoding = getattr(stream, "encoding", None) or "utf-8"
    safe = text.encode(encoding, "backslashreplace").decode(encoding)
    stream.write(safe + "\n")


def write_json(data: Mapping[str, Any]) -> None:
    """Write one object on one line of ASCII; numbers that are not finite become null."""
    write(json.dumps(_finite(data), allow_nan=False, default=str))


def printable(text: str) -> str:
    """The text with control characters escaped, so that no file can drive the terminal."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def wants_colour(stream: TextIO) -> bool:
    """Whether colour is welcome: a capable terminal, and NO_COLOR is not set."""
    return (
        not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and is_terminal(stream)
    )


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at the stream."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


class Progress:
    """One line on stderr that is redrawn in place; silent when stderr is not a terminal.

    Used as a context manager: the line is gone when the work ends, however it ends.

    Attributes:
        shown: Whether anything is drawn at all.
    """

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self.shown = not quiet and is_terminal(self._stream) and os.environ.get("TERM") != "dumb"
        self._colour = self.shown and wants_colour(self._stream)
        self._last_s = -math.inf
        self._last_line = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def update(self, label: str, share: float | None = None, note: str = "") -> None:
        """Redraw the line, at most ten times a second.

        Args:
            label: What is being done.
            share: How much of it is done, 0..1; None where that is not known.
            note: More to say, such as the score.
        """
        if not self.shown:
            return
        now = time.monotonic()
        finished = share is not None and share >= 1.0
        if now - self._last_s < _INTERVAL_S and not finished:
            return
        self._draw(label, share, note)
        self._last_s = now

    def clear(self) -> None:
        """Remove the line."""
        if self._last_line:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._last_line = ""

    def _draw(self, label: str, share: float | None, note: str) -> None:
        parts = [label]
        if share is not None:
            done = min(max(share, 0.0), 1.0)
            filled = round(done * _BAR)
            bar = "#" * filled + "-" * (_BAR - filled)
            parts.append(f"[{bar}] {round(done * 100):3d} %")
        if note:
            parts.append(note)
        width = shutil.get_terminal_size().columns
        line = printable("  ".join(parts))[: max(width - 1, 10)]
        if line == self._last_line:
            return
        shown = f"\x1b[36m{line}\x1b[0m" if self._colour else line
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        safe = shown.encode(encoding, "replace").decode(encoding)
        self._stream.write(f"\r{safe}\x1b[K")
        self._stream.flush()
        self._last_line = line


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
