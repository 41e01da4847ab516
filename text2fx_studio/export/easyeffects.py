"""A preset of EasyEffects 7: its equalizer is LSP's in APO (RBJ) mode, its convolver the room.

The names of sections and keys are those of its own settings schema.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

from text2fx_studio.export import impulse
from text2fx_studio.export.parcel import Parcel, Request, graded
from text2fx_studio.export.stages import Stage, eq_stages, left_out

TYPES = {
    "peaking": "Bell", "low_shelf": "Lo-shelf", "high_shelf": "Hi-shelf", "high_pass": "Hi-pass",
    "low_pass": "Lo-pass",
}  # fmt: skip


def build(request: Request) -> Parcel:
    """The preset, and with a room its impulse response (``.irs`` is a WAV) beside it."""
    chain, stem = request.preset.chain, request.file_name
    sections: dict[str, Any] = {"blocklist": [], "plugins_order": []}
    files: dict[PurePosixPath, bytes] = {}
    notes = ["put the .json into ~/.config/easyeffects/output, or use Import in its presets' menu"]
    stages = eq_stages(chain)
    if stages or chain.gain_db():
        sections["plugins_order"].append("equalizer#0")
        sections["equalizer#0"] = _equalizer(stages, chain.gain_db())
    if impulse.has_room(chain):
        kernel = f"{stem} room"
        response = impulse.room_with_dry(chain, request.sample_rate_hz)
        wav = impulse.wav_bytes(response, request.sample_rate_hz)
        files[PurePosixPath(f"{kernel}.irs")] = wav
        sections["plugins_order"].append("convolver#0")
        sections["convolver#0"] = {
            "bypass": False, "input-gain": 0.0, "output-gain": 0.0, "ir-width": 100,
            "autogain": False, "kernel-name": kernel,
        }  # fmt: skip
        notes.append(
            "put the .irs into ~/.config/easyeffects/irs; before version 7.2, choose it in the "
            "convolver's menu"
        )
    text = json.dumps({"output": sections}, indent=4, ensure_ascii=False) + "\n"
    files[PurePosixPath(f"{stem}.json")] = text.encode()
    missing = left_out(request.preset, ("eq", "gain", "reverb"))
    return Parcel(files, graded("exact", missing), missing, tuple(notes))


def _equalizer(stages: tuple[Stage, ...], gain_db: float) -> dict[str, Any]:
    channel = {f"band{index}": _band(stage) for index, stage in enumerate(stages)}
    if not channel:
        channel = {"band0": {**_band(Stage("peaking", 1000.0, 0.0, 1.0)), "type": "Off"}}
    return {
        "bypass": False, "input-gain": 0.0, "output-gain": gain_db, "mode": "IIR",
        "num-bands": len(channel), "split-channels": False, "balance": 0.0,
        "pitch-left": 0.0, "pitch-right": 0.0, "left": channel, "right": channel,
    }  # fmt: skip


def _band(stage: Stage) -> dict[str, Any]:
    return {
        "type": TYPES[stage.kind], "mode": "APO (DR)", "slope": "x1", "solo": False, "mute": False,
        "frequency": stage.frequency_hz, "gain": stage.gain_db, "q": stage.q,
    }  # fmt: skip
