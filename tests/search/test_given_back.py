"""What a recording has already: tilt and room."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from text2fx_studio.search.given_back import (
    LEAST_LEFT,
    LEAST_LEFT_DB,
    MOST_MORE_DB,
    ROOM_GIVEN_BACK_MOST_DB,
    STRONG_DB,
    TILT_GIVEN_BACK,
    less_heard_room,
    tilt_left_db,
)

FLAT = Equalizer()
TILTS = st.floats(-12.0, 12.0)


@given(asked=TILTS, there=TILTS, more=st.floats(0.1, 5.0))
def test_the_words_direction_is_kept_and_less_is_done_the_more_is_there(
    asked: float, there: float, more: float
) -> None:
    left = tilt_left_db(asked, there)
    assert left * np.sign(asked) >= LEAST_LEFT * abs(asked) or asked == 0
    assert tilt_left_db(asked, there + more) <= left
    assert tilt_left_db(-asked, -there) == pytest.approx(-left)


@pytest.mark.parametrize("asked", [-6.0, -3.0, -0.5, 0.5, 3.0, 6.0])
def test_a_recording_of_no_tilt_gets_what_is_asked(asked: float) -> None:
    assert tilt_left_db(asked, 0.0) == pytest.approx(asked)


def test_versions_of_a_recording_come_nearer_to_each_other() -> None:
    """About an ordinary recording, what is heard is given back nearly whole."""
    dull, plain = tilt_left_db(STRONG_DB, -1.0), tilt_left_db(STRONG_DB, 0.0)
    assert 0.75 * TILT_GIVEN_BACK <= dull - plain <= TILT_GIVEN_BACK


@given(asked=TILTS, there=TILTS)
def test_an_equalizer_is_not_driven_without_end(asked: float, there: float) -> None:
    assert abs(tilt_left_db(asked, there)) <= abs(asked) + MOST_MORE_DB


@given(asked=TILTS, there=TILTS)
def test_what_is_left_is_heard_where_the_words_ask_for_as_much(asked: float, there: float) -> None:
    assert abs(tilt_left_db(asked, there)) >= min(abs(asked), LEAST_LEFT_DB) - 1e-12


def test_words_that_hardly_ask_for_tilt_hardly_touch_it() -> None:
    assert tilt_left_db(0.0, 8.0) == 0.0
    assert abs(tilt_left_db(0.1, -2.0)) < 0.5


def test_a_room_that_is_there_is_not_asked_for_again() -> None:
    """By energy: -6 dB wanted and -9 dB there leave -9 dB; far more than there is stays."""
    wanted = Chain((FLAT, Reverb({"wet_db": -6.0})))
    found = less_heard_room(wanted, -9.0).get(Reverb)
    assert found is not None
    assert found.values["wet_db"] == pytest.approx(-9.02, abs=0.05)
    drenched = less_heard_room(wanted, 3.0).get(Reverb)
    assert drenched is not None
    assert drenched.values["wet_db"] == pytest.approx(-6.0 - ROOM_GIVEN_BACK_MOST_DB)
    faint = less_heard_room(wanted, -30.0).get(Reverb)
    assert faint is not None
    assert faint.values["wet_db"] == pytest.approx(-6.0, abs=0.1)


def test_no_room_is_made_where_none_is_likely() -> None:
    off = Chain((FLAT, Reverb()))
    assert less_heard_room(off, 0.0) == off
    assert less_heard_room(Chain((FLAT,)), 0.0) == Chain((FLAT,))
