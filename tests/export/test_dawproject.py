"""DAWproject: the published schema's rules, written down once more, and the values in it."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tests.export.conftest import ALL_STAGES, one
from text2fx_studio.plugins.hosted import HostedPlugin

# Element: (children in their order, those that may repeat), attributes that are required.
REAL, BOOL = ({"unit", "value"}, {"id"}), ({"value"}, {"id"})
ORDER = {
    "Project": ["Application", "Transport", "Structure", "Arrangement", "Scenes"],
    "Transport": ["Tempo", "TimeSignature"],
    "Structure": ["Track"],
    "Track": ["Channel", "Track"],
    "Channel": ["Devices", "Mute", "Pan", "Sends", "Volume"],
    "Equalizer": ["Parameters", "Enabled", "State", "Band", "InputGain", "OutputGain"],
    "Vst3Plugin": ["Parameters", "Enabled", "State"],
    "AuPlugin": ["Parameters", "Enabled", "State"],
    "Band": ["Freq", "Gain", "Q", "Enabled"],
    "Arrangement": ["Lanes", "Markers"],
}
REQUIRED = {
    "Project": {"version"}, "Application": {"name", "version"},
    "Equalizer": {"deviceName", "deviceRole", "id"},
    "Vst3Plugin": {"deviceName", "deviceRole", "deviceID", "id"},
    "AuPlugin": {"deviceName", "deviceRole", "deviceID", "id"},
    "Band": {"type"}, "State": {"path"}, "Track": {"id"}, "Channel": {"id"},
    "Arrangement": {"id"}, "Lanes": {"id"},
    **{n: {"unit", "value", "id"} for n in (
        "Tempo", "Freq", "Gain", "Q", "Pan", "Volume", "OutputGain")},
    **{n: {"value", "id"} for n in ("Enabled", "Mute")},
    "TimeSignature": {"numerator", "denominator", "id"},
}  # fmt: skip
UNITS = {"linear", "normalized", "percent", "decibel", "hertz", "semitones", "seconds", "bpm"}
BANDS = {"highPass", "lowPass", "bandPass", "highShelf", "lowShelf", "bell", "notch"}
ROLES = {"regular", "master", "effect", "submix", "vca"}


def check(root):
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    for element in root.iter():
        missing = REQUIRED.get(element.tag, set()) - set(element.keys())
        assert not missing, (element.tag, missing)
        order = ORDER.get(element.tag)
        if order is not None:
            places = [order.index(child.tag) for child in element]
            assert places == sorted(places), element.tag
        assert element.get("unit", "linear") in UNITS
        assert element.get("role", "regular") in ROLES
        assert element.get("deviceRole", "audioFX") == "audioFX"
        if element.tag == "Band":
            assert element.get("type") in BANDS
        if element.get("destination"):
            assert element.get("destination") in ids


def opened(path):
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return ElementTree.fromstring(files["project.xml"]), files


def test_it_keeps_to_the_schema_and_holds_the_values(export, eq_preset):
    exported = export(eq_preset, "dawproject")
    root, files = opened(one(exported, ".dawproject"))
    check(root)
    assert ElementTree.fromstring(files["metadata.xml"]).findtext("Title") == eq_preset.name
    bands = root.findall(".//Equalizer/Band")
    assert [b.get("type") for b in bands] == (
        ["highPass", "lowShelf"] + ["bell"] * 6 + ["highShelf", "lowPass"]
    )
    third = bands[4]
    values = ALL_STAGES.values
    assert float(third.find("Freq").get("value")) == values["bell_3_frequency_hz"]
    assert float(third.find("Gain").get("value")) == values["bell_3_gain_db"]
    assert float(third.find("Q").get("value")) == values["bell_3_q"]
    assert float(root.find(".//OutputGain").get("value")) == -6.0
    assert exported.fidelity == "approximate"
    assert exported.left_out == ()


def test_hosted_plugins_stand_in_signal_order_with_their_states(export, full_preset):
    plugins = (
        HostedPlugin("First", "A" * 32, place="before", state=b"one"),
        HostedPlugin("Last", "B" * 32, enabled=False, state=b"two"),
    )
    exported = export(replace(full_preset, plugins=plugins), "dawproject")
    root, files = opened(one(exported, ".dawproject"))
    check(root)
    devices = list(root.find(".//Devices"))
    assert [d.get("deviceName") for d in devices] == ["First", "Equalizer", "Last"]
    assert [d.find("Enabled").get("value") for d in devices] == ["true", "true", "false"]
    states = [files[d.find("State").get("path")] for d in devices if d.tag == "Vst3Plugin"]
    assert states == [b"one", b"two"]
    assert one(exported, " room.wav").is_file()


@pytest.mark.parametrize("name", ["a\ufffeb", "<x & 'y'>", 'quote " and ]]>'])
def test_any_name_gives_well_formed_xml(export, eq_preset, name):
    root, _ = opened(one(export(replace(eq_preset, name=name), "dawproject"), ".dawproject"))
    assert root.find(".//Track").get("name") == name.replace("\ufffe", "")
