import pytest
import torch

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from dsp.spectrum import CachedSpectrum
from tests.dsp.test_spectrum import SOUNDS
from tests.search.toy_encoder import ToyEncoder
from text2fx_studio.explain.attribution import attribute
from text2fx_studio.search.objective import Objective
from text2fx_studio.search.target import build_target


def explained(chain, word):
    encoder = ToyEncoder()
    cached = CachedSpectrum(
        encoder, SOUNDS["pink"][None, : 2 * 32_000], context=0, file_rate_hz=44_100,
        with_reverb=True,
    )  # fmt: skip
    target = build_target(word, encoder, "cosine", {})
    return attribute(Objective(encoder, cached, target), cached, chain)


BRIGHT = Equalizer({"high_shelf_gain_db": 9.0, "low_shelf_gain_db": -6.0})
ROOM = Reverb({"wet_db": 0.0, "t60_s": 2.0})


@pytest.mark.parametrize("chain", [Chain((BRIGHT,)), Chain((ROOM,)), Chain((BRIGHT, ROOM))])
def test_shares_sum_to_the_change_of_the_score(chain):
    found = explained(chain, "bright")
    change = found.score_wet - found.score_dry
    total = sum(b.share for b in found.bands) + (found.reverb or 0.0)
    assert total + found.remainder == pytest.approx(change)
    assert abs(found.remainder) < 0.05 * abs(change) + 1e-3


def test_the_bands_that_were_moved_get_the_credit():
    found = explained(Chain((BRIGHT,)), "bright")
    shares = {band.name: band.share for band in found.bands}
    assert shares["air"] > 0
    assert shares["sub and bass"] + shares["low bass"] > 0
    assert abs(shares["mids"]) < 0.2 * shares["air"]
    gains = {band.name: band.gain_db for band in found.bands}
    assert gains["air"] > 3
    assert gains["sub and bass"] < -3


def test_the_wrong_way_gets_blame():
    found = explained(Chain((BRIGHT,)), "dark")
    assert sum(b.share for b in found.bands) < 0


def test_leave_one_out_says_what_an_effect_was_worth():
    found = explained(Chain((BRIGHT, ROOM)), "bright")
    assert found.without["eq"] < found.score_wet
    assert set(found.without) == {"eq", "reverb"}


def test_a_neutral_result_has_nothing_to_explain():
    found = explained(Chain.parse("eq,reverb"), "bright")
    assert found.bands == ()
    assert found.reverb is None
    assert found.score_wet == pytest.approx(found.score_dry)
    assert found.remainder == pytest.approx(0, abs=1e-9)
    assert torch.isfinite(torch.tensor(found.score_dry))
