import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.chain import Chain
from dsp.equalizer import Equalizer, active_stages
from dsp.errors import ParameterError
from dsp.gain import Gain
from dsp.reverb import Reverb
from tests.dsp.strategies import equalizers, reverbs

chains = st.tuples(equalizers, reverbs).map(Chain)


@settings(max_examples=20, deadline=None)
@given(chains)
def test_plain_data_round_trips_exactly(chain):
    assert Chain.from_data(chain.to_data()) == chain
    assert pickle.loads(pickle.dumps(chain)) == chain


def test_parse():
    chain = Chain.parse(" eq , reverb ")
    assert chain.name == "eq,reverb"
    assert chain.is_neutral()


@pytest.mark.parametrize("text", ["", ",", "eq,flanger", "eq,eq"])
def test_unknown_chains_are_refused_by_name(text):
    with pytest.raises(ParameterError, match="chain"):
        Chain.parse(text)


@pytest.mark.parametrize(
    "data",
    [
        [{"effect": "flanger"}],
        ["eq"],
        [{"effect": "eq", "parameters": [1]}],
        [{"effect": "eq", "enabled": 1}],
        [{"effect": "eq", "parameters": {"bell_1_gain_db": "3"}}],
    ],
)
def test_bad_data_is_refused(data):
    with pytest.raises(ParameterError):
        Chain.from_data(data)


def test_gain_adds_to_the_response_and_bypass_takes_an_effect_out():
    eq = Equalizer({"bell_3_gain_db": 6.0})
    chain = Chain((eq, Gain({"gain_db": -2.0})))
    assert chain.frequency_response_db([650.0])[0] == pytest.approx(4.0)
    bypassed = chain.replace(Equalizer(dict(eq.values), enabled=False))
    assert bypassed.frequency_response_db([650.0])[0] == pytest.approx(-2.0)


def test_tail_covers_the_decay():
    chain = Chain((Reverb({"wet_db": -6.0, "t60_s": 2.0, "predelay_ms": 100.0}),))
    assert 2.1 < chain.tail_s() < 3.5
    assert chain.impulse_response(44_100).shape[1] == pytest.approx(chain.tail_s() * 44_100, abs=2)


@settings(max_examples=20, deadline=None)
@given(chains, st.floats(0, 1))
def test_amount_never_overshoots_the_full_setting(chain, amount):
    frequencies = np.geomspace(30, 16_000, 20)
    eq_only = Chain(chain.effects[:1])
    scaled = eq_only.with_amount(amount).get(Equalizer)
    for name, value in eq_only.get(Equalizer).values.items():
        if name.endswith("_gain_db"):
            assert abs(scaled.values[name]) <= abs(value) + 1e-9
    assert np.isfinite(eq_only.with_amount(amount).frequency_response_db(frequencies)).all()


@pytest.mark.parametrize("amount", [0.1, 0.3, 0.6, 0.9])
def test_what_is_off_stays_off_at_any_amount(amount):
    eq = Equalizer({"bell_1_gain_db": 6.0}).with_amount(amount)
    assert active_stages(eq.values) == ("bell_1",)
