import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu

from ui.views.batch_model import BatchModel, BatchRow
from ui.views.batch_page import BatchPage
from ui.views.gallery_pages import BATCH


@pytest.fixture
def page(qtbot, theme) -> BatchPage:
    made = BatchPage()
    qtbot.addWidget(made)
    made.resize(980, 460)
    made.show()
    return made


def choose(page: BatchPage, *rows: int) -> None:
    page.table.clearSelection()
    flag = page.table.selectionModel().SelectionFlag
    for row in rows:
        page.table.selectionModel().select(page.model.index(row, 0), flag.Select | flag.Rows)


def test_the_model_keeps_qts_rules_while_it_changes(qtmodeltester):
    model = BatchModel()
    qtmodeltester.check(model, force_py=True)
    model.add(BATCH)
    model.change("d", status="done", share=1.0)
    model.remove("a")
    qtmodeltester.check(model, force_py=True)
    assert [r.key for r in model.rows()] == list("bcdefgh")


def test_a_file_stands_once_and_unknown_keys_do_no_harm():
    model = BatchModel()
    twice = BatchRow("a", "a.wav")
    assert model.add([twice, twice]) == 1
    assert model.add([twice]) == 0
    model.change("gone", status="done")
    model.remove("gone")
    assert model.rowCount() == 1


def test_the_button_asks_only_with_files_words_and_folder(page, qtbot):
    told = []
    page.run_requested.connect(lambda *words: told.append(words))
    tips = [page._run.toolTip()]
    page.add_rows([BatchRow("a", "a.wav")])
    tips.append(page._run.toolTip())
    page.field.set_prompt("warm")
    tips.append(page._run.toolTip())
    page.set_output("/out")
    tips.append(page._run.toolTip())
    assert tips == [
        "Add files first", "Say how the files should sound first",
        "Choose a folder for the results first", "Shape 1 files",
    ]  # fmt: skip
    qtbot.keyClick(page.field, Qt.Key.Key_Return)
    assert told == [("warm", "eq,reverb", "/out")]


def test_progress_and_fates_are_summed_up(page):
    page.add_rows(BATCH)
    page.set_running(True)
    page.set_eta_s(200)
    assert page._summary.text() == (
        "6 of 8 files: 3 done, 1 failed, 1 skipped, 1 cancelled · 3:20 left"
    )
    assert page._progress.value() == 6 * 100 + 62
    assert page.model.index(3, 1).data() == "62 %"
    assert page.model.index(2, 4).data().startswith("the file ends before its header")
    assert page.model.index(6, 2).data() == "0.31 → 0.30"
    page.grab()


def test_stop_cancels_what_has_not_ended(page, qtbot):
    page.add_rows(BATCH)
    page.set_running(True)
    with qtbot.waitSignal(page.cancel_requested) as caught:
        qtbot.mouseClick(page._run, Qt.MouseButton.LeftButton)
    assert caught.args == [("d", "e")]


def test_the_failed_and_cancelled_are_retried_together(page, qtbot):
    page.add_rows(BATCH)
    with qtbot.waitSignal(page.retry_requested) as caught:
        qtbot.mouseClick(page._retry, Qt.MouseButton.LeftButton)
    assert caught.args == [("c", "h")]
    page.set_running(True)
    assert not page._retry.isEnabled()


def test_one_row_is_opened_removed_or_cancelled_by_key(page, qtbot):
    page.add_rows(BATCH)
    choose(page, 0)
    with qtbot.waitSignal(page.open_requested) as caught:
        qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert caught.args == ["a"]
    choose(page, 3)
    with qtbot.waitSignal(page.cancel_requested) as caught:
        qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    assert caught.args == [("d",)], "a running one is cancelled, not taken out"
    choose(page, 0, 1)
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    assert [r.key for r in page.model.rows()] == list("cdefgh")


def test_the_menu_offers_what_fits_the_rows(page):
    page.add_rows(BATCH)
    choose(page, 2)
    QApplication.sendEvent(
        page, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(50, 50), QPoint(50, 50))
    )
    menu = page.findChild(QMenu)
    able = {a.text(): a.isEnabled() for a in menu.actions()}
    assert able == {
        "Open result": False, "Show in folder": False, "Retry": True, "Cancel": False,
        "Remove from list": True,
    }  # fmt: skip
    retried = []
    page.retry_requested.connect(retried.append)
    menu.actions()[2].trigger()
    assert retried == [("c",)]
    menu.close()


def dropped(page: BatchPage, urls: list[QUrl]) -> list[tuple[str, ...]]:
    heard = []
    page.dropped.connect(heard.append)
    data = QMimeData()
    data.setUrls(urls)
    enter = QDragEnterEvent(
        QPoint(50, 200), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(page, enter)
    drop = QDropEvent(
        QPoint(50, 200), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(page, drop)
    return heard


def test_files_and_folders_are_dropped_anywhere(page, tmp_path):
    urls = [QUrl.fromLocalFile(str(tmp_path)), QUrl.fromLocalFile(str(tmp_path / "a b.wav"))]
    assert dropped(page, urls) == [(str(tmp_path), str(tmp_path / "a b.wav"))]


def test_what_lies_elsewhere_is_not_taken(page):
    assert dropped(page, [QUrl("https://example.org/a.wav")]) == []


def test_the_empty_page_opens_the_chooser(page, qtbot):
    page._drop.setFocus()
    with qtbot.waitSignal(page.files_wanted):
        qtbot.keyClick(page._drop, Qt.Key.Key_Space)
    page.grab()
