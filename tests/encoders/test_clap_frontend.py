"""The front-end that the CLAP models share."""

from __future__ import annotations

import math

import pytest
import torch

from text2fx_studio.encoders.clap_frontend import (
    FrontEnd,
    decibels,
    resize_matrix,
    short_time_spectrum,
    windows_of,
)
from text2fx_studio.encoders.laion import slaney


def test_the_spectrum_is_the_mirrored_transform() -> None:
    audio = torch.randn(2, 9600)
    window = torch.hann_window(1024)
    expected = torch.stft(
        audio, 1024, 480, window=window, center=True, pad_mode="reflect", return_complex=True
    )
    torch.testing.assert_close(short_time_spectrum(audio, window, 480), expected)
    assert expected.shape[-1] == 9600 // 480 + 1


@pytest.mark.parametrize("count", [1, 100, 512, 513, 1023])
def test_very_short_sounds_have_a_spectrum(count: int) -> None:
    found = short_time_spectrum(torch.ones(1, count), torch.hann_window(1024), 480)
    assert found.shape[:2] == (1, 513)
    assert bool(torch.isfinite(found.abs()).all())


def test_slaneys_filters_have_area_one_and_the_right_places() -> None:
    """Slaney, Auditory Toolbox (1998): linear to 1 kHz, then 27 steps for a factor of 6.4."""
    basis = slaney(64, 50.0, 14_000.0)
    front = FrontEnd(48_000, 480, 1001, torch.hann_window(1024), basis, (50.0, 14_000.0))
    assert basis.shape == (64, 513)
    centers = front.mel_centers_hz
    assert bool((centers.diff() > 0).all())

    def mel(hz: float) -> float:
        return hz * 3 / 200 if hz < 1000 else 15 + math.log(hz / 1000) * 27 / math.log(6.4)

    step = (mel(14_000.0) - mel(50.0)) / 65
    for index in (20, 40, 60):
        assert mel(float(centers[index])) == pytest.approx(mel(50.0) + (index + 1) * step, abs=0.2)
    area = basis.sum(dim=1) * 48_000 / 1024
    assert float((area[20:] - 1).abs().max()) < 0.06
    assert float(basis[:, front.bin_frequencies_hz > 14_000].sum()) == 0


def test_decibels_of_power() -> None:
    found = decibels(torch.tensor([1.0, 1e-3, 0.0, 1e-12]))
    torch.testing.assert_close(found, torch.tensor([0.0, -30.0, -100.0, -100.0]))


def test_short_sounds_are_repeated_and_long_ones_covered() -> None:
    x = torch.arange(5.0)[None, None]
    found, each = windows_of(x, 12)
    assert each == 1
    assert found[0, 0].tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]
    long = torch.arange(50.0).reshape(2, 1, 25)
    found, each = windows_of(long, 10)
    assert (each, found.shape) == (3, (6, 1, 10))
    assert found[:, 0, 0].tolist() == [0, 8, 15, 25, 33, 40]
    assert found[2, 0, -1] == 24  # the end is covered
    same, each = windows_of(x, 5)
    assert each == 1
    assert same is x


def test_resizing_is_bicubic() -> None:
    x = torch.randn(1, 1, 965, 4)
    expected = torch.nn.functional.interpolate(x, (1024, 4), mode="bicubic", align_corners=True)
    torch.testing.assert_close(resize_matrix(965, 1024) @ x[0, 0], expected[0, 0])
    torch.testing.assert_close(resize_matrix(965, 1024).sum(dim=1), torch.ones(1024))
