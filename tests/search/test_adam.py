"""Adam's step is torch's, and does not load its compiler."""

from __future__ import annotations

import subprocess
import sys

import torch

from text2fx_studio.search.adam import LONGEST_GRADIENT, Adam


def gradient_of(leaf: torch.Tensor, step: int) -> torch.Tensor:
    return 0.1 * (torch.sin(leaf.detach() * (step + 1)) + 0.1)


def test_it_moves_as_torchs_optimizer_does() -> None:
    rows = torch.linspace(-1.0, 2.0, 12, dtype=torch.float64).reshape(3, 4)
    own = [row.clone().requires_grad_(True) for row in rows]
    theirs = [row.clone().requires_grad_(True) for row in rows]
    adam, reference = Adam(own), torch.optim.Adam(theirs, fused=True)
    for step in range(12):
        adam.forget_gradients()
        for index, (a, b) in enumerate(zip(own, theirs, strict=True)):
            given_up = index == 2 and step > 5  # its moments stay, it does not move
            a.grad = None if given_up else gradient_of(a, step)
            b.grad = None if given_up else gradient_of(b, step)
        rate = 0.1 / (1 + step)
        for group in reference.param_groups:
            group["lr"] = rate
        adam.step(rate)
        reference.step()
    assert all(torch.equal(a, b) for a, b in zip(own, theirs, strict=True))
    assert not torch.equal(own[0], rows[0])


def test_a_steep_place_is_left_and_forgotten() -> None:
    way = torch.tensor([3.0, -4.0], dtype=torch.float64) / 5.0
    leaves = [torch.zeros(2, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    steep, gentle = (Adam([leaf]) for leaf in leaves)
    for length in (1e4, 0.9, 0.2, 0.1):
        leaves[0].grad = length * way
        leaves[1].grad = min(length, LONGEST_GRADIENT) * way
        steep.step(0.1)
        gentle.step(0.1)
    torch.testing.assert_close(leaves[0], leaves[1])
    assert leaves[0].tolist() != [0.0, 0.0]


def test_what_is_not_finite_counts_as_zero() -> None:
    leaf = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    adam = Adam([leaf])
    leaf.grad = torch.tensor([1.0, torch.nan, torch.inf, -torch.inf], dtype=torch.float64)
    adam.step(0.1)
    assert leaf.tolist()[1:] == [0.0, 0.0, 0.0]
    assert leaf.tolist()[0] < -0.09


def test_a_whole_search_does_not_load_the_compiler() -> None:
    code = (
        "import sys; from text2fx_studio import optimize;"
        "from text2fx_studio.demo import demo_loop;"
        "optimize(demo_loop(1.0), 44_100, 'bright', chain='eq,reverb', device='cpu');"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
