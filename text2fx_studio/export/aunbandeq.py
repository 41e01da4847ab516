"""Apple's AUNBandEQ as an ``.aupreset``. Experimental: its shelves take no Q."""

from __future__ import annotations

import plistlib
import struct
from pathlib import PurePosixPath

from text2fx_studio.export.parcel import Parcel, Request, graded
from text2fx_studio.export.stages import eq_stages, left_out, octaves
from text2fx_studio.export.xml_text import xml_text

TYPES = {"peaking": 0, "low_pass": 1, "high_pass": 2, "low_shelf": 7, "high_shelf": 8}
BANDS = 16
BYPASS, TYPE, FREQUENCY, GAIN, BANDWIDTH = 1000, 2000, 3000, 4000, 5000
_WIDTH_OCTAVES = (0.05, 5.0)


def build(request: Request) -> Parcel:
    """The preset."""
    chain = request.preset.chain
    stages = eq_stages(chain)
    values: list[tuple[int, float]] = [(0, chain.gain_db())]
    for band in range(BANDS):
        stage = stages[band] if band < len(stages) else None
        values.append((BYPASS + band, 1.0 if stage is None else 0.0))
        if stage is None:
            continue
        width = min(max(octaves(stage.q), _WIDTH_OCTAVES[0]), _WIDTH_OCTAVES[1])
        values += [
            (TYPE + band, float(TYPES[stage.kind])),
            (FREQUENCY + band, stage.frequency_hz),
            (GAIN + band, stage.gain_db),
            (BANDWIDTH + band, width),
        ]
    data = struct.pack(">III", 0, 0, len(values))
    data += b"".join(struct.pack(">If", number, value) for number, value in values)
    preset = {
        "type": _code("aufx"), "subtype": _code("nbeq"), "manufacturer": _code("appl"),
        "version": 0, "name": xml_text(request.preset.name), "data": data, "numberOfBands": BANDS,
    }  # fmt: skip
    missing = left_out(request.preset, ("eq", "gain"))
    notes = (
        "put it into ~/Library/Audio/Presets/Apple/AUNBandEQ",
        "experimental: not tried on a Mac",
    )
    path = PurePosixPath(f"{request.file_name} (AUNBandEQ).aupreset")
    return Parcel({path: plistlib.dumps(preset)}, graded("approximate", missing), missing, notes)


def _code(text: str) -> int:
    return int.from_bytes(text.encode("ascii"), "big")
