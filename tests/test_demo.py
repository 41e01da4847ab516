"""The demo loop: music enough to shape, clean, and the same every time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from text2fx_studio.demo import SAMPLE_RATE_HZ, _loop, demo_loop, write_loop
from text2fx_studio.errors import OutputError

OCTAVES_HZ = [(31.25 * 2**i, 62.5 * 2**i) for i in range(9)]


def test_is_eight_seconds_of_clean_stereo() -> None:
    sound = demo_loop()
    assert sound.dtype == np.float32
    assert sound.shape == (2, 8 * SAMPLE_RATE_HZ)
    assert np.abs(sound).max() == pytest.approx(10 ** (-3 / 20), rel=1e-5)
    assert np.abs(sound.mean(axis=1)).max() < 1e-4
    assert -18 < pyloudnorm.Meter(SAMPLE_RATE_HZ).integrated_loudness(sound.T) < -12


def test_is_the_same_at_every_call() -> None:
    first = demo_loop()
    _loop.cache_clear()  # made anew, not remembered
    np.testing.assert_array_equal(first, demo_loop())
    first[:] = 0.0  # whoever writes into it keeps that to themselves
    assert demo_loop().any()


def test_reaches_over_the_whole_spectrum_and_both_sides() -> None:
    sound = demo_loop().astype(np.float64)
    power = (np.abs(np.fft.rfft(sound)) ** 2).mean(axis=0)
    frequencies = np.fft.rfftfreq(sound.shape[1], 1 / SAMPLE_RATE_HZ)
    shares_db = [
        10 * np.log10(power[(frequencies >= low) & (frequencies < high)].sum() / power.sum())
        for low, high in OCTAVES_HZ
    ]
    assert min(shares_db) > -26
    assert max(shares_db) < -3
    assert 0.3 < np.corrcoef(sound)[0, 1] < 0.95


def test_repeats_and_cuts() -> None:
    once = demo_loop()
    long = demo_loop(20.0)
    assert long.shape == (2, 20 * SAMPLE_RATE_HZ)
    np.testing.assert_array_equal(long[:, once.shape[1] : 2 * once.shape[1]], once)
    np.testing.assert_array_equal(demo_loop(0.5), once[:, : SAMPLE_RATE_HZ // 2])


def test_its_seam_does_not_click() -> None:
    sound = demo_loop(16.0)
    seam = sound.shape[1] // 2
    step = np.abs(np.diff(sound[:, seam - 1 : seam + 1])).max()
    assert step < 0.25  # no larger than the steps within its own drum hits
    assert step < np.abs(np.diff(sound)).max()


def test_writes_a_file_and_says_when_it_cannot(tmp_path: Path) -> None:
    path = tmp_path / "loop.wav"
    write_loop(path)
    info = soundfile.info(path)
    assert (info.channels, info.samplerate, info.subtype) == (2, SAMPLE_RATE_HZ, "PCM_24")
    with pytest.raises(OutputError, match="exists already"):
        write_loop(path)
    with pytest.raises(OutputError, match="does not exist"):
        write_loop(tmp_path / "no" / "loop.wav")
    assert list(tmp_path.iterdir()) == [path]
