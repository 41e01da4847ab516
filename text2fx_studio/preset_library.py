"""Where presets are kept: the factory's, which ship with the app, and the user's own folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from text2fx_studio.errors import PresetError
from text2fx_studio.preset import SUFFIX, read_data


@dataclass(frozen=True)
class Entry:
    """One preset file of the library.

    Attributes:
        slug: File name without its ending; what ``text2fx render IN SLUG`` takes.
        origin: ``factory`` or ``user``.
        path: The file.
        data: Its checked plain data; None if it is not valid.
        error: Why it is not valid; empty if it is.
    """

    slug: str
    origin: str
    path: Path
    data: dict[str, Any] | None
    error: str = ""


def factory_folder() -> Path:
    """The folder of the presets that ship with the app."""
    return Path(str(resources.files("presets").joinpath("factory")))


def user_folder() -> Path:
    """The user's own folder; it need not exist. TEXT2FX_PRESETS names another."""
    named = os.environ.get("TEXT2FX_PRESETS")
    if named:
        return Path(named)
    home = Path.home()
    if sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "text2fx-studio" / "presets"


def library() -> Iterator[Entry]:
    """All presets, the factory's first, each folder sorted by file name; broken ones included."""
    for origin, folder in (("factory", factory_folder()), ("user", user_folder())):
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            slug = path.name.removesuffix(SUFFIX)
            try:
                yield Entry(slug, origin, path, read_data(path))
            except PresetError as error:
                yield Entry(slug, origin, path, None, str(error))


def find_preset(text: str) -> Path:
    """The file of a preset that is named by its path or by its slug; the user's own goes first.

    Raises:
        PresetError: There is no such file and no such name.
    """
    path = Path(text)
    if path.is_file():
        return path
    if text and path.name == text and not text.endswith(".json"):
        for folder in (user_folder(), factory_folder()):
            named = folder / f"{text}{SUFFIX}"
            if named.is_file():
                return named
        known = ", ".join(sorted({entry.slug for entry in library()}))
        raise PresetError(f"{text}: no such preset file, nor a preset of that name; known: {known}")
    found = "is a folder" if path.is_dir() else "no such file"
    raise PresetError(f"{text}: {found}; name a {SUFFIX} file, or one of: text2fx presets list")
