"""Progress of a fit on disk, so that a stopped run goes on where it was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch


@dataclass(frozen=True)
class Checkpoint:
    """Where a fit keeps its state.

    Attributes:
        path: File; removed by nobody, overwritten by the same fit.
        every: Steps between two writes.
    """

    path: Path
    every: int = 500

    def load(self, parts: dict[str, Any], generator: torch.Generator) -> int:
        """Restore optimizer, schedule and module by name; the step to go on with (0: none)."""
        if not self.path.is_file():
            return 0
        state = torch.load(self.path, weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(state[name])
        generator.set_state(state["generator"])
        torch.set_rng_state(state["torch"])
        return int(state["step"])

    def save(self, step: int, parts: dict[str, Any], generator: torch.Generator) -> None:
        """Write the state in one go: a reader never sees half of it."""
        state = {name: part.state_dict() for name, part in parts.items()}
        state |= {
            "step": step, "generator": generator.get_state(), "torch": torch.get_rng_state()
        }  # fmt: skip
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".part")
        torch.save(state, partial)
        partial.replace(self.path)
