"""Gradient search for the effect settings that meet a prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from text2fx_studio.search.engine import apply_file, optimize, search
    from text2fx_studio.search.result import Progress, Result, SearchResult

__all__ = [
    "Progress",
    "Result",
    "SearchResult",
    "apply_file",
    "optimize",
    "search",
]


def __getattr__(name: str) -> Any:
    # torch is loaded only when something of it is used.
    from importlib import import_module

    if name in ("Progress", "Result", "SearchResult"):
        return getattr(import_module("text2fx_studio.search.result"), name)
    if name in __all__:
        return getattr(import_module("text2fx_studio.search.engine"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
