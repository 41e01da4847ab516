"""What may be asked: the prompt is checked before anything heavy is loaded."""

from __future__ import annotations

import unicodedata

from text2fx_studio.errors import PromptError

LONGEST_PROMPT = 500


def check_prompt(prompt: str) -> str:
    """Return the prompt with its white space tidied.

    Raises:
        PromptError: It is empty, longer than 500 characters, holds no letters, or is mostly
            written in a script that the English text encoders cannot read.
    """
    tidy = " ".join(prompt.split())
    if not tidy:
        raise PromptError("prompt: found nothing; write how it should sound, such as 'warm'")
    if len(tidy) > LONGEST_PROMPT:
        raise PromptError(
            f"prompt: found {len(tidy)} characters, allowed are up to {LONGEST_PROMPT}; "
            "a few words say it best"
        )
    letters = [c for c in tidy if c.isalpha()]
    if not letters:
        raise PromptError(f"prompt: found no words in {tidy!r}; write how it should sound")
    latin = sum(unicodedata.name(c, "").startswith("LATIN") for c in letters)
    if latin < 0.5 * len(letters):
        raise PromptError(
            f"prompt: the encoder reads English in Latin letters, found {tidy[:40]!r}; "
            "write the prompt in English"
        )
    return tidy
