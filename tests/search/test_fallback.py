"""A device without enough memory is left for the CPU, once, with a message (the GPU is played)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.search.toy_encoder import ToyEncoder
from text2fx_studio.errors import EncoderError
from text2fx_studio.search import fallback, optimize
from text2fx_studio.search import options as search_options
from text2fx_studio.search.options import Options

FULL = (
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    RuntimeError("MPS backend out of memory (MPS allocated: 8.00 GB)"),
    MemoryError(),
)


@pytest.fixture
def pretended_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(device: str) -> str:
        return "cuda" if device == "auto" else device

    monkeypatch.setattr(search_options, "resolve_device", resolve)
    monkeypatch.setattr(fallback, "resolve_device", resolve)


@pytest.mark.parametrize("error", FULL, ids=["cuda", "mps", "host"])
def test_a_full_device_is_left_for_the_cpu(pretended_gpu: None, error: Exception) -> None:
    tried: list[str] = []
    told: list[str] = []

    def work(options: Options) -> str:
        tried.append(options["device"])
        if options["device"] == "cuda":
            raise error
        return options["chain"]

    found, notes = fallback.on_device({"chain": "eq"}, work, told.append)
    assert (found, tried) == ("eq", ["cuda", "cpu"])
    assert notes == tuple(told) == ("cuda ran out of memory; this was computed on the CPU",)


def test_without_trouble_nothing_is_said(pretended_gpu: None) -> None:
    given: Options = {"device": "auto"}
    found, notes = fallback.on_device(given, lambda on: on["device"], pytest.fail)
    assert (found, notes, given) == ("cuda", (), {"device": "auto"})


@pytest.mark.parametrize(
    "error", [RuntimeError("mat1 and mat2 shapes cannot be multiplied"), EncoderError("gone")]
)
def test_other_errors_are_not_swallowed(pretended_gpu: None, error: Exception) -> None:
    def work(_: Options) -> None:
        raise error

    with pytest.raises(type(error), match=str(error)):
        fallback.on_device({}, work, pytest.fail)


def test_on_the_cpu_there_is_nothing_to_fall_back_to() -> None:
    def work(_: Options) -> None:
        raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        fallback.on_device({"device": "cpu"}, work, pytest.fail)


class _TooLarge(ToyEncoder):
    """Fills any device but the CPU."""

    def to(self, device: torch.device | str) -> _TooLarge:
        if str(device) != "cpu":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return self


def test_a_whole_search_goes_on_with_the_cpu(
    pretended_gpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    white = np.random.Generator(np.random.PCG64(1)).standard_normal((1, 88_200))
    audio = (0.1 * white).astype(np.float32)
    from text2fx_studio.search import preparation

    monkeypatch.setattr(preparation, "resolve_device", fallback.resolve_device)
    said: list[str] = []
    found = optimize(
        audio, 44_100, "dark", encoder=_TooLarge(), progress=lambda p: said.append(p.message)
    )
    plain = optimize(audio, 44_100, "dark", encoder=ToyEncoder(), device="cpu")
    assert found.device == "cpu"
    assert found.notes == ("cuda ran out of memory; this was computed on the CPU",)
    assert found.notes[0] in said
    assert found.proposal == plain.proposal
    assert plain.notes == ()
