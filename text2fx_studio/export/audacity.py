"""An Audacity macro: the curve of equalizer and gain as points of Filter Curve EQ (an FIR)."""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np

from text2fx_studio.export.parcel import Parcel, Request, graded
from text2fx_studio.export.stages import left_out, linear_part, plain

POINTS = 120
LOW_HZ, HIGH_HZ = 20.0, 20_000.0
LOWEST_DB = -120.0  # Audacity's own floor


def build(request: Request) -> Parcel:
    """The macro's text."""
    frequencies = np.geomspace(LOW_HZ, HIGH_HZ, POINTS)
    chain = linear_part(request.preset.chain)
    curve = np.maximum(chain.frequency_response_db(frequencies, request.sample_rate_hz), LOWEST_DB)
    words = [f'f{i}="{plain(float(f), 3)}"' for i, f in enumerate(frequencies)]
    words += [
        'FilterLength="8191"', 'InterpolateLin="0"', 'InterpolationMethod="B-spline"',
    ]  # fmt: skip
    words += [f'v{i}="{plain(float(v), 4)}"' for i, v in enumerate(curve)]
    line = f"FilterCurve:{' '.join(words)}\n"
    missing = left_out(request.preset, ("eq", "gain"))
    notes = (
        "import it in Tools > Macro Manager, then apply it to the selection",
        "Filter Curve EQ is linear in phase: the same curve, other phases",
    )
    path = PurePosixPath(f"{request.file_name}.txt")
    return Parcel({path: line.encode()}, graded("approximate", missing), missing, notes)
