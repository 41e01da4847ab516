"""Impulse responses as float WAV, for any convolution reverb.

Each is what the renderer convolves with, to the last bit of float32.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from text2fx_studio.export import impulse
from text2fx_studio.export.parcel import Parcel, Request, graded
from text2fx_studio.export.stages import left_out


def build(request: Request) -> Parcel:
    """The whole chain as one response; with a room, also the room alone, for a send."""
    chain, rate_hz, stem = request.preset.chain, request.sample_rate_hz, request.file_name
    everything = impulse.whole(chain, rate_hz)
    files = {PurePosixPath(f"{stem} (whole, 100% wet).wav"): impulse.wav_bytes(everything, rate_hz)}
    notes = [
        "'whole' holds the direct sound too: as an insert, 100 % wet, 0 dB, normalising off",
        f"made for {rate_hz} Hz; hosts convert it",
    ]
    if impulse.has_room(chain):
        wet = impulse.room(chain, rate_hz)
        files[PurePosixPath(f"{stem} (room, wet only).wav")] = impulse.wav_bytes(wet, rate_hz)
        notes.append("'room' is the wet sound alone: on a send, or with dry and wet both at 0 dB")
    missing = left_out(request.preset, ("eq", "reverb", "gain"))
    return Parcel(files, graded("exact", missing), missing, tuple(notes))
