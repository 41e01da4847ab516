"""The user's settings: typed, versioned, written whole, and never a reason not to start.

A file that cannot be read is put aside (``settings.json.broken``) and the defaults are used; a
field that is missing, unknown or of the wrong kind falls back to its default, alone; a file of a
newer version is read as far as it is understood and not overwritten until the user changes
something.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from dsp.atomic import write_atomic
from text2fx_studio.errors import OutputError
from text2fx_studio.user_folders import config_folder

VERSION = 1
FILE = "settings.json"
_LARGEST_BYTES = 1 << 20

CHOICES: Mapping[str, tuple[str, ...]] = {
    "theme": ("system", "light", "dark"),
    "encoder": ("fxsem", "laion", "msclap"),
    "device": ("auto", "cpu", "cuda", "mps"),
    "loss": ("cosine", "directional"),
    "chain": ("eq", "reverb", "eq,reverb"),
    "eq_range_db": ("3", "6", "12", "24"),
}


@dataclass(frozen=True)
class Settings:
    """All settings with their defaults.

    Attributes:
        theme: ``system``, ``light`` or ``dark``.
        encoder: Which encoder listens.
        checkpoint: Its weights file, where it needs one; empty for the bundled or cached ones.
        device: Where the search computes.
        loss: ``cosine`` or ``directional``.
        chain: What Shape may use: ``eq``, ``reverb`` or ``eq,reverb``.
        seed: Of the search, 0 and above.
        output_device: Name of the sound device; empty for the system's choice.
        level_match: Whether A and B are played equally loud.
        eq_range_db: Range of the equalizer's picture.
        plugin_folders: Further folders to scan for plugins.
        cache_limit_mb: Size that caches may take, 100 to 100000.
        favourites: Presets marked by the user.
        prompts: Prompts used, the latest first, at most 50.
    """

    theme: str = "system"
    encoder: str = "fxsem"
    checkpoint: str = ""
    device: str = "auto"
    loss: str = "cosine"
    chain: str = "eq,reverb"
    seed: int = 0
    output_device: str = ""
    level_match: bool = True
    eq_range_db: str = "12"
    plugin_folders: tuple[str, ...] = ()
    cache_limit_mb: int = 2000
    favourites: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> tuple[Settings, list[str]]:
        """Read plain data.

        Returns:
            The settings, and a sentence for every field that could not be used.
        """
        made, notes = cls(), []
        for field in fields(cls):
            if field.name not in data:
                continue
            value = _checked(field.name, data[field.name], getattr(made, field.name))
            if value is None:
                notes.append(f"{field.name}: found {data[field.name]!r:.60}; the default is used")
            else:
                made = replace(made, **{field.name: value})
        return made, notes


def _checked(name: str, value: Any, default: Any) -> Any:
    """The value in its field's type; None if it does not fit."""
    if isinstance(default, bool):
        return value if isinstance(value, bool) else None
    if isinstance(default, int):
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        low, high = (100, 100_000) if name == "cache_limit_mb" else (0, 2**31 - 1)
        return value if low <= value <= high else None
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            return None
        return tuple(value)[:500]
    if not isinstance(value, str) or (name in CHOICES and value not in CHOICES[name]):
        return None
    return value


def settings_file() -> Path:
    """Where they are kept."""
    return config_folder() / FILE


def load_settings(path: Path | None = None) -> tuple[Settings, list[str]]:
    """The settings; never fails.

    Args:
        path: None for :func:`settings_file`.

    Returns:
        The settings, and sentences about what could not be read.
    """
    file = settings_file() if path is None else path
    try:
        with file.open("rb") as stream:
            data = json.loads(stream.read(_LARGEST_BYTES).decode("utf-8"))
        if not isinstance(data, dict):
            raise ValueError("not a JSON object")
    except FileNotFoundError:
        return Settings(), []
    except (OSError, ValueError, RecursionError) as error:
        aside = file.with_name(file.name + ".broken")
        with contextlib.suppress(OSError):
            file.replace(aside)
        return Settings(), [f"the settings could not be read ({error}); kept as {aside.name}"]
    settings, notes = Settings.from_data(data)
    version = data.get("version")
    if isinstance(version, int) and version > VERSION:
        notes.append(f"the settings are of a newer version ({version}); what is known is used")
    return settings, notes


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write them whole or not at all.

    Raises:
        OutputError: The file cannot be written.
    """
    file = settings_file() if path is None else path
    write_text(file, json.dumps({"version": VERSION, **asdict(settings)}, indent=2) + "\n")


def write_text(file: Path, text: str) -> None:
    """Write one of the app's own files whole, with its folder.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{file.parent}: the folder cannot be made: {error.strerror}") from error
    write_atomic(file, text, overwrite=True, error=OutputError)
