"""The record of a batch: ``batch.jsonl`` in the folder of the results.

One line of JSON for every change of a file's status, appended and synced; the last line of a file
is what holds. A line that a killed run left unfinished is cut off when the record is opened again.
At the end of a run the record is written anew with one line for each file, beside and then
renamed. A lock keeps two batches from one folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Self

from dsp.atomic import explain_os_error, write_atomic
from text2fx_studio.batch.folder import RECORD_NAME
from text2fx_studio.errors import OutputError, UsageError

_LOCK_NAME = ".text2fx-batch.lock"
_PART = (".text2fx-", ".part")
Line = dict[str, Any]


class Record:
    """The record of one folder, opened and locked. A context manager.

    Attributes:
        path: The file.
        lines: Last line of every file, by the file's name; ``status`` is always there.
        shared: What was found for a whole group of files, by the group's digest.
        mended: Whether an unfinished last line was cut off.
    """

    def __init__(self, folder: Path) -> None:
        """Open the record of a folder; the folder is made if it is missing.

        Raises:
            OutputError: The folder cannot be made or written to, or the record is damaged.
            UsageError: Another batch is at work on this folder.
        """
        self.path = folder / RECORD_NAME
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(folder / _LOCK_NAME)
        except OSError as error:
            raise OutputError(
                f"{folder}: cannot be written to: {explain_os_error(error)}"
            ) from error
        self._stream: BinaryIO | None = None
        try:
            self.lines, self.shared, whole = _read(self.path)
            self.mended = self._open(whole)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and free the folder for other batches."""
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.close()
            self._stream = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None
            with contextlib.suppress(OSError):
                (self._folder / _LOCK_NAME).unlink()

    def add(self, file: str, status: str, **data: Any) -> None:
        """Append a line for a file and bring it to the disk.

        Raises:
            OutputError: The disk refuses it.
        """
        line = {"file": file, "status": status, **data}
        self._append([line])
        self.lines[file] = line

    def queue(self, files: Iterable[str]) -> None:
        """Append that files wait: what appears under their names from now on is this batch's."""
        lines = [{"file": file, "status": "queued"} for file in files]
        self._append(lines)
        self.lines |= {str(line["file"]): dict(line) for line in lines}

    def add_shared(self, digest: str, **data: Any) -> None:
        """Append what was found for a group of files."""
        line = {"shared": digest, **data}
        self._append([line])
        self.shared[digest] = line

    def begin_anew(self) -> None:
        """Forget what is in the record: the folder is made from scratch."""
        self.lines, self.shared = {}, {}
        self.compact(())

    def compact(self, order: Iterable[str]) -> None:
        """Write the record anew with one line for each file.

        Args:
            order: Files that come first, in this order; all others follow.

        Raises:
            OutputError: It cannot be written; then the longer one stands.
        """
        first = [file for file in order if file in self.lines]
        known = set(first)
        rest = sorted(file for file in self.lines if file not in known)
        lines = [*self.shared.values(), *(self.lines[file] for file in (*first, *rest))]
        write_atomic(
            self.path, "".join(_text(line) for line in lines), overwrite=True, error=OutputError
        )
        self._open(self.path.stat().st_size)

    def _open(self, whole: int) -> bool:
        """Append from byte ``whole`` on; whether there was more."""
        if self._stream is not None:
            self._stream.close()
        try:
            self._stream = self.path.open("ab", buffering=0)
            longer = self._stream.tell() > whole
            if longer:
                self._stream.truncate(whole)
        except OSError as error:
            raise OutputError(
                f"{self.path}: the record cannot be written: {explain_os_error(error)}"
            ) from error
        return longer

    def _append(self, lines: Iterable[Mapping[str, Any]]) -> None:
        if self._stream is None:
            raise OutputError(f"{self.path}: the record is closed")
        data = "".join(_text(line) for line in lines).encode()
        before = self._stream.tell()
        try:
            while data:
                data = data[self._stream.write(data) :]
            os.fsync(self._stream.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                self._stream.truncate(before)
            raise OutputError(
                f"{self.path}: the record cannot be written: {explain_os_error(error)}"
            ) from error


def remove_leftovers(folder: Path) -> int:
    """Remove what a killed run left half made: hidden ``.text2fx-*.part`` files and folders.

    Returns:
        How many there were.
    """
    count = 0
    for here, names, files in os.walk(folder):
        for name in [
            n for n in (*names, *files) if n.startswith(_PART[0]) and n.endswith(_PART[1])
        ]:
            path = Path(here, name)
            with contextlib.suppress(OSError):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                    names.remove(name)
                else:
                    path.unlink()
                count += 1
    return count


def _text(line: Mapping[str, Any]) -> str:
    return json.dumps(line, allow_nan=False) + "\n"


def _read(path: Path) -> tuple[dict[str, Line], dict[str, Line], int]:
    """Last lines by file, shared findings by digest, and how many bytes are whole lines."""
    lines: dict[str, Line] = {}
    shared: dict[str, Line] = {}
    try:
        raw = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise OutputError(
            f"{path}: the record cannot be read: {explain_os_error(error)}"
        ) from error
    whole = raw.rfind(b"\n") + 1
    for number, text in enumerate(raw[:whole].split(b"\n")[:-1], start=1):
        try:
            line = json.loads(text)
            if "shared" in line:
                shared[line["shared"]] = line
            else:
                lines[line["file"]] = {**line, "status": str(line["status"])}
        except (ValueError, KeyError, TypeError) as error:
            raise OutputError(
                f"{path}, line {number}: is not a line of a batch's record; move the file away, "
                "or choose another folder for the results"
            ) from error
    return lines, shared, whole


def _lock(path: Path) -> BinaryIO | None:
    stream = path.open("ab")
    try:
        import fcntl
    except ImportError:  # Windows: an open file cannot be opened for writing alone; good enough
        return stream
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        stream.close()
        raise UsageError(
            f"{path.parent}: another batch is at work on this folder; wait for it, or choose "
            "another folder for the results"
        ) from error
    except OSError:
        return stream  # a file system without locks
    return stream
