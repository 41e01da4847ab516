"""Which files of a folder take part, and what their results are called.

Names are compared without regard to case and to the way accents are written, because file systems
differ in both and a pack made on one is opened on another.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from dsp.atomic import explain_os_error
from dsp.audio_format import EXTENSIONS
from text2fx_studio.errors import AudioFileError, UsageError

READABLE = (*EXTENSIONS, ".mp3")
RECORD_NAME = "batch.jsonl"
PAGE_NAME = "batch.html"
EXPORTS_FOLDER = "exports"


def find_recordings(
    folder: Path,
    *,
    leave_out: Path | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
) -> tuple[str, ...]:
    """The recordings of a folder and of all folders in it.

    Hidden files and folders are passed over, and links to folders are not followed.

    Args:
        folder: Where to look.
        leave_out: A folder that is not entered: the one for the results.
        include: Globs (:func:`matches`); where there are any, a file must match one.
        exclude: Globs; a file or folder that matches one is left out.

    Returns:
        Paths relative to ``folder`` with forward slashes, sorted.

    Raises:
        UsageError: There is no such folder.
        AudioFileError: A folder in it cannot be read, so that files would be missed in silence.
    """
    if not folder.is_dir():
        found = "is not a folder" if folder.exists() else "no such folder"
        raise UsageError(f"{folder}: {found}; name the folder that holds the recordings")
    skipped = None if leave_out is None else leave_out.resolve()
    found_files: list[str] = []

    def refuse(error: OSError) -> None:
        raise AudioFileError(
            f"{error.filename}: the folder cannot be read: {explain_os_error(error)}; "
            "or leave it out with --exclude"
        ) from error

    for here, names, files in os.walk(folder, onerror=refuse):
        relative = Path(here).relative_to(folder).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        names[:] = sorted(
            name
            for name in names
            if not name.startswith(".")
            and not any(matches(f"{prefix}{name}", glob) for glob in exclude)
            and (skipped is None or Path(here, name).resolve() != skipped)
        )
        found_files += [
            f"{prefix}{name}"
            for name in files
            if not name.startswith(".")
            and Path(name).suffix.lower() in READABLE
            and (not include or any(matches(f"{prefix}{name}", glob) for glob in include))
            and not any(matches(f"{prefix}{name}", glob) for glob in exclude)
        ]
    return tuple(sorted(found_files))


def matches(relative: str, glob: str) -> bool:
    """Whether a path is the one, or one of those, that a glob names.

    ``*`` and ``?`` stop at a slash, ``**`` does not; a glob without a slash is held against the
    name alone, so that ``*.wav`` means every WAV file at any depth.

    Args:
        relative: With forward slashes.
        glob: A path written out, or with ``* ? [abc] **`` in it.
    """
    plain = unicodedata.normalize("NFC", relative)
    wanted = unicodedata.normalize("NFC", glob.replace("\\", "/").removeprefix("./"))
    if plain == wanted:
        return True
    against = plain if "/" in wanted else plain.rpartition("/")[2]
    return _pattern(wanted).fullmatch(against) is not None


def has_wildcard(glob: str) -> bool:
    """Whether a glob may name more than one path."""
    return any(sign in glob for sign in "*?[")


@lru_cache(maxsize=512)
def _pattern(glob: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    while at < len(glob):
        if glob.startswith("**/", at):
            parts.append("(?:.*/)?")
            at += 3
        elif glob.startswith("**", at):
            parts.append(".*")
            at += 2
        elif glob[at] == "*":
            parts.append("[^/]*")
            at += 1
        elif glob[at] == "?":
            parts.append("[^/]")
            at += 1
        else:
            end = glob.find("]", at + 2) if glob[at] == "[" else -1
            if end > 0:
                inside = glob[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
                inside = f"^{inside[1:]}" if inside[0] == "!" else inside
                parts.append(f"[{inside}]")
                at = end + 1
            else:
                parts.append(re.escape(glob[at]))
                at += 1
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error as error:
        raise UsageError(f"{glob}: is not a pattern that can be read: {error}") from error


def output_names(relatives: Iterable[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """What each result is called: the input's own path; what is only read (MP3) becomes WAV.

    Where two results would be called the same, a file whose own name it is keeps it; the others
    keep their ending as a part of the name (``a.mp3`` -> ``a.mp3.wav``), or get a number. The
    answer depends on the names alone, not on their order.

    Args:
        relatives: Paths with forward slashes.

    Returns:
        (result's path by input path, a sentence for every result that had to be renamed).
    """
    ordered = sorted(relatives, key=lambda r: (_result(r) != r, r))
    taken: set[str] = set()
    names: dict[str, str] = {}
    notes: list[str] = []
    for relative in ordered:
        wanted = _result(relative)
        name, number = wanted, 2
        if _same(name) in taken and wanted != relative:
            name = f"{relative}.wav"
        while _same(name) in taken:
            path = PurePosixPath(wanted)
            name = path.with_name(f"{path.stem}~{number}{path.suffix}").as_posix()
            number += 1
        taken.add(_same(name))
        names[relative] = name
        if name != wanted:
            notes.append(f"{relative}: another file's result is {wanted}, so this one is {name}")
    return names, tuple(notes)


def _result(relative: str) -> str:
    path = PurePosixPath(relative)
    return relative if path.suffix.lower() in EXTENSIONS else path.with_suffix(".wav").as_posix()


def _same(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
