"""Encoders by name."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from text2fx_studio.errors import EncoderError

if TYPE_CHECKING:
    from text2fx_studio.encoders.protocol import Encoder

WEIGHTS = Path(__file__).parent / "weights" / "fxsem.safetensors"
_LATER = ("laion", "msclap")


def available_encoders() -> tuple[str, ...]:
    """Names that :func:`load_encoder` takes in this version."""
    return ("fxsem",)


def load_encoder(
    name: str = "fxsem", *, checkpoint: Path | str | None = None, device: str = "cpu"
) -> Encoder:
    """Load an encoder; the same arguments return the same object.

    Args:
        name: One of :func:`available_encoders`.
        checkpoint: Another weights file of this encoder; None for the bundled one.
        device: Where to compute, as torch names it (``cpu``, ``cuda``, ``mps``).

    Raises:
        EncoderError: The name is unknown, or the weights cannot be used.
    """
    if name in _LATER:
        raise EncoderError(
            f"encoder {name!r} is not part of this version yet; available: "
            f"{', '.join(available_encoders())}"
        )
    if name not in available_encoders():
        raise EncoderError(
            f"encoder {name!r} is unknown; available: {', '.join(available_encoders())}"
        )
    path = WEIGHTS if checkpoint is None else Path(checkpoint)
    return _load_fxsem(path.resolve(), str(device))


@lru_cache(maxsize=8)
def _load_fxsem(path: Path, device: str) -> Encoder:
    from text2fx_studio.encoders.fxsem import Fxsem

    return Fxsem.load(path, device=device)
