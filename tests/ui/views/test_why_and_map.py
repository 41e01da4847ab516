import copy

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt

from tests.ui.views.mouse import double_click, drag, press, release, wheel
from ui.views import gallery_data
from ui.views.why_panel import WhyPanel
from ui.views.why_rows import agreement, shares, sureness, table_rows
from ui.views.why_table import WhyTableModel
from ui.views.word_map_panel import WordMapPanel
from ui.views.word_places import MapView, WordPlaces

DATA = gallery_data.EXPLANATION


def test_shares_are_of_the_change_and_the_largest_come_first():
    rows = shares(DATA, None)
    sizes = [abs(r.share) for r in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert rows[0].name == "low bass"
    assert rows[0].percent == pytest.approx(100 * 0.092 / 0.26)


def test_how_sure_is_said_in_words():
    def with_confidence(**changes):
        changed = copy.deepcopy(DATA)
        changed["confidence"].update(changes)
        return sureness(changed)

    assert with_confidence() == ("how sure: high", "good")
    assert with_confidence(beats_random=0.5) == ("how sure: fairly", "muted")
    assert with_confidence(margin=0.001) == ("how sure: hardly", "problem")
    assert with_confidence(can_tell=False) == ("how sure: cannot tell", "problem")
    assert agreement(DATA) == "3 seeds end 0.6 dB apart · laion agrees"
    assert agreement({"seeds": None}) == ""


def test_the_table_holds_every_figure(qtmodeltester):
    model = WhyTableModel()
    model.set_rows(table_rows(DATA))
    qtmodeltester.check(model, force_py=True)
    parts = [model.index(r, 0).data() for r in range(model.rowCount())]
    assert parts.count("Concept") == 7
    assert parts.count("Brought by") == 9
    assert parts.count("Without") == 2
    assert model.index(0, 4).data() == "+0.260"


@pytest.fixture
def why(qtbot, theme) -> WhyPanel:
    made = WhyPanel()
    qtbot.addWidget(made)
    made.resize(420, 480)
    made.show()
    return made


def test_the_panel_shows_what_it_is_given_and_forgets_it(why, qtbot):
    why.set_explanation(DATA)
    assert why.facts() == "how sure: high"
    assert why._concepts.accessibleDescription().startswith("warm +0.44, full-bodied +0.34")
    why.show_table(True)
    assert why.table.isVisible()
    why.set_askable()
    with qtbot.waitSignal(why.explain_requested):
        qtbot.mouseClick(why._ask, Qt.MouseButton.LeftButton)
    why.set_explanation(None)
    assert not why._ask.isVisible()
    assert why.facts() == ""


def test_nothing_moved_and_no_axes_is_drawn_too(why):
    bare = copy.deepcopy(DATA)
    bare["attribution"].update(bands=[], reverb=None, without={}, score_wet=0.21)
    bare["story"]["concepts"].update(rose=[], fell=[])
    bare["story"]["axes"] = []
    why.set_explanation(bare)
    assert not why._axes.isVisible()
    why.grab()


@pytest.fixture
def panel(qtbot, theme) -> WordMapPanel:
    made = WordMapPanel()
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.set_words(gallery_data.WORDS)
    made.set_journey(DATA["story"]["journey"])
    made.show()
    return made


def click(view, place: QPointF) -> None:
    press(view, place)
    release(view, place)


def test_a_click_uses_the_word_under_it(panel, qtbot):
    view = panel.view
    with qtbot.waitSignal(panel.word_chosen) as caught:
        click(view, view.word_position("telephone"))
    assert caught.args == ["telephone"]
    assert panel.facts() == "near telephone: " + ", ".join(view.near("telephone", 3))
    assert "lo-fi" in view.near("telephone", 3)


def test_a_drag_moves_and_uses_nothing(panel):
    used = []
    panel.word_chosen.connect(used.append)
    before = panel.view.word_position("warm")
    drag(panel.view, before, before + QPointF(40, 25))
    after = panel.view.word_position("warm")
    assert used == []
    assert after.x() - before.x() == pytest.approx(40)
    assert after.y() - before.y() == pytest.approx(25)


def test_the_wheel_zooms_about_the_pointer_and_never_out_of_the_map(panel):
    view = panel.view
    place = view.word_position("harsh")
    far = view.word_position("deep")
    assert wheel(view, place, 3)
    assert view.word_position("harsh").x() == pytest.approx(place.x())
    assert abs(view.word_position("deep").x() - place.x()) > abs(far.x() - place.x())
    wheel(view, place, -30)
    assert view._now().spans == pytest.approx(view._all_spans)
    wheel(view, place, 5)
    view.show_all()
    assert view.word_position("deep") == far


def test_arrows_walk_and_enter_uses(panel, qtbot):
    view = panel.view
    view.select("warm")
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view._places.place(view.selected_word())[0] > view._places.place("warm")[0]
    with qtbot.waitSignal(panel.word_chosen) as caught:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert caught.args == [view.selected_word()]


def test_every_word_can_be_reached_by_arrows(panel):
    places = panel.view._places
    seen, edge = {"warm"}, ["warm"]
    while edge:
        word = edge.pop()
        for direction in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
            nearby = places.towards(word, *direction)
            if nearby is not None and nearby not in seen:
                seen.add(nearby)
                edge.append(nearby)
    assert seen == set(places.words)


def test_search_marks_lists_and_goes_there(panel, qtbot):
    qtbot.keyClicks(panel._search, "so")
    assert panel.facts() == "1 found"
    assert panel.list.model().stringList() == ["soft"]
    qtbot.keyClick(panel._search, Qt.Key.Key_Return)
    assert panel.view.selected_word() == "soft"
    panel._search.setText("zzz")
    assert panel.facts() == "no such word"


def test_the_list_uses_words_by_keyboard(panel, qtbot):
    panel.show_list(True)
    panel.list.setFocus()
    panel.list.setCurrentIndex(panel.list.model().index(3, 0))
    with qtbot.waitSignal(panel.word_chosen) as caught:
        qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert caught.args == ["cathedral"]


def test_without_words_nothing_happens(panel, qtbot):
    panel.set_words([])
    panel.set_journey(None)
    click(panel.view, QPointF(50, 50))
    double_click(panel.view, QPointF(50, 50))
    qtbot.keyClick(panel.view, Qt.Key.Key_Left)
    assert not wheel(panel.view, QPointF(50, 50), 1)
    panel.grab()
    assert panel.view.accessibleDescription() == "no words yet"


def test_pixels_and_places_are_inverse():
    view = MapView(np.array([1.0, -2.0]), np.array([3.0, 5.0]), QRectF(10, 20, 300, 200))
    pixel = QPointF(47.0, 111.0)
    again = view.pixel(view.place(pixel))
    assert (again.x(), again.y()) == pytest.approx((pixel.x(), pixel.y()))
    up = view.pixel((1.0, -1.0))
    assert up.y() < view.pixel((1.0, -2.0)).y(), "y grows upwards"


def test_words_at_one_place_do_no_harm(panel):
    panel.set_words([("a", 0.0, 0.0), ("b", 0.0, 0.0)])
    panel.grab()
    assert WordPlaces([("a", 0.0, 0.0)]).towards("a", 1.0, 0.0) is None
