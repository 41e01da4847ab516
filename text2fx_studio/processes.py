"""How processes of the app's own begin: as empty interpreters, alike on every system."""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import SpawnContext


def fresh() -> SpawnContext:
    """The context of workers that inherit nothing: no threads, no locks, no open files."""
    return multiprocessing.get_context("spawn")
