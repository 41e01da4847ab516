"""Ableton Live's EQ Eight as an ``.adv`` device preset. Experimental."""

from __future__ import annotations

import gzip
import io
from pathlib import PurePosixPath
from xml.etree import ElementTree

from text2fx_studio.export.parcel import Parcel, Request, graded
from text2fx_studio.export.stages import Stage, eq_stages, left_out, plain
from text2fx_studio.export.xml_text import xml_text

BANDS = 8
MODES = {"high_pass": 1, "low_shelf": 2, "peaking": 3, "high_shelf": 5, "low_pass": 6}
GAIN_LIMIT_DB = 15.0
_FREQUENCY_HZ = (10.0, 22_000.0)
_Q = (0.1, 18.0)
_GLOBAL_LIMIT_DB = 12.0


def build(request: Request) -> Parcel:
    """The device."""
    chain = request.preset.chain
    stages = eq_stages(chain)
    kept = sorted(stages, key=_weight, reverse=True)[:BANDS]
    used = [stage for stage in stages if stage in kept]
    missing = list(left_out(request.preset, ("eq", "gain")))
    missing += [
        f"{s.kind.replace('_', ' ')} at {s.frequency_hz:.0f} Hz" for s in stages if s not in kept
    ]
    missing += [
        f"{abs(s.gain_db) - GAIN_LIMIT_DB:.1f} dB of the stage at {s.frequency_hz:.0f} Hz"
        for s in used
        if abs(s.gain_db) > GAIN_LIMIT_DB
    ]
    if abs(chain.gain_db()) > _GLOBAL_LIMIT_DB:
        missing.append(f"{abs(chain.gain_db()) - _GLOBAL_LIMIT_DB:.1f} dB of the gain")
    root = ElementTree.Element(
        "Ableton", MajorVersion="5", MinorVersion="11.0_433", Creator="text2fx-studio"
    )
    device = ElementTree.SubElement(root, "Eq8")
    _manual(device, "On", "true")
    ElementTree.SubElement(device, "UserName", Value=xml_text(request.preset.name))
    _manual(device, "GlobalGain", plain(_clip(chain.gain_db(), _GLOBAL_LIMIT_DB), 4))
    for index in range(BANDS):
        band = ElementTree.SubElement(device, f"Bands.{index}")
        stage = used[index] if index < len(used) else None
        for side in ("ParameterA", "ParameterB"):
            _band(ElementTree.SubElement(band, side), stage)
    ElementTree.indent(root, "\t")
    text = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    path = PurePosixPath(f"{request.file_name} (EQ Eight).adv")
    lost = tuple(missing)
    notes = ("drop it on a track in Live", "experimental: not tried in Live")
    return Parcel({path: _gzipped(text)}, graded("approximate", lost), lost, notes)


def _band(side: ElementTree.Element, stage: Stage | None) -> None:
    found = stage or Stage("peaking", 1000.0, 0.0, 0.71)
    _manual(side, "IsOn", "false" if stage is None else "true")
    _manual(side, "Mode", str(MODES[found.kind]))
    frequency_hz = min(max(found.frequency_hz, _FREQUENCY_HZ[0]), _FREQUENCY_HZ[1])
    _manual(side, "Freq", plain(frequency_hz, 4))
    _manual(side, "Gain", plain(_clip(found.gain_db, GAIN_LIMIT_DB), 4))
    _manual(side, "Q", plain(min(max(found.q, _Q[0]), _Q[1]), 5))


def _manual(parent: ElementTree.Element, name: str, value: str) -> None:
    element = ElementTree.SubElement(parent, name)
    ElementTree.SubElement(element, "Manual", Value=value)


def _weight(stage: Stage) -> float:
    return float("inf") if stage.kind in ("high_pass", "low_pass") else abs(stage.gain_db)


def _clip(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)


def _gzipped(text: bytes) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        file.write(text)
    return buffer.getvalue()
