"""Worker processes that are forked from one that has loaded the encoder already.

The app spawns its workers: each begins with an empty interpreter and loads torch for seconds. Tests
of the jobs and of the command line do that, too. The windows' tests start a hundred of them, and
what they are about comes after: theirs are forked from a server that has loaded what all need.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.context import BaseContext
from typing import Any

PRELOADED = ("tests.preloaded",)


def forked() -> BaseContext:
    """A context whose processes find torch and the encoder loaded, and this one's environment.

    Where a system cannot fork (Windows), they are spawned.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return _Context(context)  # type: ignore[return-value]


class _Context:
    """What the app uses of a context."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self.Pipe = context.Pipe

    def Process(self, *, target: Callable[..., None], args: tuple[Any, ...], **rest: Any) -> Any:
        # The server keeps the environment of its own beginning; each test has another.
        own = (dict(os.environ), target, args)
        return self._context.Process(target=_in_environment, args=own, **rest)


def _in_environment(environment: dict[str, str], target: Any, args: tuple[Any, ...]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    target(*args)
