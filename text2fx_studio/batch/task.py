"""One file's work as it is handed to a worker: plain data, paths as the worker sees them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from text2fx_studio.batch.plan import Settings

if TYPE_CHECKING:
    from text2fx_studio.search.options import Options


@dataclass(frozen=True)
class Task:
    """One file.

    Attributes:
        file: Names it, see ``plan.Unit``.
        source: The recording.
        output: Where the result goes.
        preset: Where its setting goes.
        exports_folder: Where exports of the setting go.
        settings: What is done.
        overwrite: Whether files that exist may be replaced.
        score: Whether a preset is scored against the settings' prompt.
    """

    file: str
    source: str
    output: str
    preset: str
    exports_folder: str
    settings: Settings
    overwrite: bool = False
    score: bool = False

    def options(self) -> Options:
        """The settings as the search takes them."""
        s = self.settings
        return {
            "chain": s.chain,
            "encoder": s.encoder,
            "checkpoint": Path(s.checkpoint) if s.checkpoint else None,
            "concepts": s.concepts or None,
            "loss": s.loss,
            "space": s.space,
            "axes": Path(s.axes) if s.axes else None,
            "amount": s.amount,
            "seed": s.seed,
            "device": s.device,
        }
