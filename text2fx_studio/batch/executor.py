"""What the engine needs of those who do the work: groups of files in, answers out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from text2fx_studio.batch.task import Task

AnswerKind = Literal["running", "done", "failed", "note"]


@dataclass(frozen=True)
class Answer:
    """One thing that a worker tells.

    Attributes:
        kind: ``running``, then ``done`` or ``failed``, for each file; ``note`` for none.
        file: The file.
        data: Of ``done``: its facts; of ``failed``: see ``failures.told``; of ``note``: message.
    """

    kind: AnswerKind
    file: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class Executor(Protocol):
    """Workers: processes here, or a cluster."""

    @property
    def free(self) -> int:
        """How many more groups they would take now, so that none of them has to wait."""
        ...

    @property
    def workers(self) -> int:
        """How many work at the same time."""
        ...

    def submit(self, group: Sequence[Task]) -> None:
        """Hand over a group of files."""
        ...

    def answers(self, timeout_s: float) -> list[Answer]:
        """What was told since; waits for the first answer, at the most ``timeout_s``."""
        ...

    def ask(self, question: str, **data: Any) -> dict[str, Any]:
        """Have one worker answer one of ``questions.QUESTIONS``; waits for it.

        Raises:
            Text2FXError: As the question does.
        """
        ...

    def close(self) -> None:
        """Stop at once, whatever is being done; may be called twice."""
        ...
