"""What may be asked of a search, checked before anything heavy happens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import torch

from dsp.chain import Chain
from text2fx_studio.errors import UsageError
from text2fx_studio.search.losses import LOSSES, LossName
from text2fx_studio.search.optimizer import Schedule
from text2fx_studio.search.result import Progress

if TYPE_CHECKING:
    from text2fx_studio.encoders.protocol import Encoder

PRIOR_WEIGHT = 0.2  # of 0.1 and 0.2 the one nearer to what people set for words

OnProgress = Callable[[Progress], None]


class Options(TypedDict, total=False):
    """Keyword arguments of ``search``, ``optimize`` and ``apply_file``; all may be left out.

    Attributes:
        chain: Effects joined by commas: ``eq`` (default), ``reverb``, ``eq,reverb``.
        encoder: Name (default ``fxsem``), or an encoder object.
        checkpoint: Weights file for encoders that need one.
        loss: ``cosine`` (default) or ``directional``.
        concepts: Concepts with weights in place of the prompt, ``echo:+0.6,muffled:-0.4``.
        space: ``full`` (default), ``centred``, ``plshead`` or ``plshead-w``.
        axes: Fitted PLS axes for the latter three; None for the bundled ones.
        amount: 0..1 (default 1), how much of the found setting the result's chain holds.
        seed: Of the jittered starts (default 0); the same seed gives bit-identical results on one
            machine.
        device: ``auto`` (default), ``cpu``, ``cuda`` or ``mps``.
        prior_weight: How strongly the search keeps to likely settings (default 0.2); 0 seeks the
            best score alone, as Text2FX does, at the price of extreme settings.
        schedule: Of the descent.
        progress: Called after every step.
        cancel: Asked before every step; True raises ``CancelledError``.
    """

    chain: str
    encoder: str | Encoder
    checkpoint: Path | None
    loss: str
    concepts: str | None
    space: str
    axes: Path | None
    amount: float
    seed: int
    device: str
    prior_weight: float
    schedule: Schedule
    progress: OnProgress | None
    cancel: Callable[[], bool] | None


def check_loss(loss: str) -> LossName:
    """Return the loss's name.

    Raises:
        UsageError: There is no such loss.
    """
    for name in LOSSES:
        if name == loss:
            return name
    raise UsageError(f"loss: found {loss!r}, allowed are {', '.join(LOSSES)}")


def check_chain(text: str) -> Chain:
    """Parse a chain that holds something to search.

    Raises:
        ParameterError: An effect is unknown.
        UsageError: No effect of it can be searched.
    """
    chain = Chain.parse(text)
    if not any(p.searched for effect in chain for p in effect.parameters):
        raise UsageError(f"chain: {text!r} holds nothing to search; use eq, reverb or eq,reverb")
    return chain


def check_space(space: str) -> str:
    """Return the space's name.

    Raises:
        UsageError: There is no such space.
    """
    from text2fx_studio.spaces.space import SPACES

    if space not in SPACES:
        raise UsageError(f"space: found {space!r}, allowed are {', '.join(SPACES)}")
    return space


def check_amount(amount: float) -> float:
    """Return the amount.

    Raises:
        UsageError: It lies outside 0..1.
    """
    if not 0.0 <= amount <= 1.0:
        raise UsageError(f"amount: found {amount:g}, allowed is 0 to 1")
    return float(amount)


def check_prior_weight(weight: float) -> float:
    """Return the weight.

    Raises:
        UsageError: It is negative or not finite.
    """
    if not 0.0 <= weight < float("inf"):
        raise UsageError(f"prior weight: found {weight:g}, allowed is 0 and above")
    return float(weight)


def resolve_device(device: str) -> str:
    """The device to run on: ``auto`` picks CUDA, then MPS, then the CPU.

    Raises:
        UsageError: The device is unknown or not present.
    """
    present = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if device == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if present[name])
    kind = device.split(":")[0]
    if kind not in present:
        raise UsageError(f"device: found {device!r}, allowed are auto, cpu, cuda, mps")
    if not present[kind]:
        raise UsageError(f"device: {device!r} is not present on this machine; use auto or cpu")
    return device
