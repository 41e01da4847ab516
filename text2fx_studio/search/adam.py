"""Adam without the compiler: torch's own step, and nothing else of its optimizers.

``torch.optim.Adam`` imports torch's compiler when the first one is made, for as long as torch
itself takes; a search does not compile. What moves the parameters is torch's function all the same
(Kingma and Ba, 2015, algorithm 1).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.optim.adam import adam as torch_adam

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
LONGEST_GRADIENT = 0.3


class Adam:
    """Moments of leaves that need a gradient, as ``torch.optim.Adam(..., fused=True)`` has them.

    A gradient longer than ``LONGEST_GRADIENT`` is cut to that length first. Starts lie in places a
    thousand times as steep as where they end (a centroid that the words forbid), and Adam would
    remember: the steps that follow would be too small to arrive.

    Args:
        leaves: What is moved, in place.
    """

    def __init__(self, leaves: Sequence[torch.Tensor]) -> None:
        self._leaves = list(leaves)
        self._means = [torch.zeros_like(leaf) for leaf in self._leaves]
        self._squares = [torch.zeros_like(leaf) for leaf in self._leaves]
        self._steps = [leaf.new_zeros((), dtype=torch.float32) for leaf in self._leaves]

    def forget_gradients(self) -> None:
        """Before the loss: a leaf that it does not reach is then left alone by the step."""
        for leaf in self._leaves:
            leaf.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Move every leaf that has a gradient; what is not finite of one counts as zero."""
        moved = [i for i, leaf in enumerate(self._leaves) if leaf.grad is not None]
        gradients = [
            _shortened(torch.nan_to_num(leaf.grad, nan=0.0, posinf=0.0, neginf=0.0))
            for leaf in self._leaves
            if leaf.grad is not None
        ]
        if not moved:
            return
        torch_adam(
            [self._leaves[i] for i in moved],
            gradients,
            [self._means[i] for i in moved],
            [self._squares[i] for i in moved],
            [],
            [self._steps[i] for i in moved],
            fused=True,
            amsgrad=False,
            beta1=BETA_1,
            beta2=BETA_2,
            lr=learning_rate,
            weight_decay=0.0,
            eps=EPSILON,
            maximize=False,
        )


def _shortened(gradient: torch.Tensor) -> torch.Tensor:
    return gradient.mul_((LONGEST_GRADIENT / gradient.norm()).clamp_(max=1.0))
