import pytest
import torch
from hypothesis import given, settings

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.gain import Gain
from dsp.reverb import Reverb
from tests.dsp.strategies import equalizers
from text2fx_studio.search.variables import Variables

PASSBAND = (50.0, 14_000.0)


@settings(max_examples=20, deadline=None)
@given(equalizers)
def test_a_setting_survives_the_way_to_variables_and_back(eq):
    variables = Variables(Chain.parse("eq"), (1.0, 30_000.0))
    found = variables.to_chain(variables.from_chains([Chain((eq,))])[0]).get(Equalizer)
    for name, value in eq.values.items():
        if Equalizer.parameter(name).off is None:
            assert found.values[name] == pytest.approx(value, rel=0.02, abs=0.1), name


def test_frequencies_stay_inside_what_the_encoder_hears():
    variables = Variables(Chain.parse("eq"), PASSBAND)
    for x in (-9.0, 0.0, 9.0):
        row = torch.full((1, len(variables)), x, dtype=torch.float64)
        for name, value in variables.settings(row)["eq"].items():
            if name.endswith("_frequency_hz"):
                assert PASSBAND[0] * 0.999 <= value.item() <= PASSBAND[1] * 1.001, name


def test_filters_at_rest_are_switched_off_exactly():
    chain = Chain.parse("eq,reverb")
    variables = Variables(chain, PASSBAND)
    assert variables.to_chain(variables.from_chains([chain])[0]).is_neutral()


def test_predelay_is_held_at_the_chains_value():
    chain = Chain((Reverb({"predelay_ms": 42.0, "wet_db": -12.0}),))
    variables = Variables(chain, PASSBAND)
    assert "predelay_ms" not in {v.parameter.name for v in variables.columns}
    found = variables.to_chain(torch.zeros(len(variables), dtype=torch.float64))
    assert found.get(Reverb).values["predelay_ms"] == 42.0


def test_every_value_is_differentiable_in_its_variable():
    variables = Variables(Chain.parse("eq,reverb"), PASSBAND)
    x = torch.zeros(1, len(variables), dtype=torch.float64, requires_grad=True)
    sum(v.sum() for group in variables.settings(x).values() for v in group.values()).backward()
    assert (x.grad.abs() > 0).all()


def test_a_chain_without_searched_parameters_keeps_its_values():
    chain = Chain((Gain({"gain_db": -3.0}),))
    variables = Variables(chain, (40.0, 15_000.0))
    assert len(variables) == 0
    assert variables.settings(variables.from_chains([chain]))["gain"]["gain_db"].tolist() == [-3.0]
