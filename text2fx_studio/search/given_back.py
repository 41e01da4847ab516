"""What a recording has already of what the words ask for, so that it is not done again.

A dull take of a bright sound needs more treble than a bright one. The encoder says what colour and
what room a recording has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.chain import Chain
from dsp.reverb import Reverb
from text2fx_studio.encoders.hearing import Tilt

# Tilts, and curves as a whole, are root mean squares over the curve, in dB.
SHAPE_GIVEN_BACK = 0.2  # of the colour without its tilt; of strong words
STRONG_DB = 3.0  # from which words are strong; weaker ones give back in proportion
TILT_ASKED = 1.3  # of the words' own, a mean of settings and so flatter than any of them
MOST_MORE_DB = 9.0  # than the words ask for, however much is missing
MOST_BACK_DB = 4.0  # against the words, however much is there; of strong words
ROOM_GIVEN_BACK_MOST_DB = 6.0


@dataclass(frozen=True)
class HeardColour:
    """Tonal colour of a recording against what sounds are like on the whole.

    Attributes:
        frequencies_hz: Ascending, [K].
        curve_db: Mean zero, [K].
        tilt: What the recording has of it, which is more than is heard in the curve.
    """

    frequencies_hz: NDArray[np.float64]
    curve_db: NDArray[np.float64]
    tilt: Tilt


@dataclass(frozen=True)
class Energy:
    """Where a recording has energy.

    Attributes:
        frequencies_hz: Centers of mel bands, ascending, [M].
        level_db: Long-term power of each band, any reference, [M].
        lines: The same more finely, for where its centroid lies: frequencies in Hz, ascending, and
            power, any reference; None to take the bands.
    """

    frequencies_hz: NDArray[np.float64]
    level_db: NDArray[np.float64]
    lines: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None


def tilt_left_db(asked_db: float, there_db: float) -> float:
    """The tilt that is left to do when a part of it is there already.

    What is there is taken off whole, so that versions of one recording end near to each other. A
    recording that has far more than the words ask for gets some of it taken back: the warmest is
    not warm but muffled. That the words are heard all the same is for the prior's centroid.
    Words that ask for no tilt leave the recording's own, and the equalizer is not driven without
    end.

    Args:
        asked_db: What the words ask for, positive for bright.
        there_db: What the recording has.
    """
    way, size = math.copysign(1.0, asked_db), abs(asked_db)
    strength = strength_of(size)
    left = TILT_ASKED * size - strength * way * there_db
    if left > size:
        left = size + MOST_MORE_DB * math.tanh((left - size) / MOST_MORE_DB)
    return way * max(left, -strength * MOST_BACK_DB)


def strength_of(asked_db: float) -> float:
    """How strong words are, 0..1, by the root mean square of what they ask for."""
    return min(asked_db / STRONG_DB, 1.0)


def less_heard_room(chain: Chain, heard_db: float) -> Chain:
    """A likely setting with less reverb, by the energy of the room that the recording is in.

    Args:
        chain: The likely setting; one without reverb, or with it off, stays as it is.
        heard_db: Level of the room that is heard in the recording, against the direct sound.
    """
    room = chain.get(Reverb)
    if room is None or room.is_neutral():
        return chain
    wet_db = room.values["wet_db"]
    left = 10 ** (wet_db / 10) - 10 ** (heard_db / 10)
    least = 10 ** ((wet_db - ROOM_GIVEN_BACK_MOST_DB) / 10)
    wanted = room.parameter("wet_db").clip(10 * np.log10(max(left, least)))
    return chain.replace(room.replace(wet_db=float(wanted)))
