"""The rack of an open document."""

from __future__ import annotations

import os
import signal

import pytest

from tests.plugins.conftest import zam
from text2fx_studio.errors import PluginCrashError, PluginError, UsageError
from text2fx_studio.plugins import library
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.plugins.live import LiveRack

A, B, C, D = (
    HostedPlugin(name, name * 32, place="before" if name in "AB" else "after", state=b"s")
    for name in "ABCD"
)


def names(rack: LiveRack) -> list[str]:
    return [f"{p.name}{'<' if p.place == 'before' else '>'}" for p in rack.plugins]


def test_order_and_sides_without_any_plugin_installed():
    rack = LiveRack([C, A, D, B])
    assert names(rack) == ["A<", "B<", "C>", "D>"]
    keys = {slot["title"]: slot["key"] for slot in rack.slots()}
    rack.move(keys["A"], 1)
    assert names(rack) == ["B<", "A<", "C>", "D>"]
    rack.move(keys["A"], 1)  # over the app's own effects
    assert names(rack) == ["B<", "A>", "C>", "D>"]
    rack.move(keys["B"], -1)
    rack.move(keys["D"], 1)
    assert names(rack) == ["B<", "A>", "C>", "D>"]
    rack.move(keys["D"], -1)
    assert names(rack) == ["B<", "A>", "D>", "C>"]
    rack.enable(keys["C"], False)
    rack.remove(keys["B"])
    assert [p.enabled for p in rack.plugins] == [True, True, False]
    assert {p.state for p in rack.plugins} == {b"s"}


def test_a_missing_plugin_is_a_slot_that_says_so():
    rack = LiveRack([A])
    (key,) = (slot["key"] for slot in rack.slots())
    rack.load(key)
    (slot,) = rack.slots()
    assert slot["missing"]
    assert "is not installed here" in slot["problem"]
    with pytest.raises(PluginError, match="is not installed"):
        rack.set_raw(key, "x", 0.5)
    assert rack.plugins == (A,)


def test_set_keep_and_come_back():
    info = library.find(str(zam("ZamEQ2")))
    with LiveRack() as rack:
        key = rack.add(info, "before")
        parameter = rack.set_value(key, "frequency_l", 432.0)
        assert parameter.text.startswith("432")
        assert rack.set_raw(key, "frequency_l", parameter.raw).text == parameter.text
        with pytest.raises(PluginError, match="20 to 14000"):
            rack.set_value(key, "frequency_l", 1.0)
        kept = rack.plugins
    with LiveRack(kept) as again:
        (slot,) = again.slots()
        assert not slot["loaded"]
        again.load(slot["key"])
        (slot,) = again.slots()
        texts = {p["key"]: p["text"] for p in slot["parameters"]}
        assert texts["frequency_l"] == parameter.text
        assert again.plugins == kept


def test_a_crash_leaves_the_slot_and_its_state():
    with LiveRack() as rack:
        key = rack.add(library.find(str(zam("ZamEQ2"))))
        rack.set_value(key, "boost_cut_l", -3.0)
        kept = rack.plugins
        os.kill(rack._slots[0].host._process._process.pid, signal.SIGKILL)
        with pytest.raises(PluginCrashError):
            rack.set_raw(key, "boost_cut_l", 0.1)
        assert rack.plugins == kept
        (slot,) = rack.slots()
        assert "crashed (SIGKILL)" in slot["problem"]
        rack.load(key)  # and it can be loaded anew
        (slot,) = rack.slots()
        assert (slot["loaded"], slot["problem"]) == (True, "")
        assert rack.plugins == kept


def test_a_full_rack():
    rack = LiveRack([A] * 16)
    info = library.PluginInfo("/x.vst3", "", "ok", name="X", widths=(2,))
    with pytest.raises(UsageError, match="16 plugins"):
        rack.add(info)
