"""Why a file failed, as plain data, and whether the reason is the file's or the machine's."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import Any

from text2fx_studio.errors import CancelledError, Text2FXError

FULL, CANCELLED, FILE = "disk full", "cancelled", "file"
_FULL_ERRORS = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_SCARCE_BYTES = 1_000_000


def told(error: BaseException, folder: Path | None = None) -> dict[str, Any]:
    """An error as a worker tells it.

    Args:
        error: What happened.
        folder: Where was being written, if something was: a disk without room there is the reason
            even where a library only says that it could not write.

    Returns:
        ``reason`` in one line, ``error`` (its class), ``cause``: ``file``, ``disk full`` (no other
        file would fare better) or ``cancelled``.
    """
    if isinstance(error, CancelledError):
        return {"reason": "cancelled", "error": "CancelledError", "cause": CANCELLED}
    if _is_full(error) or (folder is not None and _is_scarce(error, folder)):
        where = f"{folder}: " if folder is not None else ""
        reason = f"{where}the disk is full; free some space and go on with --resume"
        return {"reason": reason, "error": type(error).__name__, "cause": FULL}
    if isinstance(error, MemoryError):
        text = "out of memory; use fewer --jobs, or a shorter file"
    elif isinstance(error, Text2FXError | OSError):
        text = " ".join(str(error).split())
    else:
        text = f"unexpected {type(error).__name__}: {' '.join(str(error).split())}"
    return {"reason": text, "error": type(error).__name__, "cause": FILE}


def _is_full(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL_ERRORS:
            return True
        error = error.__cause__ or error.__context__
    return False


def _is_scarce(error: BaseException, folder: Path) -> bool:
    if not isinstance(error, Text2FXError | OSError):
        return False
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free < _SCARCE_BYTES
    except OSError:
        return False
