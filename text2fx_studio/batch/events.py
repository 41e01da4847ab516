"""What :func:`text2fx_studio.batch.run` tells while it works, one class for each kind."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class _Event:
    kind: ClassVar[str] = ""

    def to_data(self) -> dict[str, Any]:
        """Plain data with ``event`` first, as ``text2fx batch --json`` prints it."""
        return {"event": self.kind, **dataclasses.asdict(self)}


@dataclass(frozen=True)
class Queued(_Event):
    """A file will be worked on."""

    kind: ClassVar[str] = "queued"
    file: str


@dataclass(frozen=True)
class Running(_Event):
    """Work on a file has begun."""

    kind: ClassVar[str] = "running"
    file: str


@dataclass(frozen=True)
class Done(_Event):
    """A file's result is in its place.

    Attributes:
        file: The unit.
        output: Path of the result, relative to the output folder.
        preset: Path of its setting, likewise.
        accepted: Whether a setting beat dry; if not, the sound is as it was. None for a preset.
        score_dry: Before, None where nothing was scored.
        score_wet: After.
        seconds: Of work on this file; what files shared is shared out among them.
        notes: What a person should know.
        details: The rest of its line in the record.
    """

    kind: ClassVar[str] = "done"
    file: str
    output: str
    preset: str
    accepted: bool | None
    score_dry: float | None
    score_wet: float | None
    seconds: float
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed(_Event):
    """A file could not be made; nothing of it was written.

    Attributes:
        file: The unit.
        reason: Why, and what to do.
        error: The error's class.
    """

    kind: ClassVar[str] = "failed"
    file: str
    reason: str
    error: str = ""


@dataclass(frozen=True)
class Skipped(_Event):
    """A file was left as it is.

    Attributes:
        file: The unit.
        reason: Why.
        before: Its status in the record, where that is the reason: ``done`` or ``failed``.
    """

    kind: ClassVar[str] = "skipped"
    file: str
    reason: str
    before: str = ""


@dataclass(frozen=True)
class Note(_Event):
    """Something that a person should know and that belongs to no one file."""

    kind: ClassVar[str] = "note"
    message: str


@dataclass(frozen=True)
class Progress(_Event):
    """How far the whole is.

    Attributes:
        ended: Files whose fate is known.
        total: Files of the plan.
        elapsed_s: Since the start.
        eta_s: Until the end; None while it cannot be told.
    """

    kind: ClassVar[str] = "progress"
    ended: int
    total: int
    elapsed_s: float
    eta_s: float | None


@dataclass(frozen=True)
class Finished(_Event):
    """The last event.

    Attributes:
        done: Files made in this run.
        failed: Files that failed, in this run or in one before it and not tried again.
        skipped: Files left as they are because they were done, or must not be replaced.
        left: Files that were not come to, because the run was stopped.
        seconds: Of the run.
        stopped: Why it stopped early; empty if it did not.
        summary: The folder in some lines: scores, the worst files, reasons of failures.
    """

    kind: ClassVar[str] = "finished"
    done: int
    failed: int
    skipped: int
    left: int
    seconds: float
    stopped: str = ""
    summary: tuple[str, ...] = ()


Event = Queued | Running | Done | Failed | Skipped | Note | Progress | Finished
