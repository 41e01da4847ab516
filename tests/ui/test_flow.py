"""The whole way through real widgets: open, prompt, run, stop, accept, undo, hear, save."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtWidgets import QFileDialog, QPushButton

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from tests.ui.window import by_text, open_file, wait
from text2fx_studio.preset import load_preset
from text2fx_studio.session import load_session

RATE = 44_100


def shape(qtbot, window, words, chain="eq"):
    window.parts.prompt.set_chain(chain)
    field = window.parts.prompt.field
    field.setFocus()
    field.clear()
    qtbot.keyClicks(field, words)
    qtbot.keyClick(field, Qt.Key.Key_Escape)  # the completion's list
    qtbot.mouseClick(by_text(window.parts.prompt, "Shape"), Qt.MouseButton.LeftButton)
    assert window.parts.shaping.state == "searching"


def balance_db(chain):
    low, high = chain.frequency_response_db([150.0, 8000.0], RATE)
    return high - low


@pytest.mark.slow
def test_the_main_job_from_drop_to_saved_sound(qtbot, window, loop, tmp_path, monkeypatch):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(loop))])
    assert window.files.drop(data)
    wait(qtbot, lambda: window.parts.recording.overview is not None)
    assert window.parts.sound.waveform.duration_s() == pytest.approx(3.0, abs=0.01)
    assert "drum loop.wav" in window.parts.top._facts.whole_text()

    shape(qtbot, window, "muffled")
    wait(qtbot, lambda: window.parts.shaping.progress.score is not None)
    assert window.parts.prompt.is_running()
    wait(qtbot, lambda: window.parts.shaping.state in ("ready", "no_better"))
    assert window.parts.shaping.state == "ready"
    assert balance_db(window.parts.document.content.heard) < -3.0
    wait(qtbot, lambda: window.parts.card.state() == "ready")
    assert window.parts.document.undo_stack.count() == 1

    qtbot.mouseClick(by_text(window.parts.card, "Accept"), Qt.MouseButton.LeftButton)
    assert window.parts.card.state() == "accepted"

    target = tmp_path / "out.wav"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    window.actions_["save_sound"].trigger()
    wait(qtbot, lambda: window.parts.status.text().startswith("Wrote out.wav"))
    before, after = soundfile.read(loop)[0], soundfile.read(target)[0]
    assert before.shape == after.shape
    assert np.abs(before - after).max() > 0.01

    preset = tmp_path / "mine.t2fx.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(preset), ""))
    window.actions_["save_preset"].trigger()
    saved = load_preset(preset)
    assert saved.chain == window.parts.document.content.heard
    assert (saved.prompt, saved.accepted) == ("muffled", True)


def test_stop_works_at_once_and_keeps_the_best(qtbot, window, loop):
    open_file(qtbot, window, loop)
    shape(qtbot, window, "bright")
    wait(qtbot, lambda: window.parts.shaping.progress.score is not None)
    seen = window.parts.document.content.chain
    qtbot.mouseClick(by_text(window.parts.prompt, "Stop"), Qt.MouseButton.LeftButton)
    assert window.parts.shaping.state == "stopped"
    assert not window.parts.prompt.is_running()
    assert window.parts.document.kept.chain == seen
    qtbot.mouseClick(by_text(window.parts.card, "Discard"), Qt.MouseButton.LeftButton)
    assert window.parts.document.content.heard.is_neutral()
    window.parts.document.undo_stack.undo()
    assert window.parts.document.content.chain == seen


def test_undo_takes_the_proposal_and_its_card_away_and_redo_brings_both_back(qtbot, window, loop):
    open_file(qtbot, window, loop)
    shape(qtbot, window, "muffled")
    wait(qtbot, lambda: window.parts.card.state() == "ready")
    window.actions_._undo[0].trigger()
    assert window.parts.document.content.heard.is_neutral()
    assert window.parts.card.state() == "idle"
    window.actions_._undo[1].trigger()
    assert not window.parts.document.content.heard.is_neutral()
    assert window.parts.card.state() == "accepted"


def shape_in_vain(qtbot, window, monkeypatch):
    """A search whose answer is the engine's own, had nothing been better than dry."""
    shaping = window.parts.shaping
    done = shaping._done
    monkeypatch.setattr(
        shaping, "_done", lambda data: done({**data, "accepted": False, "chain": []})
    )
    shape(qtbot, window, "muffled")
    wait(qtbot, lambda: window.parts.card.state() == "no_better")


def test_using_it_anyway_keeps_what_was_turned_since_and_another_recording_forgets_it(
    qtbot, window, loop, monkeypatch
):
    open_file(qtbot, window, loop)
    shape_in_vain(qtbot, window, monkeypatch)
    by_hand = Reverb({"wet_db": -9.0})
    document = window.parts.document
    document.commit("By hand", chain=document.content.chain.replace(by_hand))
    qtbot.mouseClick(by_text(window.parts.card, "Use it anyway"), Qt.MouseButton.LeftButton)
    assert document.content.heard.get(Reverb) == by_hand
    assert balance_db(document.content.heard) < -3.0
    shape_in_vain(qtbot, window, monkeypatch)
    window.files.open(loop)
    wait(qtbot, lambda: window.parts.shaping.state == "idle")
    assert window.parts.card.state() == "idle"


def test_what_is_no_better_than_dry_is_used_anyway_where_one_asks_for_it(
    qtbot, window, loop, monkeypatch
):
    open_file(qtbot, window, loop)
    shape_in_vain(qtbot, window, monkeypatch)
    assert window.parts.document.content.heard.is_neutral()
    qtbot.mouseClick(by_text(window.parts.card, "Use it anyway"), Qt.MouseButton.LeftButton)
    assert window.parts.card.state() == "accepted"
    assert balance_db(window.parts.document.content.heard) < -3.0
    assert window.parts.document.undo_stack.count() == 1
    assert window.files.preset().score_wet is None  # the scores told are those of the dry sound
    window.actions_._undo[0].trigger()
    assert window.parts.document.content.heard.is_neutral()


def test_amount_scales_what_is_heard_in_one_step(qtbot, window, loop):
    open_file(qtbot, window, loop)
    shape(qtbot, window, "muffled")
    wait(qtbot, lambda: window.parts.card.state() == "ready")
    full = window.parts.document.content.heard
    slider = window.parts.card.amount
    slider.setFocus()
    for _ in range(5):
        qtbot.keyClick(slider, Qt.Key.Key_PageDown)
    qtbot.wait(600)  # keys settle into one gesture
    amount = window.parts.document.kept.amount
    assert amount == pytest.approx(0.5)
    assert window.parts.document.content.heard == full.with_amount(amount)
    window.parts.document.undo_stack.setIndex(1)
    assert window.parts.document.content.heard == full


def test_dragging_a_node_is_heard_drawn_and_undone_in_one_step(qtbot, window, loop):
    open_file(qtbot, window, loop)
    view = window.parts.eq.view
    start = view.node_position("bell_4").toPoint()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 6):
        qtbot.mouseMove(view, start + QPoint(0, -8 * step))
    gain = window.parts.document.content.heard.get(Equalizer).values["bell_4_gain_db"]
    assert gain > 1.0
    assert window.parts.document.undo_stack.count() == 0
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(0, -40))
    assert window.parts.document.undo_stack.count() == 1
    wait(qtbot, lambda: window.parts.listening._player is not None)
    assert window.parts.listening._player.state.chain == window.parts.document.content.heard
    window.actions_._undo[0].trigger()
    assert window.parts.document.content.heard.is_neutral()


def test_a_b_by_keys_and_level_matching_by_figures(qtbot, window, loop):
    open_file(qtbot, window, loop)
    louder = Chain((Equalizer({"low_shelf_gain_db": 12.0}), Reverb()))
    window.parts.document.commit("Louder", chain=louder)
    wait(qtbot, lambda: window.parts.listening._player is not None)
    window.parts.sound.waveform.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert window.parts.top.ab.is_wet()
    player = window.parts.listening._player
    assert player.state.wet
    assert player.state.match_db < -2.0
    window.listen.set_matching(False)
    assert player.state.match_db == 0.0
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert not player.state.wet
    qtbot.keyClick(window, Qt.Key.Key_Space)
    wait(qtbot, lambda: window.parts.listening.position_s > 0.1)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    wait(qtbot, lambda: not window.parts.listening.playing)


def test_bare_keys_type_words_while_the_prompt_has_the_focus(qtbot, window, loop):
    open_file(qtbot, window, loop)
    field = window.parts.prompt.field
    field.setFocus()
    qtbot.keyClicks(field, "a b 1")
    assert field.prompt() == "a b 1"
    assert not window.parts.top.ab.is_wet()
    assert window.parts.document.content.snapshots == {}


def test_snapshots_by_keys(qtbot, window, loop):
    open_file(qtbot, window, loop)
    window.parts.sound.waveform.setFocus()
    first = Chain((Equalizer({"bell_1_gain_db": 3.0}), Reverb()))
    window.parts.document.commit("First", chain=first)
    qtbot.keyClick(window, Qt.Key.Key_1)
    window.actions_["neutral"].trigger()
    assert window.parts.document.content.heard.is_neutral()
    qtbot.keyClick(window, Qt.Key.Key_1)
    assert window.parts.document.content.heard == first
    for _ in range(3):
        window.actions_._undo[0].trigger()
    assert window.parts.document.content.snapshots == {}


@pytest.mark.slow
def test_the_engine_may_die_in_the_middle_of_a_search(qtbot, window, loop):
    open_file(qtbot, window, loop)
    shape(qtbot, window, "bright")
    wait(qtbot, lambda: window.parts.shaping.progress.score is not None)
    os.kill(window.parts.engine.pid, signal.SIGKILL)
    wait(qtbot, lambda: window.parts.shaping.state == "failed")
    assert window.parts.document.content.heard.is_neutral()
    assert "restarted after a crash" in window.parts.status.text() or (
        "stopped unexpectedly" in window.parts.status.text()
    )
    shape(qtbot, window, "bright")
    wait(qtbot, lambda: window.parts.shaping.state in ("ready", "no_better"))


def test_a_broken_file_is_told_and_the_open_one_stays(qtbot, window, loop, tmp_path):
    open_file(qtbot, window, loop)
    bad = tmp_path / "notes.wav"
    bad.write_text("this is no sound")
    window.files.open(bad)
    wait(qtbot, lambda: "notes.wav" in window.parts.status.text())
    assert window.parts.recording.info.path == loop
    assert window.parts.document.source == loop


def test_without_a_sound_card_everything_else_works(qtbot, silent_window, loop):
    open_file(qtbot, silent_window, loop)
    wait(qtbot, lambda: "PortAudio" in silent_window.parts.status.output.text())
    shape(qtbot, silent_window, "bright")
    wait(qtbot, lambda: silent_window.parts.shaping.state in ("ready", "no_better"))


def test_what_was_open_comes_back_after_a_crash(qtbot, make_window, loop):
    window = make_window()
    open_file(qtbot, window, loop)
    chain = Chain((Equalizer({"bell_1_gain_db": 3.0}), Reverb()))
    window.parts.document.commit("By hand", chain=chain)
    window.parts.prompt.field.set_prompt("warm")
    wait(qtbot, lambda: (load_session() or window.session()).chain == chain)
    wait(qtbot, lambda: load_session() is not None and load_session().prompt == "warm")
    assert not load_session().clean
    again = make_window()
    again.start()
    wait(qtbot, lambda: again.parts.document.content.heard == chain)
    assert again.parts.prompt.field.prompt() == "warm"
    again.close()
    assert load_session().clean


def test_corrupt_settings_are_told_and_the_window_opens(qtbot, make_window):
    from text2fx_studio.settings import settings_file

    settings_file().parent.mkdir(parents=True)
    settings_file().write_text("{ not json")
    window = make_window()
    window.start(restore=False)
    assert "settings could not be read" in window.parts.status.text()


def test_every_button_has_a_name_for_screen_readers(window):
    for button in window.findChildren(QPushButton):
        assert button.text() or button.accessibleName(), button


def test_the_shaped_sound_can_be_dragged_out_as_a_file(qtbot, window, loop):
    open_file(qtbot, window, loop)
    handle = window.parts.top.drag_out
    assert not handle.mime().hasUrls()
    window.parts.document.commit("By hand", chain=Chain((Equalizer({"bell_1_gain_db": 6.0}),)))
    qtbot.mouseClick(handle, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: handle.ready)
    (url,) = handle.mime().urls()
    assert soundfile.info(url.toLocalFile()).frames == soundfile.info(loop).frames
    window.parts.document.undo_stack.undo()
    assert not handle.ready  # another setting: the copy is out of date
