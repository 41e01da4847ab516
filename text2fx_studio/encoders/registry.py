"""Encoders by name."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from text2fx_studio.errors import EncoderError

if TYPE_CHECKING:
    from text2fx_studio.encoders.protocol import Encoder, Listener

WEIGHTS = Path(__file__).parent / "weights" / "fxsem.safetensors"
BY_CHECKPOINT = ("laion", "msclap")  # their weights are not bundled: the user gets them
UPSTREAM = ("laion-upstream", "msclap-upstream")  # the same checkpoints in their authors' packages


def available_encoders() -> tuple[str, ...]:
    """Encoders that need no further file; those of ``BY_CHECKPOINT`` load with weights."""
    return ("fxsem",)


def load_encoder(
    name: str = "fxsem", *, checkpoint: Path | str | None = None, device: str = "cpu"
) -> Encoder:
    """Load an encoder; the same arguments return the same object.

    Args:
        name: One of :func:`available_encoders` or ``BY_CHECKPOINT``.
        checkpoint: Another weights file of this encoder; None for the bundled one. For those of
            ``BY_CHECKPOINT`` a file, a folder, or a name of ``text2fx models list``; None for the
            best one that is in the cache folder.
        device: Where to compute, as torch names it (``cpu``, ``cuda``, ``mps``).

    Raises:
        EncoderError: The name is unknown, or the weights cannot be used.
    """
    if name in BY_CHECKPOINT:
        from text2fx_studio.models.catalogue import find_checkpoint

        return _load_clap(name, find_checkpoint(name, checkpoint).resolve(), str(device))
    if name not in available_encoders():
        raise EncoderError(
            f"encoder {name!r} is unknown; available: "
            f"{', '.join((*available_encoders(), *BY_CHECKPOINT))}"
        )
    path = WEIGHTS if checkpoint is None else Path(checkpoint)
    return _load_fxsem(path.resolve(), str(device))


def load_listener(
    name: str, *, checkpoint: Path | str | None = None, device: str = "cpu"
) -> Listener:
    """Load an encoder to judge with: one of :func:`load_encoder`, or one of ``UPSTREAM``.

    Args:
        name: Which.
        checkpoint: As for :func:`load_encoder`.
        device: Where to compute.

    Raises:
        EncoderError: As :func:`load_encoder`; or the authors' package is missing or does not start.
    """
    if name not in UPSTREAM:
        return load_encoder(name, checkpoint=checkpoint, device=device)
    from text2fx_studio.models.catalogue import find_checkpoint

    kind = name.removesuffix("-upstream")
    return _load_upstream(kind, find_checkpoint(kind, checkpoint).resolve(), str(device))


def forget_encoders() -> None:
    """Let go of all loaded encoders, so that their memory can be used again."""
    _load_fxsem.cache_clear()
    _load_clap.cache_clear()
    _load_upstream.cache_clear()


@lru_cache(maxsize=8)
def _load_fxsem(path: Path, device: str) -> Encoder:
    from text2fx_studio.encoders.fxsem import Fxsem

    return Fxsem.load(path, device=device)


@lru_cache(maxsize=4)
def _load_clap(name: str, path: Path, device: str) -> Encoder:
    if name == "laion":
        from text2fx_studio.encoders.laion import load_laion

        return load_laion(path, device=device)
    from text2fx_studio.encoders.msclap import load_msclap

    return load_msclap(path, device=device)


@lru_cache(maxsize=2)
def _load_upstream(kind: str, path: Path, device: str) -> Listener:
    from text2fx_studio.encoders.upstream import Upstream

    return Upstream(kind, path).to(device)
