"""How much louder a chain makes a recording, known at once from its long-term spectrum.

    change = 10 log10( sum_f w(f) P(f) |H(f)|^2 (1 + E(f)) / sum_f w(f) P(f) )

P is the recording's power density, w the K-weighting of BS.1770 times the width of each point of
the grid, H the equalizer, and E(f) the energy of the room's impulse response around f (its noise is
uncorrelated with the dry sound, so powers add). Rendering and measuring both sounds takes a
hundred times as long; the two differ by the gate and by what the spectrum changes over time.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp import reverb
from dsp.chain import Chain
from dsp.loudness import k_weighting_power
from dsp.reverb import Reverb


def loudness_change_db(
    chain: Chain,
    frequencies_hz: NDArray[np.float64],
    power: NDArray[np.float64],
    sample_rate: float,
) -> float:
    """Loudness of the shaped sound minus that of the dry one.

    Args:
        chain: The setting.
        frequencies_hz: Log-spaced, shape [F].
        power: Power density of the recording at these, shape [F].
        sample_rate: Of the recording, in Hz.

    Returns:
        LU; 0.0 for silence and for a neutral chain.
    """
    weights = k_weighting_power(frequencies_hz) * power * np.gradient(frequencies_hz)
    dry = float(weights.sum())
    if dry <= 0 or chain.is_neutral():
        return 0.0
    wet = weights * 10 ** (chain.frequency_response_db(frequencies_hz, sample_rate) / 10)
    room = chain.get(Reverb)
    if room is not None and not room.is_neutral():
        wet = wet * (1 + room_energy(room, frequencies_hz))
    return 10 * math.log10(max(float(wet.sum()), 1e-30) / dry)


def room_energy(room: Reverb, frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected energy of the wet impulse response around each frequency, linear, shape [F].

    (wet / E)^2 g(f)^2 T60(f) rate / (6 ln 10), in which the rate cancels.
    """
    values = room.values
    mean = float(np.mean(reverb.room_gain(values) ** 2 * reverb.decay_times_s(values)))
    here = reverb.room_gain(values, frequencies_hz) ** 2 * reverb.decay_times_s(
        values, frequencies_hz
    )
    energy: NDArray[np.float64] = 10 ** (values["wet_db"] / 10) * here / mean
    return energy
