"""Words for the prompt's completion, from the lexicon; read off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from text2fx_studio.lexicon.load import load_lexicon
from ui.tasks.run_task import run_task


def load_vocabulary(owner: QObject, take: Callable[[Sequence[str]], None]) -> None:
    """Read the lexicon and hand its texts on, the surest meanings first."""

    def read() -> list[str]:
        texts = load_lexicon().texts()
        texts.sort(key=lambda row: -row[1].confidence)
        return [text for text, _ in texts]

    run_task(owner, read, take)
