"""REAPER's ReaEQ as an ``.fxp`` program. Experimental: its shelves follow a law of their own."""

from __future__ import annotations

import struct
from pathlib import PurePosixPath

from text2fx_studio.export.parcel import Parcel, Request, graded
from text2fx_studio.export.stages import eq_stages, left_out, octaves

TYPES = {"low_shelf": 0, "high_shelf": 1, "low_pass": 3, "high_pass": 4, "peaking": 8}
_VERSION = 1100
_NAME_BYTES = 28


def build(request: Request) -> Parcel:
    """The program."""
    chain = request.preset.chain
    stages = eq_stages(chain)
    chunk = struct.pack("<ii", 33, len(stages))
    for stage in stages:
        chunk += struct.pack(
            "<iidddb", TYPES[stage.kind], 1, stage.frequency_hz, 10 ** (stage.gain_db / 20),
            octaves(stage.q), 1,
        )  # fmt: skip
    chunk += struct.pack("<iidi", 1, 1, 10 ** (chain.gain_db() / 20), 0)
    name = request.preset.name.encode("ascii", "replace")[: _NAME_BYTES - 1]
    body = struct.pack(">4si4sii", b"FPCh", 1, b"reeq", _VERSION, 1)
    body += name.ljust(_NAME_BYTES, b"\0") + struct.pack(">i", len(chunk)) + chunk
    data = b"CcnK" + struct.pack(">i", len(body)) + body
    missing = left_out(request.preset, ("eq", "gain"))
    notes = ("in ReaEQ: + > Load preset from file (.fxp)", "experimental: not tried in REAPER")
    path = PurePosixPath(f"{request.file_name} (ReaEQ).fxp")
    return Parcel({path: data}, graded("approximate", missing), missing, notes)
