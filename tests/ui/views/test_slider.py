import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt

from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from tests.ui.views.mouse import CTRL, SHIFT, drag, move, press, release, wheel
from ui.views.parameter_slider import ParameterSlider
from ui.views.slider import Slider


@pytest.fixture
def slider(qtbot, theme) -> Slider:
    made = Slider("Amount", 0.25)
    qtbot.addWidget(made)
    made.resize(216, 20)  # a way of 200 pixels
    made.show()
    return made


def at(position: float) -> QPointF:
    return QPointF(8 + 200 * position, 10)


def test_a_click_on_the_way_sets_and_commits_once(slider, qtbot):
    commits = []
    slider.committed.connect(commits.append)
    press(slider, at(0.75))
    assert slider.position() == pytest.approx(0.75)
    release(slider, at(0.75))
    assert commits == [pytest.approx(0.75)]


def test_a_drag_follows_the_pointer_and_is_one_step(slider):
    previews, commits = [], []
    slider.previewed.connect(previews.append)
    slider.committed.connect(commits.append)
    drag(slider, at(0.25), at(0.65), steps=8)
    assert slider.position() == pytest.approx(0.65)
    assert len(previews) == 8
    assert len(commits) == 1


def test_shift_is_ten_times_finer(slider):
    press(slider, at(0.25))
    move(slider, at(0.75), SHIFT)
    release(slider, at(0.75), SHIFT)
    assert slider.position() == pytest.approx(0.30)


def test_ctrl_click_and_delete_are_the_default(slider, qtbot):
    slider.set_position(0.9)
    press(slider, at(0.5), CTRL)
    assert slider.position() == 0.25
    slider.set_position(0.9)
    qtbot.keyClick(slider, Qt.Key.Key_Delete)
    assert slider.position() == 0.25


def test_keys_step_and_every_key_is_a_step(slider, qtbot):
    commits = []
    slider.committed.connect(commits.append)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert slider.position() == pytest.approx(0.26)
    qtbot.keyClick(slider, Qt.Key.Key_Left, SHIFT)
    assert slider.position() == pytest.approx(0.259)
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert slider.position() == 1.0
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert len(commits) == 3, "a key that changes nothing commits nothing"


def test_the_wheel_works_only_with_the_focus(slider, qtbot):
    slider.clearFocus()
    assert not wheel(slider, at(0.25), 1)
    slider.activateWindow()
    slider.setFocus()
    qtbot.waitUntil(slider.hasFocus)
    with qtbot.waitSignal(slider.committed):
        assert wheel(slider, at(0.25), 3)
    assert slider.position() == pytest.approx(0.28)


def test_a_value_from_outside_ends_the_gesture(slider, qtbot):
    commits = []
    slider.committed.connect(commits.append)
    press(slider, at(0.75))
    slider.set_position(0.1)
    release(slider, at(0.75))
    assert slider.position() == 0.1
    assert commits == []


@pytest.fixture
def knob(qtbot, theme) -> ParameterSlider:
    made = ParameterSlider(Reverb.parameter("t60_s"))
    qtbot.addWidget(made)
    made.resize(240, 44)
    made.show()
    return made


def test_a_typed_value_is_exact(knob, qtbot):
    commits = []
    knob.committed.connect(lambda name, value: commits.append((name, value)))
    knob.edit.setFocus()
    knob.edit.selectAll()
    qtbot.keyClicks(knob.edit, "1234 ms")
    qtbot.keyClick(knob.edit, Qt.Key.Key_Return)
    assert knob.value() == 1.234
    assert commits == [("t60_s", 1.234)]
    assert knob.edit.text() == "1.23 s"


def test_leaving_an_unchanged_field_keeps_the_exact_value(knob, qtbot):
    knob.set_value(1.23456)
    commits = []
    knob.committed.connect(lambda *_: commits.append(1))
    knob.edit.setFocus()
    knob.edit.clearFocus()
    assert knob.value() == 1.23456
    assert commits == []


def test_escape_brings_the_old_value_back(knob, qtbot):
    knob.set_value(2.0)
    knob.edit.setFocus()
    knob.edit.selectAll()
    qtbot.keyClicks(knob.edit, "77")
    qtbot.keyClick(knob.edit, Qt.Key.Key_Escape)
    assert knob.edit.text() == "2.00 s"
    assert knob.value() == 2.0


def test_values_beyond_the_range_are_clipped(knob, qtbot):
    knob.edit.setFocus()
    knob.edit.selectAll()
    qtbot.keyClicks(knob.edit, "99")
    qtbot.keyClick(knob.edit, Qt.Key.Key_Return)
    assert knob.value() == 8.0


def test_the_tooltip_says_unit_range_default_and_sound(knob):
    for part in ("0.10 s to 8.00 s", "default 1.00 s", "falls by 60 dB", "Ctrl-click: default"):
        assert part in knob.slider.toolTip()
    assert knob.slider.accessibleName() == "Decay T60"


def test_ctrl_click_is_the_exact_default(knob):
    knob.set_value(3.3)
    press(knob.slider, QPointF(20, 10), CTRL)
    assert knob.value() == 1.0


def test_up_and_down_in_the_field_step(knob, qtbot):
    qtbot.keyClick(knob.edit, Qt.Key.Key_Up)
    position = knob.parameter.to_unit(1.0) + 0.01
    assert knob.value() == pytest.approx(knob.parameter.from_unit(position))


@given(st.sampled_from(Equalizer.parameters + Reverb.parameters), st.floats(0, 1))
def test_what_is_set_is_what_is_read(qapp, parameter, position):
    value = parameter.from_unit(position)
    knob = ParameterSlider(parameter)
    knob.set_value(value)
    assert knob.value() == value
    knob.deleteLater()
