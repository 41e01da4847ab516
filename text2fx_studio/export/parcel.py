"""What an exporter is asked for and what it hands back: files in memory, and what they carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from text2fx_studio.preset import Preset

Fidelity = Literal["exact", "approximate", "lossy"]
DEFAULT_RATE_HZ = 48_000


@dataclass(frozen=True)
class Request:
    """One export.

    Attributes:
        preset: The setting.
        file_name: Safe stem for the files, see :func:`text2fx_studio.export.names.file_name`.
        sample_rate_hz: Of impulse responses; hosts convert it to their own.
    """

    preset: Preset
    file_name: str
    sample_rate_hz: int = DEFAULT_RATE_HZ


@dataclass(frozen=True)
class Parcel:
    """The files of one export, and how true they are.

    Attributes:
        files: Contents by path relative to the target folder; folders are part of the path.
        fidelity: ``exact`` (the same sound, within rounding), ``approximate`` (another filter law),
            ``lossy`` (something that is heard was left out).
        left_out: What could not be carried, one plain phrase each.
        notes: How to open it, and what to mind.
    """

    files: dict[PurePosixPath, bytes]
    fidelity: Fidelity
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def graded(mapping: Fidelity, left_out: tuple[str, ...]) -> Fidelity:
    """The fidelity of an export: lossy as soon as something that is heard was left out."""
    return "lossy" if left_out else mapping
