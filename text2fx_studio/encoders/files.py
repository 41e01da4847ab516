"""Weights on disk: finding, reading and checking them."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sys
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from text2fx_studio.errors import EncoderError

_CHUNK = 1 << 20


def find_package_file(package: str, name: str, remedy: str) -> Path:
    """Path of a data file in an installed package, without importing the package.

    Args:
        package: Import name.
        name: Path inside the package, with ``/``.
        remedy: What to do when it is missing, for the message.

    Raises:
        EncoderError: The package or the file is not there.
    """
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, *name.split("/"))
        if path.is_file():
            return path
    raise EncoderError(f"{package}/{name}: not installed; {remedy}")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def cached_sha256(path: Path) -> str:
    """SHA-256 of a large file; a note in the cache folder spares the next process the reading.

    The note holds size and time of change: a changed file is hashed again.
    """
    status = path.stat()
    where = str(path.resolve())
    stamp = {"path": where, "size": status.st_size, "mtime_ns": status.st_mtime_ns}
    note = cache_folder() / "hashes" / f"{hashlib.sha256(where.encode()).hexdigest()[:24]}.json"
    try:
        known = json.loads(note.read_text("utf-8"))
        if {name: known[name] for name in stamp} == stamp and len(str(known["sha256"])) == 64:
            return str(known["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found = sha256_of(path)
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        partial = note.with_suffix(f".{os.getpid()}.part")
        partial.write_text(json.dumps({**stamp, "sha256": found}), "utf-8")
        partial.replace(note)
    except OSError:
        pass  # no cache folder: it is hashed again next time
    return found


def verify_sha256(path: Path, expected: str) -> None:
    """Check a large file; it is read only if it was not before, or has changed since.

    Raises:
        EncoderError: The file is not the one whose hash is expected.
    """
    found = cached_sha256(path)
    if found != expected:
        raise EncoderError(
            f"{path}: SHA-256 is {found}, expected is {expected}; reinstall the package that "
            "carries it"
        )


def cache_folder() -> Path:
    """The user's cache folder of this app (it may not exist yet)."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "text2fx-studio"


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """All tensors of a safetensors file, memory-mapped where the platform allows.

    Raises:
        EncoderError: The file is missing, truncated, or not safetensors.
    """
    return read_tensors_and_notes(path)[0]


def read_tensors_and_notes(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Tensors and the header's free-text notes of a safetensors file.

    Raises:
        EncoderError: The file is missing, truncated, or not safetensors.
    """
    if not path.is_file():
        raise EncoderError(f"{path}: weights file not found")
    try:
        with safe_open(str(path), framework="pt") as stream:
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118
            return tensors, dict(stream.metadata() or {})
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise EncoderError(
            f"{path}: not a readable safetensors file ({error}); reinstall or download it again"
        ) from error
