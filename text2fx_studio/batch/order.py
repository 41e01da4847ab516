"""In which order and in what groups files are worked on; the results do not depend on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from text2fx_studio.batch.plan import Unit

TOGETHER = 8  # files of one search
_SHARES = 3  # groups that each worker gets at the least, so that they end at about the same time


def groups_of(units: Sequence[Unit], workers: int) -> list[list[Unit]]:
    """Cut the files into groups that can be searched together.

    Files of one chain and one sample rate go together, since those share the search's arithmetic.

    Args:
        units: The files.
        workers: How many there are to share them.
    """
    kinds: dict[tuple[object, ...], list[Unit]] = {}
    for unit in units:
        settings = unit.settings
        key: tuple[object, ...] = (
            settings.encoder,
            settings.checkpoint,
            settings.chain,
            bool(settings.preset),
            _rate_hz(unit.source),
        )
        kinds.setdefault(key, []).append(unit)
    size = max(1, min(TOGETHER, math.ceil(len(units) / (workers * _SHARES))))
    groups = []
    for key in sorted(kinds, key=repr):
        members = kinds[key]
        groups += [members[at : at + size] for at in range(0, len(members), size)]
    # Large groups first: the small ones at the end leave nobody idle for long.
    return sorted(groups, key=len, reverse=True)


def _rate_hz(path: str) -> int:
    """From the header; 0 where it cannot be read, which the worker will tell properly."""
    import soundfile

    try:
        return int(soundfile.info(path).samplerate)
    except (soundfile.LibsndfileError, OSError, RuntimeError, TypeError, ValueError):
        return 0
