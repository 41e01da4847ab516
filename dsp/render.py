"""Rendering: a chain over an array or a file of any length, at the file's rate, channels and depth.

What leaves here is the chain and nothing else: no normalising. Only the true peak is watched
(BS.1770-4): if the result would exceed both -0.1 dBTP and the dry sound's own peak, or would clip
in an integer format, the whole is turned down once, and the report says by how much.
"""

from __future__ import annotations

import math
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dsp.atomic import check_target, explain_os_error
from dsp.audio_file import AudioInfo, AudioReader, AudioWriter
from dsp.audio_format import Dtype, check_shape, full_scale
from dsp.chain import Chain
from dsp.errors import AudioContentError, AudioFileError, CancelledError
from dsp.loudness import LoudnessMeter
from dsp.render_graph import CHUNK_FRAMES, ChainStream, Samples
from dsp.true_peak import TruePeakMeter

CEILING_DBTP = -0.1
_FIRST_PASS = 0.85  # share of the progress


class SoundStream(Protocol):
    """What processes a stream of blocks; :class:`ChainStream` is one."""

    tail_frames: int

    def run(self, blocks: Iterable[Samples], *, tail: bool = True) -> Iterator[Samples]:
        """Process float32 blocks of shape [channels, n]; as many samples out, plus the tail."""
        ...


StreamMaker = Callable[[Chain, int, int], SoundStream]


@dataclass(frozen=True, slots=True)
class RenderReport:
    """What a render did.

    Attributes:
        source: The file read.
        target: The file written.
        true_peak_before_dbtp: Of the source, -inf for silence.
        true_peak_after_dbtp: Of the result as written (before a lossy codec).
        safety_gain_db: What the true-peak safety turned the result down by; 0.0 if it did not act.
        loudness_before_lufs: Of the source, -inf for silence or under 0.4 s.
        loudness_after_lufs: Of the result, tail included.
        tail_s: Seconds appended after the source's end.
        seconds: Wall time.
        realtime_factor: Seconds of sound written per second of wall time.
        notes: Plain sentences about everything that differs from a plain copy of the format.
    """

    source: AudioInfo
    target: AudioInfo
    true_peak_before_dbtp: float
    true_peak_after_dbtp: float
    safety_gain_db: float
    loudness_before_lufs: float
    loudness_after_lufs: float
    tail_s: float
    seconds: float
    realtime_factor: float
    notes: tuple[str, ...]

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON; silence (-inf) becomes None."""
        data: dict[str, Any] = {"input": str(self.source.path), "output": str(self.target.path)}
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, float):
                data[name] = value if math.isfinite(value) else None
        return {**data, "notes": list(self.notes)}


def render_array(
    audio: NDArray[np.float32], sample_rate: int, chain: Chain, *, tail: bool = True
) -> NDArray[np.float32]:
    """Run a chain over a sound in memory.

    Args:
        audio: float32, shape [channels, samples], 1 to 8 channels, full scale at ±1.0.
        sample_rate: 8000 to 192000 Hz.
        chain: The setting; a neutral one gives an exact copy.
        tail: Whether the reverb rings out after the end.

    Returns:
        float32, shape [channels, samples + tail]; may exceed full scale.

    Raises:
        AudioContentError: Wrong shape, no samples, or samples that are not finite.
        AudioFileError: A sample rate or channel count that is not allowed.
    """
    if audio.ndim != 2 or audio.shape[1] == 0:
        raise AudioContentError(
            f"sound: found samples of shape {list(audio.shape)}, needed is [channels, samples] "
            "with at least one sample"
        )
    check_shape("sound", sample_rate, audio.shape[0])
    sound = np.ascontiguousarray(audio, dtype=np.float32)
    if not np.isfinite(sound).all():
        raise AudioContentError("sound: holds samples that are not finite numbers (NaN or Inf)")
    stream = ChainStream(chain, sample_rate, audio.shape[0])
    return np.concatenate(list(stream.run([sound], tail=tail)), axis=1)


def render_file(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    chain: Chain,
    *,
    tail: bool = True,
    overwrite: bool = False,
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    make_stream: StreamMaker | None = None,
) -> RenderReport:
    """Run a chain over a file, in a stream; the result appears whole or not at all.

    Args:
        source: WAV, FLAC, AIFF, OGG or MP3.
        target: Its extension (.wav .flac .aif .aiff .ogg) names the format; rate, channels and bit
            depth are the source's.
        chain: The setting. A neutral one copies the samples bit for bit.
        tail: Whether the reverb rings out after the end.
        overwrite: Whether an existing target may be replaced.
        progress: Called with 0..1, several times per second of work.
        cancel: Asked as often; True stops at once.
        make_stream: Builds what processes, from the chain, the sample rate in Hz and the number of
            channels; None for the chain alone. Plugins around the chain come in here.

    Raises:
        AudioFileError: The source cannot be read, the target cannot be written, or they are one.
        AudioContentError: The source has no samples, or some that are not finite.
        CancelledError: ``cancel`` returned True.
    """
    started = time.perf_counter()
    check_target(Path(target), overwrite=True)
    with AudioReader(source) as reader:
        _refuse_same_file(Path(source), Path(target))
        make = make_stream or ChainStream
        stream = make(chain, reader.info.sample_rate, reader.info.channels)
        unchanged = chain.is_neutral() and make_stream is None
        expected = reader.info.frames + (stream.tail_frames if tail else 0)
        with AudioWriter(
            target, reader.info.sample_rate, reader.info.channels,
            subtype=reader.info.subtype, frames=expected, metadata=reader.info.metadata,
            dither=not unchanged, overwrite=overwrite,
        ) as writer:  # fmt: skip
            job = _Job(reader, writer, _Watch(progress, cancel, expected))
            exact = _exact_dtype(reader, writer) if unchanged else None
            if exact is not None:
                job.copy(exact)
            else:
                job.render(stream, tail=tail)
    return job.report(time.perf_counter() - started)


def _refuse_same_file(source: Path, target: Path) -> None:
    if target.exists() and source.samefile(target):
        raise AudioFileError(
            f"{target}: is the input itself; choose another name, the original is never replaced"
        )


def _exact_dtype(reader: AudioReader, writer: AudioWriter) -> Dtype | None:
    """The sample type that carries every sample unchanged, or None if none does."""
    source, target = reader.info, writer.format
    if target.kind == "lossy" or source.bit_depth is None or target.bits is None:
        return None
    if source.kind != target.kind or source.bit_depth > target.bits:
        return None
    if source.kind == "integer":
        return "int32"
    return "float64" if source.bit_depth == 64 else "float32"


class _Watch:
    """Progress out, cancellation in."""

    def __init__(
        self,
        progress: Callable[[float], None] | None,
        cancel: Callable[[], bool] | None,
        frames: int,
    ) -> None:
        self._progress, self._cancel, self._frames = progress, cancel, max(frames, 1)

    def step(self, frames: int, start: float, share: float) -> None:
        if self._cancel is not None and self._cancel():
            raise CancelledError("the render was cancelled; nothing was written")
        if self._progress is not None:
            self._progress(min(start + share * frames / self._frames, 1.0))

    def finish(self) -> None:
        if self._progress is not None:
            self._progress(1.0)


class _Meters:
    def __init__(self, sample_rate: int, channels: int) -> None:
        self.loudness = LoudnessMeter(sample_rate, channels)
        self.peak = TruePeakMeter(channels)

    def add(self, block: NDArray[np.floating]) -> None:
        self.loudness.add(block)
        self.peak.add(block)

    def true_peak_dbtp(self) -> float:
        return self.peak.true_peak_dbtp()


class _Job:
    """One file on its way: measured, processed, written."""

    def __init__(self, reader: AudioReader, writer: AudioWriter, watch: _Watch) -> None:
        self._reader, self._writer, self._watch = reader, writer, watch
        self._dry = _Meters(reader.info.sample_rate, reader.info.channels)
        self._wet = _Meters(reader.info.sample_rate, reader.info.channels)
        self._read = 0
        self._gain_db = 0.0
        self._notes: list[str] = list(writer.format.notes)

    def copy(self, dtype: Dtype) -> None:
        """Carry every sample over unchanged."""
        self._wet = self._dry
        for block in self._reader.raw_blocks(CHUNK_FRAMES, dtype):
            self._read += block.shape[1]
            self._dry.add(block / 2.0**31 if dtype == "int32" else block)
            self._writer.write(block)
            self._watch.step(self._read, 0.0, 1.0)
        self._dry.peak.flush()
        self._watch.finish()

    def render(self, stream: SoundStream, *, tail: bool) -> None:
        """Process into an unnamed float file beside the target, then write it at its gain."""
        folder = self._writer.target.resolve().parent
        try:
            with tempfile.TemporaryFile(dir=folder, buffering=0) as spill:
                sizes = self._first_pass(stream, spill, tail=tail)
                self._gain_db = self._safety_gain_db()
                self._second_pass(spill, sizes)
        except OSError as problem:
            raise AudioFileError(
                f"{self._writer.target}: cannot be written: {explain_os_error(problem)}"
            ) from problem
        self._watch.finish()

    def _blocks(self) -> Iterator[Samples]:
        for block in self._reader.blocks(CHUNK_FRAMES):
            self._read += block.shape[1]
            self._dry.add(block)
            yield block

    def _first_pass(self, stream: SoundStream, spill: IO[bytes], *, tail: bool) -> list[int]:
        sizes = []
        for block in stream.run(self._blocks(), tail=tail):
            self._wet.add(block)
            _write_all(spill, block)
            sizes.append(block.shape[1])
            self._watch.step(sum(sizes), 0.0, _FIRST_PASS)
        self._dry.peak.flush()
        self._wet.peak.flush()
        return sizes

    def _second_pass(self, spill: IO[bytes], sizes: list[int]) -> None:
        spill.seek(0)
        factor = np.float32(10 ** (self._gain_db / 20))
        channels, done = self._reader.info.channels, 0
        for size in sizes:
            block = np.frombuffer(_read_all(spill, size * channels * 4), dtype=np.float32)
            block = block.reshape(channels, size)
            self._writer.write(block * factor if self._gain_db else block)
            done += size
            self._watch.step(done, _FIRST_PASS, 1.0 - _FIRST_PASS)

    def _safety_gain_db(self) -> float:
        """Gain that keeps the result under the ceiling and inside the format; at most 0."""
        peak, limit = self._wet.true_peak_dbtp(), max(CEILING_DBTP, self._dry.true_peak_dbtp())
        gain = min(limit - peak, 0.0) if math.isfinite(peak) else 0.0
        if gain < 0:
            self._notes.append(
                f"the true peak would have been {peak:+.1f} dBTP: turned down by {-gain:.1f} dB "
                f"to {limit:+.1f} dBTP"
            )
        bits = self._writer.format.bits
        sample_peak = self._wet.peak.sample_peak * 10 ** (gain / 20)
        if self._writer.format.kind == "integer" and bits is not None:
            most = full_scale(bits, dither=self._writer.dithered)
            if sample_peak > most:
                step = 20 * math.log10(most / sample_peak) - 1e-6  # for float32's rounding
                gain += step
                more = "another " if gain < step else ""
                self._notes.append(
                    f"turned down by {more}{-step:.2f} dB: {bits} bit would have clipped"
                )
        return gain

    def report(self, seconds: float) -> RenderReport:
        source, target = self._reader.info, self._writer.info
        notes = list(self._notes)
        if self._writer.dithered and self._wet is not self._dry:
            notes.append(f"dithered to {self._writer.format.bits} bit (TPDF)")
        if self._read < source.frames:
            notes.append(
                f"the source ends at {self._read / source.sample_rate:.2f} s, "
                f"its header says {source.seconds:.2f} s"
            )
        return RenderReport(
            source=source,
            target=target,
            true_peak_before_dbtp=self._dry.true_peak_dbtp(),
            true_peak_after_dbtp=self._wet.true_peak_dbtp() + self._gain_db,
            safety_gain_db=self._gain_db,
            loudness_before_lufs=self._dry.loudness.integrated_lufs(),
            loudness_after_lufs=self._wet.loudness.integrated_lufs() + self._gain_db,
            tail_s=(target.frames - self._read) / source.sample_rate,
            seconds=seconds,
            realtime_factor=target.seconds / max(seconds, 1e-9),
            notes=tuple(notes),
        )


def _write_all(file: IO[bytes], block: Samples) -> None:
    view = memoryview(np.ascontiguousarray(block).view(np.uint8).reshape(-1).data)
    while view:
        view = view[file.write(view) :]


def _read_all(file: IO[bytes], size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = file.readinto(view)  # type: ignore[attr-defined]
        if not count:
            raise OSError("the temporary file ends early")
        view = view[count:]
    return data
