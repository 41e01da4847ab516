"""The text tower's memory: exact at what it holds, near it beside, silent where nothing is said."""

from __future__ import annotations

import pytest
import torch

from text2fx_studio.encoders.memory import SHARE_FAR, Memory

DIM, MEANING = 64, 3


def features(count: int, seed: int) -> torch.Tensor:
    drawn = torch.randn(count, DIM, generator=torch.Generator().manual_seed(seed))

    return torch.nn.functional.normalize(drawn, dim=-1)


def filled(texts: torch.Tensor, own: torch.Tensor, lent: torch.Tensor | None = None) -> Memory:
    memory = Memory(DIM, MEANING)
    names = [f"text {i}" for i in range(len(texts))]
    memory.fill(texts, own, own if lent is None else lent, names)
    return memory


@pytest.fixture(autouse=True)
def small_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("text2fx_studio.encoders.memory.KEY_DIM", 48)


def test_a_remembered_text_is_said_exactly_whatever_the_guess() -> None:
    texts = features(200, 0)
    meanings = torch.randn(200, MEANING, generator=torch.Generator().manual_seed(1))
    memory = filled(texts, meanings)
    guess = torch.full((2, 5, MEANING), 100.0)
    found = memory.mixed(texts[:5], guess)
    assert found.shape == (2, 5, MEANING)
    assert torch.allclose(found, meanings[:5].expand(2, 5, MEANING))
    assert all(memory.knows(texts[i : i + 1]) for i in range(5))


def test_far_from_everything_the_guess_keeps_its_share() -> None:
    memory = filled(features(200, 0), torch.ones(200, MEANING))
    stranger = features(1, 99)
    assert not memory.knows(stranger)
    found = memory.mixed(stranger, torch.zeros(1, MEANING))
    assert torch.allclose(found, torch.full((1, MEANING), SHARE_FAR), atol=1e-4)


def test_what_a_text_says_nothing_about_is_left_to_the_guess() -> None:
    texts, meanings = features(100, 0), torch.ones(100, MEANING)
    meanings[:, 1] = torch.nan
    found = filled(texts, meanings).mixed(texts[:3], torch.full((3, MEANING), 7.0))
    assert torch.allclose(found[:, 1], torch.full((3,), 7.0))
    assert torch.allclose(found[:, 0], torch.ones(3), atol=0.1)


def test_near_texts_count_more_than_far_ones() -> None:
    texts = features(300, 0)
    meanings = (torch.arange(300) < 150).float()[:, None].expand(300, MEANING).clone()
    memory = filled(texts, meanings)
    near_a = texts[3] + 0.35 * features(1, 5)[0]
    near_b = texts[200] + 0.35 * features(1, 6)[0]
    found = memory.mixed(torch.stack((near_a, near_b)), torch.full((2, MEANING), 0.5))
    assert float(found[0, 0]) > 0.75
    assert float(found[1, 0]) < 0.25


def test_a_meaning_of_its_own_is_said_by_the_text_itself_and_lent_to_none() -> None:
    texts = features(300, 0)
    memory = filled(texts, torch.ones(300, MEANING), -torch.ones(300, MEANING))
    beside = texts[3] + 0.35 * features(1, 5)[0]
    found = memory.mixed(torch.stack((texts[3], beside)), torch.zeros(2, MEANING))
    assert torch.allclose(found[0], torch.ones(MEANING))
    assert float(found[1].max()) < -SHARE_FAR


def test_equal_meanings_are_kept_once() -> None:
    meanings = torch.tensor([[1.0, 2.0, torch.nan], [0.0, 0.0, 0.0]]).repeat(50, 1)
    memory = filled(features(100, 0), meanings)
    assert len(memory) == 100
    assert len(memory.meanings) == 2


def test_an_empty_memory_leaves_the_guess() -> None:
    guess = torch.randn(4, MEANING)
    assert torch.equal(Memory(DIM, MEANING).mixed(features(4, 0), guess), guess)
