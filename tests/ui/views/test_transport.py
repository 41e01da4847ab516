import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tests.ui.views.mouse import SHIFT
from ui.views.ab_switch import ABSwitch
from ui.views.output_readout import OutputReadout
from ui.views.play_controls import PlayControls
from ui.views.snapshot_bar import SnapshotBar


class Transport(QWidget):
    """The parts side by side, as a window holds them."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        self.play, self.ab, self.snapshots = PlayControls(), ABSwitch(), SnapshotBar()
        for part in (self.play, self.ab, self.snapshots):
            row.addWidget(part)


@pytest.fixture
def bar(qtbot, theme) -> Transport:
    made = Transport()
    qtbot.addWidget(made)
    made.play.set_recording(161.0)
    made.show()
    return made


def type_into(qtbot, edit, text: str) -> None:
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


def test_play_asks_and_shows_what_the_owner_says(bar, qtbot):
    play: PlayControls = bar.play
    with qtbot.waitSignal(play.play_toggled) as caught:
        play._play.click()
    assert caught.args == [True]
    assert play._play.accessibleName() == "Play", "it plays only when the player says so"
    play.set_playing(True)
    assert play._play.accessibleName() == "Stop"
    with qtbot.waitSignal(play.play_toggled) as caught:
        play._play.click()
    assert caught.args == [False]


def test_a_typed_time_seeks_and_is_clipped_to_the_end(bar, qtbot):
    seeks = []
    bar.play.seek_requested.connect(seeks.append)
    type_into(qtbot, bar.play._position, "1:23.4")
    type_into(qtbot, bar.play._position, "9:00")
    assert seeks == [pytest.approx(83.4), 161.0]


def test_typed_loop_ends_are_put_in_order(bar, qtbot):
    loops = []
    bar.play.loop_typed.connect(loops.append)
    bar.play.set_loop((32.0, 58.0))
    type_into(qtbot, bar.play._start, "1:10")
    assert loops == [(58.0, 70.0)]


def test_a_loop_without_length_is_refused(bar, qtbot):
    loops = []
    bar.play.loop_typed.connect(loops.append)
    bar.play.set_loop((32.0, 58.0))
    type_into(qtbot, bar.play._start, "58")
    assert loops == []
    assert bar.play._start.value() == 32.0


def test_without_a_recording_nothing_can_be_pressed(bar):
    bar.play.set_recording(0.0)
    assert not bar.play._play.isEnabled()
    assert not bar.play._position.isEnabled()


def test_a_b_says_what_is_heard(bar, qtbot):
    ab: ABSwitch = bar.ab
    with qtbot.waitSignal(ab.wet_chosen) as caught:
        qtbot.mouseClick(ab._segments.button("wet"), Qt.MouseButton.LeftButton)
    assert caught.args == [True]
    ab._segments.button("wet").setFocus()
    with qtbot.waitSignal(ab.wet_chosen) as caught:
        qtbot.keyClick(ab._segments.button("wet"), Qt.Key.Key_Left)
    assert caught.args == [False]
    assert not ab.is_wet()


def test_the_offset_of_level_matching_is_shown_while_it_is_on(bar, qtbot):
    ab: ABSwitch = bar.ab
    ab.set_offset_lu(-1.84)
    assert ab._match.text() == "level-matched −1.8 LU"
    with qtbot.waitSignal(ab.matching_toggled) as caught:
        qtbot.mouseClick(ab._match, Qt.MouseButton.LeftButton)
    assert caught.args == [False]
    assert ab._match.text() == "levels as they are"


def test_numbers_do_not_jump_in_width(bar):
    ab: ABSwitch = bar.ab
    widths = set()
    for offset in (None, 0.0, -1.8, -28.4):
        ab.set_offset_lu(offset)
        widths.add(ab._match.sizeHint().expandedTo(ab._match.minimumSize()).width())
    assert len(widths) == 1


def test_an_empty_snapshot_stores_a_filled_one_recalls(bar, qtbot):
    snapshots: SnapshotBar = bar.snapshots
    heard = []
    snapshots.stored.connect(lambda i: heard.append(("stored", i)))
    snapshots.recalled.connect(lambda i: heard.append(("recalled", i)))
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(snapshots.buttons[2], left)
    snapshots.set_snapshot(2, "warm")
    qtbot.mouseClick(snapshots.buttons[2], left)
    assert heard == [("stored", 2), ("recalled", 2)]
    snapshots.press(2, store=True)
    assert heard[-1] == ("stored", 2)
    assert not snapshots.buttons[2].isChecked(), "the owner says which is current"
    snapshots.set_current(2)
    assert snapshots.buttons[2].isChecked()
    assert snapshots.buttons[2].accessibleName() == "Snapshot C, warm"


def test_underflows_turn_the_readout_into_a_problem(qtbot, theme):
    readout = OutputReadout()
    qtbot.addWidget(readout)
    readout.set_output("Built-in Output", 44_100, 11.4, 0)
    assert readout.text() == "Built-in Output · 44.1 kHz · 11 ms · 0 underflows"
    assert readout.property("role") == "muted"
    readout.set_output("Built-in Output", 44_100, 11.4, 1)
    assert readout.text().endswith("1 underflow")
    assert readout.property("role") == "problem"
    readout.set_missing("No sound device")
    assert readout.text() == "No sound device"


def test_shift_stores_anew(bar, qtbot):
    heard = []
    bar.snapshots.stored.connect(heard.append)
    bar.snapshots.set_snapshot(0, "warm")
    qtbot.mouseClick(bar.snapshots.buttons[0], Qt.MouseButton.LeftButton, SHIFT)
    assert heard == [0]
