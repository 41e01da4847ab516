"""Spaces for the losses, gap methods, diagnostics."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.spaces.tiny_encoder import TinyEncoder
from text2fx_studio.errors import EncoderError, UsageError
from text2fx_studio.search.losses import cosine_loss, directional_loss, text_target
from text2fx_studio.spaces import diagnostics, gap
from text2fx_studio.spaces.planted import PlantedPairs
from text2fx_studio.spaces.pls import PlsSvd
from text2fx_studio.spaces.space import SPACES, head_space, make_space


def test_full_changes_nothing(held_out: PlantedPairs) -> None:
    space = make_space("full", 96)
    assert space.audio(held_out.audio) is held_out.audio
    torch.testing.assert_close(
        space.similarity(held_out.text, held_out.audio), held_out.text @ held_out.audio.T
    )


def test_heads_keep_the_first_scores(pls: PlsSvd, held_out: PlantedPairs) -> None:
    head = head_space(pls, 5)
    torch.testing.assert_close(head.text(held_out.text), pls.text_scores(held_out.text)[:, :5])
    torch.testing.assert_close(head.audio(held_out.audio), pls.audio_scores(held_out.audio)[:, :5])
    weighted = head_space(pls, 5, weighted=True)
    torch.testing.assert_close(
        weighted.text(held_out.text) @ weighted.audio(held_out.audio).T,
        diagnostics.direct_matrix(pls, held_out.text, held_out.audio, axes=5),
    )


def test_a_whole_head_is_the_centred_space_turned(pls: PlsSvd, held_out: PlantedPairs) -> None:
    whole, centred = head_space(pls, 96), make_space("centred", 96, pls)
    for side in ("audio", "text"):
        rows = getattr(held_out, side)
        turned, plain = getattr(whole, side)(rows), getattr(centred, side)(rows)
        torch.testing.assert_close(turned @ turned.T, plain @ plain.T)


@pytest.mark.parametrize("name", SPACES)
def test_both_losses_pass_their_gradient_through(
    name: str, pls: PlsSvd, held_out: PlantedPairs
) -> None:
    space = make_space(name, 96, pls)
    audio = held_out.audio[:4].float().requires_grad_()
    dry = held_out.audio[4:8].float()
    target = space.text(held_out.text[0].float())
    other = space.text(held_out.text[1].float())
    loss = cosine_loss(space.audio(audio), target).sum()
    loss = loss + directional_loss(space.audio(audio), space.audio(dry), target - other).sum()
    loss.backward()
    assert audio.grad is not None
    assert audio.grad.dtype == torch.float32
    assert bool((audio.grad.norm(dim=1) > 1e-3).all())


def test_means_cancel_in_the_directional_loss(pls: PlsSvd, held_out: PlantedPairs) -> None:
    wet, dry = held_out.audio[:8], held_out.audio[8:16]
    way = held_out.text[0] - held_out.text[1]
    centred = make_space("centred", 96, pls)
    torch.testing.assert_close(
        directional_loss(centred.audio(wet), centred.audio(dry), way),
        directional_loss(wet, dry, way),
    )


def test_a_prompt_is_put_into_the_space_by_the_losses_own_function() -> None:
    tiny = TinyEncoder()
    space = make_space("full", tiny.dim)
    target = text_target("directional", "warm", lambda texts: space.text(tiny.embed_text(texts)))
    assert target.shape == (tiny.dim,)
    assert tiny.read == ["this sound is warm", "this sound is not warm"]


def test_spaces_refuse(pls: PlsSvd) -> None:
    with pytest.raises(UsageError, match="allowed are full, centred, plshead, plshead-w"):
        make_space("half", 96, pls)
    with pytest.raises(UsageError, match="needs fitted axes"):
        make_space("plshead", 96)
    with pytest.raises(UsageError, match="96 dimensions, the encoder has 28"):
        make_space("centred", 28, pls)
    with pytest.raises(EncoderError, match="belong to the encoder 'planted-1'"):
        make_space("plshead-w", 96, pls, TinyEncoder())
    with pytest.raises(UsageError, match="allowed are 1 to 96"):
        head_space(pls, 97)


@pytest.mark.parametrize("name", gap.METHODS)
def test_gap_methods_have_one_interface(
    name: str, pls: PlsSvd, train: PlantedPairs, held_out: PlantedPairs
) -> None:
    method = gap.gap_method(name, pls, train.text, seed=1)
    assert method.name == name
    a, t = method.audio(held_out.audio), method.text(held_out.text)
    assert a.shape == t.shape == (200, method.dim)
    right = method.similarity(held_out.text, held_out.audio).argmax(1) == torch.arange(200)
    assert float(right.float().mean()) > 0.05  # chance is 0.005
    if name != "plshead":
        torch.testing.assert_close(a.norm(dim=1), torch.ones(200, dtype=torch.float64))


def test_gap_methods_close_the_gap(
    pls: PlsSvd, train: PlantedPairs, held_out: PlantedPairs
) -> None:
    def distance(name: str) -> float:
        moved = gap.gap_method(name, pls, train.text).audio(held_out.audio).mean(0)
        return 1 - float(torch.nn.functional.cosine_similarity(moved, held_out.text.mean(0), dim=0))

    assert distance("none") > 0.3
    for name in ("mean-shift", "nearest", "projection", "linear-projection"):
        assert distance(name) < 0.05, name


def test_limits_of_projection_decoding(train: PlantedPairs, held_out: PlantedPairs) -> None:
    nearest = gap.nearest_text(train.text).audio(held_out.audio)
    assert float(torch.cdist(nearest, train.text).min(1).values.max()) < 1e-6
    torch.testing.assert_close(
        gap.projection(train.text, 1e-6).audio(held_out.audio), nearest, atol=1e-4, rtol=0
    )
    flat = gap.projection(train.text, 1e6).audio(held_out.audio)
    mean = torch.nn.functional.normalize(train.text.mean(0), dim=0)
    torch.testing.assert_close(flat, mean.expand_as(flat), atol=1e-4, rtol=0)


def test_noise_is_of_the_asked_size_and_seeded(held_out: PlantedPairs) -> None:
    one, same, other = (gap.noise(96, 0.02, seed=s).text(held_out.text) for s in (3, 3, 4))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert float((one - held_out.text).std()) == pytest.approx(0.02, rel=0.1)


def test_gap_methods_refuse(pls: PlsSvd, train: PlantedPairs) -> None:
    with pytest.raises(UsageError, match="gap method 'magic' is unknown"):
        gap.gap_method("magic", pls)
    with pytest.raises(UsageError, match="needs text embeddings"):
        gap.gap_method("projection", pls)
    with pytest.raises(UsageError, match="temperature"):
        gap.projection(train.text, 0.0)
    with pytest.raises(UsageError, match="allowed are 1 to 96"):
        gap.pca_head(train.text, train.audio, 0)


def test_motion_kept_is_a_share_of_the_motion(pls: PlsSvd) -> None:
    k = pls.head_size
    inside, outside = pls.V[:, 0] * 3.0, pls.V[:, -1]
    assert float(diagnostics.motion_kept(pls, inside)) == pytest.approx(1.0)
    assert float(diagnostics.motion_kept(pls, outside)) == pytest.approx(0.0, abs=1e-12)
    mixed = torch.stack([pls.V[:, 0] + pls.V[:, -1], torch.zeros(96, dtype=torch.float64)])
    np.testing.assert_allclose(diagnostics.motion_kept(pls, mixed, k), [0.5, 1.0])
    assert float(diagnostics.motion_kept(pls, outside, 96)) == pytest.approx(1.0)
    with pytest.raises(EncoderError, match="need"):
        diagnostics.motion_kept(pls, torch.zeros(3))
    with pytest.raises(EncoderError, match="not finite"):
        diagnostics.motion_kept(pls, torch.full((96,), torch.inf))


def test_summary_holds_the_figures_of_the_fit(pls: PlsSvd) -> None:
    data = diagnostics.summary(pls, shown=3)
    assert data["head_share_of_direct"] >= 0.99
    assert data["cosine_of_means"] == pytest.approx(0.6, abs=0.03)
    assert [row["axis"] for row in data["axes"]] == [1, 2, 3]
    row = data["axes"][0]
    assert row["sigma_over_n"] == pytest.approx(
        row["correlation"] * row["text_std"] * row["audio_std"]
    )
