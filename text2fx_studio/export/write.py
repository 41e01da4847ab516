"""From a preset to files in a folder: everything is built and checked before anything is written.

Each file appears whole or not at all. A folder (an LV2 bundle) is written beside its place and
renamed; where it exists and may be overwritten, its files are replaced one by one, and nothing
else in it is touched.
"""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from dsp.atomic import check_target, explain_os_error, write_atomic
from text2fx_studio.errors import OutputError, UsageError
from text2fx_studio.export.names import file_name
from text2fx_studio.export.parcel import DEFAULT_RATE_HZ, Fidelity, Parcel, Request
from text2fx_studio.export.registry import Target, find_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from text2fx_studio.preset import Preset

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 8_000, 192_000


@dataclass(frozen=True)
class Exported:
    """One export as it was written.

    Attributes:
        target: Its target.
        paths: The files, in the order in which they were built.
        fidelity: How true they are.
        left_out: What they do not carry.
        notes: How to open them.
    """

    target: Target
    paths: tuple[Path, ...]
    fidelity: Fidelity
    left_out: tuple[str, ...]
    notes: tuple[str, ...]

    def to_data(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        return {
            "target": self.target.name,
            "experimental": self.target.experimental,
            "files": [str(path) for path in self.paths],
            "fidelity": self.fidelity,
            "left_out": list(self.left_out),
            "notes": list(self.notes),
        }


def export_preset(
    preset: Preset,
    names: Sequence[str],
    folder: str | os.PathLike[str],
    *,
    sample_rate_hz: int = DEFAULT_RATE_HZ,
    file_stem: str | None = None,
    overwrite: bool = False,
) -> list[Exported]:
    """Write a preset for one or more targets.

    Args:
        preset: The setting.
        names: Of targets, see :func:`text2fx_studio.export.registry.targets`.
        folder: Where the files go; made if it is missing.
        sample_rate_hz: Of impulse responses, 8000 to 192000.
        file_stem: Of the files' names; None for the preset's name. Made safe in any case.
        overwrite: Whether files that exist may be replaced.

    Returns:
        One entry per target, in the order asked for.

    Raises:
        UsageError: A target is unknown or cannot carry anything of this preset.
        OutputError: A file exists and ``overwrite`` is False, or cannot be written.
    """
    if not LOWEST_RATE_HZ <= sample_rate_hz <= HIGHEST_RATE_HZ:
        raise UsageError(
            f"sample rate: found {sample_rate_hz}, allowed is {LOWEST_RATE_HZ} to "
            f"{HIGHEST_RATE_HZ} Hz"
        )
    request = Request(preset, file_name(file_stem or preset.name), sample_rate_hz)
    found = [find_target(name) for name in dict.fromkeys(names)]
    parcels = [target.build(request) for target in found]
    place = Path(folder)
    relative = _plan(found, parcels)
    _check(place, [path for paths in relative for path in paths.values()], overwrite=overwrite)
    done = []
    for target, parcel, paths in zip(found, parcels, relative, strict=True):
        content = {paths[path]: data for path, data in parcel.files.items()}
        written = _write(place, content, overwrite=overwrite)
        done.append(Exported(target, written, parcel.fidelity, parcel.left_out, parcel.notes))
    return done


def _plan(found: list[Target], parcels: list[Parcel]) -> list[dict[PurePosixPath, PurePosixPath]]:
    """Where each file goes: two targets that use one name get folders of their own."""
    tops = [{path.parts[0].casefold() for path in parcel.files} for parcel in parcels]
    plan = []
    for index, (target, parcel) in enumerate(zip(found, parcels, strict=True)):
        others = set().union(*(t for i, t in enumerate(tops) if i != index))
        clash = bool(tops[index] & others)
        prefix = PurePosixPath(target.name) if clash else PurePosixPath()
        plan.append({path: prefix / path for path in parcel.files})
    return plan


def _check(place: Path, paths: list[PurePosixPath], *, overwrite: bool) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{place}: cannot be made a folder: {explain_os_error(error)}") from error
    for relative in paths:
        path = place / relative
        if path.parent.exists():
            check_target(path, overwrite=overwrite, error=OutputError)


def _write(
    place: Path, content: dict[PurePosixPath, bytes], *, overwrite: bool
) -> tuple[Path, ...]:
    bundles: dict[PurePosixPath, dict[PurePosixPath, bytes]] = {}
    for relative, data in content.items():
        bundles.setdefault(relative.parent, {})[relative] = data
    for parent, files in bundles.items():
        folder = place / parent
        if parent == PurePosixPath() or folder.exists():
            for relative, data in files.items():
                write_atomic(place / relative, data, overwrite=overwrite, error=OutputError)
        else:
            _write_folder(folder, {path.name: data for path, data in files.items()})
    return tuple(place / relative for relative in content)


def _write_folder(folder: Path, files: dict[str, bytes]) -> None:
    beside = folder.parent / f".text2fx-{secrets.token_hex(8)}.part"
    try:
        beside.mkdir(parents=True)
        for name, data in files.items():
            write_atomic(beside / name, data, error=OutputError)
        beside.rename(folder)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {explain_os_error(error)}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
