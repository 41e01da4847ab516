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

# Tilts, and curves as a whole, are root mean squares over the curve, in dB.
SHAPE_GIVEN_BACK = 0.2  # of the colour without its tilt; of strong words
TILT_GIVEN_BACK = 2.0  # of the tilt that is heard, which is heard half as large as it is; likewise
STRONG_DB = 3.0  # from which words are strong; weaker ones give back in proportion
KNEE_DB = 2.0  # where what is left to do bends towards nothing, for strong words
LEAST_LEFT = 0.15  # of the tilt that the words ask for, however much is there
LEAST_LEFT_DB = 0.8  # which is just heard; where the words ask for as much
MOST_MORE_DB = 6.0  # than the words ask for, however much is missing
ROOM_GIVEN_BACK_MOST_DB = 6.0


@dataclass(frozen=True)
class HeardColour:
    """Tonal colour of a recording against what sounds are like on the whole.

    Attributes:
        frequencies_hz: Ascending, [K].
        curve_db: Mean zero, [K].
    """

    frequencies_hz: NDArray[np.float64]
    curve_db: NDArray[np.float64]


@dataclass(frozen=True)
class Energy:
    """Where a recording has energy.

    Attributes:
        frequencies_hz: Centers of mel bands, ascending, [M].
        level_db: Long-term power of each band, any reference, [M].
    """

    frequencies_hz: NDArray[np.float64]
    level_db: NDArray[np.float64]


def tilt_left_db(asked_db: float, heard_db: float) -> float:
    """The tilt that is left to do when a part of it is there already.

    It keeps the direction of the words, however much there is: "bright" makes no recording darker.
    It falls all the same with every bit that is there, so that versions of one recording end nearer
    to each other than they began. A recording of no tilt gets what is asked; words that ask for
    none leave the recording's own. However little there is, the equalizer is not driven without
    end.

    Args:
        asked_db: What the words ask for, positive for bright.
        heard_db: What the recording has.
    """
    way, size = math.copysign(1.0, asked_db), abs(asked_db)
    strength = strength_of(size)
    if strength == 0.0:
        return 0.0
    knee = strength * KNEE_DB
    nothing_there = knee * math.log(math.expm1(size / knee))  # softplus of it is what is asked
    left = nothing_there - strength * TILT_GIVEN_BACK * way * heard_db
    found = knee * float(np.logaddexp(0.0, left / knee))
    if found > size:
        found = size + MOST_MORE_DB * math.tanh((found - size) / MOST_MORE_DB)
    return way * max(found, LEAST_LEFT * size, min(size, LEAST_LEFT_DB))


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
