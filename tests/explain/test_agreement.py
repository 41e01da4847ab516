import numpy as np
import pytest

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from tests.search.toy_encoder import ToyEncoder
from text2fx_studio.explain.agreement import ask_second, compare_seeds
from text2fx_studio.search.windows import ArraySource

RATE = 44_100


@pytest.fixture(scope="module")
def source():
    generator = np.random.default_rng(3)
    white = np.fft.rfft(generator.standard_normal((1, 3 * RATE)))
    pink = np.fft.irfft(white / np.sqrt(np.arange(white.shape[-1]) + 50), 3 * RATE)
    return ArraySource((0.2 * pink / pink.std()).astype(np.float32), RATE)


def test_the_same_seed_agrees_with_itself_and_others_are_near(source):
    same = compare_seeds(source, "bright", [1, 1], encoder=ToyEncoder())
    assert same.spread_db == 0.0
    other = compare_seeds(source, "bright", [1, 2, 3], encoder=ToyEncoder())
    assert len(other.scores) == 3
    assert other.spread_db < 4.0


def test_a_second_encoder_agrees_with_what_is_right_and_not_with_what_is_wrong(source):
    for gain_db, agrees in ((9.0, True), (-9.0, False)):
        setting = Chain((Equalizer({"high_shelf_gain_db": gain_db}),))
        found = ask_second(source, "bright", setting, encoder=ToyEncoder())
        assert found.agrees == agrees
        assert found.encoder_id == "toy-1"
