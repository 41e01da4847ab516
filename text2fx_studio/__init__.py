"""Shape any recording with words: effects found by search, heard, shown and kept as presets.

    from text2fx_studio import optimize, load_encoder, load_preset

The names load on first use, so that ``import text2fx_studio`` itself costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from text2fx_studio.encoders import load_encoder
    from text2fx_studio.preset import Preset, load_preset, save_preset
    from text2fx_studio.search import optimize

__version__ = "0.1.0"

__all__ = ["Preset", "__version__", "load_encoder", "load_preset", "optimize", "save_preset"]

_HOMES = {
    "Preset": "text2fx_studio.preset",
    "load_encoder": "text2fx_studio.encoders",
    "load_preset": "text2fx_studio.preset",
    "optimize": "text2fx_studio.search",
    "save_preset": "text2fx_studio.preset",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
