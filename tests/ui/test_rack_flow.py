"""The rack page through its real widgets, with real plugins and ones that fail when loaded."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import Qt

from dsp.chain import Chain
from tests.plugins.conftest import zam
from tests.plugins.fake_plugin import make_bundle
from tests.ui.window import by_text, open_file, wait
from text2fx_studio.demo import demo_loop
from text2fx_studio.errors import CancelledError
from text2fx_studio.plugins import library
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.preset import Preset, load_preset, save_preset
from text2fx_studio.preset_library import user_folder
from text2fx_studio.session import Session, load_session
from ui.views.plugin_value import readable

RATE = 44_100
GONE = HostedPlugin("Gone", "A" * 32, state=b"\x00kept")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The only plugin folder of this test."""
    made = tmp_path / "vst3"
    made.mkdir()
    monkeypatch.setenv("TEXT2FX_PLUGIN_PATH", str(made))
    return made


@pytest.fixture
def eq(folder):
    """A real equalizer in it."""
    return shutil.copytree(zam("ZamEQ2"), folder / "ZamEQ2.vst3")


@pytest.fixture
def loop(tmp_path):
    path = tmp_path / "loop.wav"
    soundfile.write(path, demo_loop(2.0).T, RATE, subtype="PCM_24")
    return path


def settled(window):
    return not window.pages.rack.racking.busy and not window.pages.rack.scanning


def open_rack(qtbot, window):
    window.show_page("rack")
    wait(qtbot, lambda: settled(window))
    return window.pages.rack


def add(qtbot, window, words):
    """Add a plugin as a person does: button, words, Enter."""
    rack = window.pages.rack
    before = len(window.parts.document.content.plugins)
    qtbot.mouseClick(by_text(rack.view, "Add plugin"), Qt.MouseButton.LeftButton)
    qtbot.keyClicks(rack.view._search, words)
    qtbot.keyClick(rack.view._search, Qt.Key.Key_Return)
    wait(qtbot, lambda: len(window.parts.document.content.plugins) == before + 1)
    rack.view._search.clear()


def titles(rack):
    return [rack.view._model.index(row, 0).data() for row in range(rack.view._model.rowCount())]


def gain_db(rack):
    return next(
        p["text"] for s in rack._slots for p in s["parameters"] if p["key"] == "master_gain"
    )


def test_add_set_bypass_move_remove_and_undo(qtbot, window, eq):
    rack = open_rack(qtbot, window)
    document, view = window.parts.document, rack.view
    add(qtbot, window, "zameq")
    assert titles(rack) == ["Equalizer and reverb", "ZamEQ2"]
    assert view.selected().title == "ZamEQ2"
    start = gain_db(rack)
    qtbot.keyClick(view.parameters.sliders["master_gain"], Qt.Key.Key_Left)
    wait(qtbot, lambda: document.undo_stack.count() == 2)
    assert document.undo_stack.undoText() == "ZamEQ2: Master Gain"
    moved = gain_db(rack)
    assert float(moved.split()[0]) < float(start.split()[0])
    assert view.parameters.values["master_gain"].text() == readable(moved, "dB")
    qtbot.keyClick(view.slots, Qt.Key.Key_Space)
    wait(qtbot, lambda: not document.content.plugins[0].enabled)
    qtbot.keyClick(view.slots, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    wait(qtbot, lambda: document.content.plugins[0].place == "before")
    assert titles(rack) == ["ZamEQ2  (bypassed)", "Equalizer and reverb"]
    qtbot.keyClick(view.slots, Qt.Key.Key_Delete)
    wait(qtbot, lambda: not document.content.plugins)
    for _ in range(3):
        document.undo_stack.undo()
    wait(qtbot, lambda: settled(window) and rack._slots and rack._slots[0]["loaded"])
    assert titles(rack) == ["Equalizer and reverb", "ZamEQ2"]
    assert gain_db(rack) == moved
    view.slots.setCurrentIndex(view._model.index(1, 0))
    document.undo_stack.undo()
    wait(qtbot, lambda: settled(window))
    assert gain_db(rack) == start
    assert view.parameters.values["master_gain"].text() == readable(start, "dB")
    document.undo_stack.redo()
    wait(qtbot, lambda: settled(window))
    assert gain_db(rack) == moved


def test_a_value_is_typed_in_the_plugins_own_unit(qtbot, window, eq):
    rack = open_rack(qtbot, window)
    add(qtbot, window, "zameq")
    value = rack.view.parameters.values["frequency_l"]
    value.setFocus()
    value.selectAll()
    qtbot.keyClicks(value, "0.432 kHz")
    qtbot.keyClick(value, Qt.Key.Key_Return)
    wait(qtbot, lambda: window.parts.document.undo_stack.count() == 2)
    assert value.text() == "432 Hz"
    value.selectAll()
    qtbot.keyClicks(value, "1")
    qtbot.keyClick(value, Qt.Key.Key_Return)
    wait(qtbot, lambda: "allowed is 20 to 14000 Hz" in window.parts.status.text())
    assert value.text() == "432 Hz"
    assert window.parts.document.undo_stack.count() == 2


@pytest.mark.parametrize(
    ("text", "unit", "shown"),
    [("25.000000", "ms", "25 ms"), ("1.000000", " ", "1"), ("-0.0000010", "dB", "0 dB"),
     ("-6.50", "dB", "−6.5 dB"), ("14000.000", "Hz", "14000 Hz"), ("-3.0 dB", "dB", "−3.0 dB"),
     ("Plate", "", "Plate")],
)  # fmt: skip
def test_values_are_readable(text, unit, shown):
    assert readable(text, unit) == shown


def test_files_presets_and_the_session_carry_it(qtbot, make_window, eq, loop, tmp_path):
    window = make_window()
    open_file(qtbot, window, loop)
    rack = open_rack(qtbot, window)
    add(qtbot, window, "zameq")
    (slot,) = rack._slots
    rack.set_parameter(slot["key"], "master_gain", 0.0)
    wait(qtbot, lambda: window.parts.document.undo_stack.count() == 2)
    quieter_db = float(gain_db(rack).split()[0])
    assert quieter_db < -1.0
    target = tmp_path / "out.wav"
    window.files.save_sound(target)
    wait(qtbot, lambda: window.parts.status.text().startswith("Wrote out.wav"))
    dry, wet = soundfile.read(loop)[0], soundfile.read(target)[0]
    assert 20 * np.log10(wet.std() / dry.std()) == pytest.approx(quieter_db, abs=0.1)
    window.files.save_preset(tmp_path / "mine.t2fx.json")
    plugins = window.parts.document.content.plugins
    assert load_preset(tmp_path / "mine.t2fx.json").plugins == plugins
    window.shape.reset()
    assert [p.enabled for p in window.parts.document.content.plugins] == [False]
    window.files.load_preset(tmp_path / "mine.t2fx.json")
    assert window.parts.document.content.plugins == plugins
    window.close()
    assert load_session().plugins == plugins
    again = make_window()
    again.start()
    wait(qtbot, lambda: again.parts.document.content.plugins == plugins)
    found = open_rack(qtbot, again)
    wait(qtbot, lambda: found._slots and found._slots[0]["loaded"])
    assert gain_db(found) == f"{quieter_db:g} dB" or float(gain_db(found).split()[0]) == quieter_db


def test_one_that_is_not_installed_keeps_its_place_and_state(qtbot, window, folder, loop, tmp_path):
    open_file(qtbot, window, loop)
    window.parts.document.commit("Preset", plugins=(GONE,))
    rack = open_rack(qtbot, window)
    wait(qtbot, lambda: rack._slots and rack._slots[0]["missing"])
    assert titles(rack) == ["Equalizer and reverb", "Gone  (not installed)"]
    rack.view.slots.setCurrentIndex(rack.view._model.index(1, 0))
    assert "Its state is kept" in rack.view._problem.text()
    window.files.save_sound(tmp_path / "out.wav")
    wait(qtbot, lambda: "Gone is not installed here" in window.parts.status.text())
    assert window.parts.document.content.plugins == (GONE,)


def test_one_that_crashes_on_loading_is_set_aside_and_can_be_tried_again(qtbot, window, folder):
    bundle = make_bundle(folder, "Crasher", "crash")
    rack = open_rack(qtbot, window)
    view = rack.view
    view.show_choice(True)
    (item,) = (view._choice.item(row) for row in range(view._choice.count()))
    assert item.text().startswith("Crasher  ·  set aside: ")
    assert "crashed" in item.toolTip()
    assert rack.usable() == []
    shutil.rmtree(bundle)
    shutil.copytree(zam("ZamEQ2"), folder / "ZamEQ2.vst3")
    qtbot.mouseClick(by_text(view, "Try again"), Qt.MouseButton.LeftButton)
    assert rack.scanning
    wait(qtbot, lambda: settled(window))
    assert [key.split("\n")[1] for key in rack.usable()] == ["ZamEQ2"]
    assert view._retry.isHidden()


def test_folders_of_the_settings_are_scanned(qtbot, window, folder, tmp_path):
    rack = open_rack(qtbot, window)
    assert rack.usable() == []
    other = tmp_path / "other"
    shutil.copytree(zam("ZamEQ2"), other / "ZamEQ2.vst3")
    window.parts.store.change(plugin_folders=(str(other),))
    window.show_page("settings")
    open_rack(qtbot, window)
    assert len(rack.usable()) == 1
    add(qtbot, window, "zameq")


def test_a_crash_is_a_message_and_load_again_brings_it_back(qtbot, window, eq):
    rack = open_rack(qtbot, window)
    add(qtbot, window, "zameq")
    kept = window.parts.document.content.plugins
    host = rack.racking._rack._slots[0].host
    os.kill(host._process._process.pid, signal.SIGKILL)
    qtbot.keyClick(rack.view.parameters.sliders["master_gain"], Qt.Key.Key_Left)
    wait(qtbot, lambda: "crashed" in window.parts.status.text())
    wait(qtbot, lambda: settled(window))
    assert titles(rack)[1] == "ZamEQ2  (problem)"
    assert window.parts.document.content.plugins == kept
    qtbot.mouseClick(by_text(rack.view, "Load again"), Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: titles(rack)[1] == "ZamEQ2")


def test_the_window_of_a_plugin_gives_its_state_back_as_one_step(qtbot, window, eq, monkeypatch):
    rack = open_rack(qtbot, window)
    add(qtbot, window, "zameq")
    (slot,) = rack._slots
    changed = rack.racking._rack.plugins[0].state
    rack.set_parameter(slot["key"], "master_gain", 0.0)
    wait(qtbot, lambda: window.parts.document.undo_stack.count() == 2)
    closing = threading.Event()

    def edit(_host, **_):
        assert closing.wait(30)
        return changed

    monkeypatch.setattr(library.PluginHost, "edit", edit)
    qtbot.mouseClick(by_text(rack.view, "Open its window"), Qt.MouseButton.LeftButton)
    assert not by_text(rack.view, "Its window is open").isEnabled()
    closing.set()
    wait(qtbot, lambda: window.parts.document.undo_stack.count() == 3)
    assert window.parts.document.content.plugins[0].state == changed
    assert by_text(rack.view, "Open its window").isEnabled()
    window.parts.document.undo_stack.undo()
    assert window.parts.document.content.plugins[0].state != changed


def test_no_screen_for_its_window_is_a_message(qtbot, window, eq, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    rack = open_rack(qtbot, window)
    add(qtbot, window, "zameq")
    qtbot.mouseClick(by_text(rack.view, "Open its window"), Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: "DISPLAY is not set" in window.parts.status.text())
    wait(qtbot, lambda: settled(window))
    assert window.parts.document.undo_stack.count() == 1


def test_closing_while_a_plugin_hangs_leaves_no_process(qtbot, window, folder):
    bundle = make_bundle(folder, "Hanger", "hang")
    rack = window.pages.rack
    info = library.PluginInfo(str(bundle), "", "ok", name="Hanger", widths=(2,))
    rack._found = {"x": info}
    rack.add("x")
    wait(qtbot, lambda: rack.racking._rack._processes)
    (process,) = rack.racking._rack._processes
    window.close()
    assert not process.alive
    assert library.remembered() == []  # it was us who ended it: no quarantine
    with pytest.raises(CancelledError):
        rack.racking._rack.add(info)


def test_both_panels_are_held_still_during_a_search(window):
    window.shape._show_state("searching")
    assert not window.parts.reverb._editable
    window.shape._show_state("idle")
    assert window.parts.reverb._editable


def test_the_rack_is_heard_while_it_plays(qtbot, window, eq, loop):
    open_file(qtbot, window, loop)
    rack = open_rack(qtbot, window)
    add(qtbot, window, "zameq")
    listening = window.parts.listening
    player = listening._player
    wait(qtbot, lambda: player.rack_settled)
    assert "ms with plugins" in window.parts.status.output.text()
    window.listen.hear(True)
    window.listen.set_matching(False)
    window.listen.set_loop((0.0, 1.0))
    window.listen.play()
    key = rack._slots[0]["key"]
    rack.set_parameter(key, "master_gain", 0.0)  # -12 dB

    def quieter():
        dry, wet = player.tap()
        return wet.std() < 0.3 * dry.std()

    wait(qtbot, quieter)
    wait(qtbot, lambda: listening.match_db == pytest.approx(12.0, abs=1.0))  # told in the switch
    window.parts.document.undo_stack.undo()
    wait(qtbot, lambda: not quieter())
    rack.preview(key, "master_gain", 0.0)
    wait(qtbot, quieter)
    window.listen.play()


def test_snapshots_and_auditions_carry_the_rack(qtbot, window, eq, loop, tmp_path):
    open_file(qtbot, window, loop)
    open_rack(qtbot, window)
    add(qtbot, window, "zameq")
    document = window.parts.document
    with_plugin = document.content.plugins
    window.listen.store(0)
    window.pages.rack.remove(window.pages.rack._slots[0]["key"])
    wait(qtbot, lambda: document.content.plugins == ())
    window.listen.store(1)
    window.listen.press(0)
    assert document.content.plugins == with_plugin
    saved = load_session_of(window)
    assert saved.snapshots["A"].plugins == with_plugin
    assert saved.snapshots["B"].plugins == ()
    window.listen.press(1)
    assert document.content.plugins == ()
    save_preset(Preset(chain=Chain(), name="Racked", plugins=with_plugin), user_file("racked"))
    window.show_page("presets")
    page = window.pages._presets
    page.audition("racked")
    assert document.content.plugins == with_plugin
    page.stop_audition()
    assert document.content.plugins == ()


def load_session_of(window):
    return Session.from_data(json.loads(json.dumps(window.session().to_data())))


def user_file(stem):
    folder = user_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{stem}.t2fx.json"


def test_looking_for_plugins_can_be_stopped(qtbot, window, folder):
    make_bundle(folder, "Hanger", "hang")
    window.show_page("rack")
    rack = window.pages.rack
    wait(qtbot, lambda: rack.scanning)
    qtbot.mouseClick(by_text(rack.view, "Cancel"), Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: not rack.scanning)
    assert "what was found is kept" in window.parts.status.text()
    assert rack.view._scan.isVisible()
