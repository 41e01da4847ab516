"""The document: previews, steps, undo, and edits at less than the full amount."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from text2fx_studio.session import Session
from ui.models.amount import at_full_amount
from ui.models.document import NEUTRAL, Content, Document, complete

LOUD = Chain((Equalizer({"bell_2_gain_db": 8.0}), Reverb({"wet_db": -12.0, "t60_s": 2.0})))


def with_gain(chain, gain_db):
    return chain.replace(chain.get(Equalizer).replace(bell_2_gain_db=gain_db))


def gain(chain):
    return chain.get(Equalizer).values["bell_2_gain_db"]


@pytest.fixture
def document(qapp):
    return Document()


def test_one_drag_is_one_step(document):
    for gain_db in (1.0, 2.0, 3.0):
        document.edit(with_gain(NEUTRAL, gain_db))
    document.edit(with_gain(NEUTRAL, 3.5), "Bell 2")
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == "Bell 2"
    document.undo_stack.undo()
    assert document.content == Content()
    document.undo_stack.redo()
    assert gain(document.content.heard) == 3.5


def test_a_change_that_changes_nothing_is_no_step(document):
    document.commit("Nothing", amount=1.0)
    assert document.undo_stack.count() == 0


def test_everything_of_the_content_comes_back(document):
    seen = []
    document.changed.connect(seen.append)
    document.commit("Shape", chain=LOUD, found={"prompt": "x"}, ghost=LOUD)
    document.commit("Amount", amount=0.5)
    document.commit("Snapshot A", snapshots={"A": LOUD})
    document.commit("Loop", loop_s=(1.0, 2.0))
    states = [Content(), *seen]
    for step in (3, 2, 1, 0):
        document.undo_stack.undo()
        assert document.content == states[step]


def test_a_dropped_preview_leaves_no_trace(document):
    document.commit("Shape", chain=LOUD)
    document.preview(amount=0.2)
    document.drop_preview()
    assert document.content.amount == 1.0
    assert document.undo_stack.count() == 1


def test_dragging_at_half_the_amount_moves_what_is_seen(document):
    document.commit("Shape", chain=LOUD, amount=0.5)
    assert gain(document.content.heard) == 4.0
    document.edit(with_gain(document.content.heard, 6.0), "Bell 2")
    assert gain(document.content.heard) == pytest.approx(6.0)
    assert gain(document.content.chain) == pytest.approx(12.0)
    assert document.content.amount == 0.5
    # what was not touched keeps its full value, bit for bit
    assert document.content.chain.get(Reverb) == LOUD.get(Reverb)


@given(st.floats(0.1, 1.0), st.floats(0.2, 3.0), st.floats(-40.0, -20.0))
def test_going_back_to_the_full_amount_is_exact_within_the_ranges(amount, t60_s, wet_db):
    low = LOUD.get(Reverb).parameter("wet_db").low
    room = Reverb({"wet_db": low + amount * (wet_db - low), "t60_s": 0.1 * (t60_s / 0.1) ** amount})
    shown = LOUD.with_amount(amount).replace(room)
    full = at_full_amount(LOUD, shown, amount)
    for name in ("wet_db", "t60_s"):
        assert full.with_amount(amount).get(Reverb).values[name] == pytest.approx(
            room.values[name], rel=1e-6
        )


def test_a_chain_is_completed_in_signal_order():
    assert complete(Chain((Reverb(),))).name == "eq,reverb"
    assert complete(Chain((Equalizer(),))).name == "eq,reverb"
    assert complete(Chain()).name == "eq,reverb"


def test_opening_another_recording_starts_over(document, tmp_path):
    document.commit("Shape", chain=LOUD)
    document.open(tmp_path / "x.wav")
    assert document.content == Content()
    assert not document.undo_stack.canUndo()


def test_a_session_holds_the_document_without_its_previews(document):
    document.commit("Shape", chain=LOUD, amount=0.5, ghost=LOUD, found={"prompt": "x"})
    document.preview(amount=0.9)
    session = document.to_session("x", "eq")
    again = Session.from_data(session.to_data())
    assert Document.content_of(again) == document.kept
