"""What a batch is to do, as data: every file with its place, its settings and its seed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from text2fx_studio.batch.folder import find_recordings, output_names
from text2fx_studio.errors import UsageError
from text2fx_studio.preset import SUFFIX

Mode = Literal["per-file", "shared"]
MODES: tuple[Mode, ...] = ("per-file", "shared")


@dataclass(frozen=True)
class Settings:
    """What is done with a file: found from words, or a preset as it is. All plain data.

    Attributes:
        prompt: How it should sound; empty where ``preset`` or ``concepts`` is given.
        concepts: Concepts with weights in place of the prompt.
        preset: Path of a preset that is applied in place of a search; empty for a search.
        chain: Effects joined by commas.
        amount: 0..1, how much of the setting is applied.
        seed: Of the search.
        encoder: Its name.
        checkpoint: Its weights, a path or a name of the catalogue; empty for the bundled ones.
        loss: ``cosine`` or ``directional``.
        space: Where sounds and words are compared.
        axes: PLS axes for the space; empty for the bundled ones.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``; it is the worker's.
        tail: Whether a reverb may ring on after the end.
        exports: Names of targets that each file's setting is exported to.
        skip_missing_plugins: Leave out a preset's plugins that are not installed.
    """

    prompt: str = ""
    concepts: str = ""
    preset: str = ""
    chain: str = "eq"
    amount: float = 1.0
    seed: int = 0
    encoder: str = "fxsem"
    checkpoint: str = ""
    loss: str = "cosine"
    space: str = "full"
    axes: str = ""
    device: str = "auto"
    tail: bool = True
    exports: tuple[str, ...] = ()
    skip_missing_plugins: bool = False

    @property
    def label(self) -> str:
        """What was asked for, for a person."""
        return self.prompt or self.concepts or Path(self.preset).name.removesuffix(SUFFIX)

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**dataclasses.asdict(self), "exports": list(self.exports)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_data`."""
        return cls(**{**data, "exports": tuple(data.get("exports", ()))})

    def digest(self) -> str:
        """SHA-256 over all that decides what a file becomes, the content of the preset included.

        The device is not part of it: where it was computed does not say what was asked for.

        Raises:
            UsageError: The preset or the axes cannot be read.
        """
        data = self.to_data()
        del data["device"]
        for name in ("preset", "axes"):
            if data[name]:
                data[name] = _content(Path(data[name]))
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Unit:
    """One file of a batch.

    Attributes:
        file: Path of the recording relative to the plan's input folder, with forward slashes; it
            names the unit.
        source: The recording.
        output: Path of the result relative to the plan's output folder.
        settings: What is done.
        columns: What else a table of prompts said about the file; kept in the record.
    """

    file: str
    source: str
    output: str
    settings: Settings
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def preset(self) -> str:
        """Path of the setting beside the result, relative to the output folder.

        The result's whole name is kept, since ``kick.wav`` and ``kick.flac`` may lie side by side.
        """
        return f"{self.output}{SUFFIX}"


@dataclass(frozen=True)
class Plan:
    """What to do with a folder. Data only: nothing has been opened or loaded for it.

    Attributes:
        source_folder: Where the recordings are.
        output_folder: Where the results go.
        units: The files, sorted.
        mode: ``per-file``, or ``shared``: one setting for all files with the same settings.
        left_out: Files that no row of a table of prompts names.
        notes: What a person should know: renamed results, rows that match nothing.
    """

    source_folder: Path
    output_folder: Path
    units: tuple[Unit, ...]
    mode: Mode = "per-file"
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def make_plan(
    source_folder: str | os.PathLike[str],
    output_folder: str | os.PathLike[str],
    settings: Settings,
    *,
    prompts: str | os.PathLike[str] | None = None,
    mode: Mode = "per-file",
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
) -> Plan:
    """Look at a folder and say what would become of every file.

    Args:
        source_folder: Searched with all folders in it.
        output_folder: Need not exist; it may lie inside ``source_folder``.
        settings: For every file; where ``prompts`` is given, for what its rows do not say.
        prompts: A CSV file, see ``batch.prompts``.
        mode: See :class:`Plan`.
        include: Globs, see ``batch.folder``.
        exclude: Globs.

    Raises:
        UsageError: A folder, a glob or the table cannot be used, or no recording is found.
    """
    source, output = Path(source_folder), Path(output_folder)
    _check_folders(source, output)
    if mode not in MODES:
        raise UsageError(f"mode: found {mode!r}, allowed are {', '.join(MODES)}")
    relatives = find_recordings(source, leave_out=output, include=include, exclude=exclude)
    if not relatives:
        what = "matches --include and --exclude" if include or exclude else "is a recording"
        raise UsageError(
            f"{source}: no file in it {what}; WAV, FLAC, AIFF, OGG and MP3 files are looked for"
        )
    chosen: dict[str, tuple[Settings, dict[str, str]]]
    notes: tuple[str, ...]
    if prompts is None:
        chosen, notes = {relative: (settings, {}) for relative in relatives}, ()
    else:
        from text2fx_studio.batch.prompts import assign, read_prompts

        chosen, notes = assign(read_prompts(Path(prompts), settings), relatives)
    if mode == "shared" and any(s.preset for s, _ in chosen.values()):
        raise UsageError("mode shared searches one setting; with a preset there is none to search")
    names, renamed = output_names(relatives)
    units = tuple(
        Unit(
            file=relative,
            source=str((source / relative).absolute()),
            output=names[relative],
            settings=chosen[relative][0],
            columns=chosen[relative][1],
        )
        for relative in relatives
        if relative in chosen
    )
    return Plan(
        source_folder=source.absolute(),
        output_folder=output.absolute(),
        units=units,
        mode=mode,
        left_out=tuple(relative for relative in relatives if relative not in chosen),
        notes=(*notes, *renamed),
    )


def plan_files(
    files: Sequence[tuple[str, str]], output_folder: str | os.PathLike[str], settings: Settings
) -> Plan:
    """A plan for files from anywhere.

    Args:
        files: (path, name relative to the output folder, with forward slashes) of each; names
            that are given twice are told apart by a number.
        output_folder: Need not exist.
        settings: For every file.

    Raises:
        UsageError: A result would replace one of the recordings.
    """
    sources: dict[str, str] = {}
    for path, name in files:
        wanted, number = name, 2
        while wanted in sources:
            stem, dot, suffix = name.rpartition(".")
            wanted = f"{stem} ({number}){dot}{suffix}"
            number += 1
        sources[wanted] = str(Path(path).absolute())
    output = Path(output_folder).absolute()
    names, renamed = output_names(sources)
    originals = {os.path.realpath(path) for path in sources.values()}
    for name in names.values():
        if os.path.realpath(output / name) in originals:
            raise UsageError(
                f"{output / name}: is one of the recordings; choose another folder for the "
                "results, the originals are never replaced"
            )
    units = tuple(
        Unit(file=name, source=sources[name], output=names[name], settings=settings)
        for name in sorted(sources)
    )
    return Plan(Path(os.path.commonpath(list(sources.values()))), output, units, notes=renamed)


def _check_folders(source: Path, output: Path) -> None:
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output}: is a file; name a folder for the results")
    inside, outside = source.resolve(), output.resolve()
    if inside == outside:
        raise UsageError(
            f"{output}: is the folder of the recordings; choose another one for the results, "
            "the originals are never replaced"
        )
    if outside in inside.parents:
        raise UsageError(
            f"{output}: holds the folder of the recordings, so that results could replace them; "
            "choose another folder for the results"
        )


def _content(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
