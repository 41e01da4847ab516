"""Any file that can be read as a preset: by what is in it, not by its name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dsp.gain import Gain
from text2fx_studio.errors import ImportFileError
from text2fx_studio.plugins.hosted import LARGEST_STATE_BYTES
from text2fx_studio.preset import Preset
from text2fx_studio.preset_format import LARGEST_BYTES, parse

if TYPE_CHECKING:
    from dsp.effect import Effect

_MOST = max(LARGEST_BYTES, LARGEST_STATE_BYTES)


@dataclass(frozen=True)
class Imported:
    """A preset that was read from another program's file.

    Attributes:
        preset: The setting.
        kind: ``preset``, ``equalizer-apo`` or ``vstpreset``.
        exact: Whether it means what the file meant.
        notes: What was not carried over, and how far off a fit is.
    """

    preset: Preset
    kind: str
    exact: bool
    notes: tuple[str, ...] = ()


def read_any(path: str | os.PathLike[str], name: str | None = None) -> Imported:
    """Read a preset of ours, an equalizer's text, or a plugin's ``.vstpreset``.

    Args:
        path: The file.
        name: Of the preset; None takes the file's own, or its file name.

    Raises:
        ImportFileError: It cannot be read, or is none of these.
        PresetError: It is a preset of ours that is not valid.
        PluginError: It is a ``.vstpreset`` that is broken, or of a plugin that is not installed.
    """
    file = Path(path)
    try:
        if not file.is_file():  # a pipe would be waited for
            found = "this is a folder" if file.is_dir() else "there is no such file"
            raise ImportFileError(f"{path}: cannot be read: {found}")
        with file.open("rb") as stream:
            raw = stream.read(_MOST + 1)
    except (OSError, ValueError) as error:
        raise ImportFileError(f"{path}: cannot be read: {error}") from error
    title = (name or _title(file)).strip() or "imported"
    if raw[:4] == b"VST3":
        return _vstpreset(raw, str(path), title)
    if raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        from dataclasses import replace

        preset = Preset.from_data(parse(raw, str(path)), str(path))
        return Imported(replace(preset, name=name) if name else preset, "preset", exact=True)
    return _equalizer(raw, str(path), title)


def _title(file: Path) -> str:
    """The file's name as a preset's: one line of printable text, 200 characters at most."""
    stem = file.name.removesuffix(".json").removesuffix(".t2fx")
    stem = Path(stem).stem if stem == file.name else stem
    return "".join(c if c.isprintable() else " " for c in stem)[:200]


def _equalizer(raw: bytes, where: str, title: str) -> Imported:
    from dsp.chain import Chain
    from text2fx_studio.imports.apo_text import parse_apo
    from text2fx_studio.imports.curve_fit import EXACT_DB, fit

    text = parse_apo(raw, where)
    fitted = fit(text.stages, text.points)
    notes = [f"not read: {what}" for what in text.ignored]
    if not fitted.taken_over:
        notes.append(
            f"fitted to the app's ten stages; the curve is at most {fitted.worst_db:.2f} dB off"
        )
    gain = Gain.parameter("gain_db")
    preamp = gain.clip(text.preamp_db)
    if preamp != text.preamp_db:
        notes.append(f"the preamp of {text.preamp_db:g} dB was limited to {preamp:g} dB")
    effects: list[Effect] = [fitted.equalizer]
    if preamp:
        effects.append(Gain({"gain_db": preamp}))
    exact = fitted.worst_db <= EXACT_DB and preamp == text.preamp_db and not text.ignored
    return Imported(Preset(Chain(tuple(effects)), title), "equalizer-apo", exact, tuple(notes))


def _vstpreset(raw: bytes, where: str, title: str) -> Imported:
    from dsp.chain import Chain
    from text2fx_studio.errors import PluginMissingError
    from text2fx_studio.plugins.hosted import HostedPlugin
    from text2fx_studio.plugins.library import remembered
    from text2fx_studio.plugins.vstpreset import parse_vstpreset

    found = parse_vstpreset(raw, where)
    for info in remembered():
        if info.status == "ok" and info.identifier.upper() == found.class_id:
            plugin = HostedPlugin(
                info.name, info.identifier, manufacturer=info.manufacturer, version=info.version,
                path=info.path, state=raw,
            )  # fmt: skip
            return Imported(Preset(Chain(), title, plugins=(plugin,)), "vstpreset", exact=True)
    raise PluginMissingError(
        f"{where}: is of a plugin that is not installed here or was not scanned (class id "
        f"{found.class_id}); install it and run text2fx plugins scan"
    )
