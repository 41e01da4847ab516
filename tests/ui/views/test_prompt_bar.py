import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from ui.views.prompt_bar import PromptBar
from ui.views.prompt_field import LONGEST, last_phrase


@pytest.fixture
def bar(qtbot, theme) -> PromptBar:
    made = PromptBar()
    qtbot.addWidget(made)
    made.resize(1000, 120)
    made.show()
    made.field.setFocus()
    return made


@pytest.mark.parametrize(
    ("text", "kept", "phrase"),
    [
        ("warm", "", "warm"), ("warm and br", "warm and ", "br"), ("a, b; c", "a, b; ", "c"),
        ("band", "", "band"), ("", "", ""), ("warm but not ", "warm but ", "not "),
    ],
)  # fmt: skip
def test_only_the_last_phrase_is_completed(text, kept, phrase):
    assert last_phrase(text) == (kept, phrase)


def test_enter_asks_with_words_and_chain(bar, qtbot):
    qtbot.keyClicks(bar.field, "  warm and close ")
    with qtbot.waitSignal(bar.shape_requested) as caught:
        qtbot.keyClick(bar.field, Qt.Key.Key_Return)
    assert caught.args == ["warm and close", "eq,reverb"]
    qtbot.mouseClick(bar._chain.button("eq"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(bar.shape_requested) as caught:
        qtbot.mouseClick(bar._button, Qt.MouseButton.LeftButton)
    assert caught.args == ["warm and close", "eq"]


def test_nothing_is_asked_without_words_or_recording(bar, qtbot):
    asked = []
    bar.shape_requested.connect(lambda *words: asked.append(words))
    assert not bar._button.isEnabled()
    qtbot.keyClick(bar.field, Qt.Key.Key_Return)
    qtbot.keyClicks(bar.field, "warm")
    bar.set_ready(False)
    qtbot.keyClick(bar.field, Qt.Key.Key_Return)
    assert bar._button.toolTip() == "Open a recording first"
    assert asked == []


def test_stop_takes_the_place_of_shape(bar, qtbot):
    bar.field.set_prompt("warm")
    bar.set_running(True)
    assert bar._button.text() == "Stop"
    asked = []
    bar.shape_requested.connect(lambda *words: asked.append(words))
    qtbot.keyClick(bar.field, Qt.Key.Key_Return)
    assert asked == [], "Enter does not start a second search"
    with qtbot.waitSignal(bar.stop_requested):
        qtbot.mouseClick(bar._button, Qt.MouseButton.LeftButton)
    bar.set_running(False)
    assert bar._button.text().startswith("Shape")


def test_history_walks_up_and_comes_back_to_the_draft(bar, qtbot):
    bar.field.set_history(["bright", "dark"])
    qtbot.keyClicks(bar.field, "hal")
    for expected in ("bright", "dark", "dark"):
        qtbot.keyClick(bar.field, Qt.Key.Key_Up)
        assert bar.field.text() == expected
    for expected in ("bright", "hal", "hal"):
        qtbot.keyClick(bar.field, Qt.Key.Key_Down)
        assert bar.field.text() == expected


def test_a_prompt_stands_once_in_the_history(bar):
    for words in ("dark", "bright", "dark"):
        bar.field.set_prompt(words)
        bar.field.submit()
    assert bar.field.history() == ("dark", "bright")


def test_words_are_completed_by_tab(bar, qtbot):
    bar.field.set_vocabulary(["bright", "brittle", "warm", "Bronze"])
    qtbot.keyClicks(bar.field, "warm and br")
    assert bar.field.completions() == ("bright", "brittle", "Bronze")
    qtbot.keyClick(bar.field, Qt.Key.Key_Tab)
    assert bar.field.text() == "warm and bright"
    assert bar.field.completions() == ()
    assert bar.field.hasFocus(), "Tab walks on only when nothing is offered"
    bar.field.set_prompt("")
    qtbot.keyClicks(bar.field, "b")
    assert bar.field.completions() == (), "one letter is too little to offer"


def test_a_chip_puts_its_words_in(bar, qtbot):
    chip = next(c for c in bar._chips.findChildren(QPushButton) if c.text() == "crisp")
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert bar.field.prompt() == "crisp"


def test_chips_that_do_not_fit_are_left_out_not_squeezed(bar):
    chips = bar._chips
    bar.resize(560, 120)
    for chip in chips.findChildren(QPushButton):
        if chip.isVisible():
            assert chip.width() >= chip.sizeHint().width()
            assert chip.geometry().right() <= chips.width()
    assert any(not c.isVisible() for c in chips.findChildren(QPushButton))


def test_a_prompt_cannot_be_longer_than_the_engine_reads(bar, qtbot):
    bar.field.setText("a" * 1000)
    assert len(bar.field.prompt()) == LONGEST


def test_encoders_are_chosen_where_there_are_several(bar, qtbot):
    assert not bar._encoder.isVisible()
    bar.set_encoders(["fxsem", "laion"], "laion")
    assert bar._encoder.isVisible()
    assert bar._encoder.currentText() == "laion"
    with qtbot.waitSignal(bar.encoder_chosen) as caught:
        qtbot.keyClick(bar._encoder, Qt.Key.Key_Up)
    assert caught.args == ["fxsem"]
