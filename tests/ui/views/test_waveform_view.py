import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PySide6.QtCore import QPointF, Qt

from tests.ui.views.mouse import SHIFT, double_click, drag, press, release, wheel
from ui.theme import DARK
from ui.views.envelope import envelope_of, fold
from ui.views.time_window import TimeWindow
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
    qtbot.keyClick(view, Qt.Key.Key_BracketLeft)
    view.set_position_s(45.0)
    qtbot.keyClick(view, Qt.Key.Key_BracketRight)
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
    qtbot.keyClick(view, Qt.Key.Key_BracketLeft)
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


def test_the_wheel_zooms_at_the_pointer_and_scrolls(view, qtbot):
    wheel(view, at(37.5), 5)
    seen = view.seen()
    assert seen.span_s == pytest.approx(100 / 1.3**5)
    assert view._seconds(at(37.5).x()) == pytest.approx(37.5)
    with qtbot.waitSignal(view.seek_requested) as caught:
        press(view, at(50))
        release(view, at(50))
    assert caught.args == [pytest.approx(seen.start_s + seen.span_s / 2)]
    wheel(view, at(50), -1, SHIFT)
    assert view.seen().start_s == pytest.approx(seen.start_s + 0.1 * seen.span_s)
    wheel(view, at(50), 60)
    assert view.seen().span_s == pytest.approx(256 * 100 / 4096)  # as fine as the envelope is
    assert "in view" in view.accessibleDescription()
    wheel(view, at(50), -60)
    assert view.seen().fits


def test_keys_zoom_scroll_and_show_all_or_the_loop(view, qtbot):
    view.set_position_s(80.0)
    for _ in range(6):
        qtbot.keyClick(view, Qt.Key.Key_Plus)
    start = view.seen()
    assert start.start_s < 80.0 < start.end_s
    qtbot.keyClick(view, Qt.Key.Key_PageUp)
    assert view.seen().start_s == pytest.approx(start.start_s - 0.8 * start.span_s)
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.seen().fits
    view.set_loop((20.0, 38.0))
    qtbot.keyClick(view, Qt.Key.Key_Z)
    assert (view.seen().start_s, view.seen().end_s) == (pytest.approx(19.0), pytest.approx(39.0))


def test_the_view_turns_over_with_the_playhead_unless_one_has_scrolled_away(view):
    view.set_position_s(10.0)
    wheel(view, at(10), 8)
    seen = view.seen()
    view.set_position_s(seen.end_s - 0.01)
    assert view.seen() == seen
    view.set_position_s(seen.end_s + 0.01)
    assert view.seen().start_s < seen.end_s < view.seen().end_s
    away = view.seen().scrolled(3.0)
    view._show(away)
    view.set_position_s(seen.end_s + 0.1)
    assert view.seen() == away


@given(
    st.floats(0.5, 4000.0),
    st.lists(st.tuples(st.sampled_from(["zoom", "scroll", "follow"]), st.floats(-3, 3))),
)
def test_a_window_never_leaves_the_recording(duration_s, steps):
    seen = TimeWindow.whole(duration_s)
    for what, much in steps:
        if what == "zoom":
            seen = seen.zoomed(2.0**much, duration_s * (much + 3) / 6)
        elif what == "scroll":
            seen = seen.scrolled(much)
        else:
            seen = seen.following(duration_s * (much + 3) / 6)
        assert seen.start_s >= 0
        assert seen.end_s <= duration_s * (1 + 1e-9)
        assert seen.span_s >= seen.shortest_s
