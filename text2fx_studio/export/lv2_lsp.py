"""LV2 preset for LSP Parametric Equalizer x16 Stereo, in its APO (RBJ) filter mode.

Port symbols and values were read from the plugin's own description; all sixteen bands are written,
because a preset need not reset the ports that it leaves out.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from text2fx_studio.export import turtle
from text2fx_studio.export.parcel import Parcel, Request, graded
from text2fx_studio.export.stages import eq_stages, left_out

PLUGIN = "http://lsp-plug.in/plugins/lv2/para_equalizer_x16_stereo"
BANDS = 16
TYPES = {"peaking": 1, "high_pass": 2, "high_shelf": 3, "low_pass": 4, "low_shelf": 5}
_APO_MODE = 6


def build(request: Request) -> Parcel:
    """The bundle."""
    label = request.preset.name
    file = "preset.ttl"
    folder = PurePosixPath(f"{request.file_name} EQ.lv2")
    files = {
        folder / file: turtle.preset(label, PLUGIN, ports(request)),
        folder / "manifest.ttl": turtle.manifest([(file, label, PLUGIN)]),
    }
    missing = left_out(request.preset, ("eq", "gain"))
    notes = ("put the folder into ~/.lv2; it shows among the presets of LSP Parametric EQ x16",)
    return Parcel(files, graded("exact", missing), missing, notes)


def ports(request: Request) -> dict[str, float]:
    """Every port that shapes the sound, by symbol."""
    chain = request.preset.chain
    found: dict[str, float] = {
        "enabled": 1, "g_in": 1, "g_out": 10 ** (chain.gain_db() / 20), "mode": 0, "bal": 0,
    }  # fmt: skip
    stages = eq_stages(chain)
    for index in range(BANDS):
        stage = stages[index] if index < len(stages) else None
        found |= {
            f"ft_{index}": 0 if stage is None else TYPES[stage.kind],
            f"fm_{index}": _APO_MODE,
            f"s_{index}": 0,
            f"xs_{index}": 0,
            f"xm_{index}": 0,
            f"f_{index}": 1000.0 if stage is None else stage.frequency_hz,
            f"g_{index}": 1.0 if stage is None else 10 ** (stage.gain_db / 20),
            f"q_{index}": 0.0 if stage is None else stage.q,
        }
    return found
