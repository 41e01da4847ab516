"""True peak against sines whose peak between the samples is known."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from dsp.true_peak import TruePeakMeter, interpolator, true_peak_dbtp


@pytest.mark.parametrize("share", [0.002, 0.1, 0.25, 1 / 3, 0.4, 0.44])
@pytest.mark.parametrize("phase", [0.0, 0.25, 0.5, 0.785])
def test_sines_read_true(share: float, phase: float) -> None:
    # A grid of 4x may miss the crest by up to 20 log10 cos(pi share / 4), 0.53 dB here.
    t = np.arange(20_000)
    window = np.minimum(1, np.minimum(t, t[::-1]) / 2000)
    audio = (0.5 * window * np.sin(2 * np.pi * share * t + phase * np.pi))[None]
    missed = 20 * math.log10(math.cos(math.pi * share / 4))
    assert -6.02 + missed - 0.1 < true_peak_dbtp(audio) < -6.02 + 0.1


def test_the_classic_hidden_peak() -> None:
    # A quarter of the rate at 45 degrees: samples at -3 dBFS, the wave at 0 dBFS.
    t = np.arange(4000)
    audio = np.sin(np.pi / 2 * t + np.pi / 4)[None] * np.hanning(4000)
    assert 20 * math.log10(np.abs(audio).max()) == pytest.approx(-3.01, abs=0.01)
    assert true_peak_dbtp(audio) == pytest.approx(0.0, abs=0.05)


def test_it_agrees_with_another_oversampler() -> None:
    audio = np.random.default_rng(3).standard_normal((2, 20_000)) * 0.1
    spectrum = np.fft.rfft(audio)
    spectrum[:, int(0.42 / 0.5 * spectrum.shape[1]) :] = 0  # where both filters are flat
    audio = np.fft.irfft(spectrum)
    finer = resample_poly(audio, 4, 1, axis=1, window=("kaiser", 8.0))
    other = 20 * math.log10(np.abs(finer).max())
    assert true_peak_dbtp(audio) == pytest.approx(other, abs=0.15)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), size=st.integers(1, 6000), channels=st.integers(1, 8))
def test_pieces_are_the_whole_and_skipping_changes_nothing(
    seed: int, size: int, channels: int
) -> None:
    rng = np.random.default_rng(seed)
    swell = rng.uniform(0, 1, 9000) ** 8
    audio = (0.3 * rng.standard_normal((channels, 9000)) * swell).astype(np.float32)
    meter = TruePeakMeter(channels)
    for start in range(0, 9000, size):
        meter.add(audio[:, start : start + size])
    meter.flush()
    padded = np.pad(audio, ((0, 0), (31, 32)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 32, axis=1)
    direct = max(float(np.abs(windows @ interpolator()).max()), float(np.abs(audio).max()))
    assert meter.true_peak_dbtp() == pytest.approx(20 * math.log10(direct), abs=1e-4)
    assert meter.sample_peak == float(np.abs(audio).max())


def test_a_constant_is_read_as_itself_and_silence_as_nothing() -> None:
    assert np.abs(interpolator().sum(axis=0) - 1).max() < 1e-6
    assert true_peak_dbtp(np.zeros((2, 100))) == -math.inf
    assert true_peak_dbtp(np.zeros((2, 0))) == -math.inf


def test_a_click_at_the_very_end_is_interpolated() -> None:
    audio = np.zeros((1, 100))
    audio[0, -2:] = 0.5
    assert true_peak_dbtp(audio) > 20 * math.log10(0.5) + 1
