"""The project's errors, one tree (its root and the audio branch live in ``dsp.errors``).

Text2FXError
├── AudioError (AudioFileError, AudioContentError)
├── ParameterError
├── CancelledError
├── UsageError             the request itself cannot be carried out as written
│   └── PromptError        the prompt is empty, too long, or nothing the encoder can read
├── PresetError            a preset file is not valid
├── LexiconError           the lexicon's data are not valid
├── ImportFileError        another program's file cannot be read as a preset
├── PluginError            a plugin cannot be found, loaded, run or restored
│   ├── PluginMissingError it is not installed here
│   └── PluginCrashError   its process crashed, or hung and was stopped
├── EncoderError           an encoder or its weights cannot be used
├── JobError               the engine process takes no work
├── PlaybackError          no sound can be played: no PortAudio, no device, or it refuses
└── OutputError            the result cannot be written
"""

from __future__ import annotations

from dsp.errors import (
    AudioContentError,
    AudioError,
    AudioFileError,
    CancelledError,
    ParameterError,
    Text2FXError,
)

__all__ = [
    "AudioContentError",
    "AudioError",
    "AudioFileError",
    "CancelledError",
    "EncoderError",
    "ImportFileError",
    "JobError",
    "LexiconError",
    "OutputError",
    "ParameterError",
    "PlaybackError",
    "PluginCrashError",
    "PluginError",
    "PluginMissingError",
    "PresetError",
    "PromptError",
    "Text2FXError",
    "UsageError",
]


class UsageError(Text2FXError):
    """The request cannot be carried out as it was written."""

    exit_code = 2


class PromptError(UsageError):
    """The prompt is empty, too long, or holds nothing that the encoder can read."""


class PresetError(Text2FXError):
    """A preset is not valid: the message names the file and the field."""


class LexiconError(Text2FXError):
    """The lexicon's data are not valid: the message names the file and the line."""


class ImportFileError(Text2FXError):
    """Another program's file cannot be read as a preset: the message names the file and line."""


class PluginError(Text2FXError):
    """A plugin cannot be found, loaded, run or restored: the message names it and the reason."""


class PluginMissingError(PluginError):
    """A plugin is not installed here; its state is kept."""


class PluginCrashError(PluginError):
    """A plugin's process crashed, or hung and was stopped; the app lives on."""


class EncoderError(Text2FXError):
    """An encoder, or a weights file of one, cannot be used."""


class OutputError(Text2FXError):
    """The result cannot be written where it was asked for."""


class JobError(Text2FXError):
    """The engine process takes no work."""


class PlaybackError(Text2FXError):
    """No sound can be played: PortAudio is missing, there is no device, or it refuses."""
