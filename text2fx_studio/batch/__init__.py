"""Folders from prompts: a plan is data, :func:`run` works it off and tells every file's fate.

    from text2fx_studio.batch import Settings, make_plan, run

    plan = make_plan("raw", "shaped", Settings(prompt="warm"))
    for event in run(plan, jobs=4):
        print(event.to_data())

Importing this costs nothing; the encoder is loaded by the workers.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from text2fx_studio.batch.engine import run
    from text2fx_studio.batch.plan import Plan, Settings, Unit, make_plan

__all__ = ["Plan", "Settings", "Unit", "make_plan", "run"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "engine" if name == "run" else "plan"
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)
