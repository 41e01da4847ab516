import pytest
from PySide6.QtCore import Qt

from ui.views.proposal_card import Proposal, ProposalCard

FOUND = Proposal("warm", 0.21, 0.47, True, "Sure.", (0.8, 0.6, 0.5), 0.84)


@pytest.fixture
def card(qtbot, theme) -> ProposalCard:
    made = ProposalCard()
    qtbot.addWidget(made)
    made.resize(480, 280)
    made.show()
    return made


def test_a_proposal_can_be_taken_or_left(card, qtbot):
    card.set_proposal(FOUND)
    assert card.state() == "ready"
    assert card.facts() == "ready in 0.8 s · 3 steps"
    assert card._amount_name.whole_text() == "Amount of “warm”"
    with qtbot.waitSignal(card.accept_requested):
        qtbot.mouseClick(card._accept, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(card.discard_requested):
        qtbot.mouseClick(card._discard, Qt.MouseButton.LeftButton)


def test_only_an_offer_is_outlined_and_can_be_accepted(card):
    for act, offered in (
        (card.set_idle, False),
        (lambda: card.set_searching("warm", 1, 10, 0.2, 0.3), False),
        (lambda: card.set_proposal(FOUND), True),
        (card.set_accepted, False),
        (card.set_stopped, True),
    ):
        act()
        assert card._accept.isEnabled() == offered
    card.set_idle()
    assert card.property("panel") == "plain"
    card.set_proposal(FOUND)
    assert card.property("panel") == "offer"


def test_no_better_than_dry_says_so_and_offers_words(card, qtbot):
    card.set_proposal(Proposal("catchy", 0.31, 0.30, False, near=("mellow", "dark")))
    assert card._title.text() == "No better than dry"
    assert "The sound stays dry" in card._verdict.text()
    assert not card._accept.isEnabled()
    chip = card.near._chips[1]
    with qtbot.waitSignal(card.word_chosen) as caught:
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert caught.args == ["dark"]


def test_what_was_no_better_can_be_used_anyway_and_only_then(card, qtbot):
    card.set_proposal(FOUND)
    assert card._accept.isVisible()
    assert not card._anyway.isVisible()
    card.set_proposal(Proposal("catchy", 0.31, 0.30, False))
    assert card._anyway.isVisible()
    assert not card._accept.isVisible()
    with qtbot.waitSignal(card.anyway_requested):
        qtbot.mouseClick(card._anyway, Qt.MouseButton.LeftButton)
    card.set_accepted()
    assert not card._anyway.isVisible()


def test_no_better_without_words_promises_none(card):
    card.set_proposal(Proposal("catchy", 0.31, 0.30, False))
    assert "Words near it" not in card._verdict.text()
    assert not card.near.isVisible()


def test_the_amount_is_typed_in_per_cent(card, qtbot):
    card.set_proposal(FOUND)
    moved, kept = [], []
    card.amount_previewed.connect(moved.append)
    card.amount_committed.connect(kept.append)
    card._percent.setFocus()
    card._percent.selectAll()
    qtbot.keyClicks(card._percent, "82")
    qtbot.keyClick(card._percent, Qt.Key.Key_Return)
    assert moved == kept == [0.82]
    assert card.amount.position() == 0.82


def test_the_amount_slides_by_keys(card, qtbot):
    card.set_proposal(FOUND)
    qtbot.keyClick(card.amount, Qt.Key.Key_PageDown)
    assert card._percent.text() == "90 %"
    assert card.amount.accessibleName() == "Amount of warm"


def test_the_room_is_shown_where_there_is_one(card):
    card.set_proposal(FOUND)
    assert not card.wet.isVisible()
    card.set_wet_db(-14.0)
    assert card.wet.isVisible()
    assert card.wet.value() == -14.0


def test_scores_and_loss_are_read_out(card):
    card.set_proposal(Proposal("x", -0.05, 0.47, True, history=(0.8, float("nan"), 0.5)))
    assert card._scores.accessibleDescription() == "dry −0.05, wet 0.47"
    assert card._loss.accessibleDescription() == "2 steps, loss 0.800 to 0.500"
    card.grab()
    card.set_searching("x", 0, 0, None, None)
    assert card._scores.accessibleDescription() == "dry –, wet –"
    card.grab()


def test_a_very_long_prompt_is_cut_with_its_whole_in_the_tooltip(card):
    words = "warm " * 40
    card.set_proposal(Proposal(words.strip(), 0.1, 0.2))
    assert card._asked.text().endswith("…")
    assert card._asked.toolTip() == f"“{words.strip()}”"


def test_a_stopped_search_is_named_after_its_own_words(card):
    card.set_proposal(FOUND)
    card.set_amount(0.3)
    card.set_searching("bright", 4, 60, None, 0.3)
    card.set_stopped()
    assert card._amount_name.whole_text() == "Amount of “bright”"
    assert card.amount.position() == 1.0
    assert card._accept.isEnabled()
