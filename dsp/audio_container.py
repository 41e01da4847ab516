"""Whether a WAV, RF64, Wave64 or AIFF file is as long as it says.

libsndfile silently shortens a file that was cut off; so the chunk sizes are compared with the
file's size here. Sources: "Multimedia Programming Interface and Data Specifications 1.0" (IBM and
Microsoft 1991), EBU Tech 3306 (RF64), Apple "Audio Interchange File Format AIFF-C" (1991).
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from dsp.errors import AudioFileError

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
            # 0 after which nothing follows is an empty file, not an open-ended one: both pass.
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
