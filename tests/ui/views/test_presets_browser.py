import pytest
from PySide6.QtCore import Qt

from ui.views.gallery_pages import PRESETS
from ui.views.preset_model import PresetFilter, PresetModel
from ui.views.presets_browser import PresetsBrowser


@pytest.fixture
def browser(qtbot, theme) -> PresetsBrowser:
    made = PresetsBrowser()
    qtbot.addWidget(made)
    made.resize(900, 460)
    made.set_items(PRESETS)
    made.show()
    return made


def test_the_models_keep_qts_rules(qtmodeltester):
    model = PresetModel()
    model.set_items(PRESETS)
    qtmodeltester.check(model, force_py=True)
    proxy = PresetFilter(model)
    proxy.narrow("voice", "factory", "")
    qtmodeltester.check(proxy, force_py=True)


def test_search_finds_words_of_name_tags_and_prompt(browser, qtbot):
    qtbot.keyClicks(browser._search, "telephone old")
    assert browser.shown_names() == ["Telephone"]
    browser._search.setText("space voice")
    assert browser.shown_names() == ["Bright plate"]
    browser._search.setText("zzz")
    assert browser._nothing.text() == "Nothing found: try fewer words"
    assert not browser.table.isVisible()


def test_scope_and_tag_narrow_together(browser, qtbot):
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(browser._scope.button("user"), left)
    assert browser.shown_names() == ["Late night host", "broken.t2fx.json"]
    voice = next(c for c in browser._tags._chips if c.text() == "voice")
    qtbot.mouseClick(voice, left)
    assert browser.shown_names() == ["Late night host"]
    assert voice.isChecked()
    qtbot.mouseClick(voice, left)
    assert len(browser.shown_names()) == 2
    assert browser.facts() == "2 of 7"


def test_a_star_is_set_by_click_and_by_key(browser, qtbot):
    heard = []
    browser.favourite_toggled.connect(lambda slug, on: heard.append((slug, on)))
    browser.select("telephone")
    browser.table.setFocus()
    qtbot.keyClick(browser.table, Qt.Key.Key_F)
    assert heard == [("telephone", True)]
    qtbot.mouseClick(browser._scope.button("favourite"), Qt.MouseButton.LeftButton)
    assert browser.shown_names() == ["Warm vocal", "Telephone"]
    row = browser.table.visualRect(browser.table.model().index(0, 0)).center()
    qtbot.mouseClick(browser.table.viewport(), Qt.MouseButton.LeftButton, pos=row)
    assert heard[-1] == ("warm-vocal", False)
    assert browser.shown_names() == ["Telephone"]


def test_enter_uses_space_auditions(browser, qtbot):
    browser.select("cathedral")
    with qtbot.waitSignal(browser.use_requested) as caught:
        qtbot.keyClick(browser.table, Qt.Key.Key_Return)
    assert caught.args == ["cathedral"]
    with qtbot.waitSignal(browser.audition_requested) as caught:
        qtbot.keyClick(browser.table, Qt.Key.Key_Space)
    assert caught.args == ["cathedral"]
    assert browser._audition.text() == "Stop"
    with qtbot.waitSignal(browser.audition_stopped):
        qtbot.keyClick(browser.table, Qt.Key.Key_Space)


def test_a_broken_file_says_why_and_cannot_be_used(browser, qtbot):
    used = []
    browser.use_requested.connect(used.append)
    browser.select("broken")
    qtbot.keyClick(browser.table, Qt.Key.Key_Return)
    assert used == []
    assert not browser._use.isEnabled()
    assert "allowed is -18 to 18 dB" in browser._description.text()


def test_only_ones_own_can_be_deleted(browser, qtbot):
    browser.select("warm-vocal")
    assert not browser._delete.isVisible()
    browser.select("night")
    with qtbot.waitSignal(browser.delete_requested) as caught:
        qtbot.mouseClick(browser._delete, Qt.MouseButton.LeftButton)
    assert caught.args == ["night"]


def test_a_setting_is_saved_with_its_tags(browser, qtbot):
    assert not browser._save.isEnabled()
    qtbot.keyClicks(browser._name, " My voice ")
    qtbot.keyClicks(browser._new_tags, "voice, , warm")
    with qtbot.waitSignal(browser.save_requested) as caught:
        qtbot.keyClick(browser._name, Qt.Key.Key_Return)
    assert caught.args == ["My voice", ("voice", "warm")]
    assert browser._name.text() == ""


def test_the_chosen_one_stays_chosen_when_the_list_is_read_again(browser):
    browser.select("cathedral")
    browser.set_items(PRESETS[1:])
    assert browser.selected().slug == "cathedral"
    browser.set_items([])
    assert browser.selected() is None
