import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import BAND_CENTERS_HZ, Reverb, decay_times_s
from tests.ui.views.mouse import CTRL, SHIFT, drag, press
from ui.views.reverb_geometry import HANDLES, ReverbGeometry
from ui.views.reverb_panel import ReverbPanel
from ui.views.reverb_table import ReverbTableModel
from ui.views.reverb_view import ReverbView

ROOM = Reverb({"wet_db": -14.0, "t60_s": 0.9, "predelay_ms": 20.0, "damping": 0.5})


@pytest.fixture
def panel(qtbot, theme) -> ReverbPanel:
    made = ReverbPanel()
    qtbot.addWidget(made)
    made.resize(760, 260)
    made.set_chain(Chain((Equalizer(), ROOM)))
    made.show()
    return made


@pytest.fixture
def view(panel) -> ReverbView:
    return panel.view


def test_lines_fall_by_sixty_db_in_their_t60():
    geometry = ReverbGeometry(ROOM, 400, 300, 2.0)
    times = decay_times_s(ROOM.values)
    for (start, end), t60 in zip(geometry.lines(), times, strict=True):
        fall = geometry.level_db(start.y()) - geometry.level_db(end.y())
        seconds = geometry.seconds(end.x()) - geometry.seconds(start.x())
        assert fall / seconds == pytest.approx(60 / t60)
        assert geometry.seconds(start.x()) == pytest.approx(0.020)


@pytest.mark.parametrize("which", HANDLES)
def test_a_handle_that_is_not_moved_changes_nothing(which):
    geometry = ReverbGeometry(ROOM, 400, 300, 2.0)
    room = geometry.moved(which, geometry.handle(which))
    assert room.values == pytest.approx(ROOM.values)


def test_dragging_the_start_sets_predelay_and_level(view):
    commits = []
    view.room_committed.connect(lambda room, what: commits.append((room, what)))
    geometry = view._geometry()
    end = QPointF(geometry.x(0.060), geometry.y(-6.0))
    drag(view, view.handle_position("start"), end)
    assert view.room().values["predelay_ms"] == pytest.approx(60.0)
    assert view.room().values["wet_db"] == pytest.approx(-6.0)
    assert [what for _, what in commits] == ["Predelay 60 ms, wet −6.0 dB"]


def test_dragging_the_decay_sets_t60(view, panel):
    start = view.handle_position("decay")
    geometry = view._geometry()
    bass = decay_times_s(ROOM.values, [1000.0])[0] / ROOM.values["t60_s"]
    # The handle sits at -30 dB, so 0.01 s further right is 0.02 s more T60 at 1 kHz.
    drag(view, start, QPointF(start.x() + geometry.x(0.01) - geometry.x(0.0), start.y()))
    assert bass == 1.0, "the bass ratio of this room leaves the middle alone"
    assert view.room().values["t60_s"] == pytest.approx(0.92)
    assert panel.knobs["t60_s"].value() == pytest.approx(0.92)
    assert panel.chain().get(Reverb) == view.room()
    assert panel.chain().get(Equalizer) == Equalizer()


def test_the_time_axis_grows_under_a_drag(view):
    assert view._span_s == 1.0
    start = view.handle_position("decay")
    drag(view, start, start + QPointF(view.width(), 0), steps=10)
    assert view._span_s >= 1.05 * view.room().values["t60_s"]


def test_dragging_the_treble_sets_damping(view):
    target = ReverbGeometry(
        ROOM.replace(damping=0.8), view.width(), view.height(), view._span_s
    ).handle("treble")
    drag(view, view.handle_position("treble"), target)
    assert view.room().values["damping"] == pytest.approx(0.8)
    drag(view, view.handle_position("treble"), target + QPointF(2000, 0))
    assert view.room().values["damping"] == 0.0, "clipped at what is allowed"


def test_shift_is_fine_and_ctrl_click_the_default(view):
    start = view.handle_position("start")
    drag(view, start, start + QPointF(0, -40), SHIFT)
    step = view._geometry().level_db(0) - view._geometry().level_db(40)
    assert view.room().values["wet_db"] == pytest.approx(-14.0 + step / 10)
    press(view, view.handle_position("decay"), CTRL)
    assert view.room().values["t60_s"] == 1.0


def test_the_keyboard_alone_is_enough(view, qtbot):
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    qtbot.keyClick(view, Qt.Key.Key_Right, SHIFT)
    assert view.room().values["wet_db"] == pytest.approx(-13.0)
    assert view.room().values["predelay_ms"] == pytest.approx(20.5)
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    for _ in range(6):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.room().values["t60_s"] == pytest.approx(1.8)
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.room().values["damping"] == pytest.approx(0.55)
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert view.room().values["damping"] == 0.4


def test_knobs_and_curves_move_together(panel, qtbot):
    edit = panel.knobs["predelay_ms"].edit
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "0.05 s")
    with qtbot.waitSignal(panel.chain_committed) as caught:
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert caught.args[0].get(Reverb).values["predelay_ms"] == 50.0
    assert caught.args[1] == "Predelay 50 ms"
    assert panel.view.room().values["predelay_ms"] == 50.0


def test_the_table_has_the_decays_in_figures(panel, qtmodeltester):
    model = ReverbTableModel()
    model.set_room(ROOM)
    qtmodeltester.check(model, force_py=True)
    assert model.rowCount() == len(BAND_CENTERS_HZ) == 12
    assert model.index(0, 0).data() == "40.0 Hz"
    one_khz = int(np.argmin(np.abs(np.array(BAND_CENTERS_HZ) - 1000)))
    assert model.index(one_khz, 1).data().endswith(" s")


def test_without_a_reverb_nothing_can_be_moved(panel):
    panel.set_chain(Chain((Equalizer(),)))
    assert panel.facts() == "not in this chain"
    place = panel.view.handle_position("decay")
    drag(panel.view, place, place + QPointF(30, 0))
    assert panel.chain() == Chain((Equalizer(),))


def test_a_room_that_is_off_says_so(panel):
    panel.set_chain(Chain((Reverb(),)))
    assert panel.facts() == "no room yet: wet is off"
    panel.view.grab()
    panel.set_ghost(Chain((ROOM,)))
    panel.show_table(True)
    panel.grab()


def test_the_power_button_bypasses(panel, qtbot):
    with qtbot.waitSignal(panel.chain_committed) as caught:
        panel._power.click()
    room = caught.args[0].get(Reverb)
    assert not room.enabled
    assert room.values == ROOM.values


def test_hands_stay_off_while_the_search_moves_the_room(panel):
    panel.set_editable(False)
    panel.set_chain(Chain((ROOM.replace(t60_s=2.0),)))
    place = panel.view.handle_position("decay")
    drag(panel.view, place, place + QPointF(30, 0))
    assert panel.chain().get(Reverb).values["t60_s"] == 2.0
    assert not panel.knobs["t60_s"].isEnabled()
    panel.set_editable(True)
    assert panel.knobs["t60_s"].isEnabled()
