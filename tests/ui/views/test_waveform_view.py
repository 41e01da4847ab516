import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PySide6.QtCore import QPointF, Qt

from tests.ui.views.mouse import SHIFT, double_click, drag, press, release
from ui.theme import DARK
from ui.views.envelope import envelope_of, fold
from ui.views.waveform_view import WaveformView

SOUND = hnp.arrays(np.float32, st.integers(1, 500), elements=st.floats(-1, 1, width=32))


@given(SOUND, st.integers(1, 700))
def test_folding_loses_no_peak(samples, columns):
    low, high = fold(samples, samples, columns)
    assert low.shape == high.shape == (columns,)
    assert (low <= high).all()
    if columns <= len(samples):
        assert low.min() == samples.min()
        assert high.max() == samples.max()


def test_nothing_folds_to_silence():
    low, high = fold((), (), 5)
    assert not low.any()
    assert not high.any()
    assert len(envelope_of(np.zeros((2, 0)))[0]) == 0


def test_all_channels_are_in_the_envelope():
    low, high = envelope_of(np.array([[0.1, 0.2], [-0.9, 0.8]]), 1)
    assert low == pytest.approx([-0.9])
    assert high == pytest.approx([0.8])


@pytest.fixture
def view(qtbot, theme) -> WaveformView:
    made = WaveformView()
    qtbot.addWidget(made)
    made.resize(1012, 100)  # 1000 pixels for 100 s
    wave = np.sin(np.linspace(0, 300, 4096)) * 0.5
    made.set_envelope(-np.abs(wave), np.abs(wave), 100.0)
    made.show()
    return made


def at(seconds: float, y: float = 50) -> QPointF:
    return QPointF(6 + 10 * seconds, y)


def test_a_click_seeks_to_that_second(view, qtbot):
    with qtbot.waitSignal(view.seek_requested) as caught:
        press(view, at(37.5))
        release(view, at(37.5))
    assert caught.args == [pytest.approx(37.5)]
    assert view.loop() is None


def test_a_drag_sets_the_loop_from_either_side(view):
    loops, seeks = [], []
    view.loop_changed.connect(loops.append)
    view.seek_requested.connect(seeks.append)
    drag(view, at(60), at(20))
    assert loops == [pytest.approx((20.0, 60.0))], "one drag, one change"
    assert seeks == []


def test_edges_and_bar_move_the_loop(view):
    view.set_loop((20.0, 40.0))
    drag(view, at(40), at(55))
    assert view.loop() == pytest.approx((20.0, 55.0))
    drag(view, at(20), at(10))
    assert view.loop() == pytest.approx((10.0, 55.0))
    drag(view, at(30, y=8), at(45, y=8))
    assert view.loop() == pytest.approx((25.0, 70.0))
    drag(view, at(30, y=8), at(99, y=8))
    assert view.loop() == pytest.approx((55.0, 100.0)), "it stops at the end, as long as it is"


def test_shift_moves_an_edge_a_tenth_as_far(view):
    view.set_loop((20.0, 40.0))
    drag(view, at(40), at(60), SHIFT)
    assert view.loop() == pytest.approx((20.0, 42.0))


def test_dragging_an_edge_past_the_other_turns_it_round(view):
    view.set_loop((20.0, 40.0))
    drag(view, at(20), at(60))
    assert view.loop() == pytest.approx((40.0, 60.0))


def test_a_double_click_removes_the_loop(view):
    view.set_loop((20.0, 40.0))
    loops = []
    view.loop_changed.connect(loops.append)
    double_click(view, at(30))
    assert view.loop() is None
    assert loops == [None]


def test_the_keyboard_sets_and_removes_the_loop_and_seeks(view, qtbot):
    seeks, loops = [], []
    view.seek_requested.connect(seeks.append)
    view.loop_changed.connect(loops.append)
    view.set_position_s(30.0)
    qtbot.keyClick(view, Qt.Key.Key_A)
    view.set_position_s(45.0)
    qtbot.keyClick(view, Qt.Key.Key_B)
    assert loops == [(30.0, 100.0), (30.0, 45.0)]
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Left, SHIFT)
    qtbot.keyClick(view, Qt.Key.Key_End)
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert seeks == pytest.approx([46.0, 44.9, 100.0, 0.0])
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert loops[-1] is None


def test_without_a_recording_nothing_happens(view, qtbot):
    view.clear()
    seeks = []
    view.seek_requested.connect(seeks.append)
    drag(view, at(10), at(50))
    qtbot.keyClick(view, Qt.Key.Key_A)
    view.grab()
    assert seeks == []
    assert view.loop() is None
    assert view.accessibleDescription() == "no recording"


def _colours(view: WaveformView, seconds: float) -> set[str]:
    image = view.grab().toImage()
    x = round(6 + 10 * seconds)
    return {image.pixelColor(x, y).name().upper() for y in range(20, 80)}


def test_the_loop_has_the_colour_of_what_is_heard(view):
    view.set_envelope([-0.8] * 100, [0.8] * 100, 100.0)
    view.set_loop((20.0, 40.0))
    assert DARK.dry in _colours(view, 30)
    assert DARK.wave in _colours(view, 60)
    view.set_wet(True)
    assert DARK.wet in _colours(view, 30)
    assert DARK.dry not in _colours(view, 30)


def test_a_very_short_recording_can_be_looped(view):
    view.set_envelope([-1, -1], [1, 1], 0.02)
    drag(view, QPointF(100, 50), QPointF(105, 50))
    assert view.loop() == pytest.approx((0.0, 0.02))
    view.set_busy("reading … 40 %")
    view.grab()
