"""The recordings that a benchmark listens to, none of which the encoder was trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.audio_file import read_audio
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.errors import UsageError
from text2fx_studio.training.recordings import Recording, held_out_clips, list_recordings
from text2fx_studio.training.splits import digest

Audio = NDArray[np.float32]

ENDINGS = frozenset((".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff", ".aifc"))
LONGEST_S = 12.0  # of a clip; a longer file is heard around its loudest second


@dataclass(frozen=True)
class Clip:
    """A recording to measure on.

    Attributes:
        name: Unique within a run; a coloured version has its colour in it.
        audio: float32 [channels, samples].
        sample_rate: In Hz.
    """

    name: str
    audio: Audio
    sample_rate: int

    def version(self, colour: str, audio: Audio) -> Clip:
        """The same recording after something was done to it."""
        return replace(self, name=f"{self.name}+{colour}", audio=audio.astype(np.float32))


@dataclass(frozen=True)
class Clips:
    """Recordings, and why it is fair to measure on them."""

    items: tuple[Clip, ...]
    why_fair: str


def read_clips(folder: Path, count: int, encoder: Encoder, seed: int = 0) -> Clips:
    """Choose recordings of a folder that an encoder has not heard in training.

    A folder with the ``manifest.jsonl`` of the encoder's training gives recordings of its test
    split; any other folder gives any of its recordings.

    Args:
        folder: With a ``manifest.jsonl`` (see ``training.recordings``) or only audio files.
        count: How many.
        encoder: Its notes tell what it was trained on.
        seed: Which ones.

    Raises:
        UsageError: The folder is missing or holds no recording that may be used.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; name one with recordings with --audio")
    if not (folder / "manifest.jsonl").is_file():
        return _any_files(folder, count, seed)
    recordings = list_recordings(folder)
    if _is_training_folder(recordings, encoder):
        found = held_out_clips(folder, min(count, _tests(recordings)), seed)
        clips = tuple(Clip(r.path, audio, rate) for r, audio, rate in found)
        return Clips(clips, "the test split of these recordings, which training leaves out")
    return _chosen([folder / r.path for r in recordings], folder, count, seed)


def pink_noise(seconds: float = 4.0, sample_rate: int = 44_100, seed: int = 0) -> Clip:
    """A neutral sound: mono noise of equal power in every octave, 30 Hz to 18 kHz, -20 dBFS."""
    count = round(seconds * sample_rate)
    rng = np.random.default_rng([seed, 29])
    frequency = np.fft.rfftfreq(count, 1 / sample_rate)
    size = np.where((frequency >= 30) & (frequency <= 18_000), 1 / np.sqrt(frequency + 1e-9), 0.0)
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(count)) * size, count)
    return Clip("pink noise", (0.1 * noise / noise.std()).astype(np.float32)[None], sample_rate)


def _any_files(folder: Path, count: int, seed: int) -> Clips:
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
    return _chosen(files, folder, count, seed)


def _chosen(files: list[Path], folder: Path, count: int, seed: int) -> Clips:
    if not files:
        raise UsageError(
            f"{folder}: holds no recordings; WAV, FLAC, AIFF, OGG and MP3 files are read"
        )
    order = np.random.default_rng([seed, 7]).permutation(len(files))[:count]
    found = []
    for index in order:
        audio, rate = read_audio(files[int(index)])
        name = files[int(index)].relative_to(folder).as_posix()
        found.append(Clip(name, _loud_part(audio, rate), rate))
    return Clips(tuple(found), "a folder that the encoder was not trained on")


def _loud_part(audio: Audio, rate: int) -> Audio:
    length = round(LONGEST_S * rate)
    if audio.shape[1] <= length:
        return audio
    energy = np.cumsum((audio.astype(np.float64) ** 2).sum(axis=0))
    second = energy[rate:] - energy[:-rate]
    start = int(np.clip(int(second.argmax()) - length // 2, 0, audio.shape[1] - length))
    return np.ascontiguousarray(audio[:, start : start + length])


def _is_training_folder(recordings: list[Recording], encoder: Encoder) -> bool:
    """Whether the folder's training split is the one that the encoder's notes name."""
    notes: Mapping[str, Any] = getattr(encoder, "notes", {})
    if not notes:
        return any(r.split == "test" for r in recordings)  # unknown: the careful choice
    named = notes.get("splits", {}).get("recordings", {}).get("train", {}).get("sha256")
    train = digest([r.path for r in recordings if r.split == "train"])
    return named is None or named == train or _tests(recordings) >= 20


def _tests(recordings: list[Recording]) -> int:
    return sum(r.split == "test" for r in recordings)


def digest_of(clip: Clip) -> str:
    """A short hash of a clip's samples: two clips of one name are told apart."""
    return hashlib.sha256(np.ascontiguousarray(clip.audio).tobytes()).hexdigest()[:16]
