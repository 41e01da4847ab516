"""Loudness after ITU-R BS.1770-4: whole arrays, streams, and the weighting curve for the search.

``integrated_lufs`` measures with pyloudnorm; :class:`LoudnessMeter` is the same measure for
streams of any length, with the same K-weighting sections, and agrees with it within 0.01 LU.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dsp.errors import AudioContentError

BLOCK_S = 0.4
HOP_S = 0.1
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
_OFFSET = -0.691

# Gains by channel count in WAV order, BS.1770-4 table 4: side surrounds +1.5 dB, no LFE. Up to
# five channels as pyloudnorm (L R C Ls Rs); then 5.1, 6.1 (C rear at 1.0) and 7.1 (rears at 1.0).
_CHANNEL_GAINS: dict[int, tuple[float, ...]] = {
    1: (1.0,),
    2: (1.0, 1.0),
    3: (1.0, 1.0, 1.0),
    4: (1.0, 1.0, 1.0, 1.41),
    5: (1.0, 1.0, 1.0, 1.41, 1.41),
    6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41),
    7: (1.0, 1.0, 1.0, 0.0, 1.0, 1.41, 1.41),
    8: (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.41, 1.41),
}
_MOST_PYLOUDNORM_CHANNELS = 5


def k_weighting_power(frequencies_hz: ArrayLike) -> NDArray[np.float64]:
    """Power response |K(f)|^2 of the K-weighting, from its analogue prototype, for any rate.

    K(s) = (Vh s^2 + Vb w1/Q1 s + w1^2) / (s^2 + w1/Q1 s + w1^2) * s^2 / (s^2 + w2/Q2 s + w2^2):
    the shelf and high-pass whose bilinear transforms at 48 kHz are the coefficients printed in
    BS.1770-4 tables 1 and 2 (B. De Man, "Evaluation of implementations of the EBU R128 loudness
    measurement", AES 145, 2018). From 20 Hz to 20 kHz it is 0.043 dB (the passband gain of the
    printed high-pass, which pyloudnorm leaves out, too) below the printed filter, within 0.02 dB.

    Args:
        frequencies_hz: Any shape, 0 and above.

    Returns:
        Linear power, float64, the same shape; 1.0 is 0 dB.
    """
    s = 2j * math.pi * np.asarray(frequencies_hz, dtype=np.float64)
    w1, q1 = 2 * math.pi * 1681.974450955533, 0.7071752369554196
    w2, q2 = 2 * math.pi * 38.13547087602444, 0.5003270373238773
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    shelf = (high * s * s + band * w1 / q1 * s + w1 * w1) / (s * s + w1 / q1 * s + w1 * w1)
    high_pass = s * s / (s * s + w2 / q2 * s + w2 * w2)
    power: NDArray[np.float64] = np.abs(shelf * high_pass) ** 2
    return power


def integrated_lufs(audio: NDArray[np.floating], sample_rate: int) -> float:
    """Gated loudness of a whole sound.

    Args:
        audio: Shape [channels, samples], 1 to 8 channels in WAV order, full scale at ±1.0.
        sample_rate: In Hz.

    Returns:
        LUFS; -inf for silence (all below the gate of -70 LUFS) and for less than 0.4 s.

    Raises:
        AudioContentError: The shape is not [channels, samples] with 1 to 8 channels.
    """
    _check(audio)
    meter = LoudnessMeter(sample_rate, audio.shape[0])
    meter.add(audio)
    measured = meter.integrated_lufs()
    # pyloudnorm refuses short clips and more than five channels, and warns on silence.
    if math.isinf(measured) or audio.shape[0] > _MOST_PYLOUDNORM_CHANNELS:
        return measured
    data = np.asarray(audio.T, dtype=np.float64)
    import pyloudnorm  # here: it brings scipy.signal, for which a window should not wait

    return float(pyloudnorm.Meter(sample_rate).integrated_loudness(data))


def k_weighting_sections(sample_rate: int) -> NDArray[np.float64]:
    """The K-weighting as pyloudnorm designs it: second-order sections, float64, shape [2, 6].

    A high shelf of 4 dB at 1500 Hz (Q = 1/sqrt 2) and a high-pass at 38 Hz (Q = 0.5) after the RBJ
    cookbook: within 0.05 dB of BS.1770-4's printed coefficients at 44.1 kHz and above, and defined
    at every rate.
    """
    a = 10 ** (4.0 / 40)
    w = 2 * math.pi * 1500.0 / sample_rate
    c, alpha = math.cos(w), math.sin(w) / (2 * math.sqrt(0.5))
    root = 2 * math.sqrt(a) * alpha
    shelf = [
        a * ((a + 1) + (a - 1) * c + root),
        -2 * a * ((a - 1) + (a + 1) * c),
        a * ((a + 1) + (a - 1) * c - root),
        (a + 1) - (a - 1) * c + root,
        2 * ((a - 1) - (a + 1) * c),
        (a + 1) - (a - 1) * c - root,
    ]
    w = 2 * math.pi * 38.0 / sample_rate
    c, alpha = math.cos(w), math.sin(w) / (2 * 0.5)
    high_pass = [(1 + c) / 2, -(1 + c), (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha]
    sections = np.array([shelf, high_pass], dtype=np.float64)
    return np.asarray(sections / sections[:, 3:4], dtype=np.float64)


def _check(audio: NDArray[np.floating]) -> None:
    if audio.ndim != 2 or audio.shape[0] not in _CHANNEL_GAINS:
        raise AudioContentError(
            f"loudness: found samples of shape {list(audio.shape)}, needed is [channels, samples] "
            "with 1 to 8 channels"
        )


class LoudnessMeter:
    """Integrated loudness of a stream, with memory for ten numbers per second only.

    The blocks of 0.4 s that overlap by 75 % are sums of four stretches of 0.1 s, so each stretch's
    weighted energy is all that is kept; both gates are applied at the end.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Args: ``sample_rate`` in Hz; ``channels`` 1 to 8."""
        _check(np.zeros((channels, 0)))
        self._sample_rate = sample_rate
        self._sections = k_weighting_sections(sample_rate)
        self._state = np.zeros((2, channels, 2))
        self._gains = np.array(_CHANNEL_GAINS[channels])
        self._energies: list[float] = []  # of the stretches, closed ones and the open last one
        self._open = 0.0
        self._position = 0

    def add(self, block: NDArray[np.floating]) -> None:
        """Take in the next samples, shape [channels, n], any n."""
        _check(block)
        count = block.shape[1]
        if not count:
            return
        from scipy.signal import sosfilt

        weighted, self._state = sosfilt(self._sections, block, axis=1, zi=self._state)
        running = np.zeros(count + 1)
        np.cumsum(np.einsum("c,ct,ct->t", self._gains, weighted, weighted), out=running[1:])
        end = self._position + count
        bounds = [0]
        while (edge := self._edge(len(self._energies) + len(bounds))) <= end:
            bounds.append(edge - self._position)
        sums = np.diff(running[[*bounds, count]])
        sums[0] += self._open
        self._energies.extend(float(e) for e in sums[:-1])
        self._open = float(sums[-1])
        self._position = end

    def _edge(self, index: int) -> int:
        return round(index * HOP_S * self._sample_rate)

    def integrated_lufs(self) -> float:
        """Loudness of all samples so far, in LUFS; -inf for silence or less than 0.4 s."""
        # As pyloudnorm counts: the number of blocks is rounded, the last may be short.
        seconds = self._position / self._sample_rate
        if seconds < BLOCK_S:
            return -math.inf
        count = int(np.round((seconds - BLOCK_S) / HOP_S)) + 1
        stretches = np.array([*self._energies, self._open, 0.0, 0.0, 0.0, 0.0])
        blocks = np.lib.stride_tricks.sliding_window_view(stretches, 4)[:count].sum(axis=1)
        power = blocks / (BLOCK_S * self._sample_rate)
        absolute = 10 ** ((ABSOLUTE_GATE_LUFS - _OFFSET) / 10)
        loud = power[power >= absolute]
        if not loud.size:
            return -math.inf
        relative = loud.mean() * 10 ** (RELATIVE_GATE_LU / 10)
        return float(_OFFSET + 10 * np.log10(loud[loud > relative].mean()))
