"""Where this user's own files of the app lie; the folders need not exist."""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAME = "text2fx-studio"


def config_folder() -> Path:
    """Settings."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / NAME
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / NAME
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / NAME


def state_folder() -> Path:
    """What the app remembers by itself: sessions, logs, lists of recent files."""
    if sys.platform in ("win32", "darwin"):
        return config_folder() / "state"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / NAME
