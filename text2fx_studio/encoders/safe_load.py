"""Checkpoints of others, read without unpickling.

A ``.pt`` file is a pickle, and a pickle can run anything. torch's restricted reader
(``weights_only``) builds tensors and plain containers only. LAION's checkpoints also hold NumPy
scalars (the optimizer's learning rate): their names are allowed, but lead to the small stand-ins
below, so that nothing of NumPy is called either. All else is refused, and nothing of it runs.
"""

from __future__ import annotations

import pickle
import re
import struct
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from text2fx_studio.encoders.files import read_tensors
from text2fx_studio.errors import EncoderError

WRAPPERS = ("state_dict", "model")
_PARALLEL = "module."
_FORMATS = {
    "f2": "e", "f4": "f", "f8": "d", "b1": "?",
    "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q",
}  # fmt: skip


class _Dtype:
    """Stands for ``numpy.dtype``: the kind of a number and its byte order."""

    def __init__(self, code: str, *_: object) -> None:
        self.code = str(code)
        self.order = "<"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if isinstance(state, tuple) and len(state) > 1 and state[1] in ("<", ">"):
            self.order = state[1]


def _scalar(dtype: _Dtype, data: bytes | str = b"") -> float:
    """Stands for NumPy's scalar: a plain number."""
    raw = data.encode("latin-1") if isinstance(data, str) else data
    kind = _FORMATS.get(getattr(dtype, "code", ""))
    if kind is None or not isinstance(raw, bytes) or len(raw) != struct.calcsize(kind):
        raise pickle.UnpicklingError("a NumPy scalar that is not a plain number")
    (value,) = struct.unpack(dtype.order + kind, raw)
    return float(value)


def _latin1(text: str, encoding: str = "latin1") -> bytes:
    """Stands for ``_codecs.encode``, with which pickles below protocol 3 write bytes."""
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"bytes in the encoding {encoding!r}")
    return str(text).encode("latin-1")


# NumPy 1 wrote numpy.core, NumPy 2 writes numpy._core.
_ALLOWED: list[Any] = [
    (_scalar, "numpy.core.multiarray.scalar"),
    (_scalar, "numpy._core.multiarray.scalar"),
    (_Dtype, "numpy.dtype"),
    (_latin1, "_codecs.encode"),
]


def read_checkpoint(path: Path) -> Any:
    """What a ``.pt``, ``.pth``, ``.bin`` or ``.safetensors`` file holds, on the CPU.

    Tensors of a zipped ``.pt`` are mapped from the file, not read: an optimizer's state that
    nobody asks for costs no memory.

    Raises:
        EncoderError: The file is missing, damaged, or holds more than numbers and names.
    """
    if not path.is_file():
        raise EncoderError(f"{path}: weights file not found")
    if path.suffix == ".safetensors":
        return read_tensors(path)
    try:
        with path.open("rb") as stream:
            zipped = stream.read(4) == b"PK\x03\x04"
        with warnings.catch_warnings(), torch.serialization.safe_globals(_ALLOWED):
            warnings.simplefilter("ignore", UserWarning)  # of other pickle protocols
            return torch.load(path, map_location="cpu", weights_only=True, mmap=zipped or None)
    except pickle.UnpicklingError as error:
        raise EncoderError(_refusal(path, str(error))) from error
    except (RuntimeError, EOFError, ValueError, KeyError, TypeError, OSError, AttributeError,
            IndexError, struct.error) as error:  # fmt: skip
        said = (str(error).strip().splitlines() or [type(error).__name__])[0].split(". ")[0]
        raise EncoderError(
            f"{path}: not a readable checkpoint ({said[:160]}); download it again"
        ) from error


def _refusal(path: Path, message: str) -> str:
    named = re.search(r"GLOBAL (\S+)", message)
    if named is None:
        # torch's own explanation is long and tells how to read the file unsafely.
        return f"{path}: not a readable checkpoint: no file of weights, or cut off; get it again"
    return (
        f"{path}: refused: besides weights it asks to run {named[1]!r}, which no CLAP checkpoint "
        "needs; nothing of it was run. Get the file from its authors' own page"
    )


def weights_of(path: Path, content: Any) -> dict[str, torch.Tensor]:
    """The named tensors inside a checkpoint, out of its wrapper dictionary.

    ``module.`` before every name (a model trained in parallel) is taken away.

    Raises:
        EncoderError: There are none.
    """
    found: Any = content
    for wrapper in WRAPPERS:
        if isinstance(found, Mapping) and isinstance(found.get(wrapper), Mapping):
            found = found[wrapper]
            break
    if not isinstance(found, Mapping):
        raise EncoderError(f"{path}: holds a {type(content).__name__}, not a dictionary of weights")
    tensors = {str(name): value for name, value in found.items() if isinstance(value, torch.Tensor)}
    if not tensors:
        raise EncoderError(f"{path}: holds no weights; it is not a model's checkpoint")
    if all(name.startswith(_PARALLEL) for name in tensors):
        tensors = {name.removeprefix(_PARALLEL): value for name, value in tensors.items()}
    return tensors
