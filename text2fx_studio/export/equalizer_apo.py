"""Equalizer APO's text, which Peace, EasyEffects, REW and AutoEq's users read too.

Its filters are those of the RBJ cookbook, as ours: PK, LSC and HSC with Q, HPQ and LPQ for the
12 dB per octave pass filters. A room goes beside it as a WAV that a ``Convolution`` line names.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from text2fx_studio.export import impulse
from text2fx_studio.export.parcel import Parcel, Request, graded
from text2fx_studio.export.stages import Stage, eq_stages, left_out, plain

NAMES = {
    "peaking": "PK", "low_shelf": "LSC", "high_shelf": "HSC", "high_pass": "HPQ", "low_pass": "LPQ",
}  # fmt: skip


def build(request: Request) -> Parcel:
    """The text, and a room's WAV beside it."""
    chain, stem = request.preset.chain, request.file_name
    lines = [f"# {_comment(request.preset.name)}", f"Preamp: {plain(chain.gain_db(), 4)} dB"]
    lines += [line(number, stage) for number, stage in enumerate(eq_stages(chain), 1)]
    files: dict[PurePosixPath, bytes] = {}
    notes = ["include it from Equalizer APO's config.txt, or import it in Peace, EasyEffects, REW"]
    if impulse.has_room(chain):
        wav = f"{stem} room.wav"
        response = impulse.room_with_dry(chain, request.sample_rate_hz)
        files[PurePosixPath(wav)] = impulse.wav_bytes(response, request.sample_rate_hz)
        lines.append(f"Convolution: {wav}")
        notes.append(
            f"the room is for devices at {request.sample_rate_hz} Hz; only Equalizer APO itself "
            "reads the Convolution line"
        )
    files[PurePosixPath(f"{stem}.txt")] = ("\n".join(lines) + "\n").encode()
    missing = left_out(request.preset, ("eq", "gain", "reverb"))
    return Parcel(files, graded("exact", missing), missing, tuple(notes))


def line(number: int, stage: Stage) -> str:
    """One filter as Equalizer APO writes it."""
    gain = "" if stage.kind in ("high_pass", "low_pass") else f" Gain {plain(stage.gain_db, 4)} dB"
    return (
        f"Filter {number}: ON {NAMES[stage.kind]} Fc {plain(stage.frequency_hz, 3)} Hz{gain} "
        f"Q {plain(stage.q, 5)}"
    )


def _comment(name: str) -> str:
    return " ".join(name.split())
