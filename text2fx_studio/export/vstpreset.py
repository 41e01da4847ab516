"""``.vstpreset`` files of the plugins that a preset hosts, as Steinberg's hosts read them."""

from __future__ import annotations

from pathlib import PurePosixPath

from text2fx_studio.errors import UsageError
from text2fx_studio.export.names import file_name
from text2fx_studio.export.parcel import Parcel, Request, graded


def build(request: Request) -> Parcel:
    """One file per VST3 plugin that has a state.

    Raises:
        UsageError: The preset hosts none.
    """
    preset = request.preset
    found = [p for p in preset.plugins if p.format == "VST3" and p.state]
    if not found:
        raise UsageError(
            f"vstpreset: preset {preset.name!r} hosts no VST3 plugin with a state; choose another "
            "target for the app's own effects (text2fx export --list)"
        )
    files: dict[PurePosixPath, bytes] = {}
    for number, plugin in enumerate(found, 1):
        count = f" {number}" if len(found) > 1 else ""
        name = f"{request.file_name}{count} ({file_name(plugin.name)}).vstpreset"
        files[PurePosixPath(name)] = plugin.state
    missing = tuple(e.title.lower() for e in preset.chain if not e.is_neutral())
    missing += tuple(f"plugin {p.name}" for p in preset.plugins if p.enabled and p not in found)
    notes = ("open it in the plugin's preset menu in Cubase, Studio One and others",)
    return Parcel(files, graded("exact", missing), missing, notes)
