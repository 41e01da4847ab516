"""What an engine process does for the settings page: checkpoints and caches.

Kept apart from the GUI process because all of it loads torch or takes minutes.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Protocol


class Line(Protocol):
    """How a job talks to the other side, see ``job_handlers.Line``."""

    def progress(self, **data: Any) -> None:
        """Tell how far it is; plain data."""
        ...


def check_model(_line: Line, *, path: str) -> dict[str, Any]:
    """What a checkpoint is and whether it is whole.

    Returns:
        ``message`` in words, ``good``, and the findings of ``models.check``.
    """
    from text2fx_studio.models.check import check

    found = check(Path(path))
    told = f"{found.id}: {found.sample_rate / 1000:g} kHz, hears {found.window_s:g} s at once"
    if found.problems:
        told = "; ".join(found.problems)
    return {"message": told, "good": not found.problems, "found": found.to_data()}


def get_model(line: Line, *, encoder: str) -> dict[str, Any]:
    """Download the first sound model of the catalogue for an encoder, and what it needs.

    Returns:
        ``message`` in words, ``good``.

    Raises:
        EncoderError: There is none, no network, no room, or a hash that does not fit.
    """
    from text2fx_studio.errors import EncoderError
    from text2fx_studio.models.catalogue import CATALOGUE, find_entry
    from text2fx_studio.models.download import get

    entry = next((e for e in CATALOGUE if e.kind == encoder and not e.broken), None)
    if entry is None:
        raise EncoderError(f"{encoder}: the catalogue holds no model for it; choose a file")
    told = [0.0]

    def on_bytes(name: str, done: int, total: int | None) -> None:
        if time.monotonic() - told[0] > 0.2:
            told[0] = time.monotonic()
            whole = f" of {total / 1e6:.0f}" if total else ""
            line.progress(message=f"{name}: {done / 1e6:.0f}{whole} MB")

    for one in (entry, *(find_entry(name) for name in entry.needs)):
        get(one, progress=on_bytes)
    return {"message": f"{entry.title} is in the cache", "good": True}


def caches(_line: Line, *, clear: bool = False) -> dict[str, Any]:
    """Size of the caches; checkpoints do not count and are never deleted.

    Args:
        clear: Whether to empty them first.

    Returns:
        ``used_mb``.
    """
    from text2fx_studio.encoders.files import cache_folder

    files = [p for p in cache_folder().rglob("*") if p.is_file() and "models" not in p.parts]
    if clear:
        for path in files:
            path.unlink(missing_ok=True)
        files = []
    return {"used_mb": sum(path.stat().st_size for path in files) / 1e6}
