"""Half precision in the descent: used only where it changes nothing. Float16 on the CPU here."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.encoders import clap_fixtures as fixtures
from text2fx_studio.encoders import clap_encoder
from text2fx_studio.encoders.clap_encoder import ClapEncoder
from text2fx_studio.encoders.clap_precision import (
    half_is_close,
    in_half,
    is_quick_in_half,
    probe_sounds,
)
from text2fx_studio.encoders.laion import load_laion
from text2fx_studio.encoders.msclap import load_msclap


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("half")
    fixtures.write_laion(home / "laion.pt")
    fixtures.write_roberta_files(home / "roberta-base")
    fixtures.write_msclap(home / "ms.pth", "2022")
    fixtures.write_bert_files(home / "bert-base-uncased")
    return home


@pytest.fixture(params=["laion", "msclap-2022"])
def encoder(request: pytest.FixtureRequest, folder: Path) -> ClapEncoder:
    if request.param == "laion":
        return load_laion(folder / "laion.pt")
    return load_msclap(folder / "ms.pth")


def _mel(encoder: ClapEncoder) -> torch.Tensor:
    sound = probe_sounds(round(encoder.window_s * encoder.sample_rate))
    return encoder.mel_basis @ encoder.spectrum(sound).abs().square()


@pytest.mark.parametrize("quick", [True, False])
def test_it_is_used_where_the_device_is_quick_at_it(
    quick: bool, encoder: ClapEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clap_encoder, "is_quick_in_half", lambda device: quick)
    assert encoder.to("cpu").half is quick


def test_a_model_that_does_not_stand_it_goes_without(
    encoder: ClapEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clap_encoder, "is_quick_in_half", lambda device: True)
    monkeypatch.setattr(clap_encoder, "half_is_close", lambda *_: False)
    encoder.to("cpu")
    mel = _mel(encoder).requires_grad_(True)
    with torch.no_grad():
        full = encoder.embed_mel(mel)
    assert torch.equal(encoder.embed_mel(mel), full)
    assert encoder.half is False


def test_only_devices_that_compute_in_it_are_quick() -> None:
    assert is_quick_in_half(torch.device("cuda"))
    assert not is_quick_in_half(torch.device("mps"))


def test_these_models_stand_it(encoder: ClapEncoder) -> None:
    assert encoder.stands_half()


def test_steps_are_in_half_and_scores_are_not(encoder: ClapEncoder) -> None:
    mel = _mel(encoder).requires_grad_(True)
    with torch.no_grad():
        full = encoder.embed_mel(mel)
    encoder.half = True
    with torch.no_grad():
        assert torch.equal(encoder.embed_mel(mel), full)
    step = encoder.embed_mel(mel)
    assert not torch.equal(step, full)
    torch.testing.assert_close(step, full, atol=2e-3, rtol=0)
    assert step.dtype == torch.float32


def test_the_gradient_keeps_its_size(encoder: ClapEncoder) -> None:
    """It is enlarged on the way through the network, so that float16 holds it, and shrunk again."""
    sizes = []
    for half in (False, True):
        encoder.half = half
        mel = _mel(encoder).requires_grad_(True)
        (1e-4 * encoder.embed_mel(mel)[:, 0].sum()).backward()
        assert mel.grad is not None
        sizes.append(float(mel.grad.double().norm()))
    assert sizes[1] == pytest.approx(sizes[0], rel=0.05)


def test_a_model_whose_numbers_do_not_fit_is_refused() -> None:
    texts = torch.nn.functional.normalize(torch.eye(3) + 0.1, dim=1)
    mel = torch.rand(2, 3, 5, generator=torch.Generator().manual_seed(0)) + 0.5
    way = torch.tensor([[1.0, 0.2, 0.1], [0.0, 1.0, 0.3], [0.4, 0.0, 1.0]])

    def network(x: torch.Tensor, gain: float) -> torch.Tensor:
        point = torch.nn.functional.linear(gain * x.mean(-1), way)
        return torch.nn.functional.normalize(point.float() / gain, dim=-1)

    def close(gain: float) -> bool:
        return half_is_close(
            lambda x: network(x, gain), lambda x: in_half(lambda y: network(y, gain), x), mel, texts
        )

    assert close(1.0)
    assert not close(1e6)  # above 65,504: infinite in float16
    assert not half_is_close(
        lambda x: network(x, 1.0), lambda x: network(x + 0.1 * x.flip(1), 1.0), mel, texts
    )


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_hears_as_the_cpu_does(folder: Path) -> None:
    near, far = load_laion(folder / "laion.pt"), load_laion(folder / "laion.pt", device="cuda")
    mel = _mel(near)
    with torch.no_grad():
        there = far.embed_mel(mel.cuda()).cpu()
        torch.testing.assert_close(there, near.embed_mel(mel), atol=1e-4, rtol=0)
    step = far.embed_mel(mel.cuda().requires_grad_(True)).detach().cpu()
    torch.testing.assert_close(step, there, atol=2e-3, rtol=0)
