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


def caches(_line: Line, *, clear: bool = False, limit_mb: float | None = None) -> dict[str, Any]:
    """Size of the caches; checkpoints do not count and are never deleted.

    Args:
        clear: Whether to empty them first.
        limit_mb: Delete what was used longest ago until no more is left; None for no limit.

    Returns:
        ``used_mb`` and ``deleted``, how many files went.
    """
    from text2fx_studio.encoders.files import cache_folder

    limit_bytes = 0.0 if clear else float("inf") if limit_mb is None else limit_mb * 1e6
    found = []
    for path in cache_folder().rglob("*"):
        if path.is_file() and "models" not in path.relative_to(cache_folder()).parts:
            about = path.stat()
            found.append((max(about.st_atime, about.st_mtime), about.st_size, path))
    used, deleted = sum(size for _, size, _ in found), 0
    for _, size, path in sorted(found, key=lambda entry: entry[0]):
        if used <= limit_bytes:
            break
        path.unlink(missing_ok=True)  # what is missing is made again when it is needed
        used, deleted = used - size, deleted + 1
    return {"used_mb": used / 1e6, "deleted": deleted}
