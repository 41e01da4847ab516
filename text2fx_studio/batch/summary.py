"""What a record says about a whole folder: counts, scores, the worst files, the failures."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Line = Mapping[str, Any]
_WORST = 5
_REASONS = 5


@dataclass(frozen=True)
class Summary:
    """A folder's fate.

    Attributes:
        done: Lines of files that are done, those that gained least first.
        failed: Lines of failed files, in the plan's order.
        others: Lines of all others.
    """

    done: tuple[Line, ...]
    failed: tuple[Line, ...]
    others: tuple[Line, ...]

    @property
    def scored(self) -> tuple[Line, ...]:
        """Files with scores, those that gained least first."""
        return tuple(line for line in self.done if line.get("score_wet") is not None)

    @property
    def seconds_of_sound(self) -> float:
        """Of all results' recordings."""
        return sum(float(line.get("duration_s", 0.0)) for line in self.done)


def summarise(lines: Sequence[Line]) -> Summary:
    """Sort a record's lines.

    Args:
        lines: Last lines of the files, in the plan's order.
    """
    done = [line for line in lines if line.get("status") == "done"]
    return Summary(
        done=tuple(sorted(done, key=gain)),
        failed=tuple(line for line in lines if line.get("status") == "failed"),
        others=tuple(line for line in lines if line.get("status") not in ("done", "failed")),
    )


def gain(line: Line) -> float:
    """How far the score rose; files without scores come last."""
    dry, wet = line.get("score_dry"), line.get("score_wet")
    return float("inf") if dry is None or wet is None else float(wet) - float(dry)


def summary_lines(summary: Summary) -> list[str]:
    """The summary for a terminal."""
    lines: list[str] = []
    scored = summary.scored
    if scored:
        gains = [gain(line) for line in scored]
        dry = statistics.fmean(float(line["score_dry"]) for line in scored)
        wet = statistics.fmean(float(line["score_wet"]) for line in scored)
        lines.append(
            f"Match {dry:.3f} -> {wet:.3f} on average; gain {gains[0]:+.3f} at the least, "
            f"{statistics.median(gains):+.3f} in the middle, {gains[-1]:+.3f} at the most"
        )
        unmoved = sum(line.get("accepted") is False for line in scored)
        if unmoved:
            lines.append(f"No better than dry, left as they are: {unmoved}")
        if len(scored) > 1:
            lines.append("Least gained:")
            lines += [
                f"  {gain(line):+.3f}  {line['file']}"
                for line in scored[: min(_WORST, len(scored))]
            ]
    if summary.failed:
        reasons = Counter(_without_path(line) for line in summary.failed)
        lines.append(f"Failed: {len(summary.failed)}")
        lines += [f"  {count:>4}  {reason}" for reason, count in reasons.most_common(_REASONS)]
        if len(reasons) > _REASONS:
            lines.append(f"        and {len(reasons) - _REASONS} other reasons, see the record")
    return lines


def _without_path(line: Line) -> str:
    """A reason without the file's own name in front, so that equal reasons are counted together."""
    reason = str(line.get("reason", ""))
    head, separator, rest = reason.partition(": ")
    return rest if separator and str(line.get("file", "")).rpartition("/")[2] in head else reason
