"""Adam over a batch of starts, with cosine decay, plateau stop, and the best kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from text2fx_studio.search.adam import Adam
from text2fx_studio.search.prior import Prior
from text2fx_studio.search.variables import Variables


@dataclass(frozen=True)
class Schedule:
    """Settings of the descent.

    Attributes:
        steps: At the most.
        learning_rate: Of Adam at the first step; it falls to a tenth by a half cosine.
        patience: Steps without an improvement of ``tolerance`` after which it stops.
        tolerance: Smallest improvement of the best loss that counts.
        trial: Steps after which the worse half of the starts is given up.
    """

    steps: int = 80
    learning_rate: float = 0.1
    patience: int = 15
    tolerance: float = 1e-4
    trial: int = 20

    def rate(self, step: int) -> float:
        """Of learning at a step."""
        return self.learning_rate * (0.55 + 0.45 * math.cos(math.pi * step / self.steps))


@dataclass(frozen=True)
class Descent:
    """What the descent found.

    Attributes:
        best: x of every start at its own best step, float64 [B, P].
        losses: Prior included, of every start at its best, [B].
        history: Best loss over all starts at every step, prior included.
        steps: Steps taken.
    """

    best: torch.Tensor
    losses: torch.Tensor
    history: tuple[float, ...]
    steps: int


def descend(
    objective: Callable[..., torch.Tensor],
    variables: Variables,
    prior: Prior,
    starts: torch.Tensor,
    schedule: Schedule,
    on_step: Callable[[int, float, torch.Tensor], None] | None = None,
) -> Descent:
    """Minimise objective + prior from several starts at once.

    Args:
        objective: Settings -> loss of each row, [B]; with a prior on the equalizer's curve it is
            given the designed sections as well, so that they are designed once.
        variables: Map from x to settings.
        prior: Gaussian prior.
        starts: x of each start, [B, P].
        schedule: See :class:`Schedule`.
        on_step: Called with (step, best loss so far, its x [P]) after each step; may raise to stop.

    Returns:
        The best x of every start: never worse than the start itself.
    """
    # One leaf a start: Adam keeps its moments when others are given up.
    rows = [start[None].clone().requires_grad_(True) for start in starts]
    adam = Adam(rows)
    followed = torch.arange(len(rows))
    best_x = starts.clone()
    best = torch.full((starts.shape[0],), math.inf, dtype=torch.float64)
    history: list[float] = []
    reference, stale, step = math.inf, 0, 0
    for step in range(schedule.steps + 1):  # the last round only measures
        if step == schedule.trial and len(followed) > 1:
            followed = best.argsort(stable=True)[: (len(rows) + 1) // 2].sort().values
        adam.forget_gradients()
        x = torch.cat([rows[int(i)] for i in followed])
        settings = variables.settings(x)
        designed = prior.design(settings)
        losses = objective(settings) if designed is None else objective(settings, designed)
        losses = losses.double() + prior.penalty(variables.positions(x), settings, designed)
        current = torch.full_like(best, math.inf)
        current[followed] = losses.detach().cpu()
        better = current < best
        best = torch.where(better, current, best)
        for i in followed[better[followed]].tolist():
            best_x[i] = rows[i].detach()[0].cpu()
        top = int(best.argmin())
        history.append(float(best[top]))
        if on_step is not None:
            on_step(step, history[-1], best_x[top])
        if history[-1] < reference - schedule.tolerance:
            reference, stale = history[-1], 0
        else:
            stale += 1
        if step == schedule.steps or stale >= schedule.patience:
            break
        losses.sum().backward()  # type: ignore[no-untyped-call]
        adam.step(schedule.rate(step))
    return Descent(best_x, best, tuple(history), step)
