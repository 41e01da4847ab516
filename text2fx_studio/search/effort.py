"""How much a search may spend on an encoder.

The bundled encoder takes milliseconds a step; a CLAP model takes tenths of a second for each
window of each start on a CPU. There the search listens to fewer windows, judges all starts once
and follows the best one only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from text2fx_studio.encoders.protocol import Listener
from text2fx_studio.search.optimizer import Schedule
from text2fx_studio.search.windows import MAX_WINDOWS

STARTS = 4


@dataclass(frozen=True)
class Effort:
    """The bounds of a search.

    Attributes:
        windows: Windows that are listened to, at the most.
        starts: Starts that are tried.
        kept: Starts that are followed, the best ones.
        schedule: Of the descent.
    """

    windows: int = MAX_WINDOWS
    starts: int = STARTS
    kept: int = STARTS
    schedule: Schedule = field(default_factory=Schedule)


FRUGAL = Effort(windows=2, kept=1, schedule=Schedule(steps=40, patience=8))


def effort_for(encoder: Listener, device: str) -> Effort:
    """The bounds for an encoder; ``heavy`` ones are spared on a CPU."""
    return FRUGAL if device == "cpu" and encoder.heavy else Effort()
