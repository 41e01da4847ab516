"""A batch as a job of an engine process, for front ends that must neither wait nor load torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from text2fx_studio.errors import CancelledError


class Line(Protocol):
    """How a job talks to the other side, see ``job_handlers.Line``."""

    def cancelled(self) -> bool:
        """Whether it shall stop."""
        ...

    def progress(self, **data: Any) -> None:
        """Tell how far it is; plain data."""
        ...


def batch(
    line: Line,
    *,
    files: Sequence[tuple[str, str]],
    folder: str,
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """Work on files from anywhere; those that were done before and have not changed are kept.

    Progress carries the fields of ``events`` and, for those of a file, ``key``: its path.

    Args:
        line: To the other side.
        files: (path, name relative to ``folder``) of each.
        folder: For the results and their record.
        options: Fields of ``plan.Settings``; what is None is left out.

    Returns:
        The fields of ``events.Finished``.

    Raises:
        CancelledError: It was asked to stop; what is done stays done.
        UsageError: A result would replace an original, or another batch is at work there.
        OutputError: The folder cannot be used.
    """
    from text2fx_studio.batch.engine import run
    from text2fx_studio.batch.plan import Settings, plan_files

    settings = Settings.from_data({k: v for k, v in options.items() if v is not None})
    plan = plan_files(files, folder, settings)
    keys = {unit.file: unit.source for unit in plan.units}
    steps = run(plan, resume=True, retry_failed=True)
    told: dict[str, Any] = {}
    try:
        for event in steps:
            if line.cancelled():
                raise CancelledError("the batch was stopped; files that are done stay done")
            told = event.to_data()
            if "file" in told:
                told["key"] = keys.get(told["file"], "")
            line.progress(**told)
    finally:
        steps.close()
    return told
