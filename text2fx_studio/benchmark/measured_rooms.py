"""Whether real rooms are heard as rooms: measured responses that training never met.

Recordings are convolved with each response as it was measured, direct sound included, and scored
with texts. Scores should order the rooms by their measured T60: "cathedral" upwards, "small room"
and "dry" downwards (Spearman's rho).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
import torch
from numpy.typing import NDArray
from scipy.signal import fftconvolve
from scipy.stats import spearmanr

from text2fx_studio.benchmark.clips import Clip, Clips
from text2fx_studio.benchmark.workbench import Workbench
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.errors import UsageError
from text2fx_studio.search.losses import POSITIVE_TEMPLATE
from text2fx_studio.search.windows import ArraySource, loud_windows, to_encoder
from text2fx_studio.training.rooms import LONGEST_READ_S, decay_time_s, split_of_room

# The texts, and whether their score should rise or fall with T60.
TEXTS: dict[str, int] = {"cathedral": 1, "small room": -1, "dry": -1}
_LONGEST_S = 6.0


@dataclass(frozen=True)
class MeasuredRoom:
    """A response from the direct sound on, mono float64 at ``sample_rate``, and its T60."""

    name: str
    response: NDArray[np.float64]
    sample_rate: int
    t60_s: float


def read_rooms(folder: Path, split: str | None = "test") -> list[MeasuredRoom]:
    """The measured rooms of one split.

    Args:
        folder: With a ``manifest.jsonl`` whose rows have ``path`` and ``space``.
        split: ``test``, ``train`` or None for all.

    Raises:
        UsageError: There is no manifest, or fewer than three rooms.
    """
    manifest = folder / "manifest.jsonl"
    if not manifest.is_file():
        raise UsageError(f"{manifest}: not found; name a folder of room responses with --rooms")
    found = []
    for line in manifest.read_text("utf-8").splitlines():
        row = json.loads(line)
        name = str(row["space"])
        if split is not None and split_of_room(name) != split:
            continue
        audio, rate = soundfile.read(folder / row["path"], dtype="float64", always_2d=True)
        mono = audio.mean(axis=1)
        start = int(np.abs(mono).argmax())
        response = mono[start : start + int(_LONGEST_S * rate)]
        t60_s = decay_time_s(response[int(0.0025 * rate) :], rate)
        if t60_s < LONGEST_READ_S:
            found.append(MeasuredRoom(name, response, int(rate), t60_s))
    if len(found) < 3:
        raise UsageError(f"{folder}: found {len(found)} usable rooms, at least 3 are needed")
    return found


def run(
    bench: Workbench, clips: Clips, rooms: Path, *, texts: dict[str, int] | None = None
) -> dict[str, Any]:
    """Measure.

    Args:
        bench: The encoder.
        clips: Recordings, never trained on.
        rooms: Folder with measured responses.
        texts: Which, with +1 where the score should rise with T60, else -1.

    Returns:
        rho for each text (its sign so that 1 is right), with the dry recordings as one more room
        and without, and a row for each room.
    """
    wanted = TEXTS if texts is None else texts
    measured = read_rooms(rooms)
    scores = {"": score_room(bench.encoder, clips.items, None, list(wanted))}
    for number, room in enumerate(measured):
        bench.tell(number / len(measured), f"listening: {room.name}")
        scores[room.name] = score_room(bench.encoder, clips.items, room, list(wanted))
    t60 = [room.t60_s for room in measured]
    rows = [
        {"room": room.name, "t60_s": round(room.t60_s, 3)}
        | {text: round(value, 4) for text, value in zip(wanted, scores[room.name], strict=True)}
        for room in measured
    ]
    rho, with_dry = {}, {}
    for index, (text, sign) in enumerate(wanted.items()):
        found = [scores[room.name][index] for room in measured]
        rho[text] = _rho(found, t60, sign)
        with_dry[text] = _rho([scores[""][index], *found], [0.0, *t60], sign)
    return {
        "benchmark": "rooms",
        "encoder": bench.encoder.id,
        "weights": bench.encoder.weights_hash,
        "rooms": len(measured),
        "clips": [clip.name for clip in clips.items],
        "clips_from": clips.why_fair,
        "rho": rho,
        "rho_cathedral_over_small_room": _contrast(scores, measured, list(wanted)),
        "rho_with_dry": with_dry,
        "cathedral_raised_share": _raised(scores, measured, list(wanted)),
        "rows": sorted(rows, key=lambda row: float(row["t60_s"])),
    }


@torch.no_grad()
def score_room(
    encoder: Encoder, clips: Sequence[Clip], room: MeasuredRoom | None, texts: Sequence[str]
) -> list[float]:
    """Mean cosine of the clips in a room (None: as they are) with each text."""
    target = encoder.embed_text([POSITIVE_TEMPLATE.format(text) for text in texts])
    rows = []
    for clip in clips:
        audio = clip.audio.mean(axis=0, dtype=np.float64)
        if room is not None:
            audio = convolved(audio, clip.sample_rate, room)
        sound = (0.1 * audio / (np.sqrt((audio**2).mean()) or 1.0)).astype(np.float32)[None]
        windows = loud_windows(
            ArraySource(sound, clip.sample_rate, clip.name), encoder.window_s, count=1,
            context_s=0.0,
        )  # fmt: skip
        mono, _ = to_encoder(windows, encoder.sample_rate, encoder.window_s)
        rows.append(encoder.embed_audio(mono)[0] @ target.T)
    return [float(value) for value in torch.stack(rows).mean(dim=0)]


def convolved(
    audio: NDArray[np.float64], sample_rate: int, room: MeasuredRoom
) -> NDArray[np.float64]:
    """A mono sound in a room, with up to two seconds of what rings on."""
    response = room.response
    if room.sample_rate != sample_rate:
        response = soxr.resample(response, room.sample_rate, sample_rate)
    wet = fftconvolve(audio, response)
    return np.asarray(wet[: len(audio) + 2 * sample_rate])


def _rho(scores: Sequence[float], t60_s: Sequence[float], sign: int) -> float | None:
    if float(np.std(scores)) < 1e-9:
        return None
    return round(sign * float(spearmanr(scores, t60_s).statistic), 4)


def _contrast(
    scores: dict[str, list[float]], rooms: Sequence[MeasuredRoom], texts: Sequence[str]
) -> float | None:
    """Spearman's rho of how much better "cathedral" fits than "small room"."""
    if not {"cathedral", "small room"} <= set(texts):
        return None
    large, small = texts.index("cathedral"), texts.index("small room")
    found = [scores[room.name][large] - scores[room.name][small] for room in rooms]
    return _rho(found, [room.t60_s for room in rooms], 1)


def _raised(
    scores: dict[str, list[float]], rooms: Sequence[MeasuredRoom], texts: Sequence[str]
) -> float | None:
    """Share of rooms in which the recordings score higher for "cathedral" than dry."""
    if "cathedral" not in texts:
        return None
    index = texts.index("cathedral")
    return round(float(np.mean([scores[r.name][index] > scores[""][index] for r in rooms])), 4)
