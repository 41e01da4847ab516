"""Gradient training of the two towers on prepared tensors."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from text2fx_studio.encoders.coordinates import CURVE_COUNT, POINT_COUNT, lift
from text2fx_studio.encoders.towers import AudioTower, TextTower
from text2fx_studio.training.checkpoint import Checkpoint
from text2fx_studio.training.examples import Examples

Log = Callable[[dict[str, float]], None]


@dataclass(frozen=True)
class Plan:
    """How long and how fast.

    Attributes:
        steps: Number of updates.
        batch: Rows (audio: groups) an update.
        rate: Highest learning rate; cosine to a hundredth of it after a short warm-up.
        decay: AdamW's weight decay.
        seed: Of the order of rows and of dropout.
    """

    steps: int
    batch: int
    rate: float
    decay: float
    seed: int


def fit_audio(
    tower: AudioTower,
    examples: Examples,
    plan: Plan,
    log: Log,
    *,
    difference: float = 6.0,
    checkpoint: Checkpoint | None = None,
) -> None:
    """Train the audio tower in place.

    Loss: Huber distance to the point of what was done, plus ``difference`` times the same for the
    differences within a group (what changed between two effects on one window, where the
    unknown character of the source cancels), plus 1 - cosine of the lifted embeddings.
    """
    flat = examples.statistics.reshape(-1, examples.statistics.shape[-1])
    tower.mean.copy_(flat.mean(0))
    tower.scale.copy_(flat.std(0).clamp(min=0.02))
    generator = torch.Generator().manual_seed(plan.seed)
    torch.manual_seed(plan.seed)
    optimizer, schedule = _optimizer(tower, plan)
    tower.train()
    count = examples.statistics.shape[0]
    parts = {"tower": tower, "optimizer": optimizer, "schedule": schedule}
    first = checkpoint.load(parts, generator) if checkpoint else 0
    for step in range(first, plan.steps):
        rows = torch.randint(count, (plan.batch,), generator=generator)
        target = examples.points[rows]
        found = tower(examples.statistics[rows])
        absolute = _distance(found, target)
        change = _distance(found - found[:, :1], target - target[:, :1])
        angle = (1 - (lift(found) * lift(target)).sum(-1)).mean()
        loss = absolute + difference * change + angle
        _update(optimizer, schedule, loss, tower)
        if step % 100 == 0 or step == plan.steps - 1:
            log(
                {
                    "step": step, "loss": loss.item(), "absolute": absolute.item(),
                    "change": change.item(), "angle": angle.item(),
                }
            )  # fmt: skip
        if checkpoint and (step + 1) % checkpoint.every == 0:
            checkpoint.save(step + 1, parts, generator)
    tower.eval()


def fit_text(
    tower: TextTower,
    sentences: torch.Tensor,
    points: torch.Tensor,
    settings: torch.Tensor,
    weights: torch.Tensor,
    plan: Plan,
    log: Log,
    *,
    checkpoint: Checkpoint | None = None,
) -> None:
    """Train the text tower in place; every member of the ensemble sees its own rows.

    Args:
        tower: To train.
        sentences: [N, 768].
        points: [N, 27].
        settings: [N, 17], see ``settings.pack``; NaN where nothing is asked for.
        weights: How much each row counts, [N].
        plan: Schedule.
        log: Receives figures.
        checkpoint: Where to keep the state; a state found there is gone on with.
    """
    generator = torch.Generator().manual_seed(plan.seed)
    torch.manual_seed(plan.seed)
    optimizer, schedule = _optimizer(tower, plan)
    tower.train()
    members, count = tower.w1.shape[0], sentences.shape[0]
    parts = {"tower": tower, "optimizer": optimizer, "schedule": schedule}
    first = checkpoint.load(parts, generator) if checkpoint else 0
    for step in range(first, plan.steps):
        rows = torch.randint(count, (members, plan.batch), generator=generator)
        found = tower.members(sentences[rows])
        weight = weights[rows]
        target = points[rows]
        point = found[..., :POINT_COUNT]
        distance = (point - target).square().sum(-1)
        angle = 1 - (lift(point) * lift(target)).sum(-1)
        shape = 1 - torch.nn.functional.cosine_similarity(
            point[..., :CURVE_COUNT], target[..., :CURVE_COUNT], dim=-1, eps=0.1
        )
        setting = setting_loss(found[..., POINT_COUNT:], settings[rows])
        loss = (weight * (distance + angle + 0.3 * shape + setting)).mean()
        _update(optimizer, schedule, loss, tower)
        if step % 100 == 0 or step == plan.steps - 1:
            log({"step": step, "loss": loss.item(), "point": distance.mean().item()})
        if checkpoint and (step + 1) % checkpoint.every == 0:
            checkpoint.save(step + 1, parts, generator)
    tower.eval()


def setting_loss(found: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Loss of proposed settings, [..., 17] -> [...]; logits by cross-entropy, the rest squared.

    Columns 8, 10 and 12 are logits; columns whose target is NaN do not count.
    """
    known = ~target.isnan()
    wanted = torch.where(known, target, torch.zeros_like(target))
    squares = torch.where(known, (found - wanted).square(), torch.zeros_like(found))
    is_logit = torch.zeros(found.shape[-1], dtype=torch.bool)
    is_logit[[8, 10, 12]] = True
    entropy = torch.nn.functional.binary_cross_entropy_with_logits(
        found, wanted.clamp(0, 1), reduction="none"
    )
    return 0.15 * torch.where(is_logit, entropy, squares).sum(-1)


def _distance(found: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.huber_loss(found, target, delta=0.3) * found.shape[-1]


def _optimizer(
    module: torch.nn.Module, plan: Plan
) -> tuple[torch.optim.AdamW, torch.optim.lr_scheduler.LambdaLR]:
    optimizer = torch.optim.AdamW(module.parameters(), lr=plan.rate, weight_decay=plan.decay)
    warm = max(1, min(50, plan.steps // 10))

    def factor(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        done = (step - warm) / max(1, plan.steps - warm)
        return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done))

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


def _update(
    optimizer: torch.optim.AdamW,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    loss: torch.Tensor,
    module: torch.nn.Module,
) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(module.parameters(), 5.0)
    optimizer.step()
    schedule.step()
