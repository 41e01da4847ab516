"""Retrieval figures against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from text2fx_studio.benchmark.retrieval import evaluate, evaluate_both, run
from text2fx_studio.errors import EncoderError, UsageError
from text2fx_studio.spaces.planted import PlantedPairs
from text2fx_studio.spaces.pls import PlsSvd
from text2fx_studio.spaces.space import full_space, head_space


def test_by_hand() -> None:
    similarity = np.array([[0.9, 0.8, 0.7, 0.1], [0.2, 0.9, 0.5, 0.4]])
    relevant = np.array([[0, 1, 1, 0], [0, 0, 0, 1]], dtype=bool)
    found = evaluate(similarity, relevant, ks=(1, 2, 3))
    # First query: right at ranks 2 and 3; second: at rank 3.
    assert found["R@1"] == 0.0
    assert found["R@2"] == 0.5
    assert found["R@3"] == 1.0
    assert found["P@3"] == pytest.approx((2 / 3 + 1 / 3) / 2)
    assert found["F1@2"] == pytest.approx(0.5 / 2)  # precision and recall 1/2 each, then 0
    assert found["mAP@10"] == pytest.approx(((1 / 2 + 2 / 3) / 2 + 1 / 3) / 2)
    assert found["MRR"] == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert found["mean_rank"] == 2.5
    assert found["median_rank"] == 2.5


def test_saying_the_same_of_everything_finds_nothing() -> None:
    found = evaluate(np.zeros((6, 6)), np.eye(6, dtype=bool), ks=(1,))
    assert found["R@1"] == 0.0
    assert found["mean_rank"] == 6.0


def test_perfect_similarities() -> None:
    owner = np.array([0, 0, 1, 2, 2])
    similarity = (owner[:, None] == np.arange(3)).astype(float)
    both = evaluate_both(similarity, owner, ks=(1, 5))
    assert both["text_to_audio"]["R@1"] == both["text_to_audio"]["mAP@10"] == 1.0
    assert both["audio_to_text"]["mAP@10"] == 1.0
    assert both["audio_to_text"]["P@5"] == pytest.approx((2 / 5 + 1 / 5 + 2 / 5) / 3)


def test_against_a_plain_loop() -> None:
    rng = np.random.default_rng(4)
    owner = rng.permutation(np.repeat(np.arange(12), 3))
    similarity = rng.normal(size=(36, 12))
    both = evaluate_both(similarity, owner)
    ranks = [1 + sum(similarity[i] > similarity[i, owner[i]]) for i in range(36)]
    assert both["text_to_audio"]["mean_rank"] == pytest.approx(np.mean(ranks))
    assert both["text_to_audio"]["R@5"] == pytest.approx(np.mean(np.array(ranks) <= 5))
    firsts, precisions = [], []
    for j in range(12):
        order = np.argsort(-similarity[:, j])
        right = [place + 1 for place, i in enumerate(order) if owner[i] == j]
        firsts.append(right[0])
        precisions.append(sum((n + 1) / r for n, r in enumerate(right) if r <= 10) / 3)
    assert both["audio_to_text"]["MRR"] == pytest.approx(np.mean(1 / np.array(firsts)))
    assert both["audio_to_text"]["mAP@10"] == pytest.approx(np.mean(precisions))


def test_run_in_blocks_is_the_same(
    pls: PlsSvd, held_out: PlantedPairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = np.arange(200) // 2
    audio = held_out.audio[::2]
    spaces = [full_space(96), head_space(pls)]
    whole = run(held_out.text, audio, owner, spaces)
    monkeypatch.setattr("text2fx_studio.benchmark.retrieval._BLOCK_CELLS", 1000)
    assert run(held_out.text, audio, owner, spaces) == whole
    direct = evaluate_both((held_out.text @ audio.T).numpy(), owner)
    rows = whole["rows"]
    assert [(r["space"], r["direction"]) for r in rows] == [
        ("full", "text to audio"), ("full", "audio to text"),
        ("plshead", "text to audio"), ("plshead", "audio to text"),
    ]  # fmt: skip
    for row, name in zip(rows[:2], ("text_to_audio", "audio_to_text"), strict=True):
        assert {k: v for k, v in row.items() if k in direct[name]} == pytest.approx(direct[name])


def test_refusals(held_out: PlantedPairs) -> None:
    eye = np.eye(3, dtype=bool)
    with pytest.raises(UsageError, match="the same shape"):
        evaluate(np.zeros((3, 4)), eye)
    with pytest.raises(UsageError, match="query 1 has no right answer"):
        evaluate(np.zeros((3, 3)), eye & [[1], [0], [1]])
    with pytest.raises(UsageError, match="each must be 1"):
        evaluate(np.zeros((3, 3)), eye, ks=(0,))
    with pytest.raises(EncoderError, match="not finite"):
        evaluate(np.full((3, 3), np.nan), eye)
    with pytest.raises(UsageError, match="one index"):
        evaluate_both(np.zeros((3, 3)), np.zeros(2, dtype=np.int64))
    with pytest.raises(UsageError, match="found 0 to 3, allowed are 0 to 2"):
        evaluate_both(np.zeros((3, 3)), np.array([0, 1, 3]))
    broken = torch.full((4, 96), torch.nan)
    with pytest.raises(EncoderError, match="not finite"):
        run(held_out.text[:4], broken, np.arange(4), [full_space(96)])
