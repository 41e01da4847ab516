"""What can be checked of a request before anything heavy loads: paths, prompt, numbers, names."""

from __future__ import annotations

import argparse
import math
import tempfile
import unicodedata
from pathlib import Path

from dsp.atomic import check_target, explain_os_error
from text2fx_studio.errors import (
    AudioFileError,
    EncoderError,
    OutputError,
    ParameterError,
    PromptError,
    UsageError,
)
from text2fx_studio.preset_format import LARGEST_SEED

EFFECT_NAMES = ("eq", "reverb", "gain")
SEARCHED_EFFECTS = ("eq", "reverb")
INPUT_SUFFIXES = (".wav", ".flac", ".aiff", ".aif", ".ogg", ".mp3")
OUTPUT_SUFFIXES = (".wav", ".flac", ".aiff", ".aif", ".ogg")


def prompt(text: str) -> str:
    """The prompt with its white space tidied.

    Raises:
        PromptError: It is empty, too long, not text, or in a script that no encoder reads.
    """
    from text2fx_studio.search.prompt import check_prompt

    if any("\ud800" <= c <= "\udfff" for c in text):
        raise PromptError("the prompt is not valid text in this terminal's encoding; use UTF-8")
    tidy = check_prompt(text)
    if any(unicodedata.category(c) == "Cc" for c in tidy):
        raise PromptError("the prompt has control characters in it; write it as plain text")
    return tidy


def chain(text: str) -> str:
    """The chain's name as ``eq,reverb``, from what the user wrote.

    Raises:
        ParameterError: It names no effect, an unknown one, one twice, or none that is searched.
    """
    names = [part.strip() for part in text.split(",") if part.strip()]
    allowed = ", ".join(EFFECT_NAMES)
    if not names:
        raise ParameterError(f"--chain: found {text!r}; allowed are {allowed}, joined by commas")
    for name in names:
        if name not in EFFECT_NAMES:
            raise ParameterError(
                f"--chain: unknown effect {name!r}; allowed are {allowed}, joined by commas"
            )
        if names.count(name) > 1:
            raise ParameterError(f"--chain: {name!r} stands more than once; each effect may once")
    if not set(names) & set(SEARCHED_EFFECTS):
        raise ParameterError(
            f"--chain: {text!r} leaves nothing to search; add one of {', '.join(SEARCHED_EFFECTS)}"
        )
    return ",".join(names)


def source(path: Path) -> Path:
    """An input file that exists.

    Raises:
        AudioFileError: It does not exist, is a folder or a device, or cannot be opened.
    """
    try:
        if not path.exists():
            raise AudioFileError(f"{path}: no such file")
        if path.is_dir():
            raise AudioFileError(f"{path}: is a folder; name one audio file")
        if not path.is_file():
            raise AudioFileError(f"{path}: is not a regular file; name one audio file")
        with path.open("rb") as stream:
            empty = not stream.read(1)
    except (OSError, ValueError) as error:
        reason = explain_os_error(error) if isinstance(error, OSError) else str(error)
        raise AudioFileError(f"{path}: cannot be opened: {reason}") from error
    if empty:
        raise AudioFileError(f"{path}: the file is empty (0 bytes)")
    return path


def target(path: Path, inputs: tuple[Path, ...], *, overwrite: bool) -> Path:
    """A place where an audio file can be written.

    Raises:
        UsageError: It is one of the inputs, or its extension is not one that is written.
        OutputError: Its folder is missing or not writable, or it exists and must not be replaced.
    """
    if path.suffix.lower() not in OUTPUT_SUFFIXES:
        found = f"ends in {path.suffix!r}" if path.suffix else "has no extension"
        raise UsageError(f"{path}: {found}; audio is written as {', '.join(OUTPUT_SUFFIXES)}")
    _check_place(path, inputs, overwrite)
    return path


def preset_target(path: Path, inputs: tuple[Path, ...], *, overwrite: bool) -> Path:
    """A place where a preset can be written; raises as :func:`target`."""
    if not path.name.endswith(".t2fx.json") or path.name == ".t2fx.json":
        raise UsageError(f"{path}: a preset's name ends in .t2fx.json")
    _check_place(path, inputs, overwrite)
    return path


def page_target(path: Path, inputs: tuple[Path, ...], *, overwrite: bool) -> Path:
    """A place where an HTML page can be written; raises as :func:`target`."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{path}: a page's name ends in .html")
    _check_place(path, inputs, overwrite)
    return path


def _check_place(path: Path, inputs: tuple[Path, ...], overwrite: bool) -> None:
    try:
        for other in inputs:
            same = path.resolve() == other.resolve()
            if same or (path.exists() and other.exists() and path.samefile(other)):
                raise UsageError(f"{path}: is also an input or another output; choose another name")
        if path.is_file() and not overwrite:
            raise OutputError(
                f"{path}: exists already; choose another name, or replace it with --overwrite"
            )
    except (OSError, ValueError, RuntimeError) as error:
        reason = explain_os_error(error) if isinstance(error, OSError) else str(error)
        raise OutputError(f"{path}: cannot be written: {reason}") from error
    check_target(path, overwrite=overwrite, error=OutputError)
    writable_folder(path.parent)


def writable_folder(folder: Path) -> None:
    """Try to write in a folder, leaving nothing behind.

    Raises:
        OutputError: It is missing, is no folder, or cannot be written to.
    """
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"{folder}: the folder cannot be written to: {explain_os_error(error)}"
        ) from error


def checkpoint(encoder: str, named: Path | None, option: str = "--checkpoint") -> None:
    """Check that an encoder's weights are there, before anything is loaded.

    Args:
        encoder: Its name.
        named: A path, or a name of ``text2fx models list``; None for what is bundled or installed.
        option: For the message.

    Raises:
        EncoderError: They are not there; the message says what to do.
    """
    if encoder == "fxsem":
        if named is not None and not named.is_file():
            raise EncoderError(f"{named}: {option} names no file that exists")
        if named is not None and named.suffix in (".pt", ".pth"):
            raise EncoderError(
                f"{named}: is not a file of fxsem, the default encoder; for one of LAION's or "
                "Microsoft's name its encoder, laion or msclap"
            )
        return
    from text2fx_studio.models.catalogue import find_checkpoint

    find_checkpoint(encoder.removesuffix("-upstream"), named)


def share(text: str) -> float:
    """Argument type: a number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"found {text!r}, allowed is 0 to 1")
    return value


def seed(text: str) -> int:
    """Argument type: a seed."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if not 0 <= value <= LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"found {text!r}, allowed is 0 to {LARGEST_SEED}")
    return value
