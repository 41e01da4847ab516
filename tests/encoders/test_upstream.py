"""The authors' packages as a second implementation. They are not installed here: a planted one is.

``tests/parity`` runs the real ones.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import torch

from tests.encoders import clap_fixtures as fixtures
from text2fx_studio.encoders.protocol import Encoder, Listener
from text2fx_studio.encoders.registry import UPSTREAM, load_listener
from text2fx_studio.encoders.upstream import Upstream, is_installed
from text2fx_studio.errors import EncoderError, PromptError


class _Evil:
    """Makes a folder when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.trace),)


# Reads its file as msclap does, says too much as it does, and hears the mean of the sound.
PLANTED = """
import warnings
from types import SimpleNamespace

import torch

print("loading everything")
warnings.warn("old")


class Network(torch.nn.Module):
    def __init__(self, state):
        super().__init__()
        self.keys = dict(state)
        self.scale = torch.nn.Parameter(torch.ones(1))

    def load_state_dict(self, state, strict):
        missing = sorted(set(self.keys) - set(state)) + ["caption_encoder.base.h.0.attn.bias"]
        return SimpleNamespace(missing_keys=missing, unexpected_keys=["logit"][:EXTRA])

    def audio_encoder(self, sound):
        assert sound.shape[1] == 7 * 44_100
        level = sound.mean(1, keepdim=True)
        return torch.cat((level, torch.ones_like(level)), 1) * 3, None

    def caption_encoder(self, tokens):
        return tokens["input_ids"].float()


class CLAPWrapper:
    def __init__(self, path, version, use_cuda):
        self.clap = Network(torch.load(path, map_location="cpu")["model"])
        self.args = SimpleNamespace(duration=7, text_len=4)

    def preprocess_text(self, texts):
        width = max(4, max(len(text) for text in texts))
        rows = [[ord(c) for c in text.ljust(width)] for text in texts]
        return {"input_ids": torch.tensor(rows)}
"""


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    fixtures.write_msclap(tmp_path / "ms.pth", "2023")
    return tmp_path / "ms.pth"


def _plant(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, extra: int = 0) -> None:
    home = folder / "planted" / "msclap"
    home.mkdir(parents=True)
    (home / "__init__.py").write_text("from .CLAPWrapper import CLAPWrapper as CLAP\n")
    (home / "CLAPWrapper.py").write_text(f"EXTRA = {extra}\n{text}")
    monkeypatch.syspath_prepend(str(home.parent))
    for name in ("msclap", "msclap.CLAPWrapper"):
        monkeypatch.setitem(sys.modules, name, None)  # so that it is taken out again
        del sys.modules[name]


def test_a_planted_package_is_read_safely_and_quietly(
    checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _plant(tmp_path, monkeypatch, PLANTED)
    load, arguments = torch.load, list(sys.argv)
    found = load_listener("msclap-upstream", checkpoint=checkpoint)
    assert isinstance(found, Listener)
    assert not isinstance(found, Encoder)
    assert (found.id, found.sample_rate, found.window_s) == ("msclap-2023-upstream", 44_100, 7.0)
    assert found.passband_hz == pytest.approx((68.9, 19_293.75), abs=0.01)
    assert (torch.load, sys.argv, capsys.readouterr().out) == (load, arguments, "")
    # Its network got what our reader read (msclap's own torch.load would have refused the scalar).
    assert set(found._network.keys) == set(fixtures.msclap_state("2023"))  # type: ignore[attr-defined]

    sound = torch.full((2, 44_100), 0.5)
    sound[1] = -0.5
    sound.requires_grad_(True)
    heard = found.embed_audio(sound)
    torch.testing.assert_close(heard[0] @ heard[1], torch.tensor(0.6))
    heard.sum().backward()
    assert sound.grad is not None
    assert float(sound.grad.abs().min()) > 0
    long = torch.cat((torch.full((1, 8 * 44_100), 0.5), torch.full((1, 8 * 44_100), -0.5)), dim=1)
    torch.testing.assert_close(found.embed_audio(long)[0, 0], torch.tensor(0.0), atol=0.02, rtol=0)
    torch.testing.assert_close(found.embed_text(["warm", "dark"]).norm(dim=1), torch.ones(2))
    with pytest.raises(PromptError, match="longer than msclap can take"):
        found.embed_text(["spacious"])
    with pytest.raises(PromptError, match="empty"):
        found.embed_text(["warm", " "])


def test_another_network_is_refused(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plant(tmp_path, monkeypatch, PLANTED, extra=1)
    with pytest.raises(EncoderError, match="does not fit the package's network: logit"):
        Upstream("msclap", checkpoint)


def test_a_package_that_does_not_start_is_one_plain_error(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plant(tmp_path, monkeypatch, "raise OSError('cannot find gpt2 on the hub')")
    with pytest.raises(EncoderError, match=r"msclap does not start \(cannot find gpt2 on the hub"):
        Upstream("msclap", checkpoint)


@pytest.mark.parametrize("name", UPSTREAM)
def test_a_missing_package_names_its_extra(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = name.removesuffix("-upstream")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert not is_installed(kind)
    path = tmp_path / "full.pt"
    if kind == "laion":
        sizes = fixtures.Sizes(width=96, text_width=64, text_layers=1, vocabulary=300, dim=32)
        fixtures.write_laion(path, sizes)
    else:
        fixtures.write_msclap(path, "2022")
    extra = {"laion": "laion-clap", "msclap": "msclap"}[kind]
    with pytest.raises(EncoderError, match=rf"is not installed.*text2fx-studio\[{extra}\]"):
        load_listener(name, checkpoint=path)


def test_what_it_cannot_take_is_told_before_anything_is_imported(tmp_path: Path) -> None:
    fixtures.write_laion(tmp_path / "small.pt")
    with pytest.raises(EncoderError, match="no HTSAT of the size 8x2-1-1-1"):
        Upstream("laion", tmp_path / "small.pt")
    with pytest.raises(EncoderError, match="no folder"):
        Upstream("laion", tmp_path)
    torch.save({"state_dict": _Evil(tmp_path / "trace")}, tmp_path / "evil.pt")
    with pytest.raises(EncoderError, match="refused"):
        Upstream("laion", tmp_path / "evil.pt")
    assert not (tmp_path / "trace").exists()
