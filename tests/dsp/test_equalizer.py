import numpy as np
import pytest
import scipy.signal
import torch
from dasp_pytorch.signal import biquad
from hypothesis import given, settings

from dsp import equalizer
from dsp.chain import Chain, tensor_values
from dsp.equalizer import BUTTERWORTH_Q, NYQUIST_SHARE, STAGES, Equalizer
from dsp.equalizer_fit import fit_equalizer
from dsp.errors import ParameterError
from tests.dsp.strategies import equalizers, random_values

RATE = 48_000


def response_db(eq, frequencies, rate=RATE):
    return Chain((eq,)).frequency_response_db(frequencies, rate)


def test_neutral_is_identity_without_sections():
    assert Equalizer().is_neutral()
    assert Chain((Equalizer(),)).sections(RATE).shape == (0, 6)


@pytest.mark.parametrize("name", [f"bell_{i}" for i in range(1, 7)])
@pytest.mark.parametrize("gain_db", [-12.0, 6.0])
def test_bell_has_its_gain_at_its_frequency(name, gain_db):
    eq = Equalizer({f"{name}_gain_db": gain_db})
    center = eq.values[f"{name}_frequency_hz"]
    assert response_db(eq, [center])[0] == pytest.approx(gain_db, abs=1e-6)


def test_shelves_reach_their_gain_and_leave_the_other_end():
    low = Equalizer({"low_shelf_gain_db": 9.0})
    assert response_db(low, [10.0, 10_000.0]) == pytest.approx([9.0, 0.0], abs=0.02)
    high = Equalizer({"high_shelf_gain_db": -9.0})
    assert response_db(high, [100.0, 23_500.0]) == pytest.approx([0.0, -9.0], abs=0.02)


@pytest.mark.parametrize("kind,low,high", [("high_pass", 125.0, 250.0), ("low_pass", 8000, 4000)])
def test_filters_fall_by_12_db_an_octave_and_3_db_at_the_cutoff(kind, low, high):
    eq = Equalizer({f"{kind}_frequency_hz": 1000.0})
    at = response_db(eq, [low, high, 1000.0], 192_000)
    assert at[2] == pytest.approx(-3.01, abs=0.01)
    assert at[1] - at[0] == pytest.approx(12.0, abs=0.6)


@settings(max_examples=30, deadline=None)
@given(equalizers)
def test_response_is_that_of_the_rendered_sections(eq):
    frequencies = np.geomspace(30, 20_000, 50)
    sos = Chain((eq,)).sections(RATE)
    _, h = scipy.signal.sosfreqz(sos, frequencies, fs=RATE)
    assert response_db(eq, frequencies) == pytest.approx(20 * np.log10(np.abs(h)), abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(equalizers)
def test_sections_are_stable_at_every_rate(eq):
    for rate in (8_000, 22_050, 44_100, 192_000):
        for section in Chain((eq,)).sections(rate):
            assert np.all(np.abs(np.roots(section[3:])) < 1)


def test_complex_and_power_response_agree():
    values = random_values(Equalizer, 5, torch.Generator().manual_seed(3))
    sos = equalizer.sections(values, RATE)
    frequencies = torch.linspace(20, 20_000, 64)
    power = equalizer.power_response(sos, frequencies, RATE)
    magnitude = equalizer.complex_response(sos, frequencies, RATE).abs().square()
    torch.testing.assert_close(power, magnitude, rtol=1e-6, atol=1e-12)


def test_stages_beyond_nyquist_are_left_out():
    eq = Equalizer({"bell_6_gain_db": 6.0, "low_shelf_gain_db": 3.0})
    assert len(Chain((eq,)).sections(8_000)) == 1


@settings(max_examples=25, deadline=None)
@given(equalizers)
def test_every_parameter_has_a_finite_gradient_that_is_not_zero(eq):
    values = {k: v.requires_grad_(True) for k, v in tensor_values(eq).items()}
    frequencies = torch.logspace(1.5, 4.25, 300, dtype=torch.float64)
    sos = equalizer.sections(values, RATE)
    curve_db = 10 * equalizer.power_response(sos, frequencies, RATE).log10()
    curve_db.square().sum().backward()
    for name, tensor in values.items():
        assert torch.isfinite(tensor.grad).all(), name
        stage = name.rsplit("_frequency_hz", 1)[0].rsplit("_q", 1)[0].rsplit("_gain_db", 1)[0]
        gain = eq.values.get(f"{stage}_gain_db", 1.0)
        if abs(gain) > 0.01:  # at 0 dB, frequency and Q of a stage rightly do nothing
            assert tensor.grad.abs().item() > 0, name


@pytest.mark.parametrize("sample_rate", [44_100.0, 16_000.0])
def test_slopes_of_the_design_are_those_of_following_dasp_back(sample_rate):
    generator = torch.Generator().manual_seed(3)
    values = random_values(Equalizer, 6, generator)
    for value in values.values():
        value.requires_grad_(True)
    weights = torch.randn(len(STAGES), 6, generator=generator, dtype=torch.float64)
    designed = equalizer.sections(values, sample_rate)
    wanted = []  # the same stage by stage, each operation followed back
    for place, (name, stage) in enumerate(STAGES):
        frequency = values[f"{name}_frequency_hz"]
        gain_db = values.get(f"{name}_gain_db", torch.zeros_like(frequency))
        q = values.get(f"{name}_q", torch.full_like(frequency, BUTTERWORTH_Q))
        section = torch.cat(biquad(gain_db, frequency, q, sample_rate, stage), dim=-1)
        left_out = (frequency >= NYQUIST_SHARE * sample_rate)[:, None]
        wanted.append(torch.where(left_out, designed[:, place].detach(), section))
    torch.testing.assert_close(designed, torch.stack(wanted, dim=1), rtol=1e-12, atol=1e-12)
    slopes, followed = (
        torch.autograd.grad((found * weights).sum(), tuple(values.values()))
        for found in (designed, torch.stack(wanted, dim=1))
    )
    torch.testing.assert_close(slopes, followed, rtol=1e-10, atol=1e-12)


def test_gradient_of_the_power_is_that_of_the_complex_response():
    values = random_values(Equalizer, 3, torch.Generator().manual_seed(8))
    frequencies = torch.logspace(2.0, 4.2, 40, dtype=torch.float64)
    gradients = []
    for response in (
        lambda sos: equalizer.power_response(sos, frequencies, RATE),
        lambda sos: equalizer.complex_response(sos, frequencies, RATE).abs().square(),
    ):
        sos = equalizer.sections(values, RATE).requires_grad_(True)
        gradients += torch.autograd.grad(response(sos).log().cos().sum(), sos)
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-6, atol=1e-6)


def test_a_zero_of_a_section_keeps_the_gradient_finite():
    notch = torch.tensor([[[1.0, -2.0, 1.0, 1.0, 0.0, 0.0]] * 2], dtype=torch.float64)
    notch.requires_grad_(True)  # both sections are zero at 0 Hz
    power = equalizer.power_response(notch, torch.tensor([0.0, 1000.0]), RATE)
    power.sum().backward()
    assert 0 <= power[0, 0] < 1e-50
    assert torch.isfinite(notch.grad).all()


def test_amount_scales_gains_in_db_and_filters_in_octaves():
    eq = Equalizer({"bell_3_gain_db": 8.0, "bell_3_q": 3.0, "high_pass_frequency_hz": 1000.0})
    half = eq.with_amount(0.5)
    assert half.values["bell_3_gain_db"] == 4.0
    assert half.values["bell_3_q"] == 3.0
    assert half.values["high_pass_frequency_hz"] == pytest.approx(100.0)  # half way from 10 Hz
    assert eq.with_amount(0.0).is_neutral()
    assert eq.with_amount(1.0) == eq


@pytest.mark.parametrize(
    "values,message",
    [
        ({"bell_9_gain_db": 1.0}, "unknown parameter 'bell_9_gain_db'"),
        ({"bell_1_gain_db": 99.0}, r"eq\.bell_1_gain_db: found 99, allowed is -18 to 18 dB"),
        ({"bell_1_q": float("nan")}, "bell_1_q: found nan"),
    ],
)
def test_bad_values_are_refused_by_name(values, message):
    with pytest.raises(ParameterError, match=message):
        Equalizer(values)


def test_fit_meets_a_curve_up_to_its_level():
    frequencies = np.geomspace(50, 15_000, 96)
    wanted = 5 * np.tanh(np.log2(frequencies / 900) / 2)
    eq = fit_equalizer(wanted + 3.0, frequencies)
    got = response_db(eq, frequencies)
    error = (got - got.mean()) - (wanted - wanted.mean())
    assert np.sqrt(np.mean(error**2)) < 0.5
