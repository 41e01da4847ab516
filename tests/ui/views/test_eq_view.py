import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from tests.ui.views.mouse import CTRL, SHIFT, double_click, drag, hover, press, release, wheel
from ui.views.eq_menu import BandMenu
from ui.views.eq_plot import CURVE_HZ
from ui.views.eq_view import EqView


@pytest.fixture
def view(qtbot, theme) -> EqView:
    made = EqView()
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.set_chain(Chain((Equalizer(), Reverb({"wet_db": -12.0}))))
    made.show()
    return made


def eq(view: EqView) -> Equalizer:
    return view.chain().get(Equalizer)


class Heard:
    """What a view said, in order."""

    def __init__(self, view: EqView) -> None:
        self.previews: list[Chain] = []
        self.commits: list[tuple[Chain, str]] = []
        view.chain_previewed.connect(self.previews.append)
        view.chain_committed.connect(lambda chain, what: self.commits.append((chain, what)))


def test_dragging_a_node_sets_exactly_the_gain_under_the_pointer(view):
    heard = Heard(view)
    plot = view._plot()
    start = view.node_position("bell_4")
    end = QPointF(plot.axis.x(2000.0), plot.y(6.0))
    drag(view, start, end)
    assert eq(view).values["bell_4_gain_db"] == pytest.approx(6.0, abs=1e-9)
    assert eq(view).values["bell_4_frequency_hz"] == pytest.approx(2000.0, rel=1e-9)
    assert view.node_position("bell_4") == end
    assert len(heard.commits) == 1, "one drag is one step"
    assert len(heard.previews) == 4
    assert heard.commits[0][0] == view.chain()
    assert heard.commits[0][1] == "Bell 4, 2.00 kHz, +6.0 dB, Q 1.00"
    assert view.chain().get(Reverb).values["wet_db"] == -12.0, "the rest of the chain stays"


def test_the_node_keeps_the_place_at_which_it_was_caught(view):
    start = view.node_position("bell_3") + QPointF(5, -4)
    drag(view, start, start + QPointF(0, -30))
    expected = view._plot().gain_db(view._plot().y(0) - 30)
    assert eq(view).values["bell_3_gain_db"] == pytest.approx(expected)
    assert eq(view).values["bell_3_frequency_hz"] == pytest.approx(650.0)


def test_shift_drags_a_tenth_as_far(view):
    start = view.node_position("bell_4")
    drag(view, start, start + QPointF(0, -100), SHIFT)
    coarse = view._plot().gain_db(view._plot().y(0) - 100)
    assert eq(view).values["bell_4_gain_db"] == pytest.approx(coarse / 10)


def test_a_drag_beyond_the_limits_is_clipped_and_comes_back_with_the_pointer(view):
    view.set_range_db(24.0)
    plot, start = view._plot(), view.node_position("bell_6")
    press(view, start)
    from tests.ui.views.mouse import move

    move(view, QPointF(plot.axis.x(8000), plot.y(23.0)))
    assert eq(view).values["bell_6_gain_db"] == 18.0
    move(view, QPointF(plot.axis.x(8000), plot.y(17.0)))
    assert eq(view).values["bell_6_gain_db"] == pytest.approx(17.0)
    release(view, QPointF(plot.axis.x(8000), plot.y(17.0)))


def test_a_click_without_a_move_changes_nothing(view):
    heard = Heard(view)
    place = view.node_position("bell_2")
    press(view, place)
    release(view, place)
    assert view.selected_band() == "bell_2"
    assert heard.commits == []


def test_ctrl_click_brings_the_default(view):
    view.set_chain(view.chain().replace(Equalizer({"bell_5_gain_db": -4.0, "bell_5_q": 2.0})))
    heard = Heard(view)
    press(view, view.node_position("bell_5"), CTRL)
    assert eq(view) == Equalizer()
    assert len(heard.commits) == 1


def test_the_wheel_narrows_and_one_burst_is_one_step(view, qtbot):
    heard = Heard(view)
    place = view.node_position("bell_4")
    with qtbot.waitSignal(view.chain_committed):
        for _ in range(4):
            assert wheel(view, place, 1)
    assert eq(view).values["bell_4_q"] == pytest.approx(2.0)
    assert len(heard.commits) == 1
    wheel(view, place, 6, SHIFT)
    assert eq(view).values["bell_4_q"] == pytest.approx(2.0 * 2 ** (6 / 24))


def test_the_wheel_beside_every_node_is_left_to_the_page(view):
    assert not wheel(view, QPointF(view.width() / 2 + 3, 20), 1)


def test_a_double_click_beside_the_nodes_sets_the_nearest_free_bell(view):
    plot = view._plot()
    double_click(view, QPointF(plot.axis.x(1000.0), plot.y(-5.0)))
    assert eq(view).values["bell_4_gain_db"] == pytest.approx(-5.0)
    assert eq(view).values["bell_4_frequency_hz"] == pytest.approx(1000.0)


def test_values_are_typed_at_the_node(view, qtbot):
    view.setFocus()
    view.select("bell_4")
    qtbot.keyClick(view, Qt.Key.Key_Return)
    box = view._values
    for kind, text in (("frequency_hz", "2.5k"), ("gain_db", "-7,5"), ("q", "3")):
        edit = box.edits[kind]
        edit.setFocus()
        edit.selectAll()
        qtbot.keyClicks(edit, text)
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    values = eq(view).values
    assert values["bell_4_frequency_hz"] == 2500.0
    assert values["bell_4_gain_db"] == -7.5
    assert values["bell_4_q"] == 3.0
    qtbot.keyClick(box.edits["q"], Qt.Key.Key_Escape)
    assert view._values is None


def test_a_typed_word_is_refused_with_its_reason(view, qtbot):
    view.select("bell_4")
    view.open_values()
    edit = view._values.edits["gain_db"]
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "loud")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert "'loud' is not a number; dB is understood" in edit.toolTip()
    assert eq(view).values["bell_4_gain_db"] == 0.0


def test_the_keyboard_alone_is_enough(view, qtbot):
    heard = Heard(view)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.selected_band() == "high_pass"
    for _ in range(2):
        qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert view.selected_band() == "bell_1"
    for _ in range(3):
        qtbot.keyClick(view, Qt.Key.Key_Up)
    qtbot.keyClick(view, Qt.Key.Key_Down, SHIFT)
    for _ in range(12):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    for _ in range(4):
        qtbot.keyClick(view, Qt.Key.Key_Plus)
    values = eq(view).values
    assert values["bell_1_gain_db"] == pytest.approx(1.4)
    assert values["bell_1_frequency_hz"] == pytest.approx(240.0)
    assert values["bell_1_q"] == pytest.approx(2.0)
    assert len(heard.commits) == 3 + 1 + 12 + 4, "every key is a step of its own"
    qtbot.keyClick(view, Qt.Key.Key_O)
    assert eq(view).values["bell_1_gain_db"] == 0.0
    qtbot.keyClick(view, Qt.Key.Key_O)
    assert eq(view).values["bell_1_gain_db"] == pytest.approx(1.4), "on brings it back"
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert eq(view) == Equalizer()


def test_a_filter_is_switched_on_and_off(view, qtbot):
    view.select("low_pass")
    view.toggle_selected()
    assert eq(view).values["low_pass_frequency_hz"] == 12_000.0
    view.toggle_selected()
    assert eq(view).values["low_pass_frequency_hz"] == 20_000.0


def test_the_menu_turns_a_bell_into_a_shelf(view):
    view.set_chain(Chain((Equalizer({"bell_1_gain_db": 4.0, "bell_1_frequency_hz": 90.0}),)))
    place = view.node_position("bell_1").toPoint()
    QApplication.sendEvent(
        view,
        QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.mapToGlobal(place)),
    )
    menu = view.findChild(BandMenu)
    actions = {a.text().split("\t")[0]: a for a in menu.actions() if a.text()}
    assert actions["Bell"].isChecked()
    actions["Low shelf"].trigger()
    assert eq(view) == Equalizer({"low_shelf_gain_db": 4.0, "low_shelf_frequency_hz": 90.0})
    assert view.selected_band() == "low_shelf"
    menu.close()


def test_the_menu_says_when_a_kind_is_used_up(view):
    view.set_chain(Chain((Equalizer({"bell_1_gain_db": 4.0, "low_shelf_gain_db": 1.0}),)))
    view.select("bell_1")
    QApplication.sendEvent(
        view, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    )
    menu = view.findChild(BandMenu)
    texts = {a.text(): a.isEnabled() for a in menu.actions()}
    assert texts["Low shelf (all in use)"] is False
    menu.close()


def test_the_curve_is_the_one_that_renders(view):
    chain = Chain((Equalizer({"bell_4_gain_db": 5.0, "high_pass_frequency_hz": 90.0}),))
    view.set_sample_rate_hz(44_100)
    view.set_chain(chain)
    np.testing.assert_array_equal(
        view._state.curve_db, chain.frequency_response_db(CURVE_HZ, 44_100)
    )


def test_the_range_grows_to_hold_what_is_set(view, qtbot):
    view.set_range_db(3.0)
    with qtbot.waitSignal(view.range_changed) as caught:
        view.set_chain(Chain((Equalizer({"bell_2_gain_db": -9.0}),)))
    assert caught.args == [12.0]
    with pytest.raises(ValueError, match="found 5 dB, allowed are 3, 6, 12, 24"):
        view.set_range_db(5.0)


def test_while_searching_hands_are_off(view, qtbot):
    view.set_editable(False)
    start = view.node_position("bell_4")
    drag(view, start, start + QPointF(0, -50))
    view.select("bell_4")
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert eq(view) == Equalizer()


def test_a_chain_without_equalizer_is_flat_and_still(view, qtbot):
    view.set_chain(Chain((Reverb(),)))
    assert not view._state.bands
    np.testing.assert_array_equal(view._state.curve_db, 0.0)
    drag(view, QPointF(200, 150), QPointF(200, 100))
    double_click(view, QPointF(200, 100))
    qtbot.keyClick(view, Qt.Key.Key_End)


def test_a_screen_reader_hears_what_is_set(view):
    view.set_chain(Chain((Equalizer({"bell_4_gain_db": -4.2}),)))
    assert view.accessibleDescription() == "Bell 4, 1.50 kHz, −4.2 dB, Q 1.00"


def test_spectra_of_silence_and_nothing_are_drawn(view):
    frequencies = np.geomspace(20, 20_000, 64)
    view.set_spectra(frequencies, np.full(64, -np.inf), np.full(64, np.nan))
    view.grab()
    view.set_spectra(frequencies, None, None)
    view.set_passband_hz((50.0, 14_000.0))
    view.set_ghost(Chain((Equalizer({"bell_2_gain_db": 3.0}),)))
    hover(view, view.node_position("bell_2"))
    view.grab()
