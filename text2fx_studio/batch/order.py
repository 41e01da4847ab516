"""In which order and in what groups files are worked on; the results do not depend on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from text2fx_studio.batch.plan import Unit

TOGETHER = 8  # files of one search
SAMPLE = 8  # files that a shared setting is searched on
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
            header(unit.source)[0],
        )
        kinds.setdefault(key, []).append(unit)
    size = max(1, min(TOGETHER, math.ceil(len(units) / (workers * _SHARES))))
    groups = []
    for key in sorted(kinds, key=repr):
        members = kinds[key]
        groups += [members[at : at + size] for at in range(0, len(members), size)]
    # Large groups first: the small ones at the end leave nobody idle for long.
    return sorted(groups, key=len, reverse=True)


def sample_of(units: Sequence[Unit]) -> list[Unit]:
    """The files that one setting for all is searched on, spares behind them.

    Evenly over their lengths, from the shortest to the longest; which they are depends on the
    files alone.

    Returns:
        All readable files; the first :data:`SAMPLE` are the sample, the others stand in for those
        that turn out to be silent or broken.
    """
    lengths = {unit.file: header(unit.source)[1] for unit in units}
    readable = sorted(
        (unit for unit in units if lengths[unit.file] > 0),
        key=lambda unit: (lengths[unit.file], unit.file),
    )
    count = min(SAMPLE, len(readable))
    chosen = [readable[(2 * i + 1) * len(readable) // (2 * count)] for i in range(count)]
    taken = {unit.file for unit in chosen}
    return chosen + [unit for unit in readable if unit.file not in taken]


def header(path: str) -> tuple[int, float]:
    """Sample rate in Hz and length in seconds; zeros where the worker will say what is wrong."""
    import soundfile

    try:
        info = soundfile.info(path)
    except (soundfile.LibsndfileError, OSError, RuntimeError, TypeError, ValueError):
        return 0, 0.0
    return int(info.samplerate), float(info.duration)
