"""The pages through their real widgets: presets, export, batch with a bad file, settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile
from PySide6.QtCore import Qt

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from tests.ui.window import by_text, open_file, wait
from text2fx_studio.demo import demo_loop
from text2fx_studio.export.registry import find_target
from text2fx_studio.preset_library import user_folder
from text2fx_studio.settings import load_settings
from ui.pages.batch import rows_of, target_of
from ui.pages.export import row_of

RATE = 44_100
CHAIN = Chain((Equalizer({"bell_1_gain_db": 3.0}), Reverb({"wet_db": -12.0, "t60_s": 0.5})))


def test_presets_are_found_heard_used_kept_and_deleted(qtbot, window, loop):
    open_file(qtbot, window, loop)
    window.show_page("presets")
    page = window.pages._presets
    wait(qtbot, lambda: len(page.view.shown_names()) > 10)
    page.view.select("telephone")
    before = window.parts.document.content
    qtbot.mouseClick(by_text(page.view, "Audition"), Qt.MouseButton.LeftButton)
    assert not window.parts.document.content.heard.is_neutral()
    assert window.parts.document.undo_stack.count() == 0
    window.show_page("sound")
    assert window.parts.document.content == before
    window.show_page("presets")
    page.view.select("telephone")
    qtbot.mouseClick(by_text(page.view, "Use"), Qt.MouseButton.LeftButton)
    used = window.parts.document.content.heard
    assert window.parts.document.undo_stack.count() == 1
    page.save("My phone", ("phone",))
    wait(qtbot, lambda: "My phone" in page.view.shown_names())
    page._favour("My phone", True)
    wait(qtbot, lambda: load_settings()[0].favourites == ("My phone",))
    page.delete("My phone")
    assert not list(user_folder().glob("*.json"))
    wait(qtbot, lambda: "My phone" not in page.view.shown_names())
    qtbot.mouseClick(window.parts.status._action, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: "My phone" in page.view.shown_names())
    assert window.parts.document.content.heard == used


def test_what_a_target_carries_depends_on_the_setting():
    apo, lsp = find_target("equalizer-apo"), find_target("lv2-lsp")
    assert row_of(lsp, CHAIN).fidelity == "lossy"
    assert row_of(lsp, CHAIN).left_out == ("reverb",)
    assert row_of(lsp, Chain((CHAIN.get(Reverb),))).fidelity == "nothing"
    assert row_of(lsp, Chain((CHAIN.get(Equalizer),))).fidelity == "exact"
    assert row_of(apo, CHAIN).left_out == ()


def test_exports_are_written_and_nothing_is_replaced_unasked(qtbot, window, loop, tmp_path):
    open_file(qtbot, window, loop)
    window.parts.document.commit("By hand", chain=CHAIN)
    window.show_page("export")
    page, folder = window.pages._export, tmp_path / "out"
    names = ("equalizer-apo", "lv2-lsp")
    page.export(names, str(folder), False)
    wait(qtbot, lambda: window.parts.status.text() == "Exported for 2 targets")
    written = sorted(p.name for p in folder.iterdir())
    assert any(name.endswith(".txt") for name in written)
    page.export(names, str(folder), False)
    wait(qtbot, lambda: "exports failed" in window.parts.status.text())
    assert sorted(p.name for p in folder.iterdir()) == written


@pytest.mark.slow
def test_a_batch_with_one_bad_file_does_the_others(qtbot, window, loop, tmp_path):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.wav", "deep/b ü.wav"):
        soundfile.write(folder / name, demo_loop(1.0).T, RATE)
    (folder / "bad.wav").write_text("no sound")
    window.files.folders_dropped.emit([folder])
    page = window.pages.batch
    wait(qtbot, lambda: len(page.view.model.rows()) == 3)
    out = tmp_path / "out"
    page.view.field.set_prompt("muffled")
    page.view._chain.set_value("eq")
    page.view.set_output(str(out))
    qtbot.mouseClick(by_text(page.view, "Shape all"), Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: all(r.status in ("done", "failed") for r in page.view.model.rows()))
    states = {row.name: row for row in page.view.model.rows()}
    assert states["a.wav"].status == states["deep/b ü.wav"].status == "done"
    assert states["bad.wav"].status == "failed"
    assert "bad.wav" in states["bad.wav"].message
    made = sorted(p.relative_to(out).as_posix() for p in out.rglob("*.wav"))
    assert made == ["a.wav", "deep/b ü.wav"]
    assert json.loads((out / "a.wav.t2fx.json").read_text())["prompt"] == "muffled"


@pytest.mark.slow
def test_a_batch_can_be_stopped_and_taken_up_again(qtbot, window, loop, tmp_path):
    page = window.pages.batch
    window.show_page("batch")
    page.add([loop])
    wait(qtbot, lambda: len(page.view.model.rows()) == 1)
    page.run("bright", "eq", str(tmp_path / "out"))
    key = str(loop.resolve())
    wait(qtbot, lambda: page.view.model.rows()[0].status == "running")
    page.cancel((key,))
    assert page.view.model.rows()[0].status == "cancelled"
    assert not list((tmp_path / "out").rglob("*.wav"))
    page.retry((key,))
    wait(qtbot, lambda: page.view.model.rows()[0].status == "done")
    assert Path(page.view.model.rows()[0].output).is_file()
    before = (tmp_path / "out" / loop.name).stat().st_mtime_ns
    page.retry((key,))
    wait(qtbot, lambda: page.view.model.rows()[0].status == "skipped")
    assert page.view.model.rows()[0].message == "done before, and nothing has changed"
    assert (tmp_path / "out" / loop.name).stat().st_mtime_ns == before


@pytest.mark.slow
def test_one_file_is_cancelled_and_the_others_go_on(qtbot, window, loop, tmp_path):
    page = window.pages.batch
    second = tmp_path / "second.wav"
    second.write_bytes(loop.read_bytes())
    page.add([loop, second])
    wait(qtbot, lambda: len(page.view.model.rows()) == 2)
    page.run("bright", "eq", str(tmp_path / "out"))
    wait(qtbot, lambda: page.view.model.rows()[0].status == "running")
    page.cancel((str(loop.resolve()),))
    wait(qtbot, lambda: page.view.model.rows()[1].status == "done")
    assert page.view.model.rows()[0].status == "cancelled"
    assert not (tmp_path / "out" / loop.name).exists()


def test_the_originals_are_never_the_target(qtbot, window, loop):
    page = window.pages.batch
    page.add([loop])
    wait(qtbot, lambda: len(page.view.model.rows()) == 1)
    before = loop.read_bytes()
    page.run("bright", "eq", str(loop.parent))
    assert page.view.model.rows()[0].status == "failed"
    assert loop.read_bytes() == before


def test_mp3_results_become_wav_and_trees_are_kept(tmp_path):
    (tmp_path / "x" / "y").mkdir(parents=True)
    for name in ("x/y/one.mp3", "x/two.flac", "x/notes.txt"):
        (tmp_path / name).touch()
    rows = rows_of([tmp_path / "x"])
    out = tmp_path / "out"
    assert [target_of(r, out).relative_to(out).as_posix() for r in rows] == [
        "two.flac",
        "y/one.wav",
    ]


def test_settings_are_kept_and_applied_at_once(qtbot, window):
    window.show_page("settings")
    view = window.pages._settings.view
    view.changed.emit("theme", "light")
    assert window._theme.mode == "light"
    view.changed.emit("seed", 7)
    view.changed.emit("theme", "dark")
    wait(qtbot, lambda: load_settings()[0].seed == 7)


def test_a_file_that_is_no_checkpoint_is_told(qtbot, window, tmp_path):
    window.show_page("settings")
    page = window.pages._settings
    path = tmp_path / "weights.pt"
    path.write_bytes(b"nothing of the kind")
    page.check(str(path))
    wait(qtbot, lambda: "weights.pt" in page.view._status.text())
    page.download("fxsem")
    assert "bundled" in page.view._status.text()


def test_the_shortcuts_are_shown(qtbot, window):
    from ui.pages.help import KeysDialog

    window.actions_["keys"].trigger()
    (dialog,) = window.findChildren(KeysDialog)
    assert dialog.isVisible()
    dialog.close()


def test_lists_keep_their_own_keys(qtbot, window):
    """Space ticks and Home goes up in a list; they neither play nor rewind."""
    window.show_page("export")
    panel = window.pages.page("export")
    panel.table.setFocus()
    panel.table.setCurrentIndex(panel.table.model().index(3, 2))
    qtbot.keyClick(panel.table, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(panel.chosen()) == 1)
    qtbot.keyClick(panel.table, Qt.Key.Key_Space)
    assert panel.chosen() == ()
    window.reveal("eq")
    window.parts.eq.show_table(True)
    table = window.parts.eq.table
    table.setFocus()
    table.setCurrentIndex(table.model().index(2, 2))
    qtbot.keyClick(table, Qt.Key.Key_4)
    assert "D" not in window.parts.document.content.snapshots
    assert table.state() == table.State.EditingState
