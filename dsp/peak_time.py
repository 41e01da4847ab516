"""The time of day in a float file's PEAK chunk, taken out.

libsndfile notes in float WAV and AIFF files when their peak was measured, in whole seconds. It says
nothing about the sound, but equal sounds would give unequal files.
"""

from __future__ import annotations

from pathlib import Path

_MOST_CHUNKS = 64


def clear_peak_time(path: Path) -> None:
    """Set the time in the PEAK chunk to zero, in place; a file without one is left alone.

    Raises:
        OSError: The file cannot be read or written.
    """
    with path.open("rb+") as stream:
        order = {b"RIFF": "little", b"RF64": "little", b"FORM": "big"}.get(stream.read(4))
        if order is None:
            return
        at = 12
        for _ in range(_MOST_CHUNKS):
            stream.seek(at)
            header = stream.read(8)
            if len(header) < 8 or header[:4] in (b"data", b"SSND"):
                return
            if header[:4] == b"PEAK":
                stream.seek(at + 12)  # behind the chunk's version
                stream.write(bytes(4))
                return
            size = int.from_bytes(header[4:], "big" if order == "big" else "little")
            at += 8 + size + size % 2
