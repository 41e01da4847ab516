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


def verify_sha256(path: Path, expected: str) -> None:
    """Check a large file once; a stamp in the user's cache folder spares the next process.

    The stamp holds path, size, time of change and hash: a changed file is hashed again.

    Raises:
        EncoderError: The file is not the one whose hash is expected.
    """
    status = path.stat()
    stamp = {
        "path": str(path.resolve()), "size": status.st_size,
        "mtime_ns": status.st_mtime_ns, "sha256": expected,
    }  # fmt: skip
    note = cache_folder() / "verified" / f"{expected[:16]}.json"
    try:
        if json.loads(note.read_text("utf-8")) == stamp:
            return
    except (OSError, ValueError):
        pass
    found = sha256_of(path)
    if found != expected:
        raise EncoderError(
            f"{path}: SHA-256 is {found}, expected is {expected}; reinstall the package that "
            "carries it"
        )
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        partial = note.with_suffix(f".{os.getpid()}.part")
        partial.write_text(json.dumps(stamp), "utf-8")
        partial.replace(note)
    except OSError:
        pass  # no cache folder: it is hashed again next time


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
