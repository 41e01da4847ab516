import pytest
from PySide6.QtCore import Qt

from text2fx_studio.settings import CHOICES, Settings
from ui.views.gallery_pages import PLUGINS, SLOTS
from ui.views.rack_page import RackPage
from ui.views.rack_slots import RackModel
from ui.views.settings_page import SettingsPage


@pytest.fixture
def rack(qtbot, theme) -> RackPage:
    made = RackPage()
    qtbot.addWidget(made)
    made.resize(820, 380)
    made.set_slots(SLOTS)
    made.set_available(PLUGINS)
    made.show()
    return made


def choose(rack: RackPage, row: int) -> None:
    rack.slots.setCurrentIndex(rack._model.index(row, 0))


def test_the_model_keeps_qts_rules(qtmodeltester):
    model = RackModel()
    model.set_slots(SLOTS)
    qtmodeltester.check(model, force_py=True)


def test_a_plugin_is_bypassed_moved_and_removed_by_key(rack, qtbot):
    heard = []
    rack.bypass_toggled.connect(lambda *args: heard.append(("bypass", *args)))
    rack.move_requested.connect(lambda *args: heard.append(("move", *args)))
    rack.remove_requested.connect(lambda *args: heard.append(("remove", *args)))
    choose(rack, 0)
    qtbot.keyClick(rack.slots, Qt.Key.Key_Space)
    qtbot.keyClick(rack.slots, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(rack.slots, Qt.Key.Key_Delete)
    assert heard == [("bypass", "1", False), ("move", "1", 1), ("remove", "1")]


def test_the_apps_own_effects_stay(rack, qtbot):
    heard = []
    rack.remove_requested.connect(heard.append)
    rack.move_requested.connect(lambda *args: heard.append(args))
    choose(rack, 1)
    qtbot.keyClick(rack.slots, Qt.Key.Key_Delete)
    assert heard == []
    assert not rack._remove.isEnabled()
    assert not rack._editor.isVisible()


def test_parameters_move_in_the_plugins_words(rack, qtbot):
    choose(rack, 0)
    slider = rack.parameters.sliders["threshold"]
    with qtbot.waitSignal(rack.parameter_committed) as caught:
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert caught.args == ["1", "threshold", pytest.approx(0.46)]
    rack.set_parameter("1", "threshold", 0.46, "−17.5 dB")
    assert rack.parameters.values["threshold"].text() == "−17.5 dB"
    rack.set_parameter("2", "threshold", 0.9, "wrong slot")
    assert slider.position() == 0.46
    choice = rack.parameters.lists["detector"]
    with qtbot.waitSignal(rack.choice_made) as caught:
        qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert caught.args == ["1", "detector", "RMS"]


def test_delete_on_a_slider_is_the_plugins_default(rack, qtbot):
    choose(rack, 0)
    slider = rack.parameters.sliders["ratio"]
    qtbot.keyClick(slider, Qt.Key.Key_Delete)
    assert slider.position() == 0.15


def test_a_missing_plugin_says_that_its_state_is_kept(rack):
    choose(rack, 3)
    assert "Not installed here. Its state is kept" in rack._problem.text()
    assert not rack._editor.isVisible()
    assert not rack._power.isEnabled()
    assert rack._model.index(3, 0).data() == "Tape Machine  (not installed)"


def test_plugins_are_found_and_added_by_keyboard(rack, qtbot):
    added = []
    rack.add_requested.connect(added.append)
    qtbot.mouseClick(rack._add, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(rack._search, "distor")
    assert rack._choice.count() == 1
    qtbot.keyClick(rack._search, Qt.Key.Key_Return)
    assert added == ["zamtube"]
    assert not rack._add.isChecked()


def test_a_quarantined_plugin_is_listed_with_its_reason_and_not_added(rack, qtbot):
    added = []
    rack.add_requested.connect(added.append)
    rack.show_choice(True)
    rack._search.setText("hangs")
    assert rack._choice.item(0).toolTip() == "Set aside: it did not answer within 20 s"
    qtbot.keyClick(rack._search, Qt.Key.Key_Return)
    assert added == []


def test_an_empty_rack_and_no_plugins_explain_themselves(rack):
    rack.set_slots([])
    rack.set_available([])
    assert rack._title.text() == "No plugin yet"
    rack.show_choice(True)
    assert "No plugins were found" in rack._none.text()
    rack.grab()


@pytest.fixture
def page(qtbot, theme) -> SettingsPage:
    made = SettingsPage()
    qtbot.addWidget(made)
    made.resize(760, 560)
    made.set_outputs(["Speakers"])
    made.show()
    return made


class Heard(list):
    def __init__(self, page: SettingsPage) -> None:
        super().__init__()
        page.changed.connect(lambda field, value: self.append((field, value)))


def test_showing_settings_changes_none(page):
    heard = Heard(page)
    page.set_values(vars(Settings(encoder="laion", seed=7, theme="light")))
    assert heard == []
    assert page._seed.value() == 7
    assert page._theme.value() == "light"
    assert page._checkpoint_row.isEnabled()


def test_every_choice_of_the_settings_can_be_shown(page):
    for field, box in (("encoder", page._encoder), ("device", page._device), ("loss", page._loss)):
        assert {box.itemData(i) for i in range(box.count())} == set(CHOICES[field])
    assert set(page._theme._buttons) == set(CHOICES["theme"])


def test_a_change_says_field_and_value(page, qtbot):
    heard = Heard(page)
    page._encoder.setFocus()
    qtbot.keyClick(page._encoder, Qt.Key.Key_Down)
    qtbot.mouseClick(page._theme.button("light"), Qt.MouseButton.LeftButton)
    page._match.click()
    page._seed.setValue(5)
    qtbot.keyClick(page._seed, Qt.Key.Key_Return)
    page._checkpoint.setFocus()
    qtbot.keyClicks(page._checkpoint, " /m.pt ")
    qtbot.keyClick(page._checkpoint, Qt.Key.Key_Return)
    assert heard == [
        ("encoder", "laion"), ("theme", "light"), ("level_match", True), ("seed", 5),
        ("checkpoint", "/m.pt"),
    ]  # fmt: skip


def test_the_bundled_encoder_needs_no_checkpoint(page):
    page.set_values({"encoder": "fxsem"})
    assert not page._checkpoint_row.isEnabled()


def test_a_checkpoint_is_checked_and_the_answer_shown(page, qtbot):
    page.set_values({"encoder": "laion", "checkpoint": "/m.pt"})
    with qtbot.waitSignal(page.check_requested) as caught:
        qtbot.mouseClick(page._check, Qt.MouseButton.LeftButton)
    assert caught.args == ["/m.pt"]
    page.set_checkpoint_status("not whole: 3 tensors are missing", "problem")
    assert page._status.isVisible()
    assert page._status.property("role") == "problem"


def test_a_device_that_is_gone_is_named_and_kept(page):
    page.set_outputs(["Speakers"], "USB Interface")
    assert page._output.currentText() == "USB Interface (not connected)"
    assert page._output.currentData() == "USB Interface"


def test_plugin_folders_are_removed_one_by_one(page, qtbot):
    heard = Heard(page)
    page.set_values({"plugin_folders": ("/a", "/b")})
    assert not page._drop.isEnabled()
    page._list.setCurrentRow(0)
    qtbot.mouseClick(page._drop, Qt.MouseButton.LeftButton)
    assert heard == [("plugin_folders", ("/b",))]
    assert page._list.count() == 1
