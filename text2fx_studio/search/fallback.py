"""Going on with the CPU where a GPU's memory is too small."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TypeVar

import torch

from text2fx_studio.encoders.registry import forget_encoders
from text2fx_studio.search.options import Options, resolve_device

T = TypeVar("T")


def on_device(
    options: Options, work: Callable[[Options], T], tell: Callable[[str], None]
) -> tuple[T, tuple[str, ...]]:
    """Run ``work``; where the device runs out of memory, forget what it holds and use the CPU.

    Args:
        options: ``device`` is used; ``work`` gets them with the device that it is to use.
        work: What to do. It is done from the beginning the second time.
        tell: Called with the message of a fallback.

    Returns:
        (what ``work`` returns, messages of what happened).

    Raises:
        UsageError: The device is unknown or not present.
        MemoryError: The CPU's memory is too small as well.
    """
    device = resolve_device(options.get("device", "auto"))
    wanted = options.copy()
    wanted["device"] = device
    try:
        return work(wanted), ()
    except (RuntimeError, MemoryError) as error:
        if device == "cpu" or not is_out_of_memory(error):
            raise
    # Outside the handler: the error's frames hold the tensors that fill the device.
    forget_encoders()
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    message = f"{device} ran out of memory; this was computed on the CPU"
    tell(message)
    wanted["device"] = "cpu"
    return work(wanted), (message,)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that a device's memory is full (CUDA has a class, MPS a sentence)."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "out of memory" in str(error).lower()
