"""The sound cache: mel power of windows, dry and in rooms by true convolution."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from dsp import reverb
from text2fx_studio.encoders.fxsem import HOP, Fxsem
from text2fx_studio.training.recordings import Recording, read_window
from text2fx_studio.training.rooms import Room

WET_LOW_DB, WET_HIGH_DB = -28.0, 6.0
NO_WET_DB = reverb.Reverb.parameter("wet_db").low
MIXTURE_SHARE = 0.3
_FLOOR_LOG10 = -9.0  # of the window's largest mel power

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class SoundCache:
    """Windows in log10 mel power, and what was done to them.

    Attributes:
        log_power: float16 [N, V, 128, frames]; version 0 is dry. The largest value of a window's
            dry version is about 0.
        wet_db: [N, V]; ``NO_WET_DB`` where dry.
        t60_s: [N, V].
        damping: [N, V].
        room: [N, V] index of the room, -1 where dry.
        rows: One dict a window: path, label, source, split.
        room_names: Words of each room, empty for synthetic ones.
    """

    log_power: NDArray[np.float16]
    wet_db: NDArray[np.float32]
    t60_s: NDArray[np.float32]
    damping: NDArray[np.float32]
    room: NDArray[np.int16]
    rows: list[dict[str, str]]
    room_names: list[str]

    @classmethod
    def open(cls, folder: Path) -> SoundCache:
        """Read a finished cache; the power stays on disk until it is used."""
        notes = json.loads((folder / "rows.json").read_text("utf-8"))
        tables = np.load(folder / "tables.npz")
        return cls(
            np.load(folder / "log_power.npy", mmap_mode="r"),
            tables["wet_db"], tables["t60_s"], tables["damping"], tables["room"],
            notes["rows"], notes["rooms"],
        )  # fmt: skip


def windows_in(rows: Sequence[Mapping[str, str]], split: str) -> NDArray[np.int64]:
    """Indices of the cached windows whose recordings belong to a split."""
    return np.array([i for i, row in enumerate(rows) if row["split"] == split], dtype=np.int64)


def build_sound_cache(
    folder: Path,
    recordings: Sequence[Recording],
    audio_folder: Path,
    rooms: Sequence[Room],
    front_end: Fxsem,
    *,
    versions: int,
    seconds: float,
    seed: int,
    report: Report,
) -> SoundCache:
    """Compute the cache, or open it if it is already there.

    Args:
        folder: Where it is kept; a finished one holds ``rows.json``.
        recordings: One window of each, in this order; a share is mixed with another of its split.
        audio_folder: Where the recordings' paths start.
        rooms: Drawn from at random.
        front_end: For spectrum and mel basis.
        versions: V, of each window, the dry one included.
        seconds: Length of a window.
        seed: Of windows, rooms and wet levels.
        report: Called with 0..1 and a text.
    """
    if (folder / "rows.json").is_file():
        return SoundCache.open(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, 2])
    count = round(seconds * front_end.sample_rate)
    frames = count // HOP + 1
    shape = (len(recordings), versions)
    power = np.lib.format.open_memmap(
        folder / "log_power.npy", "w+", np.float16, (*shape, 128, frames)
    )
    wet_db = np.full(shape, NO_WET_DB, np.float32)
    t60_s = np.full(shape, 0.5, np.float32)
    damping = np.full(shape, 0.4, np.float32)
    room_of = np.full(shape, -1, np.int16)
    size = 1 << (2 * count - 1).bit_length()
    spectra = [torch.fft.rfft(torch.from_numpy(r.response[:count].copy()), size) for r in rooms]
    by_split: dict[str, list[int]] = {}
    for index, recording in enumerate(recordings):
        by_split.setdefault(recording.split, []).append(index)
    rows = []
    for index, recording in enumerate(recordings):
        audio = _window(recordings, index, by_split, audio_folder, front_end, seconds, rng)
        source = torch.fft.rfft(audio, size)
        for version in range(versions):
            sound = audio
            if version:
                k = int(rng.integers(len(rooms)))
                wet = float(rng.uniform(WET_LOW_DB, WET_HIGH_DB))
                tail = torch.fft.irfft(source * spectra[k], size)[:count]
                sound = audio + 10 ** (wet / 20) * tail
                wet_db[index, version], t60_s[index, version] = wet, rooms[k].t60_s
                damping[index, version], room_of[index, version] = rooms[k].damping, k
            power[index, version] = _log_mel(front_end, sound)
        rows.append(
            {
                "path": recording.path, "label": recording.label,
                "source": recording.source, "split": recording.split,
            }
        )  # fmt: skip
        if index % 50 == 0:
            report(index / len(recordings), "sounds in rooms")
    power.flush()
    np.savez(folder / "tables.npz", wet_db=wet_db, t60_s=t60_s, damping=damping, room=room_of)
    text = json.dumps({"rows": rows, "rooms": [r.name for r in rooms]})
    (folder / "rows.json").write_text(text, "utf-8")
    return SoundCache.open(folder)


def _window(
    recordings: Sequence[Recording],
    index: int,
    by_split: dict[str, list[int]],
    audio_folder: Path,
    front_end: Fxsem,
    seconds: float,
    rng: np.random.Generator,
) -> torch.Tensor:
    recording = recordings[index]
    audio = read_window(audio_folder / recording.path, front_end.sample_rate, seconds, rng)
    if rng.random() < MIXTURE_SHARE:
        other = recordings[int(rng.choice(by_split[recording.split]))]
        second = read_window(audio_folder / other.path, front_end.sample_rate, seconds, rng)
        ratio = float(rng.uniform(0.3, 1.0))
        audio = audio / (_rms(audio)) + ratio * second / (_rms(second))
    peak = float(np.abs(audio).max()) or 1.0
    return torch.from_numpy(np.asarray(audio / peak, dtype=np.float32))


def _rms(audio: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(audio.astype(np.float64) ** 2))) or 1.0


def _log_mel(front_end: Fxsem, audio: torch.Tensor) -> NDArray[np.float16]:
    spectrum = front_end.spectrum(audio[None])
    mel = front_end.mel_basis @ (spectrum.real.square() + spectrum.imag.square())
    # Full scale has a bin power of about (n_fft / 4)^2, log10 4.8: centred for float16.
    level = torch.log10(mel[0].clamp(min=1e-30)) - 4.8
    return level.clamp(min=_FLOOR_LOG10, max=9.0).numpy().astype(np.float16)
