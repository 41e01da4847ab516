"""Whether a WAV, RF64, Wave64 or AIFF file is as long as it says.

libsndfile silently shortens a file that was cut off; so the chunk sizes are compared with the
file's size here. Sources: "Multimedia Programming Interface and Data Specifications 1.0" (IBM and
Microsoft 1991), EBU Tech 3306 (RF64), Apple "Audio Interchange File Format AIFF-C" (1991).
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from dsp.errors import AudioFileError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Lengths that writers into a pipe leave behind (ffmpeg, sox, arecord): read to the end instead.
_OPEN_ENDED = {0, 0xFFFFFFFF, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFDB, 0x7FFFF024}
_MOST_CHUNKS = 10_000


def check_complete(path: Path) -> None:
    """Refuse a file whose sound data is shorter than its header declares.

    Args:
        path: An existing file; formats other than those named above pass.

    Raises:
        AudioFileError: The file was cut off.
        OSError: The file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(16)
        if start[:4] in (b"RIFF", b"RF64", b"BW64") and start[8:12] == b"WAVE":
            end = _wave_end(file, "<", size)
        elif start[:4] == b"RIFX" and start[8:12] == b"WAVE":
            end = _wave_end(file, ">", size)
        elif start[:4] == b"FORM" and start[8:12] in (b"AIFF", b"AIFC"):
            end = _aiff_end(file, size)
        elif start[:4] == b"riff":
            end = _wave64_end(file)
        else:
            return
    if end is not None and end > size:
        raise AudioFileError(
            f"{path}: is cut off: its header declares sound up to byte {end}, the file has {size}; "
            "get a complete copy"
        )


def open_unclosed_wav(path: Path) -> io.FileIO | None:
    """Open a WAV whose writer never filled in the data size, so that libsndfile can read it.

    Args:
        path: An existing file.

    Returns:
        The file with the size 0 read as "to the end", or None if it is not such a file (a whole
        one, or one that is truly empty).

    Raises:
        OSError: The file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(12)
        if start[:4] != b"RIFF" or start[8:12] != b"WAVE":
            return None
        for _ in range(_MOST_CHUNKS):
            header = file.read(8)
            if len(header) < 8:
                return None
            position, length = file.tell(), struct.unpack("<I", header[4:])[0]
            if header[:4] == b"data":
                if length or position == size or _only_chunks(file, size):
                    return None
                return _Patched(path, position - 4, b"\xff\xff\xff\xff")
            file.seek(position + length + (length & 1))
    return None


def _only_chunks(file: BinaryIO, size: int) -> bool:
    """Whether nothing but whole chunks follows up to the end."""
    while file.tell() < size:
        header = file.read(8)
        if len(header) < 8 or not header[:4].isalnum():
            return False
        length = struct.unpack("<I", header[4:])[0]
        file.seek(length + (length & 1), 1)
    return file.tell() <= size + 1


class _Patched(io.FileIO):
    """A file opened for reading in which a few bytes read as others."""

    def __init__(self, path: Path, offset: int, content: bytes) -> None:
        super().__init__(path, "r")
        self._offset, self._content = offset, content

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        start = self.tell()
        count = super().readinto(buffer) or 0
        view = memoryview(buffer).cast("B")
        for index, value in enumerate(self._content, self._offset - start):
            if 0 <= index < count:
                view[index] = value
        return count


def _wave_end(file: BinaryIO, order: str, size: int) -> int | None:
    file.seek(12)
    long_size: int | None = None
    for _ in range(_MOST_CHUNKS):
        header = file.read(8)
        if len(header) < 8:
            return None
        name, length = header[:4], struct.unpack(order + "I", header[4:])[0]
        position = file.tell()
        if name == b"ds64":
            body = file.read(16)
            if len(body) == 16:
                long_size = struct.unpack(order + "Q", body[8:16])[0]
        if name == b"data":
            if length == 0xFFFFFFFF and long_size is not None:
                return position + long_size
            return None if length in _OPEN_ENDED else int(position + length)
        if position + length > size:
            return None
        file.seek(position + length + (length & 1))
    return None


def _aiff_end(file: BinaryIO, size: int) -> int | None:
    file.seek(12)
    for _ in range(_MOST_CHUNKS):
        header = file.read(8)
        if len(header) < 8:
            return None
        name, length = header[:4], struct.unpack(">I", header[4:])[0]
        position = file.tell()
        if name == b"SSND":
            return None if length in _OPEN_ENDED else int(position + length)
        if position + length > size:
            return None
        file.seek(position + length + (length & 1))
    return None


def _wave64_end(file: BinaryIO) -> int | None:
    file.seek(40)
    for _ in range(_MOST_CHUNKS):
        header = file.read(24)
        if len(header) < 24:
            return None
        length = struct.unpack("<Q", header[16:])[0]  # includes these 24 bytes
        position = file.tell() - 24
        if header[:4] == b"data":
            return None if length <= 24 else int(position + length)
        if length < 24:
            return None
        file.seek(position + (length + 7) // 8 * 8)
    return None
