"""What ``fxsem`` hears in a recording before any effect, because it knows effects: colour and room.

For other encoders every answer is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from text2fx_studio.encoders.coordinates import (
    CURVE_COUNT,
    WET_HIGH_DB,
    WET_LOW_DB,
    WETNESS_MOST,
    curve_frequencies_hz,
    point_curve_db,
)
from text2fx_studio.encoders.fxsem import Fxsem
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.encoders.sounding import sounding_range_hz

HEARD_IN_DRY = 0.18  # wetness that is heard in dry recordings, on the mean
# Tilts, in dB per octave; the spreads are rough, from recordings of the check split.
TRIED_TILTS = (-7.0, -4.5, -2.5, -1.0, 0.0, 1.0, 2.5, 4.5, 7.0)
PLAIN_SPREAD = 0.5  # of what is heard in recordings that nobody has tilted
TILT_SPREAD = 3.0  # of what recordings may have been tilted by
Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Tilt:
    """How far a recording is tilted over where it sounds.

    Attributes:
        db_per_octave: Positive for bright.
        low_hz: Where it begins to sound.
        high_hz: Where it ends.
    """

    db_per_octave: float
    low_hz: float
    high_hz: float


@torch.no_grad()
def heard_colour_db(encoder: Encoder, mel_power: torch.Tensor) -> tuple[Curve, Curve] | None:
    """The tonal colour that an encoder hears.

    Args:
        encoder: Any.
        mel_power: The dry windows, [W, M, frames].

    Returns:
        Frequencies in Hz [24] and the curve in dB of mean zero [24], mean over the windows.
    """
    if not isinstance(encoder, Fxsem):
        return None
    return curve_frequencies_hz().double().numpy(), _colour_db(encoder, mel_power)


@torch.no_grad()
def tilt_of(encoder: Encoder, mel_power: torch.Tensor) -> Tilt | None:
    """How far a recording is tilted.

    A tilt is heard smaller than it is, and by how much differs from one recording to another:
    nearly whole in dense music, hardly in a bell. So the recording is tilted both ways, and the
    tilt that makes it sound like none says what it had, the more surely the more the encoder
    hears of it: the maximum a posteriori of a tilt of Gaussian prior, heard with Gaussian error.

    Args:
        encoder: Any.
        mel_power: The dry windows, [W, M, frames].

    Returns:
        The tilt, mean over the windows, and where it holds.
    """
    if not isinstance(encoder, Fxsem):
        return None
    low_hz, high_hz = sounding_range_hz(mel_power, encoder.mel_centers_hz)
    octaves = (encoder.mel_centers_hz.clamp(low_hz, high_hz) / 1000.0).log2()
    over = np.log2(curve_frequencies_hz().double().clamp(low_hz, high_hz).numpy())
    heard = []
    for tilt in TRIED_TILTS:
        gain = torch.pow(10.0, tilt * octaves / 10)[:, None]
        heard.append(float(np.polyfit(over, _colour_db(encoder, mel_power * gain), 1)[0]))
    return Tilt(most_likely_tilt(TRIED_TILTS, heard), low_hz, high_hz)


def most_likely_tilt(tried: Sequence[float], heard: Sequence[float]) -> float:
    """The tilt of a recording by what is heard of it after further ones.

    Args:
        tried: What it was tilted by, in dB per octave, ascending.
        heard: What was heard then, in dB per octave.

    Returns:
        In dB per octave, within what was tried.
    """
    grid = np.linspace(tried[0], tried[-1], 201)
    unlikely = (np.interp(grid, tried, heard) / PLAIN_SPREAD) ** 2 + (grid / TILT_SPREAD) ** 2
    return -float(grid[int(unlikely.argmin())])


@torch.no_grad()
def heard_room_db(encoder: Encoder, mel_power: torch.Tensor) -> float | None:
    """Level of the room that an encoder hears.

    Args:
        encoder: Any.
        mel_power: The dry windows, [W, M, frames].

    Returns:
        Reverb against direct sound in dB, as ``wet_db`` of ``dsp.reverb``; -30 for none.
    """
    if not isinstance(encoder, Fxsem):
        return None
    wetness = float(encoder.point(mel_power)[:, CURVE_COUNT].mean()) - HEARD_IN_DRY
    return WET_LOW_DB + (WET_HIGH_DB - WET_LOW_DB) * min(max(wetness, 0.0), WETNESS_MOST)


def _colour_db(encoder: Fxsem, mel_power: torch.Tensor) -> Curve:
    point = encoder.point(mel_power).mean(dim=0).double().cpu()
    return np.asarray(point_curve_db(point).numpy())
