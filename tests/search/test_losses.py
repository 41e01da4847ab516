import pytest
import torch

from text2fx_studio.search.losses import cosine_loss, directional_loss, text_target


def test_cosine_loss_by_hand():
    audio = torch.tensor([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]])
    text = torch.tensor([1.0, 0.0])
    torch.testing.assert_close(cosine_loss(audio, text), torch.tensor([0.0, 1.0, 2.0]))


def test_unguarded_directional_loss_is_the_papers_formula():
    generator = torch.Generator().manual_seed(0)
    audio, dry = torch.randn(2, 4, 16, generator=generator)
    direction = torch.randn(16, generator=generator)
    moved = torch.nn.functional.normalize(audio - dry, dim=-1)
    expected = 1 - moved @ torch.nn.functional.normalize(direction, dim=0)
    torch.testing.assert_close(directional_loss(audio, dry, direction, guard=0.0), expected)


def test_guarded_form_is_one_at_identity_with_a_finite_gradient():
    dry = torch.nn.functional.normalize(torch.ones(1, 8), dim=-1)
    audio = dry.clone().requires_grad_(True)
    loss = directional_loss(audio, dry, torch.arange(8.0))
    loss.sum().backward()
    assert loss.item() == pytest.approx(1.0)
    assert torch.isfinite(audio.grad).all()
    assert audio.grad.abs().sum() > 0


def test_guarded_form_tends_to_the_exact_one_far_from_dry():
    dry, direction = torch.zeros(1, 4), torch.tensor([1.0, 0.0, 0.0, 0.0])
    far = torch.tensor([[3.0, 1.0, 0.0, 0.0]])
    exact = directional_loss(far, dry, direction, guard=0.0)
    assert directional_loss(far, dry, direction).item() == pytest.approx(exact.item(), abs=1e-3)


def test_targets_use_text2fx_templates():
    seen = []

    def embed(texts):
        seen.extend(texts)
        return torch.eye(4)[: len(texts)]

    torch.testing.assert_close(
        text_target("directional", "warm", embed), torch.tensor([1.0, -1, 0, 0])
    )
    text_target("cosine", "warm", embed)
    assert seen == ["this sound is warm", "this sound is not warm", "this sound is warm"]
