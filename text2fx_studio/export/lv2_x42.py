"""LV2 presets for the x42 IR Convolver (zeroconvolv), with the impulse responses in the bundle."""

from __future__ import annotations

from pathlib import PurePosixPath

from text2fx_studio.export import impulse, turtle
from text2fx_studio.export.parcel import Parcel, Request, graded
from text2fx_studio.export.stages import left_out

PLUGIN = "http://gareus.org/oss/lv2/zeroconvolv#CfgStereo"
_IR = "http://gareus.org/oss/lv2/zeroconvolv#ir"
_SILENT_DB = -60.0  # the plugin's lowest, which mutes


def build(request: Request) -> Parcel:
    """The bundle: the whole chain (dry off); with a room, also the room alone (dry at 0 dB)."""
    chain, rate_hz = request.preset.chain, request.sample_rate_hz
    folder = PurePosixPath(f"{request.file_name} IR.lv2")
    whole = impulse.whole(chain, rate_hz)
    stereo = whole if len(whole) == 2 else whole[[0, 0]]
    parts = [("whole", request.preset.name, stereo, _SILENT_DB)]
    if impulse.has_room(chain):
        label = f"{request.preset.name} (room only)"
        parts.append(("room", label, impulse.room(chain, rate_hz), 0.0))
    files: dict[PurePosixPath, bytes] = {}
    listed = []
    for key, label, response, dry_db in parts:
        state = f"\tstate:state [ <{_IR}> <{key}.wav> ] ;\n"
        ports = {"enable": 1.0, "buffered": 1.0, "dry": dry_db, "wet": 0.0}
        files[folder / f"{key}.wav"] = impulse.wav_bytes(response, rate_hz)
        files[folder / f"{key}.ttl"] = turtle.preset(label, PLUGIN, ports, state)
        listed.append((f"{key}.ttl", label, PLUGIN))
    files[folder / "manifest.ttl"] = turtle.manifest(listed)
    missing = left_out(request.preset, ("eq", "reverb", "gain"))
    notes = (
        "put the folder into ~/.lv2; it shows among the presets of x42 IR Convolver Stereo",
        f"made for {rate_hz} Hz; the plugin converts it",
    )
    return Parcel(files, graded("exact", missing), missing, notes)
