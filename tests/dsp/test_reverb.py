import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings

from dsp import reverb
from dsp.chain import Chain, tensor_values
from dsp.reverb import Reverb
from tests.dsp.strategies import reverbs

RATE = 48_000


def measured_t60_s(response, rate, low_hz, high_hz):
    """T30 of a band by Schroeder integration (ISO 3382), in seconds."""
    sos = scipy.signal.butter(4, [low_hz, high_hz], "bandpass", fs=rate, output="sos")
    band = scipy.signal.sosfiltfilt(sos, response)
    decay_db = 10 * np.log10(np.cumsum(band[::-1] ** 2)[::-1] / np.sum(band**2) + 1e-30)
    part = (decay_db < -5) & (decay_db > -35)
    seconds = np.arange(len(response))[part] / rate
    slope = np.polyfit(seconds, decay_db[part], 1)[0]
    return -60 / slope


def room(**values):
    return Reverb({"wet_db": 0.0, **values})


@pytest.mark.parametrize("t60_s", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_decay_time_is_what_was_asked_for_in_every_band(t60_s, rate):
    effect = room(t60_s=t60_s, damping=0.6, bass_ratio=1.3)
    response = Chain((effect,)).impulse_response(rate)[0]
    centers = [250.0, 1000.0, 4000.0]
    expected = reverb.t60_at(tensor_values(effect), torch.tensor(centers))[0].numpy()
    for center, seconds in zip(centers, expected, strict=True):
        got = measured_t60_s(response, rate, center / 1.3, center * 1.3)
        assert got == pytest.approx(seconds, rel=0.15), center


@settings(max_examples=15, deadline=None)
@given(reverbs)
def test_wet_level_is_calibrated_for_pink_noise_whatever_the_decay(effect):
    response = Chain((effect,)).impulse_response(RATE)
    spectrum = np.abs(np.fft.rfft(response, 1 << 20)) ** 2
    frequencies = np.fft.rfftfreq(1 << 20, 1 / RATE)
    band = (frequencies > 40) & (frequencies < 16_000)
    pink = 1 / frequencies[band]
    level = 10 * np.log10((spectrum[:, band] * pink).sum(axis=1) / pink.sum())
    assert level.mean() == pytest.approx(effect.values["wet_db"], abs=1.5)


def test_one_room_at_every_rate():
    effect = room(t60_s=1.2)
    bands = [(100, 200), (400, 800), (1000, 2000), (2500, 3500)]
    levels = []
    for rate in (8_000, 44_100, 96_000):
        power = np.abs(np.fft.rfft(Chain((effect,)).impulse_response(rate)[0], 1 << 19)) ** 2
        frequencies = np.fft.rfftfreq(1 << 19, 1 / rate)
        levels.append(
            [10 * np.log10(power[(frequencies > a) & (frequencies < b)].mean()) for a, b in bands]
        )
    assert np.ptp(levels, axis=0).max() < 0.4


def test_predelay_moves_the_onset():
    for predelay_ms in (0.0, 50.0):
        response = Chain((room(predelay_ms=predelay_ms),)).impulse_response(RATE)[0]
        loud = np.abs(response) > 0.1 * np.abs(response).max()
        assert loud.argmax() / RATE * 1000 == pytest.approx(predelay_ms, abs=1.5)


def test_the_sides_are_different_rooms_of_the_same_size():
    left, right = Chain((room(),)).impulse_response(RATE)
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.05
    assert 10 * np.log10(np.sum(left**2) / np.sum(right**2)) == pytest.approx(0, abs=0.5)


def test_off_is_silent_and_neutral():
    assert Reverb().is_neutral()
    assert Chain((Reverb(),)).impulse_response(RATE).shape == (2, 0)
    assert Chain((Reverb(),)).tail_s() == 0.0


def test_response_is_the_same_every_time():
    first = Chain((room(),)).impulse_response(RATE)
    reverb.noise.cache_clear()
    assert np.array_equal(first, Chain((room(),)).impulse_response(RATE))


def test_crossfades_sum_to_one():
    frequencies = torch.linspace(0, 24_000, 500)
    torch.testing.assert_close(
        reverb.crossfades(frequencies).sum(0), torch.ones(500, dtype=torch.float64)
    )


@settings(max_examples=5, deadline=None)
@given(reverbs)
def test_every_parameter_has_a_finite_gradient_that_is_not_zero(effect):
    short = effect.replace(t60_s=min(effect.values["t60_s"], 1.0))
    values = {k: v.requires_grad_(True) for k, v in tensor_values(short).items()}
    response = reverb.impulse_response(values, 8_000)
    weights = torch.linspace(1, 3, response.shape[-1], dtype=torch.float64)
    # predelay turns phases, so the loss must depend on more than energy
    (response[0, 0].cumsum(0).square() * weights).sum().backward()
    for name, tensor in values.items():
        assert torch.isfinite(tensor.grad).all(), name
        assert tensor.grad.abs().item() > 0, name


def test_amount_scales_wet_in_db_and_decay_in_log_time():
    half = room(t60_s=4.0, wet_db=0.0).with_amount(0.5)
    assert half.values["wet_db"] == pytest.approx(-24.0)
    assert half.values["t60_s"] == pytest.approx(np.sqrt(0.1 * 4.0))
    assert room().with_amount(0.0).is_neutral()
