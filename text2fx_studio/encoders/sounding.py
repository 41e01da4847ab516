"""From where to where a recording sounds: beyond, there is noise that nobody hears."""

from __future__ import annotations

import torch

from text2fx_studio.encoders.coordinates import CURVE_HIGH_HZ, CURVE_LOW_HZ
from text2fx_studio.encoders.mel import a_weighting_power

SOUNDS_DB = -50.0  # of the loudest band


def sounding_range_hz(mel_power: torch.Tensor, centers_hz: torch.Tensor) -> tuple[float, float]:
    """From where to where a recording sounds: its mel bands within ``SOUNDS_DB`` of the loudest.

    A-weighted: what rumbles below a flute is there, and nobody hears it. At least an octave,
    within the curve's frequencies.

    Args:
        mel_power: The recording, [..., M, frames].
        centers_hz: Of the mel bands, ascending, [M].

    Returns:
        Lowest and highest frequency in Hz.
    """
    power = mel_power.mean(dim=-1).reshape(-1, len(centers_hz)).mean(dim=0)
    power = power * a_weighting_power(centers_hz)
    sounding = centers_hz[power >= power.max() * 10 ** (SOUNDS_DB / 10)]
    low = max(min(float(sounding[0]), float(sounding[-1]) / 2), CURVE_LOW_HZ)
    return low, min(max(float(sounding[-1]), 2 * low), CURVE_HIGH_HZ)
