"""A folder of mixed recordings for measuring batches, made from any folder of sounds.

Rates from 8 to 96 kHz, one to six channels, seven formats, 0.4 s to 10 minutes, nested folders,
names with spaces and of other scripts; and files that must fail, each in a way of its own.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from text2fx_studio.batch.folder import find_recordings
from text2fx_studio.errors import UsageError

RATES_HZ = (44_100, 48_000, 44_100, 48_000, 22_050, 96_000, 16_000, 8_000, 32_000)
CHANNELS = (1, 2, 2, 1, 2, 6)
FORMATS = (
    ("wav", "WAV", "PCM_16"), ("wav", "WAV", "PCM_24"), ("flac", "FLAC", "PCM_16"),
    ("ogg", "OGG", "VORBIS"), ("wav", "WAV", "FLOAT"), ("aiff", "AIFF", "PCM_16"),
    ("mp3", "MP3", "MPEG_LAYER_III"),
)  # fmt: skip
FOLDERS = ("", "steps", "doors/old", "voices/Ünï cödé", "voices/日本語", "with a space")
BAD = ("truncated", "empty", "text", "nan", "silent", "forbidden")
LONGEST_S = 600.0
_MP3_RATES_HZ = (44_100, 48_000, 22_050, 16_000, 32_000, 8_000)


@dataclass(frozen=True)
class Corpus:
    """What was made.

    Attributes:
        folder: Where.
        good: Files that must come through, relative.
        bad: Files that must fail, relative, with what is wrong with each.
    """

    folder: Path
    good: tuple[str, ...]
    bad: dict[str, str]


def make_corpus(
    folder: Path, sounds: Path, *, good: int, bad: int, long: int = 2, seed: int = 0
) -> Corpus:
    """Make a corpus.

    Args:
        folder: Made; must be empty.
        sounds: Recordings to cut from.
        good: Files that can be shaped.
        bad: Files that cannot.
        long: How many of the good ones are minutes long, the first of them 10 minutes.
        seed: The same seed gives the same files.

    Raises:
        UsageError: There are no recordings in ``sounds``.
    """
    rng = np.random.default_rng(seed)
    names = find_recordings(sounds)
    if not names:
        raise UsageError(
            f"{sounds}: holds no recordings to make a corpus of; name a folder of some"
        )
    made = []
    for index in range(good):
        seconds = LONGEST_S / (index + 1) if index < long else _seconds(rng)
        made.append(_make_good(folder, sounds, names, index, seconds, rng))
    wrong = {}
    bound = _rights_bind(folder)
    for index in range(bad):
        kind = BAD[index % len(BAD)]
        if kind == "forbidden" and not bound:
            kind = "text"
        name = f"{FOLDERS[index % len(FOLDERS)]}/bad {index:02d} {kind}.wav".lstrip("/")
        _make_bad(folder / name, kind, rng)
        wrong[name] = kind
    return Corpus(folder, tuple(made), wrong)


def _rights_bind(folder: Path) -> bool:
    """Whether a file can be kept from this process: not from the superuser."""
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / "probe"
    probe.touch(0o000)
    try:
        return not os.access(probe, os.R_OK)
    finally:
        probe.unlink()


def _seconds(rng: np.random.Generator) -> float:
    """0.4 to 30 s, most of them a few seconds, as in a pack of game sounds."""
    return float(np.clip(rng.lognormal(1.2, 0.8), 0.4, 30.0))


def _make_good(
    folder: Path,
    sounds: Path,
    names: Sequence[str],
    index: int,
    seconds: float,
    rng: np.random.Generator,
) -> str:
    suffix, container, subtype = FORMATS[index % len(FORMATS)]
    rate = RATES_HZ[index % len(RATES_HZ)]
    channels = CHANNELS[index % len(CHANNELS)]
    if suffix == "mp3":
        rate = rate if rate in _MP3_RATES_HZ else 48_000
        channels = min(channels, 2)
    sound = _sound(sounds / names[int(rng.integers(len(names)))], rate, channels, seconds, rng)
    name = f"{FOLDERS[index % len(FOLDERS)]}/{_title(index)} {index:03d}.{suffix}".lstrip("/")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound.T, rate, format=container, subtype=subtype)
    return name


def _title(index: int) -> str:
    return ("take", "Tür zu", "голос", "step & go", "#1 100%", "a'b")[index % 6]


def _sound(
    path: Path, rate: int, channels: int, seconds: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    dry, found_rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = soxr.resample(dry.mean(axis=1), found_rate, rate) if found_rate != rate else dry.mean(1)
    count = round(seconds * rate)
    whole = np.resize(mono, count).astype(np.float32)
    peak = float(np.abs(whole).max())
    if peak < 0.01:  # a quiet beginning of a long sound
        whole += 0.05 * rng.standard_normal(count, dtype=np.float32)
        peak = float(np.abs(whole).max())
    gains = np.linspace(1.0, 0.6, channels, dtype=np.float32)[:, None]
    return np.asarray(0.5 / peak * gains * whole, dtype=np.float32)


def _make_bad(path: Path, kind: str, rng: np.random.Generator) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = (0.1 * rng.standard_normal(30_000)).astype(np.float32)
    if kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("this is not a recording\n" * 40, "utf-8")
    elif kind == "silent":
        soundfile.write(path, np.zeros(30_000, np.float32), 48_000)
    elif kind == "nan":
        noise[12_345] = np.nan
        soundfile.write(path, noise, 48_000, subtype="FLOAT")
    else:
        soundfile.write(path, noise, 48_000)
        if kind == "truncated":
            path.write_bytes(path.read_bytes()[:30])
        else:
            path.chmod(0)
