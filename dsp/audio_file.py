"""Reading and writing audio files through libsndfile: every sample kept, every lie found out.

Reads WAV (RF64, Wave64), FLAC, AIFF, OGG and MP3; writes WAV, FLAC, AIFF and OGG. Samples are
float32 arrays of shape [channels, frames], full scale at ±1.0.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from dsp.atomic import explain_os_error
from dsp.audio_container import check_complete, open_unclosed_wav
from dsp.audio_format import AudioInfo, Dtype, check_shape, reason
from dsp.audio_writer import AudioWriter, write_audio
from dsp.errors import AudioContentError, AudioFileError

_ENDLESS = 1 << 60
_LENIENT = ("MP3", "MPEG")  # cut-off MP3s are everyday, and their length may be an estimate


def read_info(path: str | os.PathLike[str]) -> AudioInfo:
    """Read a file's header and check that the file is whole.

    Raises:
        AudioFileError: Missing, a folder, not readable, not audio, cut off, or with a rate or
            channel count that is not allowed.
        AudioContentError: It holds no samples.
    """
    with AudioReader(path) as reader:
        return reader.info


def read_audio(path: str | os.PathLike[str]) -> tuple[NDArray[np.float32], int]:
    """Read a whole file.

    Returns:
        Samples, float32, shape [channels, frames], and the sample rate in Hz.

    Raises:
        AudioFileError: See :func:`read_info`; or the data is cut off or damaged.
        AudioContentError: No samples, or some that are not finite.
    """
    with AudioReader(path) as reader:
        blocks = list(reader.blocks(1 << 18))
        return np.concatenate(blocks, axis=1), reader.info.sample_rate


class AudioReader:
    """An open audio file. Use as a context manager.

    Attributes:
        path: The file.
        info: Its header.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open the file; errors as in :func:`read_info`."""
        self.path = Path(path)
        self._file, self._source = _open(self.path)
        try:
            self.info = self._read_header()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; may be called twice."""
        self._file.close()
        if self._source is not None:
            self._source.close()

    def read(self, start_frame: int, frames: int) -> NDArray[np.float32]:
        """Read a stretch.

        Args:
            start_frame: First frame; from 0 to the file's length.
            frames: How many; cut at the file's end.

        Returns:
            float32, shape [channels, n], n up to ``frames``.

        Raises:
            AudioFileError: The start lies outside the file, or the data is damaged or cut off.
            AudioContentError: A sample is not finite.
        """
        if not 0 <= start_frame <= self.info.frames or frames < 0:
            raise AudioFileError(
                f"{self.path}: asked for {frames} frames from {start_frame}, "
                f"the file has 0 to {self.info.frames}"
            )
        wanted = min(frames, self.info.frames - start_frame)
        with self._explained():
            self._file.seek(start_frame)
        block = self._next(wanted, "float32", start_frame)
        if block.shape[1] < wanted:
            self._check_end(start_frame + block.shape[1])
        return block.astype(np.float32, copy=False)

    def blocks(self, frames_per_block: int) -> Iterator[NDArray[np.float32]]:
        """Read the whole file in order, float32 blocks of shape [channels, n].

        All blocks but the last have ``frames_per_block`` frames. Errors as in :meth:`read`.
        """
        for block in self.raw_blocks(frames_per_block, "float32"):
            yield block.astype(np.float32, copy=False)

    def raw_blocks(self, frames_per_block: int, dtype: Dtype) -> Iterator[NDArray[Any]]:
        """Like :meth:`blocks` in another type; int32 is left-justified, exact for integer files."""
        with self._explained():
            self._file.seek(0)
        position = 0
        while position < self.info.frames:
            wanted = min(frames_per_block, self.info.frames - position)
            block = self._next(wanted, dtype, position)
            position += block.shape[1]
            if block.shape[1]:
                yield block
            if block.shape[1] < wanted:
                break
        self._check_end(position)

    def _next(self, frames: int, dtype: Dtype, position: int) -> NDArray[Any]:
        with self._explained():
            interleaved = self._file.read(frames, dtype=dtype, always_2d=True)
        block: NDArray[Any] = np.ascontiguousarray(interleaved.T)
        if dtype != "int32" and not np.isfinite(block).all():
            frame = int(np.argmax(~np.isfinite(block).all(axis=0)))
            value = block[:, frame][~np.isfinite(block[:, frame])][0]
            raise AudioContentError(
                f"{self.path}: a sample at {(position + frame) / self.info.sample_rate:.3f} s "
                f"(frame {position + frame}) is {value}; every sample must be a finite number; "
                "repair the file in an editor"
            )
        return block

    def _check_end(self, position: int) -> None:
        if position >= self.info.frames or (position and self.info.format in _LENIENT):
            return
        raise AudioFileError(
            f"{self.path}: is cut off or damaged: {position} of {self.info.frames} frames can be "
            "read; get a complete copy"
        )

    def _explained(self) -> _Explained:
        return _Explained(self.path)

    def _read_header(self) -> AudioInfo:
        file = self._file
        if file.frames >= _ENDLESS:
            raise AudioFileError(
                f"{self.path}: does not say how long it is (written into a pipe); convert it once, "
                "for example to WAV"
            )
        check_shape(self.path, file.samplerate, file.channels)
        with self._explained():
            check_complete(self.path)
        if file.frames <= 0:
            raise AudioContentError(f"{self.path}: holds no samples; at least one is needed")
        return AudioInfo(
            self.path, file.frames, file.samplerate, file.channels, file.format, file.subtype,
            file.copy_metadata(),
        )  # fmt: skip


class _Explained:
    """Turns what libsndfile and the system raise while reading into an AudioFileError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, value: BaseException | None, _trace: object) -> None:
        if isinstance(value, soundfile.LibsndfileError):
            raise AudioFileError(
                f"{self._path}: is cut off or damaged ({reason(value)}); get a complete copy"
            ) from value
        if isinstance(value, OSError):
            raise AudioFileError(
                f"{self._path}: cannot be read: {explain_os_error(value)}"
            ) from value


def _open(path: Path) -> tuple[soundfile.SoundFile, io.FileIO | None]:
    try:
        if path.is_dir():
            raise AudioFileError(f"{path}: is a folder; name an audio file")
        if not path.exists():
            raise AudioFileError(f"{path}: there is no such file")
        if not path.is_file():
            raise AudioFileError(f"{path}: is not a regular file; pipes and devices cannot be read")
        with path.open("rb") as handle:
            start = handle.read(64)
        unclosed = open_unclosed_wav(path)
    except OSError as problem:
        raise AudioFileError(f"{path}: cannot be read: {explain_os_error(problem)}") from problem
    if not start:
        raise AudioFileError(f"{path}: is empty (0 bytes); an audio file is needed")
    try:
        name = os.fspath(path) if unclosed is None else unclosed
        return soundfile.SoundFile(name, "r"), unclosed
    except (soundfile.LibsndfileError, TypeError, ValueError) as problem:
        if unclosed is not None:
            unclosed.close()
        what = "looks like text" if _is_text(start) else "the format is not recognised"
        raise AudioFileError(
            f"{path}: is not a readable audio file: {what}; "
            "WAV, FLAC, AIFF, OGG and MP3 can be read"
        ) from problem


def _is_text(start: bytes) -> bool:
    try:
        text = start.decode()
    except UnicodeDecodeError as problem:
        text = start[: problem.start].decode() if problem.start > len(start) - 4 else "\0"
    return all(c.isprintable() or c in "\r\n\t" for c in text) and start[:4] not in (
        b"RIFF",
        b"FORM",
        b"fLaC",
        b"OggS",
    )


__all__ = [
    "AudioInfo",
    "AudioReader",
    "AudioWriter",
    "read_audio",
    "read_info",
    "write_audio",
]
