"""Where plugins are kept on this platform."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = (".vst3", ".component") if sys.platform == "darwin" else (".vst3",)
_DEEPEST = 6


def plugin_folders() -> tuple[Path, ...]:
    """The folders that are scanned; TEXT2FX_PLUGIN_PATH names others, joined as PATH is."""
    named = os.environ.get("TEXT2FX_PLUGIN_PATH")
    if named is not None:
        return tuple(Path(part) for part in named.split(os.pathsep) if part)
    home = Path.home()
    if sys.platform == "darwin":
        kinds = ("VST3", "Components")
        roots = (Path("/Library/Audio/Plug-Ins"), home / "Library/Audio/Plug-Ins")
        return tuple(root / kind for root in roots for kind in kinds)
    if sys.platform == "win32":
        common = os.environ.get("COMMONPROGRAMFILES", "C:/Program Files/Common Files")
        return (Path(common, "VST3"),)
    return (home / ".vst3", Path("/usr/lib/vst3"), Path("/usr/local/lib/vst3"))


def plugin_files(folders: tuple[Path, ...] | None = None) -> Iterator[Path]:
    """Every plugin file or bundle in the folders, sorted; bundles are not looked into."""
    seen: set[Path] = set()
    for folder in plugin_folders() if folders is None else folders:
        for path in sorted(_walk(folder, _DEEPEST)):
            real = path.resolve()
            if real not in seen:
                seen.add(real)
                yield path


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError:
        return  # missing, no folder, or not ours to read: there are no plugins to use there
    for path in entries:
        if path.suffix.lower() in SUFFIXES:
            yield path
        elif depth and path.is_dir() and not path.is_symlink():
            yield from _walk(path, depth - 1)


def stamp(path: Path) -> str:
    """What changes when a plugin is installed anew: the newest time and the total size."""
    newest = size = 0
    files = [path, *(path.rglob("*") if path.is_dir() else ())]
    for file in files:
        try:
            found = file.stat()
        except OSError:
            continue  # a broken link inside the bundle
        newest = max(newest, found.st_mtime_ns)
        size += found.st_size if file.is_file() else 0
    return f"{newest}-{size}"
