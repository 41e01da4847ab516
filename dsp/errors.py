"""The root of the project's one error tree, and the errors that sound alone can raise.

Text2FXError
├── AudioError             a recording that cannot be used
│   ├── AudioFileError     a file that cannot be read or written
│   └── AudioContentError  readable, but with nothing that can be processed (empty, NaN, silent)
├── ParameterError         a setting out of its range, or unknown
└── CancelledError         the caller asked to stop; nothing was written
(continued in ``text2fx_studio.errors``)

Every message names the thing, what was found, what is allowed and what to do.
"""

from __future__ import annotations


class Text2FXError(Exception):
    """Root of every error that this project raises on purpose.

    Attributes:
        exit_code: What the command line returns for it (1: an input failed, 2: usage).
    """

    exit_code: int = 1


class AudioError(Text2FXError):
    """A recording cannot be used."""


class AudioFileError(AudioError):
    """An audio file cannot be opened, read or written."""


class AudioContentError(AudioError):
    """The samples hold nothing that can be processed: empty, not finite, or silent."""


class ParameterError(Text2FXError, ValueError):
    """A parameter is unknown, not finite, or outside its range."""

    exit_code = 2


class CancelledError(Text2FXError):
    """The caller asked to stop; nothing was changed or written."""

    exit_code = 130
