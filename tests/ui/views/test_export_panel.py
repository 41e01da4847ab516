import pytest
from PySide6.QtCore import Qt

from ui.views.export_model import ExportModel
from ui.views.export_panel import ExportPanel
from ui.views.gallery_pages import EXPORTS


@pytest.fixture
def panel(qtbot, theme) -> ExportPanel:
    made = ExportPanel()
    qtbot.addWidget(made)
    made.resize(860, 480)
    made.set_rows(EXPORTS)
    made.show()
    return made


def names(row: int) -> str:
    return EXPORTS[row].name


def tick(panel, qtbot, row: int) -> None:
    panel.table.setCurrentIndex(panel._model.index(row, 0))
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Space)


def test_the_model_keeps_qts_rules(qtmodeltester):
    model = ExportModel()
    model.set_rows(EXPORTS)
    qtmodeltester.check(model, force_py=True)


def test_nothing_can_be_exported_without_target_and_folder(panel, qtbot):
    assert not panel._export.isEnabled()
    assert panel._export.toolTip() == "Tick a target first"
    tick(panel, qtbot, 1)
    assert panel._export.toolTip() == "Choose a folder first"
    panel.set_folder("/somewhere")
    assert panel._export.isEnabled()


def test_ticked_targets_are_asked_for_in_order(panel, qtbot):
    panel.set_folder(" /somewhere ")
    for row in (3, 1):
        tick(panel, qtbot, row)
    assert panel._export.text() == "Export 2 targets"
    with qtbot.waitSignal(panel.export_requested) as caught:
        qtbot.mouseClick(panel._export, Qt.MouseButton.LeftButton)
    assert caught.args == [(names(1), names(3)), "/somewhere", False]
    panel._overwrite.setChecked(True)
    with qtbot.waitSignal(panel.export_requested) as caught:
        panel._export.click()
    assert caught.args[2] is True


def test_a_target_that_can_hold_nothing_cannot_be_ticked(panel, qtbot):
    last = len(EXPORTS) - 1
    tick(panel, qtbot, last)
    assert panel.chosen() == ()
    assert "It can hold nothing of this setting" in panel._details.text()


def test_what_is_not_carried_is_said(panel):
    panel.table.selectRow(3)
    assert "Not carried: the reverb." in panel._details.text()
    assert "Opened by Ardour, Carla, REAPER." in panel._details.text()
    panel.table.selectRow(5)
    assert "Experimental" in panel._details.text()


def test_ticks_survive_another_setting_where_they_can(panel, qtbot):
    tick(panel, qtbot, 1)
    tick(panel, qtbot, 3)
    from dataclasses import replace

    panel.set_rows([replace(row, fidelity="nothing") if row.name == names(3) else row
                    for row in EXPORTS])  # fmt: skip
    assert panel.chosen() == (names(1),)


def test_written_files_can_be_dragged_out_and_problems_cannot(panel, qtbot, tmp_path):
    file = tmp_path / "wärm.wav"
    panel.add_result(str(file), "wärm.wav")
    panel.add_result("", "LSP preset", "there is a file of that name")
    assert panel.files.isVisible()
    items = [panel.files.item(row) for row in range(2)]
    urls = panel.files.mimeData(items).urls()
    assert [u.toLocalFile() for u in urls] == [str(file)]
    assert not items[1].flags() & Qt.ItemFlag.ItemIsDragEnabled
    assert items[1].text() == "LSP preset: there is a file of that name"
    panel.files.setCurrentRow(0)
    with qtbot.waitSignal(panel.reveal_requested) as caught:
        qtbot.keyClick(panel.files, Qt.Key.Key_Return)
    assert caught.args == [str(file)]
    panel.clear_results()
    assert panel.files.paths() == []
