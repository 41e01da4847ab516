"""Fitting, keeping and refusing PLS axes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.spaces.conftest import NAME
from tests.spaces.tiny_encoder import TinyEncoder
from text2fx_studio.errors import EncoderError, OutputError, UsageError
from text2fx_studio.spaces.planted import Planted, PlantedPairs
from text2fx_studio.spaces.pls import FewPairsWarning, PlsSvd, fit, head_size_for

TENSORS = ("text_mean", "audio_mean", "U", "V", "sigma", "text_std", "audio_std")


def test_axes_are_numpys_singular_vectors(train: PlantedPairs, pls: PlsSvd) -> None:
    T, A = train.text.numpy(), train.audio.numpy()
    M = (T - T.mean(0)).T @ (A - A.mean(0))
    sigma = np.linalg.svd(M, compute_uv=False)
    np.testing.assert_allclose(pls.sigma, sigma, atol=1e-10)
    np.testing.assert_allclose((pls.U * pls.sigma) @ pls.V.T, M, atol=1e-10)
    for axes in (pls.U, pls.V):
        torch.testing.assert_close(axes.T @ axes, torch.eye(96, dtype=torch.float64))
    assert pls.U.dtype == torch.float64


def test_planted_axes_are_found(world: Planted, pls: PlsSvd) -> None:
    for found, planted in ((pls.U, world.text_axes), (pls.V, world.audio_axes)):
        inside = (found[:, :8].T @ planted).square().sum(1)
        assert float(inside.min()) > 0.9
    assert pls.head_size == pytest.approx(16, abs=3)
    alignment = pls.alignment
    assert float(alignment[:4].mean()) > 0.75 > 2 * float(alignment[16:].abs().mean())


def test_rows_need_no_unit_norm_and_level_does_not_matter(train: PlantedPairs, pls: PlsSvd) -> None:
    scale = torch.linspace(0.1, 9.0, len(train.text))[:, None]
    again = fit((train.text * scale).numpy(), train.audio * 3.0, **NAME)
    torch.testing.assert_close(again.sigma, pls.sigma)
    torch.testing.assert_close(again.U[:, :10], pls.U[:, :10], atol=1e-6, rtol=0)


def test_an_audio_with_five_captions_counts_five_times(train: PlantedPairs) -> None:
    text, audio = train.text[:400], train.audio[:80].repeat_interleave(5, dim=0)
    found = fit(text, audio, **NAME)
    assert found.pairs == 400
    torch.testing.assert_close(found.audio_mean, train.audio[:80].mean(0))


def test_the_head_ends_at_99_per_cent_and_below_n() -> None:
    sigma = torch.tensor([8.0, 4.0, 2.0, 1.0], dtype=torch.float64)
    aligned = torch.tensor([1.0, 1.0, 0.5, 0.05], dtype=torch.float64)
    assert head_size_for(sigma, aligned) == 3
    assert head_size_for(sigma, aligned, 0.5) == 1
    pairs = Planted(dim=40, concepts=10).draw(6, seed=1)
    with pytest.warns(FewPairsWarning, match="6 pairs"):
        few = fit(pairs.text, pairs.audio, **NAME)
    assert few.head_size <= 5
    with pytest.raises(UsageError, match="allow 1 to 5 axes"):
        fit(pairs.text, pairs.audio, head_size=6, **NAME)


def test_299_pairs_warn_and_300_do_not(train: PlantedPairs) -> None:
    with pytest.warns(FewPairsWarning, match="aim for 1,000"):
        fit(train.text[:299], train.audio[:299], **NAME)
    fit(train.text[:300], train.audio[:300], **NAME)  # a warning would be an error


def test_bad_embeddings_are_refused(train: PlantedPairs) -> None:
    T, A = train.text[:310], train.audio[:310]
    with pytest.raises(EncoderError, match="same number of rows"):
        fit(T, A[:300], **NAME)
    broken = A.clone()
    broken[7, 3] = torch.nan
    with pytest.raises(EncoderError, match="audio embeddings: row 7 "):
        fit(T, broken, **NAME)
    silent = T.clone()
    silent[4] = 0.0
    with pytest.raises(EncoderError, match="text embeddings: row 4 "):
        fit(silent, A, **NAME)
    with pytest.raises(EncoderError, match=r"need \[N, D\]"):
        fit(T[0], A[0], **NAME)
    with pytest.raises(UsageError, match="at least 2"):
        fit(T[:1], A[:1], **NAME)


def test_pairs_that_contradict_each_other_are_refused(train: PlantedPairs) -> None:
    text = train.text[:400] - train.text[:400].mean(0)
    with pytest.raises(UsageError, match="do not agree"):
        fit(text, -text, **NAME)
    same = torch.ones(400, 8)
    with pytest.raises(UsageError, match="do not agree"):
        fit(same, same, **NAME)


def test_round_trip(pls: PlsSvd, tmp_path: Path) -> None:
    path = tmp_path / "axes.safetensors"
    named = dataclasses.replace(pls, notes={"manifest": "Übung.csv", "recordings": 3})
    named.save(path)
    again = PlsSvd.load(path)
    for name in TENSORS:
        assert torch.equal(getattr(again, name), getattr(pls, name))
    for name in ("pairs", "head_size", "encoder_id", "weights_hash", "notes"):
        assert getattr(again, name) == getattr(named, name)
    assert [p.name for p in tmp_path.iterdir()] == ["axes.safetensors"]
    with pytest.raises(OutputError, match="exists already"):
        pls.save(path)
    pls.save(path, overwrite=True)
    assert PlsSvd.load(path).notes == {}


def test_another_encoder_is_refused(pls: PlsSvd, tmp_path: Path) -> None:
    path = tmp_path / "axes.safetensors"
    tiny = TinyEncoder()
    dataclasses.replace(pls, encoder_id=tiny.id, weights_hash=tiny.weights_hash).save(path)
    assert PlsSvd.load(path, tiny).dim == 96
    with pytest.raises(EncoderError, match="'tiny-1', found 'other'"):
        PlsSvd.load(path, TinyEncoder("other"))
    with pytest.raises(EncoderError, match="with the weights"):
        PlsSvd.load(path, TinyEncoder(weights="b"))


def test_damaged_files_are_told(pls: PlsSvd, tmp_path: Path) -> None:
    path = tmp_path / "axes.safetensors"
    with pytest.raises(EncoderError, match="not found"):
        PlsSvd.load(path)
    pls.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EncoderError, match="not a readable safetensors"):
        PlsSvd.load(path)
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(EncoderError, match="format is 'not stated'"):
        PlsSvd.load(path)
    header = {
        "format": "text2fx-pls-1", "encoder_id": "e", "weights_hash": "h", "pairs": "9",
        "head_size": "3", "notes": "{}",
    }  # fmt: skip
    save_file({"U": torch.zeros(2, 2)}, path, header)
    with pytest.raises(EncoderError, match="not complete"):
        PlsSvd.load(path)
    path.write_bytes(whole)
    tensors = load_file(path)
    for change, message in (
        ({"U": tensors["U"][:5].contiguous()}, "U has the shape"),
        ({"sigma": tensors["sigma"] * torch.nan}, "sigma holds values that are not finite"),
    ):
        save_file({**tensors, **change}, path, header)
        with pytest.raises(EncoderError, match=message):
            PlsSvd.load(path)
    save_file(tensors, path, {**header, "head_size": "97"})
    with pytest.raises(EncoderError, match="allowed are 1 to 96"):
        PlsSvd.load(path)
    save_file(tensors, path, {**header, "pairs": "many"})
    with pytest.raises(EncoderError, match="not complete"):
        PlsSvd.load(path)
