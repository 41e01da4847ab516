import pytest
from PySide6.QtCore import QPointF, Qt

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from tests.ui.views.mouse import drag
from ui.views.eq_panel import EqPanel
from ui.views.eq_table_model import EqTableModel


@pytest.fixture
def panel(qtbot, theme) -> EqPanel:
    made = EqPanel()
    qtbot.addWidget(made)
    made.resize(760, 380)
    made.set_chain(Chain((Equalizer({"bell_4_gain_db": -4.2}),)))
    made.show()
    return made


def test_the_model_keeps_qts_rules(qtmodeltester):
    model = EqTableModel()
    model.set_equalizer(Equalizer({"bell_4_gain_db": -4.2}))
    qtmodeltester.check(model, force_py=True)


def test_typed_values_reach_chain_and_curve(panel, qtbot):
    panel.show_table(True)
    table, model = panel.table, panel.table.bands_model
    table.setFocus()
    table.setCurrentIndex(model.index(5, 1))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    edit = table.focusWidget() or table
    editor = table.indexWidget(model.index(5, 1)) or edit
    from PySide6.QtWidgets import QLineEdit

    editor = table.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "2 kHz")
    with qtbot.waitSignal(panel.chain_committed) as caught:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert caught.args[0].get(Equalizer).values["bell_4_frequency_hz"] == 2000.0
    assert caught.args[1] == "Bell 4, 2.00 kHz, −4.2 dB, Q 1.00"
    assert panel.view.chain() == caught.args[0]


def test_space_switches_a_band_and_brings_it_back(panel, qtbot):
    panel.show_table(True)
    table, model = panel.table, panel.table.bands_model
    table.setFocus()
    table.setCurrentIndex(model.index(5, 0))
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert panel.chain().get(Equalizer) == Equalizer()
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert panel.chain().get(Equalizer).values["bell_4_gain_db"] == -4.2
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert panel.chain().get(Equalizer) == Equalizer()


def test_a_text_that_cannot_be_read_is_refused_in_words(panel):
    model = panel.table.bands_model
    assert not model.setData(model.index(5, 2), "plenty")
    assert panel.facts() == "'plenty' is not a number; dB is understood"
    assert not model.setData(model.index(0, 2), "3"), "a high-pass has no gain"


def test_confirming_the_shown_text_keeps_the_exact_value(panel, qtbot):
    exact = 1234.5678
    panel.set_chain(Chain((Equalizer({"bell_4_frequency_hz": exact}),)))
    model = panel.table.bands_model
    index = model.index(5, 1)
    assert model.setData(index, index.data(Qt.ItemDataRole.EditRole))
    assert panel.chain().get(Equalizer).values["bell_4_frequency_hz"] == exact


def test_choosing_a_row_chooses_the_node_and_back(panel):
    panel.table.setCurrentIndex(panel.table.bands_model.index(8, 1))
    assert panel.view.selected_band() == "high_shelf"
    panel.view.select("bell_2")
    assert panel.table.currentIndex().row() == 3


def test_a_drag_shows_in_the_table_while_it_moves(panel):
    start = panel.view.node_position("bell_6")
    drag(panel.view, start, QPointF(start.x(), panel.view._plot().y(4.0)))
    assert panel.table.bands_model.index(7, 2).data() == "+4.0 dB"


def test_the_power_button_bypasses_and_keeps_the_values(panel, qtbot):
    with qtbot.waitSignal(panel.chain_committed) as caught:
        panel._power.click()
    eq = caught.args[0].get(Equalizer)
    assert not eq.enabled
    assert eq.values["bell_4_gain_db"] == -4.2
    assert panel.facts() == "off"
    panel.set_chain(Chain((Reverb(),)))
    assert not panel._power.isEnabled()
    assert panel.table.bands_model.rowCount() == 0


def test_while_searching_the_table_is_read_only(panel):
    panel.set_editable(False)
    model = panel.table.bands_model
    assert not model.setData(model.index(5, 2), "3")
    assert not model.flags(model.index(5, 2)) & Qt.ItemFlag.ItemIsEditable


def test_the_power_button_stays_off_limits_while_the_search_moves_the_curve(panel):
    panel.set_editable(False)
    panel.set_chain(Chain((Equalizer({"bell_2_gain_db": 1.0}),)))
    assert not panel._power.isEnabled()
    panel.set_editable(True)
    assert panel._power.isEnabled()
