"""What the bundled encoder hears in a recording before any effect."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.search.toy_encoder import ToyEncoder
from text2fx_studio.benchmark.clips import pink_noise
from text2fx_studio.encoders.fxsem import Fxsem
from text2fx_studio.encoders.hearing import (
    TRIED_TILTS,
    heard_colour_db,
    heard_room_db,
    most_likely_tilt,
    tilt_of,
)
from text2fx_studio.encoders.registry import load_encoder
from text2fx_studio.encoders.sounding import sounding_range_hz


@pytest.mark.parametrize("own", [-2.0, 0.0, 1.5])
@pytest.mark.parametrize("share", [0.4, 0.7, 1.0])
def test_a_tilt_is_found_whatever_share_of_it_is_heard(own: float, share: float) -> None:
    heard = [share * (own + tried) for tried in TRIED_TILTS]
    assert most_likely_tilt(TRIED_TILTS, heard) == pytest.approx(own, abs=0.15 + 0.15 * abs(own))


def test_an_encoder_that_hears_no_tilt_says_that_there_is_none() -> None:
    assert most_likely_tilt(TRIED_TILTS, [-1.5] * len(TRIED_TILTS)) == pytest.approx(0.0, abs=0.1)


@pytest.fixture(scope="module")
def fxsem() -> Fxsem:
    encoder = load_encoder("fxsem")
    assert isinstance(encoder, Fxsem)
    return encoder


@pytest.mark.parametrize("tilt", [-2.0, 2.0])
def test_noise_that_was_tilted_is_heard_as_tilted_by_as_much(fxsem: Fxsem, tilt: float) -> None:
    power = _noise_power(fxsem)
    octaves = (fxsem.mel_centers_hz / 1000.0).log2()[:, None]
    plain = tilt_of(fxsem, power)
    tilted = tilt_of(fxsem, power * torch.pow(10.0, tilt * octaves / 10))
    assert plain is not None
    assert tilted is not None
    assert tilted.db_per_octave - plain.db_per_octave == pytest.approx(tilt, rel=0.25)


def test_a_recording_is_heard_where_it_sounds(fxsem: Fxsem) -> None:
    power = _noise_power(fxsem)
    centers = fxsem.mel_centers_hz
    assert sounding_range_hz(power, centers) == pytest.approx((60.0, 14_000.0), rel=0.2)
    middle = ((centers > 500.0) & (centers < 4000.0))[:, None]
    narrow = sounding_range_hz(power * torch.where(middle, 1.0, 1e-6), centers)
    assert narrow == pytest.approx((500.0, 4000.0), rel=0.1)
    tone = (centers - 1000.0).abs() == (centers - 1000.0).abs().min()
    low, high = sounding_range_hz(power * torch.where(tone[:, None], 1.0, 1e-6), centers)
    assert high >= 2 * low * 0.999


def test_colour_has_mean_zero_and_dry_noise_no_loud_room(fxsem: Fxsem) -> None:
    heard = heard_colour_db(fxsem, _noise_power(fxsem))
    assert heard is not None
    assert heard[0].shape == heard[1].shape == (24,)
    assert float(np.mean(heard[1])) == pytest.approx(0.0, abs=0.05)
    room = heard_room_db(fxsem, _noise_power(fxsem))
    assert room is not None
    assert room < 0.0


def test_other_encoders_cannot_say() -> None:
    other = ToyEncoder()
    power = torch.ones(1, len(other.mel_basis), 50)
    assert heard_colour_db(other, power) is None
    assert tilt_of(other, power) is None
    assert heard_room_db(other, power) is None


def _noise_power(encoder: Fxsem) -> torch.Tensor:
    noise = torch.from_numpy(pink_noise(sample_rate=encoder.sample_rate).audio)
    return encoder.mel_basis @ encoder.spectrum(noise).abs().square()
