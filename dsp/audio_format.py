"""Containers and sample formats: what each holds, and how samples become integers.

libsndfile's names are used throughout: ``PCM_16``, ``PCM_24``, ``FLOAT``, ``VORBIS`` …
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dsp.errors import AudioContentError, AudioFileError

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 8_000, 192_000
MOST_CHANNELS = 8
DITHER_BITS = 16  # at this depth and below, new samples are dithered
_CLASSIC_WAV_BYTES = 4_000_000_000  # beyond it, WAV's 32-bit sizes overflow
_AIFF_BYTES = 2_000_000_000

Kind = Literal["integer", "float", "lossy"]
Dtype = Literal["float32", "float64", "int32"]

# Writable containers by extension, each with its sample formats from small to large.
_INTEGER_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
_FLOAT_BITS = {"FLOAT": 32, "DOUBLE": 64}
_CONTAINERS: dict[str, tuple[str, ...]] = {
    "WAV": ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"),
    "AIFF": ("PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"),
    "FLAC": ("PCM_S8", "PCM_16", "PCM_24"),
    "OGG": ("VORBIS",),
}
EXTENSIONS: dict[str, str] = {
    ".wav": "WAV",
    ".flac": "FLAC",
    ".aif": "AIFF",
    ".aiff": "AIFF",
    ".ogg": "OGG",
}
# Read, but not written: the smallest depth that holds what they decode to.
_DECODED_BITS = {
    "ULAW": 16, "ALAW": 16, "IMA_ADPCM": 16, "MS_ADPCM": 16, "GSM610": 16, "VOX_ADPCM": 16,
    "G721_32": 16, "G723_24": 16, "G723_40": 16, "NMS_ADPCM_16": 16, "NMS_ADPCM_24": 16,
    "NMS_ADPCM_32": 16, "DPCM_8": 8, "DPCM_16": 16, "DWVW_12": 16, "DWVW_16": 16, "DWVW_24": 24,
    "ALAC_16": 16, "ALAC_20": 24, "ALAC_24": 24, "ALAC_32": 32,
}  # fmt: skip
_LOSSY = {"VORBIS", "OPUS", "MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III"}
_LOSSY_BITS = 24  # decoders give floats; 24 bit keep them below any noise of the codec


def bit_depth(subtype: str) -> int | None:
    """Bits of one sample of a libsndfile subtype; None for lossy formats."""
    return _INTEGER_BITS.get(subtype) or _FLOAT_BITS.get(subtype) or _DECODED_BITS.get(subtype)


def kind_of(subtype: str) -> Kind:
    """Whether a subtype holds integers, floats, or a lossy code."""
    if subtype in _FLOAT_BITS:
        return "float"
    return "lossy" if subtype in _LOSSY else "integer"


def check_shape(name: object, sample_rate: int, channels: int) -> None:
    """Refuse sample rates and channel counts that the app does not handle.

    Raises:
        AudioFileError: The rate lies outside 8–192 kHz, or there are more than 8 channels.
    """
    if not LOWEST_RATE_HZ <= sample_rate <= HIGHEST_RATE_HZ:
        raise AudioFileError(
            f"{name}: sample rate {sample_rate} Hz; allowed is {LOWEST_RATE_HZ} to "
            f"{HIGHEST_RATE_HZ} Hz; convert the file first"
        )
    if not 1 <= channels <= MOST_CHANNELS:
        raise AudioFileError(
            f"{name}: {channels} channels; allowed is 1 to {MOST_CHANNELS}; split the file first"
        )


@dataclass(frozen=True, slots=True)
class WriteFormat:
    """How a file will be written.

    Attributes:
        container: libsndfile's format, ``WAV``, ``WAVEX``, ``RF64``, ``AIFF``, ``FLAC``, ``OGG``.
        subtype: libsndfile's sample format.
        notes: Plain sentences about what differs from the source's sample format.
    """

    container: str
    subtype: str
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """Integers, floats, or a lossy code."""
        return kind_of(self.subtype)

    @property
    def bits(self) -> int | None:
        """Bits of a sample, None for lossy formats."""
        return bit_depth(self.subtype)


def plan_format(
    target: Path, sample_rate: int, channels: int, *, subtype: str = "PCM_24", frames: int = 0
) -> WriteFormat:
    """Choose container and sample format: the extension decides, the source's depth is kept.

    Args:
        target: Its extension names the container.
        sample_rate: In Hz.
        channels: 1 to 8.
        subtype: The source's sample format (any that libsndfile reads).
        frames: Expected length, for the choice of RF64; 0 if unknown.

    Raises:
        AudioFileError: Unknown extension, rate or channels not allowed, or too long for AIFF.
    """
    check_shape(target, sample_rate, channels)
    suffix = target.suffix.lower()
    if suffix not in EXTENSIONS:
        raise AudioFileError(
            f"{target}: found the extension {target.suffix!r}, allowed are {', '.join(EXTENSIONS)}"
        )
    container = EXTENSIONS[suffix]
    chosen, notes = _choose_subtype(container, subtype)
    data_bytes = frames * channels * (bit_depth(chosen) or 0) // 8
    if container == "AIFF" and data_bytes > _AIFF_BYTES:
        raise AudioFileError(
            f"{target}: would hold {data_bytes / 1e9:.1f} GB, AIFF holds 2 GB; write .wav or .flac"
        )
    if container == "WAV":
        if data_bytes > _CLASSIC_WAV_BYTES:
            container = "RF64"
            notes = (*notes, "longer than 4 GB: written as RF64, the large form of WAV")
        elif channels > 2:
            container = "WAVEX"  # the form of WAV that is defined for more than two channels
    return WriteFormat(container, chosen, notes)


def _choose_subtype(container: str, source: str) -> tuple[str, tuple[str, ...]]:
    allowed = _CONTAINERS[container]
    if allowed == ("VORBIS",):
        lost = kind_of(source) != "lossy"
        return "VORBIS", ("OGG Vorbis is lossy: the bit depth is not kept",) if lost else ()
    if source in allowed:
        return source, ()
    kind = kind_of(source)
    bits = bit_depth(source) or _LOSSY_BITS
    family = _FLOAT_BITS if kind == "float" else _INTEGER_BITS
    enough = [s for s in allowed if s in family and family[s] >= bits]
    if enough:
        if family[enough[0]] == bits and kind != "lossy" and source in family:
            return enough[0], ()  # signed and unsigned 8 bit
        return enough[0], (f"{source} cannot be written here: written as {_spoken(enough[0])}",)
    best = [s for s in allowed if s in _INTEGER_BITS][-1]
    return best, (f"{container} cannot hold {_spoken(source)}: written as {_spoken(best)}",)


def _spoken(subtype: str) -> str:
    bits = bit_depth(subtype)
    return f"{bits} bit float" if kind_of(subtype) == "float" else f"{bits} bit"


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file's header says.

    Attributes:
        path: The file.
        frames: Samples per channel.
        sample_rate: In Hz.
        channels: 1 to 8.
        format: libsndfile's container name, ``WAV``, ``FLAC`` …
        subtype: libsndfile's sample format, ``PCM_16``, ``FLOAT``, ``VORBIS`` …
        metadata: Title, artist and the other texts that libsndfile carries.
    """

    path: Path
    frames: int
    sample_rate: int
    channels: int
    format: str
    subtype: str
    metadata: Mapping[str, str] = field(default_factory=dict, compare=False, hash=False)

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate

    @property
    def kind(self) -> Kind:
        """Integers, floats, or a lossy code."""
        return kind_of(self.subtype)

    @property
    def bit_depth(self) -> int | None:
        """Bits of a sample; None for lossy formats."""
        return bit_depth(self.subtype)


def full_scale(bits: int, *, dither: bool) -> float:
    """Largest sample magnitude that an integer format takes without clipping (1.0 is 0 dBFS)."""
    steps = 2.0 ** (bits - 1)
    return (steps - 1.0 - (1.0 if dither else 0.0)) / steps


class Quantizer:
    """Turn float samples into left-justified 32-bit integers, dithered if asked; never clips.

    Dither is triangular (TPDF) with a width of two steps: the error of the quantisation is then
    free of distortion and of noise modulation (Lipshitz, Wannamaker and Vanderkooy, "Quantization
    and dither: a theoretical survey", JAES 40(5), 1992). Its seed is fixed: equal input gives
    equal files.
    """

    def __init__(self, name: object, bits: int, *, dither: bool) -> None:
        """Args: ``name`` of the file for messages; ``bits`` 8 to 32; ``dither`` on or off."""
        self._name = name
        self._bits = bits
        self._random = np.random.Generator(np.random.PCG64(0)) if dither else None

    def __call__(self, samples: NDArray[np.floating]) -> NDArray[np.int32]:
        """Quantise a block of any shape.

        Raises:
            AudioContentError: A sample lies beyond full scale.
        """
        steps = 2.0 ** (self._bits - 1)
        scaled = samples.astype(np.float64) * steps
        if self._random is not None:
            noise = self._random.random(scaled.shape, dtype=np.float32)
            noise -= self._random.random(scaled.shape, dtype=np.float32)
            scaled += noise
        np.rint(scaled, out=scaled)
        if scaled.size and not (scaled.min() >= -steps and scaled.max() <= steps - 1):
            peak = float(np.abs(samples).max())
            over = 20 * math.log10(peak) if peak > 0 else 0.0
            raise AudioContentError(
                f"{self._name}: a sample of {over:+.2f} dBFS would clip in {self._bits} bit; "
                "turn the sound down or write a float WAV"
            )
        return np.left_shift(scaled.astype(np.int32), 32 - self._bits)


def reason(error: BaseException) -> str:
    """Libsndfile's own words about an error, without its frame."""
    text = getattr(error, "error_string", str(error))
    return str(text).removeprefix("Error : ").strip().rstrip(".")
