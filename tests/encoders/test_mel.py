"""Filter banks, loudness weighting and the coordinates of the space."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from text2fx_studio.encoders.coordinates import (
    CURVE_COUNT,
    POINT_COUNT,
    curve_frequencies_hz,
    curve_point,
    lift,
    space_point,
    unlift,
)
from text2fx_studio.encoders.mel import (
    a_weighting_power,
    bin_frequencies,
    hz_to_mel,
    k_weighting_power,
    mel_filterbank,
    mel_to_hz,
)
from text2fx_studio.encoders.settings import pack, unpack


@pytest.mark.parametrize("scale", ["htk", "slaney"])
def test_mel_scale_inverts(scale: str) -> None:
    frequency = torch.tensor([20.0, 440.0, 999.0, 1001.0, 8000.0], dtype=torch.float64)
    torch.testing.assert_close(mel_to_hz(hz_to_mel(frequency, scale), scale), frequency)


def test_known_mel_values() -> None:
    assert float(hz_to_mel(torch.tensor(1000.0), "slaney")) == pytest.approx(15.0)
    assert float(hz_to_mel(torch.tensor(1000.0), "htk")) == pytest.approx(999.99, abs=0.01)


def test_triangles_add_up_to_one_between_centers() -> None:
    basis, centers = mel_filterbank(32_000, 4096, 64, 50, 14_000)
    inside = (bin_frequencies(32_000, 4096) > centers[0]) & (
        bin_frequencies(32_000, 4096) < centers[-1]
    )
    torch.testing.assert_close(basis.sum(0)[inside], torch.ones(int(inside.sum())))


def test_area_norm_gives_equal_areas() -> None:
    basis, centers = mel_filterbank(32_000, 8192, 40, 100, 14_000, norm="area")
    areas = basis.sum(1) * 32_000 / 8192
    torch.testing.assert_close(areas[centers > 500], torch.ones(int((centers > 500).sum())),
                               atol=0.02, rtol=0)  # fmt: skip


def test_k_weighting_by_the_standard() -> None:
    db = 10 * torch.log10(k_weighting_power(torch.tensor([38.0, 997.0, 10_000.0])))
    assert float(db[1]) == pytest.approx(0.691, abs=0.02)
    assert float(db[2] - db[1]) == pytest.approx(3.3, abs=0.2)
    assert float(db[0] - db[1]) == pytest.approx(-6.7, abs=0.5)


def test_constant_gain_is_no_colour() -> None:
    curve = torch.randn(5, CURVE_COUNT) * 4
    torch.testing.assert_close(curve_point(curve + 7), curve_point(curve), atol=1e-5, rtol=0)
    assert float(curve_point(torch.full((CURVE_COUNT,), 3.0)).abs().max()) < 1e-6
    assert curve_frequencies_hz()[0] == pytest.approx(60)
    assert len(curve_frequencies_hz()) == 24


@given(st.lists(st.floats(-3, 3), min_size=POINT_COUNT, max_size=POINT_COUNT))
def test_lift_is_best_where_points_meet(values: list[float]) -> None:
    point = torch.tensor(values)
    torch.testing.assert_close(unlift(lift(point)), point, atol=1e-4, rtol=1e-4)
    assert float(lift(point) @ lift(point)) == pytest.approx(1.0, abs=1e-5)
    if point.norm() > 0.2:
        for amount in (0.0, 0.5, 2.0, 3.0):
            assert float(lift(amount * point) @ lift(point)) < 1 - 1e-6


def test_more_room_lies_farther_out() -> None:
    wet = torch.tensor([-48.0, -24.0, -12.0, 0.0])
    points = space_point(wet, torch.full((4,), 3.0), torch.full((4,), 0.4))
    assert float(points[0].abs().max()) == 0.0
    assert bool((points[:, 0].diff() > 0).all())


def test_settings_survive_packing() -> None:
    gains = (1.0, -2.0, 3.0, 0.0, 5.0, -6.0, 7.0, -8.0)
    row = pack(gains, 300.0, 3400.0, (2.5, -6.0, 30.0, 0.6), True)
    row[[8, 10, 12]] = torch.tensor([5.0, 5.0, 5.0])  # as logits
    found = unpack(row)
    assert found.gains_db == pytest.approx(gains, abs=1e-4)
    assert found.high_pass_hz == pytest.approx(300, rel=1e-4)
    assert found.low_pass_hz == pytest.approx(3400, rel=1e-4)
    assert (found.t60_s, found.wet_db, found.predelay_ms, found.damping) == pytest.approx(
        (2.5, -6.0, 30.0, 0.6), rel=1e-4
    )
    assert bool(pack(gains, None, None, None, False)[13:].isnan().all())


@pytest.mark.parametrize(
    ("frequency_hz", "level_db"),
    [(31.5, -39.4), (100.0, -19.1), (1000.0, 0.0), (2500.0, 1.3), (10_000.0, -2.5)],
)
def test_a_weighting_is_the_standards(frequency_hz: float, level_db: float) -> None:
    """IEC 61672-1:2013, table 3."""
    power = a_weighting_power(torch.tensor([frequency_hz]))
    assert 10 * math.log10(float(power[0])) == pytest.approx(level_db, abs=0.2)
