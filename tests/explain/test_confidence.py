import pytest
import torch

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.spectrum import CachedSpectrum
from tests.dsp.test_spectrum import SOUNDS
from tests.search.toy_encoder import ToyEncoder
from text2fx_studio.explain.confidence import measure_confidence
from text2fx_studio.search.objective import Objective
from text2fx_studio.search.target import build_target
from text2fx_studio.search.variables import Variables


class DeafEncoder(ToyEncoder):
    """Hears no difference between any two sounds."""

    def embed_mel(self, mel_power):
        return super().embed_mel(torch.ones_like(mel_power)) + 0 * mel_power.mean((1, 2))[:, None]


def measured(encoder, chain):
    windows = torch.stack((SOUNDS["pink"][: 2 * 32_000], SOUNDS["chord"][: 2 * 32_000]))
    cached = CachedSpectrum(encoder, windows, context=0, file_rate_hz=44_100)
    target = build_target("bright", encoder, "cosine", {})
    variables = Variables(Chain.parse("eq"), encoder.passband_hz)
    return measure_confidence(Objective(encoder, cached, target), variables, chain, seed=1)


def test_a_good_result_is_sure_and_a_bad_one_is_not():
    good = measured(ToyEncoder(), Chain((Equalizer({"high_shelf_gain_db": 9.0}),)))
    assert good.can_tell
    assert good.better_windows == 1.0
    assert good.margin > 0.02
    bad = measured(ToyEncoder(), Chain((Equalizer({"high_shelf_gain_db": -9.0}),)))
    assert bad.margin < 0
    assert bad.verdict.startswith("Unsure")


def test_an_encoder_that_cannot_tell_says_so():
    found = measured(DeafEncoder(), Chain((Equalizer({"high_shelf_gain_db": 9.0}),)))
    assert not found.can_tell
    assert found.random_spread == pytest.approx(0, abs=1e-6)
    assert "cannot tell" in found.verdict
