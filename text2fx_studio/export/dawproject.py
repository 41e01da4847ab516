"""DAWproject, the open exchange format: one track with the equalizer and the hosted plugins on it.

A ZIP of ``project.xml`` and ``metadata.xml``. It knows no reverb: a room goes beside it as an
impulse response. Every element has an id, because Bitwig refuses projects without.
"""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from xml.etree import ElementTree

from dsp.chain import Chain
from text2fx_studio import __version__
from text2fx_studio.export import impulse
from text2fx_studio.export.parcel import Parcel, Request, graded
from text2fx_studio.export.stages import eq_stages, left_out, plain
from text2fx_studio.export.xml_text import xml_text
from text2fx_studio.plugins.hosted import HostedPlugin

TYPES = {
    "peaking": "bell", "low_shelf": "lowShelf", "high_shelf": "highShelf", "high_pass": "highPass",
    "low_pass": "lowPass",
}  # fmt: skip
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a ZIP holds a time; a fixed one keeps exports reproducible


def build(request: Request) -> Parcel:
    """The project, and with a room its impulse response beside it."""
    preset = request.preset
    states: dict[str, bytes] = {}
    project = _project(request, states)
    metadata = ElementTree.Element("MetaData")
    ElementTree.SubElement(metadata, "Title").text = xml_text(preset.name)
    content = {"project.xml": _xml(project), "metadata.xml": _xml(metadata), **states}
    stem = request.file_name
    files = {PurePosixPath(f"{stem}.dawproject"): zipped(content)}
    notes = [
        "open it in Bitwig Studio, Studio One or Cubase, and copy the devices to your track",
        "the host's own equalizer draws the bands by its own law",
    ]
    carried = ["eq", "gain", "plugins"]
    if impulse.has_room(preset.chain):
        wet = impulse.room(preset.chain, request.sample_rate_hz)
        wav = impulse.wav_bytes(wet, request.sample_rate_hz)
        files[PurePosixPath(f"{stem} room.wav")] = wav
        notes.append("the room: load the WAV in a convolution reverb, dry and wet both at 0 dB")
        carried.append("reverb")
    missing = left_out(preset, carried)
    return Parcel(files, graded("approximate", missing), missing, tuple(notes))


def zipped(content: dict[str, bytes]) -> bytes:
    """A ZIP of the files; the same content gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _project(request: Request, states: dict[str, bytes]) -> ElementTree.Element:
    ids = (f"id{number}" for number in itertools.count())
    preset = request.preset
    project = ElementTree.Element("Project", version="1.0")
    ElementTree.SubElement(project, "Application", name="text2fx-studio", version=__version__)
    transport = ElementTree.SubElement(project, "Transport")
    _real(transport, "Tempo", 120, "bpm", ids)
    ElementTree.SubElement(transport, "TimeSignature", numerator="4", denominator="4", id=next(ids))
    structure = ElementTree.SubElement(project, "Structure")
    track = ElementTree.SubElement(
        structure,
        "Track",
        contentType="audio",
        loaded="true",
        name=xml_text(preset.name),
        id=next(ids),
    )
    master = next(ids)
    channel = ElementTree.SubElement(
        track, "Channel", audioChannels="2", destination=master, role="regular", solo="false",
        id=next(ids),
    )  # fmt: skip
    devices = ElementTree.SubElement(channel, "Devices")
    for plugin in preset.plugins:
        if plugin.place == "before":
            _plugin(devices, plugin, ids, states)
    _equalizer(devices, preset.chain, ids)
    for plugin in preset.plugins:
        if plugin.place == "after":
            _plugin(devices, plugin, ids, states)
    _mixer(channel, ids)
    out = ElementTree.SubElement(
        structure, "Track", contentType="audio", loaded="true", name="Master", id=next(ids)
    )
    last = ElementTree.SubElement(
        out, "Channel", audioChannels="2", role="master", solo="false", id=master
    )
    _mixer(last, ids)
    arrangement = ElementTree.SubElement(project, "Arrangement", id=next(ids))
    ElementTree.SubElement(arrangement, "Lanes", timeUnit="beats", id=next(ids))
    return project


def _equalizer(devices: ElementTree.Element, chain: Chain, ids: Iterator[str]) -> None:
    stages, gain_db = eq_stages(chain), chain.gain_db()
    if not stages and not gain_db:
        return
    device = ElementTree.SubElement(
        devices, "Equalizer", deviceName="Equalizer", deviceRole="audioFX", name="text2fx EQ",
        id=next(ids),
    )  # fmt: skip
    ElementTree.SubElement(device, "Enabled", value="true", id=next(ids))
    for number, stage in enumerate(stages):
        band = ElementTree.SubElement(device, "Band", type=TYPES[stage.kind], order=str(number))
        _real(band, "Freq", stage.frequency_hz, "hertz", ids)
        if stage.kind not in ("high_pass", "low_pass"):
            _real(band, "Gain", stage.gain_db, "decibel", ids)
        _real(band, "Q", stage.q, "linear", ids)
        ElementTree.SubElement(band, "Enabled", value="true", id=next(ids))
    if gain_db:
        _real(device, "OutputGain", gain_db, "decibel", ids)


def _plugin(
    devices: ElementTree.Element, plugin: HostedPlugin, ids: Iterator[str], states: dict[str, bytes]
) -> None:
    name = xml_text(plugin.name)
    device = ElementTree.SubElement(
        devices,
        "Vst3Plugin" if plugin.format == "VST3" else "AuPlugin",
        deviceID=xml_text(plugin.identifier), deviceName=name, deviceRole="audioFX",
        deviceVendor=xml_text(plugin.manufacturer), loaded="true", name=name, id=next(ids),
    )  # fmt: skip
    ElementTree.SubElement(device, "Parameters")
    enabled = "true" if plugin.enabled else "false"
    ElementTree.SubElement(device, "Enabled", value=enabled, id=next(ids))
    if plugin.state:
        suffix = "vstpreset" if plugin.format == "VST3" else "aupreset"
        path = f"plugins/{len(states) + 1}.{suffix}"
        states[path] = plugin.state
        ElementTree.SubElement(device, "State", path=path)


def _mixer(channel: ElementTree.Element, ids: Iterator[str]) -> None:
    ElementTree.SubElement(channel, "Mute", value="false", id=next(ids))
    _real(channel, "Pan", 0.5, "normalized", ids)
    _real(channel, "Volume", 1.0, "linear", ids)


def _real(
    parent: ElementTree.Element, name: str, value: float, unit: str, ids: Iterator[str]
) -> None:
    ElementTree.SubElement(parent, name, unit=unit, value=plain(value, 6), id=next(ids))


def _xml(root: ElementTree.Element) -> bytes:
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return text + b"\n"
