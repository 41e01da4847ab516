"""Recordings: which belong to which split, and a window of each as samples."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from text2fx_studio.errors import AudioFileError

TEST_SHARE, CHECK_SHARE, JUDGE_SHARE = 0.1, 0.05, 0.1


@dataclass(frozen=True)
class Recording:
    """One row of a manifest.

    Attributes:
        path: Below the folder, with ``/``.
        label: What it is, in words.
        source: Collection, the first part of the path.
        split: ``train``, ``judge`` (heard only by an encoder that judges another one's results),
            ``check`` (early decisions) or ``test`` (figures only).
    """

    path: str
    label: str
    source: str
    split: str


def list_recordings(folder: Path) -> list[Recording]:
    """Read ``manifest.jsonl``; takes of one piece or instrument note share a split.

    Raises:
        AudioFileError: There is no manifest.
    """
    manifest = folder / "manifest.jsonl"
    if not manifest.is_file():
        raise AudioFileError(f"{manifest}: not found; training needs recordings with a manifest")
    found = []
    for line in manifest.read_text("utf-8").splitlines():
        row = json.loads(line)
        path = str(row["path"])
        found.append(Recording(path, str(row["label"]), path.split("/")[0], split_of(path)))
    return found


def split_of(path: str) -> str:
    """Split of a recording by the hash of its name without numbers and take marks."""
    stem = re.sub(r"[\d_]+", "", Path(path).with_suffix("").as_posix()) or path
    number = int(hashlib.sha256(stem.encode()).hexdigest()[:8], 16) / 16**8
    if number < TEST_SHARE:
        return "test"
    if number < TEST_SHARE + CHECK_SHARE:
        return "check"
    return "judge" if number < TEST_SHARE + CHECK_SHARE + JUDGE_SHARE else "train"


def read_window(
    path: Path, sample_rate: int, seconds: float, rng: np.random.Generator | None = None
) -> NDArray[np.float32]:
    """A mono window of a file, padded with silence at the end when the file is shorter.

    Args:
        path: Any file that libsndfile reads.
        sample_rate: In Hz, of the result.
        seconds: Length of the result.
        rng: Picks the place; None takes the loudest.

    Returns:
        float32 [seconds * sample_rate].
    """
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = soxr.resample(audio.mean(1), rate, sample_rate) if rate != sample_rate else audio.mean(1)
    count = round(seconds * sample_rate)
    if len(mono) > count:
        if rng is not None:
            start = int(rng.integers(len(mono) - count + 1))
        else:
            energy = np.concatenate(([0.0], np.cumsum(mono.astype(np.float64) ** 2)))
            start = int(np.argmax(energy[count:] - energy[:-count]))
        mono = mono[start : start + count]
    return np.pad(mono, (0, count - len(mono))).astype(np.float32)


def held_out_clips(
    folder: Path, count: int, seed: int = 0
) -> list[tuple[Recording, NDArray[np.float32], int]]:
    """Recordings of the ``test`` split, one source after the other, with their samples.

    Args:
        folder: With ``manifest.jsonl``.
        count: How many.
        seed: Which ones.

    Returns:
        Recording, samples float32 [channels, samples], sample rate.
    """
    rng = np.random.default_rng([seed, 7])
    sources: dict[str, list[Recording]] = {}
    for recording in list_recordings(folder):
        if recording.split == "test":
            sources.setdefault(recording.source, []).append(recording)
    order = [
        [group[i] for i in rng.permutation(len(group))] for _, group in sorted(sources.items())
    ]
    found = []
    for place in range(count):
        group = order[place % len(order)]
        recording = group[(place // len(order)) % len(group)]
        audio, rate = soundfile.read(folder / recording.path, dtype="float32", always_2d=True)
        found.append((recording, np.ascontiguousarray(audio.T), int(rate)))
    return found
