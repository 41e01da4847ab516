"""Writing audio files: atomically, at the source's bit depth, never clipping in silence."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from dsp.atomic import AtomicFile, explain_os_error
from dsp.audio_container import check_complete
from dsp.audio_format import DITHER_BITS, AudioInfo, Quantizer, WriteFormat, plan_format, reason
from dsp.errors import AudioContentError, AudioFileError
from dsp.ogg_serial import fix_serial
from dsp.peak_time import clear_peak_time

_VORBIS_BLOCK = 4096  # libsndfile's Vorbis encoder keeps a whole block on the stack
_VORBIS_LEVEL = 0.2  # quality 8 of 10, about 256 kbit/s in stereo


class AudioWriter:
    """An audio file under construction. As a context manager it appears whole or not at all.

    Integer formats never clip: a float sample beyond full scale is an error. On leaving the
    context without an exception the file is closed, synced, read back for its length, and moved
    to its name; any exception, KeyboardInterrupt included, leaves nothing behind.

    Attributes:
        target: The final path.
        format: Container and sample format chosen.
        info: The finished file's header; set on leaving the context.
    """

    info: AudioInfo

    def __init__(
        self,
        target: str | os.PathLike[str],
        sample_rate: int,
        channels: int,
        *,
        subtype: str = "PCM_24",
        frames: int = 0,
        metadata: Mapping[str, str] | None = None,
        dither: bool = False,
        overwrite: bool = False,
    ) -> None:
        """Create the temporary file beside the target.

        Args:
            target: Ends in .wav, .flac, .aif, .aiff or .ogg.
            sample_rate: 8000 to 192000 Hz.
            channels: 1 to 8.
            subtype: Sample format to keep (the source's); see :func:`plan_format`.
            frames: Expected length, so that WAV beyond 4 GB becomes RF64; 0 if unknown.
            metadata: Texts as in :class:`AudioInfo`; those the container cannot hold are left out.
            dither: Whether float samples written to 16 bit or fewer are dithered.
            overwrite: Whether an existing file may be replaced.

        Raises:
            AudioFileError: Unknown extension, rate or channels not allowed, or no way to write.
        """
        self.target = Path(target)
        self.format: WriteFormat = plan_format(
            self.target, sample_rate, channels, subtype=subtype, frames=frames
        )
        bits = self.format.bits or 0
        self.dithered = dither and self.format.kind == "integer" and bits <= DITHER_BITS
        self._channels = channels
        self._written = 0
        self._quantize = (
            Quantizer(self.target, bits, dither=self.dithered)
            if self.format.kind == "integer"
            else None
        )
        self._atomic = AtomicFile(self.target, overwrite=overwrite)
        try:
            self._file = self._create(sample_rate, channels)
            self._put_metadata(metadata or {})
        except BaseException:
            self._abort()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._commit()
        finally:
            self._abort()

    def write(self, block: NDArray[Any]) -> None:
        """Append samples.

        Args:
            block: Shape [channels, n]: float32 or float64 with full scale at ±1.0, or int32,
                left-justified, for integer formats.

        Raises:
            AudioFileError: Wrong shape or type, or the disk refuses (full, too large a file).
            AudioContentError: A sample would clip in an integer format.
        """
        if block.ndim != 2 or block.shape[0] != self._channels:
            raise AudioFileError(
                f"{self.target}: found samples of shape {list(block.shape)}, "
                f"needed is [{self._channels}, n]"
            )
        if block.dtype == np.int32:
            if self._quantize is None:
                raise AudioFileError(f"{self.target}: integer samples need an integer format")
            samples: NDArray[Any] = block
        elif block.dtype in (np.float32, np.float64):
            samples = block if self._quantize is None else self._quantize(block)
        else:
            raise AudioFileError(
                f"{self.target}: found samples of type {block.dtype}, "
                "needed is float32, float64 or int32"
            )
        interleaved = np.ascontiguousarray(samples.T)
        step = _VORBIS_BLOCK if self.format.kind == "lossy" else max(len(interleaved), 1)
        for start in range(0, len(interleaved), step):
            part = interleaved[start : start + step]
            try:
                self._file.write(part)
            except (soundfile.LibsndfileError, AssertionError, OSError) as problem:
                raise self._refused(problem) from problem
            self._written += len(part)

    def _create(self, sample_rate: int, channels: int) -> soundfile.SoundFile:
        lossy = self.format.kind == "lossy"
        try:
            return soundfile.SoundFile(
                os.fspath(self._atomic.path), "w", sample_rate, channels, self.format.subtype,
                format=self.format.container,
                compression_level=_VORBIS_LEVEL if lossy else None,
            )  # fmt: skip
        except (soundfile.LibsndfileError, ValueError, TypeError, OSError) as problem:
            raise AudioFileError(
                f"{self.target}: {self.format.container} {self.format.subtype} cannot be written "
                f"with {sample_rate} Hz and {channels} channels ({reason(problem)})"
            ) from problem

    def _put_metadata(self, metadata: Mapping[str, str]) -> None:
        for name, text in metadata.items():
            try:
                setattr(self._file, name, text)
            except (soundfile.LibsndfileError, AttributeError):
                continue  # the container has no place for it

    def _refused(self, problem: BaseException) -> AudioFileError:
        detail = "" if isinstance(problem, AssertionError) else f" ({_refusal(problem)})"
        return AudioFileError(
            f"{self.target}: could not be written to its end; the disk is full or refuses{detail}; "
            "free some space or choose another folder"
        )

    def _commit(self) -> None:
        if not self._written:
            raise AudioContentError(f"{self.target}: there are no samples to write")
        try:
            self._file.close()
            check_complete(self._atomic.path)
            if self.format.container == "OGG":
                fix_serial(self._atomic.path)  # libsndfile's is random: equal sounds, equal files
            elif self.format.kind == "float":
                clear_peak_time(self._atomic.path)  # likewise
            found = soundfile.info(os.fspath(self._atomic.path))
        except (soundfile.LibsndfileError, AudioFileError, OSError) as problem:
            raise self._refused(problem) from problem
        # libsndfile can lose the end of a file on a full disk without a word: count again.
        if found.frames != self._written:
            raise self._refused(OSError(f"{found.frames} of {self._written} frames arrived"))
        self._atomic.commit()
        self.info = AudioInfo(
            self.target, found.frames, found.samplerate, found.channels, found.format, found.subtype
        )

    def _abort(self) -> None:
        file = getattr(self, "_file", None)
        if file is not None and not file.closed:
            with contextlib.suppress(soundfile.LibsndfileError, OSError):
                file.close()  # it is thrown away
        self._atomic.discard()


def _refusal(problem: BaseException) -> str:
    if isinstance(problem, OSError) and problem.errno is not None:
        return explain_os_error(problem)
    return reason(problem)


def write_audio(
    target: str | os.PathLike[str],
    audio: NDArray[np.floating],
    sample_rate: int,
    *,
    subtype: str = "PCM_24",
    overwrite: bool = False,
) -> AudioInfo:
    """Write a whole array, shape [channels, frames]; errors as in :class:`AudioWriter`."""
    with AudioWriter(
        target, sample_rate, audio.shape[0], subtype=subtype, frames=audio.shape[1],
        dither=True, overwrite=overwrite,
    ) as writer:  # fmt: skip
        writer.write(audio)
    return writer.info
