"""What the engine asks of a worker beside the files: it has the encoder, the engine has not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from text2fx_studio.batch.plan import Settings
from text2fx_studio.batch.task import Task


def identify(*, settings: dict[str, Any]) -> dict[str, Any]:
    """Which weights the settings name.

    Returns:
        ``weights_sha256``.
    """
    from text2fx_studio.search.preparation import encoder_for

    task = Task("", "", "", "", "", Settings.from_data(settings))
    encoder, _ = encoder_for(task.options())
    return {"weights_sha256": encoder.weights_hash}


def find_shared(*, settings: dict[str, Any], files: list[str], count: int) -> dict[str, Any]:
    """One setting for many files, see ``shared.find_shared``."""
    from text2fx_studio.batch.shared import find_shared as find

    return find(Settings.from_data(settings), files, count)


QUESTIONS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "identify": identify,
    "find_shared": find_shared,
}
