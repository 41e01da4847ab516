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
    MOST_BACK_DB,
    MOST_MORE_DB,
    ROOM_GIVEN_BACK_MOST_DB,
    STRONG_DB,
    TILT_ASKED,
    less_heard_room,
    tilt_left_db,
)

FLAT = Equalizer()
TILTS = st.floats(-12.0, 12.0)


@given(asked=TILTS, there=TILTS, more=st.floats(0.1, 5.0))
def test_less_is_done_the_more_is_there(asked: float, there: float, more: float) -> None:
    assert tilt_left_db(asked, there + more) <= tilt_left_db(asked, there)
    assert tilt_left_db(-asked, -there) == pytest.approx(-tilt_left_db(asked, there))


@given(asked=TILTS, there=TILTS)
def test_the_words_direction_is_kept_where_less_is_there_than_they_ask_for(
    asked: float, there: float
) -> None:
    if abs(asked) > 0.1 and np.sign(asked) * there <= abs(asked):
        assert np.sign(tilt_left_db(asked, there)) == np.sign(asked)


@pytest.mark.parametrize("asked", [-6.0, -3.0, -0.5, 0.5, 3.0, 6.0])
def test_a_recording_of_no_tilt_gets_what_is_asked_and_a_little_more(asked: float) -> None:
    assert 1.0 < tilt_left_db(asked, 0.0) / asked <= TILT_ASKED


def test_versions_of_a_recording_end_near_each_other() -> None:
    """From dull to bright, what is there is given back nearly whole, and stays within reason."""
    ends = [there + tilt_left_db(STRONG_DB, there) for there in (-5.0, -2.5, 0.0, 2.5, 5.0)]
    assert np.ptp(ends) < 0.2 * 10.0


@given(asked=TILTS, there=TILTS)
def test_an_equalizer_is_not_driven_without_end(asked: float, there: float) -> None:
    left = tilt_left_db(asked, there) * np.copysign(1.0, asked)
    assert -MOST_BACK_DB <= left <= abs(asked) + MOST_MORE_DB


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
