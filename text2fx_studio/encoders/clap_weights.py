"""Fitting a checkpoint's tensors to a network, key by key: nothing missing, nothing unexplained."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from text2fx_studio.errors import EncoderError

_SHOWN = 4


@dataclass(frozen=True)
class Accounting:
    """Where every tensor of a checkpoint went.

    Attributes:
        used: Names that a network took.
        left_over: Names that no network needs, each for a known reason.
    """

    used: tuple[str, ...]
    left_over: tuple[str, ...]


class Store:
    """A checkpoint's tensors, handed out once each and accounted for at the end.

    Args:
        path: For messages.
        tensors: By the authors' names.
    """

    def __init__(self, path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
        self.path = path
        self._tensors = dict(tensors)
        self._used: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    @property
    def names(self) -> tuple[str, ...]:
        """All names."""
        return tuple(self._tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of a tensor.

        Raises:
            EncoderError: It is missing.
        """
        return tuple(self._tensors[self._present(name)].shape)

    def take(self, name: str) -> torch.Tensor:
        """A tensor in float32 (integers stay as they are), counted as used.

        Raises:
            EncoderError: It is missing, or holds values that are not finite.
        """
        tensor = self._tensors[self._present(name)]
        self._used.add(name)
        if not tensor.is_floating_point():
            return tensor
        tensor = tensor.float()
        # The sum is finite exactly where all values are, short of an overflow that is no weight.
        if not bool(torch.isfinite(tensor.sum())):
            raise EncoderError(f"{self.path}: tensor {name} holds values that are not finite")
        return tensor

    def part(self, prefix: str) -> dict[str, str]:
        """Names under a prefix: the rest of the name -> the full name."""
        return {
            name.removeprefix(prefix): name for name in self._tensors if name.startswith(prefix)
        }

    def account(self, harmless: Iterable[str]) -> Accounting:
        """Close the books.

        Args:
            harmless: Regular expressions of names that no network needs.

        Raises:
            EncoderError: A tensor was neither used nor is it known to be harmless.
        """
        patterns = [re.compile(pattern) for pattern in harmless]
        rest = [name for name in self._tensors if name not in self._used]
        unknown = [name for name in rest if not any(p.fullmatch(name) for p in patterns)]
        if unknown:
            raise EncoderError(
                f"{self.path}: {len(unknown)} tensors belong to no part of this model "
                f"({_some(unknown)}); it is another variant than this version reads"
            )
        return Accounting(tuple(sorted(self._used)), tuple(rest))

    def _present(self, name: str) -> str:
        if name not in self._tensors:
            raise EncoderError(
                f"{self.path}: tensor {name} is missing; the download is not whole, or it is "
                "another variant"
            )
        return name


def fill(
    module: Any, weights: Mapping[str, torch.Tensor], where: str, may_lack: str = r"$^"
) -> Any:
    """Load weights into a network, freeze it, and set it to inference.

    Networks built on the ``meta`` device take copies of the tensors; what a checkpoint need not
    hold (positions, masks) is made here.

    Args:
        module: A torch module.
        weights: By the module's own names.
        where: For messages.
        may_lack: Regular expression of names that the weights may leave out.

    Raises:
        EncoderError: A tensor is missing, left over, or of another shape.
    """
    on_meta = any(tensor.is_meta for tensor in module.parameters())
    copies = {name: tensor.clone() for name, tensor in weights.items()} if on_meta else weights
    try:
        result = module.load_state_dict(copies, strict=False, assign=on_meta)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()[1:]] or [str(error)]
        raise EncoderError(f"{where}: {_some(lines)}") from error
    missing = [name for name in result.missing_keys if not re.fullmatch(may_lack, name)]
    if missing or result.unexpected_keys:
        raise EncoderError(
            f"{where}: missing {_some(missing) or 'nothing'}, "
            f"left over {_some(result.unexpected_keys) or 'nothing'}"
        )
    _make_buffers(module, where)
    return module.eval().requires_grad_(False)


def _make_buffers(module: Any, where: str) -> None:
    for owner in module.modules():
        for name, buffer in list(owner.named_buffers(recurse=False)):
            if not buffer.is_meta:
                continue
            if name == "position_ids":
                made = torch.arange(buffer.shape[-1]).expand(buffer.shape).clone()
            elif name == "token_type_ids":
                made = torch.zeros(buffer.shape, dtype=buffer.dtype)
            elif name == "bias" and buffer.dim() == 4:  # GPT-2's causal mask
                made = torch.ones(buffer.shape, dtype=buffer.dtype).tril()
            elif name == "masked_bias":
                made = torch.tensor(-1e4)
            else:
                raise EncoderError(f"{where}: no rule for the buffer {name!r} of this transformers")
            setattr(owner, name, made)


def _some(names: Iterable[str]) -> str:
    found = list(names)
    more = len(found) - _SHOWN
    return ", ".join(found[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
