"""What a training run is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FULL_MINUTES = 40.0  # of the two fits and the drawing of examples, on two free cores


@dataclass(frozen=True)
class Options:
    """What a training run is given.

    Attributes:
        shared: Folder with ``audio``, ``ir`` and ``data/socialfx``.
        lexicon: Folder with the lexicon's ``*.jsonl``.
        out: Receives ``fxsem.safetensors``, ``fxsem.json`` and ``log.jsonl``.
        cache: For stages; several GB.
        seed: Of examples, order and initial weights.
        minutes: Scales passes and steps against ``FULL_MINUTES``; None is the full run.
        resume: Keep what the cache holds of this seed; otherwise it is trained anew.
        device: For the towers' fits.
        held_fold: Of people's words, 0..2: not taught, so that they can be tested; None teaches
            all, and words of other people's data are the test.
        judge: Hear the recordings that are kept for a judge, and none of the others.
    """

    shared: Path
    lexicon: Path
    out: Path
    cache: Path
    seed: int = 0
    minutes: float | None = None
    resume: bool = False
    device: str = "cpu"
    held_fold: int | None = None
    judge: bool = False

    @property
    def recordings_heard(self) -> str:
        """The split of the recordings that the audio tower learns from."""
        return "judge" if self.judge else "train"

    @property
    def share(self) -> float:
        """Of the full run, 0..1."""
        return 1.0 if self.minutes is None else min(1.0, max(self.minutes, 0.1) / FULL_MINUTES)
