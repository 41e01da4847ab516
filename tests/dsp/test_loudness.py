"""Loudness against BS.1770-4's own test values, pyloudnorm, and itself in pieces."""

import math

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import freqz_sos

from dsp.errors import AudioContentError
from dsp.loudness import (
    LoudnessMeter,
    integrated_lufs,
    k_weighting_power,
    k_weighting_sections,
)

# BS.1770-4 tables 1 and 2, 48 kHz.
PRINTED = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0],
        [1.0, -1.99004745483398, 0.99007225036621],
    ]
).reshape(2, 6)


def streamed(audio: np.ndarray, rate: int, size: int) -> float:
    meter = LoudnessMeter(rate, audio.shape[0])
    for start in range(0, audio.shape[1], size):
        meter.add(audio[:, start : start + size])
    return meter.integrated_lufs()


def sine(rate: int, seconds: float, hz: float, dbfs: float, channels: int = 2) -> np.ndarray:
    t = np.arange(int(rate * seconds)) / rate
    return np.tile(10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * t), (channels, 1))


def test_weighting_curve_is_the_printed_filter() -> None:
    f = np.geomspace(20, 20_000, 200)
    printed = np.abs(freqz_sos(PRINTED, f, fs=48_000)[1]) ** 2
    # The printed high-pass has a passband gain of 0.043 dB, the prototype has none.
    assert np.abs(10 * np.log10(k_weighting_power(f) / printed) + 0.043).max() < 0.02
    assert k_weighting_power([0.0])[0] == 0.0


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 192_000])
def test_sections_are_near_the_printed_filter(rate: int) -> None:
    f = np.geomspace(20, 20_000, 200)
    ours = np.abs(freqz_sos(k_weighting_sections(rate), f, fs=rate)[1]) ** 2
    assert np.abs(10 * np.log10(ours / k_weighting_power(f))).max() < 0.05


def test_a_sine_of_0_dbfs_in_one_channel_is_minus_3_01_lufs() -> None:
    # BS.1770-4, annex 1: 997 Hz, 0 dBFS, left, centre or right.
    assert integrated_lufs(sine(48_000, 3, 997, 0, 1), 48_000) == pytest.approx(-3.01, abs=0.05)


def test_tech_3341_cases() -> None:
    # EBU Tech 3341, cases 1 to 4: stereo 1 kHz sines.
    rate = 48_000
    for parts in (
        ((20, -23),),
        ((10, -36), (60, -23), (10, -36)),
        ((10, -72), (10, -36), (60, -23), (10, -36), (10, -72)),
    ):
        audio = np.concatenate([sine(rate, s, 1000, db) for s, db in parts], axis=1)
        assert streamed(audio, rate, 65_536) == pytest.approx(-23, abs=0.1)
    assert integrated_lufs(sine(rate, 20, 1000, -33), rate) == pytest.approx(-33, abs=0.1)


@settings(max_examples=25, deadline=None)
@given(
    rate=st.sampled_from([8000, 11_025, 22_050, 44_100, 96_000, 192_000]),
    channels=st.integers(1, 5),
    seconds=st.floats(0.41, 2.5),
    size=st.integers(500, 50_000),
    seed=st.integers(0, 1000),
)
def test_the_stream_agrees_with_pyloudnorm(
    rate: int, channels: int, seconds: float, size: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    count = int(rate * seconds)
    swell = np.abs(np.sin(np.arange(count) / rate * rng.uniform(0.5, 8))) ** 4
    audio = 0.2 * rng.standard_normal((channels, count)) * swell
    expected = pyloudnorm.Meter(rate).integrated_loudness(audio.T)
    assert streamed(audio, rate, size) == pytest.approx(expected, abs=0.02)
    assert integrated_lufs(audio, rate) == pytest.approx(expected, abs=1e-6)
    assert streamed(audio, rate, count) == pytest.approx(streamed(audio, rate, size), abs=1e-9)


@pytest.mark.parametrize("channels", range(1, 9))
def test_silence_and_short_clips_have_none(channels: int) -> None:
    assert integrated_lufs(np.zeros((channels, 48_000)), 48_000) == -math.inf
    assert integrated_lufs(np.zeros((channels, 0)), 48_000) == -math.inf
    assert integrated_lufs(0.1 * np.ones((channels, 2400)), 48_000) == -math.inf
    quiet = 1e-5 * np.random.default_rng(0).standard_normal((channels, 48_000))
    assert integrated_lufs(quiet, 48_000) == -math.inf


def test_surround_channels_have_their_weights() -> None:
    rate = 48_000
    tone = sine(rate, 2, 1000, -20, 1)[0]

    def alone(channel: int, channels: int) -> float:
        audio = np.zeros((channels, len(tone)))
        audio[channel] = tone
        return integrated_lufs(audio, rate)

    front = alone(0, 6)
    assert alone(3, 6) == -math.inf  # the LFE does not count
    assert alone(4, 6) - front == pytest.approx(1.49, abs=0.01)
    assert alone(4, 8) == pytest.approx(front)
    assert alone(7, 8) - front == pytest.approx(1.49, abs=0.01)


def test_wrong_shapes() -> None:
    for shape in ((5,), (9, 5), (0, 5)):
        with pytest.raises(AudioContentError, match="1 to 8 channels"):
            integrated_lufs(np.zeros(shape), 48_000)
