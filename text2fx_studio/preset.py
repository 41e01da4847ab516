"""Presets: a chain in physical units with where it came from, kept as ``.t2fx.json``.

A file holds one JSON object (``presets/schema/preset.schema.json``, made by
:func:`text2fx_studio.preset_format.preset_schema`). It is checked against that schema before
anything is built from it, so a file is either a valid preset or a :class:`PresetError` that names
the file and the field.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from dsp.atomic import write_atomic
from text2fx_studio import __version__
from text2fx_studio.errors import OutputError, ParameterError, PluginError, PresetError
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.preset_format import FORMAT, LARGEST_BYTES, VERSION, check_data, parse

if TYPE_CHECKING:
    from dsp.chain import Chain
    from text2fx_studio.search.result import SearchResult

SUFFIX = ".t2fx.json"


@dataclass(frozen=True)
class Preset:
    """A setting of the effects, and how it was found. Immutable.

    Attributes:
        chain: The effects as they sound: ``amount`` is already applied.
        name: What a person calls it; not empty.
        description: One or two sentences, or empty.
        tags: Words to find it by.
        prompt: The words that it was found with; None for a preset made by hand.
        loss: ``cosine`` or ``directional``.
        space: ``full``, ``centred``, ``plshead`` or ``plshead-w``.
        seed: Of the search.
        amount: Share of the found setting that ``chain`` carries, 0..1.
        encoder: Identifier of the encoder.
        weights_hash: SHA-256 of the encoder's weights, 64 hexadecimal digits.
        score_dry: Similarity of prompt and untouched sound.
        score_wet: Similarity of prompt and shaped sound.
        accepted: Whether the shaped sound beat the dry one.
        app_version: Version of text2fx-studio that made it.
        created: ISO 8601 time with zone (``2025-01-17T12:00:00Z``); None keeps files reproducible.
        plugins: Other makers' plugins before and after ``chain``, in signal order.
    """

    chain: Chain
    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    prompt: str | None = None
    loss: str | None = None
    space: str | None = None
    seed: int | None = None
    amount: float | None = None
    encoder: str | None = None
    weights_hash: str | None = None
    score_dry: float | None = None
    score_wet: float | None = None
    accepted: bool | None = None
    app_version: str | None = None
    created: str | None = None
    plugins: tuple[HostedPlugin, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """Plain data in the order in which it is written; unknown fields are left out."""
        data: dict[str, Any] = {"format": FORMAT, "version": VERSION}
        for name in _FIELDS:
            value = getattr(self, name)
            if value not in (None, "", ()):
                data[name] = list(value) if isinstance(value, tuple) else value
        data["chain"] = self.chain.to_data()
        if self.plugins:
            data["plugins"] = [plugin.to_data() for plugin in self.plugins]
        return data

    @classmethod
    def from_data(cls, data: object, where: str = "preset") -> Self:
        """Inverse of :meth:`to_data`.

        Args:
            data: What a JSON reader gave.
            where: What the data belongs to, for the message; a file's name.

        Raises:
            PresetError: ``data`` is not a valid preset; names ``where`` and the field.
        """
        from dsp.chain import Chain

        checked = check_data(data, where)
        try:
            chain = Chain.from_data(checked["chain"])
            plugins = tuple(HostedPlugin.from_data(item) for item in checked.get("plugins", ()))
        except (ParameterError, PluginError) as error:
            raise PresetError(f"{where}: {error}") from error
        values = {name: checked[name] for name in _FIELDS if name in checked}
        values["tags"] = tuple(values.get("tags", ()))
        for name in ("amount", "score_dry", "score_wet"):
            if name in values:
                values[name] = float(values[name])
        if "seed" in values:
            values["seed"] = int(values["seed"])
        return cls(chain=chain, plugins=plugins, **values)


_FIELDS = tuple(f.name for f in fields(Preset) if f.name not in ("chain", "plugins"))


def load_preset(path: str | os.PathLike[str]) -> Preset:
    """Read a preset file.

    Raises:
        PresetError: The file cannot be read, or is not a valid preset of this version.
    """
    return Preset.from_data(read_data(path), str(path))


def preset_from_result(
    result: SearchResult,
    *,
    name: str | None = None,
    tags: Sequence[str] = (),
    created: str | None = None,
) -> Preset:
    """The preset of a search result.

    Args:
        result: Its chain is kept as it sounds, at the amount that was asked for.
        name: None names it after the prompt.
        tags: Words to find it by.
        created: ISO 8601 time with zone; None leaves it out.
    """
    return Preset(
        chain=result.chain,
        name=name or result.prompt[:200].strip(),
        tags=tuple(tags),
        prompt=result.prompt,
        loss=result.loss,
        space=result.space,
        seed=result.seed,
        amount=float(result.amount),
        encoder=result.encoder_id,
        weights_hash=result.weights_hash,
        score_dry=float(result.score_dry),
        score_wet=float(result.score_wet),
        accepted=bool(result.accepted),
        app_version=__version__,
        created=created,
    )


def save_preset(
    preset: Preset, path: str | os.PathLike[str], *, overwrite: bool = False
) -> None:  # fmt: skip
    """Write a preset file: beside its place first, then renamed, so no half file is ever seen.

    Raises:
        PresetError: The preset holds a value that the format does not allow.
        OutputError: The file exists and ``overwrite`` is False, or it cannot be written.
    """
    write_atomic(path, dump(preset), overwrite=overwrite, error=OutputError)


def dump(preset: Preset) -> str:
    """The text of a preset file.

    Raises:
        PresetError: The preset holds a value that the format does not allow.
    """
    where = f"preset {preset.name!r}"
    data = check_data(preset.to_data(), where)
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if len(text.encode()) > LARGEST_BYTES:
        raise PresetError(
            f"{where}: would be larger than {LARGEST_BYTES:,} bytes, because its plugins keep so "
            "much in their states; take one of them out"
        )
    return text


def read_data(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read and check a preset file without building its chain (and so without loading torch).

    Raises:
        PresetError: As :func:`load_preset`.
    """
    file = Path(path)
    try:
        if not file.is_file():
            found = "this is a folder" if file.is_dir() else "there is no such file"
            raise PresetError(f"{path}: a preset file is needed, {found}")
        with file.open("rb") as stream:
            raw = stream.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise PresetError(f"{path}: the preset cannot be read: {error}") from error
    return check_data(parse(raw, str(path)), str(path))
