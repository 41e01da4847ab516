"""Work on many items in processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

from text2fx_studio import processes

Item = TypeVar("Item")
Found = TypeVar("Found")


def side_by_side(
    work: Callable[[Item], Found],
    items: Sequence[Item],
    jobs: int,
    told: Callable[[int, Item], None],
    *,
    begin: Callable[[], None],
) -> list[Found]:
    """``work`` on every item.

    Args:
        work: Of a module, so that another process finds it.
        items: Anything that can be pickled.
        jobs: Processes; with one the work is done here.
        told: Called after each with how many are done, and which it was.
        begin: Called once in each process before its first item; likewise of a module, or a
            ``functools.partial`` of one.

    Returns:
        What was found, in the order of ``items``; the first error is raised, the rest given up.
    """
    if jobs < 2:
        begin()
        here = []
        for item in items:
            here.append(work(item))
            told(len(here), item)
        return here
    found: dict[int, Found] = {}
    pool = ProcessPoolExecutor(jobs, processes.fresh(), begin)
    try:
        running = {pool.submit(work, item): index for index, item in enumerate(items)}
        for done in as_completed(running):
            index = running[done]
            found[index] = done.result()
            told(len(found), items[index])
    finally:
        pool.shutdown(cancel_futures=True)
    return [found[index] for index in range(len(items))]
