"""Files that appear whole or not at all: a hidden temporary beside the target, then a rename."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from pathlib import Path
from typing import Self

from dsp.errors import AudioFileError, Text2FXError

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def explain_os_error(error: OSError) -> str:
    """Say in plain words what the operating system refused, and what to do."""
    if error.errno in _FULL:
        return "the disk is full; free some space or choose another folder"
    if error.errno == errno.EFBIG:
        return "the file would be larger than this disk or account allows"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "no permission; check the rights or choose another folder"
    if error.errno == errno.EROFS:
        return "the disk is read-only; choose another folder"
    if error.errno == errno.ENAMETOOLONG:
        return "the name is too long; choose a shorter one"
    return error.strerror or str(error)


def check_target(
    target: Path, *, overwrite: bool, error: type[Text2FXError] = AudioFileError
) -> None:
    """Refuse a target that cannot be written, before any work is done.

    Args:
        target: The file to be written.
        overwrite: Whether an existing file may be replaced.
        error: The error class to raise.

    Raises:
        Text2FXError: (of class ``error``) The target is a folder, exists without ``overwrite``,
            or its folder is missing or not a folder.
    """
    try:
        if target.is_dir():
            raise error(f"{target}: is a folder; name a file to write")
        if not target.parent.exists():
            raise error(
                f"{target}: its folder {target.parent} does not exist; create it or choose another"
            )
        if not target.parent.is_dir():
            raise error(f"{target}: {target.parent} is not a folder")
        if target.exists() and not overwrite:
            raise error(f"{target}: exists already; allow overwriting or choose another name")
    except OSError as problem:
        raise error(f"{target}: cannot be written: {explain_os_error(problem)}") from problem


class AtomicFile:
    """A file under construction. Use as a context manager; without :meth:`commit` nothing stays.

    The temporary is hidden, lies in the target's folder (so that the rename is atomic) and has
    the rights that a new file gets, or those of the file that it replaces. Any exception,
    KeyboardInterrupt included, removes it.

    Attributes:
        target: The final path; a symbolic link is followed, so that the link stays a link.
        path: The temporary to write to.
    """

    def __init__(
        self,
        target: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        error: type[Text2FXError] = AudioFileError,
    ) -> None:
        """Create the empty temporary.

        Args:
            target: Where the file shall appear.
            overwrite: Whether an existing file may be replaced.
            error: The error class for every problem.

        Raises:
            Text2FXError: (of class ``error``) See :func:`check_target`; or no right to write there.
        """
        named = Path(target)
        check_target(named, overwrite=overwrite, error=error)
        self._overwrite = overwrite
        self._error = error
        self._done = False
        try:
            self.target = named.resolve()
        except (OSError, RuntimeError) as problem:
            raise error(f"{named}: its links lead in a circle; choose another name") from problem
        self.path = self.target.parent / f".text2fx-{secrets.token_hex(8)}.part"
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            if self.target.exists():
                self.path.chmod(stat.S_IMODE(self.target.stat().st_mode) | stat.S_IWUSR)
        except BaseException as problem:
            self.discard()
            if not isinstance(problem, OSError):
                raise
            raise error(
                f"{named}: its folder {self.target.parent} cannot be written to: "
                f"{explain_os_error(problem)}"
            ) from problem

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def commit(self) -> None:
        """Flush the temporary to the disk and let it appear under its final name.

        Raises:
            Text2FXError: (of the class given) The disk refuses, or the target has come into being
                meanwhile and may not be overwritten.
        """
        try:
            with self.path.open("rb+") as handle:
                os.fsync(handle.fileno())
            if self._overwrite or not self._link():
                self.path.replace(self.target)
        except OSError as problem:
            self.discard()
            raise self._error(
                f"{self.target}: cannot be written: {explain_os_error(problem)}"
            ) from problem
        self._done = True
        self._sync_folder()

    def discard(self) -> None:
        """Remove the temporary; does nothing after :meth:`commit`."""
        if not self._done:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)

    def _link(self) -> bool:
        # A hard link, unlike a rename, never replaces a file that appeared in the meantime.
        try:
            os.link(self.path, self.target)
        except FileExistsError as problem:
            self.discard()
            raise self._error(
                f"{self.target}: came into being meanwhile; allow overwriting or rename it"
            ) from problem
        except (OSError, NotImplementedError, AttributeError):
            return False  # a file system without hard links
        self.path.unlink()
        return True

    def _sync_folder(self) -> None:
        if os.name != "posix":
            return
        with contextlib.suppress(OSError):
            folder = os.open(self.target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def write_atomic(
    target: str | os.PathLike[str],
    content: bytes | str,
    *,
    overwrite: bool = False,
    error: type[Text2FXError] = AudioFileError,
) -> None:
    """Write a small file whole or not at all; text as UTF-8 with its line ends kept.

    Raises:
        Text2FXError: (of class ``error``) The file cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    with AtomicFile(target, overwrite=overwrite, error=error) as file:
        try:
            file.path.write_bytes(data)
        except OSError as problem:
            raise error(
                f"{file.target}: cannot be written: {explain_os_error(problem)}"
            ) from problem
        file.commit()
