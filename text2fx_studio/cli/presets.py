"""``text2fx presets``: list, show and validate presets; print their schema."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from text2fx_studio.cli import describe, terminal
from text2fx_studio.errors import PresetError


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "presets",
        help="list, show and validate presets",
        description="Presets: those that ship with the app, and your own.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    listing = actions.add_parser("list", help="list factory presets and your own")
    listing.add_argument("--tag", metavar="TAG", help="only those with this tag")
    listing.add_argument("--json", action="store_true", help="print one JSON object")
    showing = actions.add_parser("show", help="say in words what a preset does")
    showing.add_argument("preset", metavar="PRESET", help="a file, or a name from the list")
    showing.add_argument("--json", action="store_true", help="print the preset as JSON")
    validating = actions.add_parser("validate", help="check preset files; exit code 1 if any fails")
    validating.add_argument("files", metavar="FILE", nargs="+", type=Path, help="preset file")
    validating.add_argument("--json", action="store_true", help="print one JSON object")
    schema = actions.add_parser("schema", help="print the JSON Schema of preset files")
    schema.add_argument("--json", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Run one action."""
    actions = {"list": _list, "show": _show, "validate": _validate, "schema": _schema}
    return actions[args.action](args)


def _list(args: argparse.Namespace) -> int:
    from text2fx_studio.preset_library import library, user_folder

    found = list(library())
    if args.tag:
        tag = args.tag.lower()
        found = [e for e in found if e.data is not None and tag in e.data.get("tags", ())]
    if args.json:
        rows = [
            {
                "preset": entry.slug,
                "origin": entry.origin,
                "path": str(entry.path),
                "name": entry.data["name"] if entry.data else None,
                "tags": entry.data.get("tags", []) if entry.data else [],
                "effects": [e["effect"] for e in entry.data["chain"]] if entry.data else [],
                "error": entry.error or None,
            }
            for entry in found
        ]
        terminal.write_json({"presets": rows, "user_folder": str(user_folder())})
        return 0
    for entry in found:
        name = terminal.printable(f"{entry.slug:<22} ")
        if entry.data is None:
            terminal.write(f"{name}not valid: {terminal.printable(entry.error)}")
            continue
        effects = "+".join(e["effect"] for e in entry.data["chain"])
        mine = " (yours)" if entry.origin == "user" else ""
        tags = ", ".join(entry.data.get("tags", ()))
        terminal.write(terminal.printable(f"{name}{effects:<12} {tags}{mine}"))
    if not found:
        terminal.write(f"No preset has the tag {terminal.printable(args.tag or '')!r}.")
    terminal.write(f"\nYour own presets: {terminal.printable(str(user_folder()))}")
    return 0


def _show(args: argparse.Namespace) -> int:
    from text2fx_studio.preset import load_preset
    from text2fx_studio.preset_library import find_preset

    preset = load_preset(find_preset(args.preset))
    data = preset.to_data()
    if args.json:
        terminal.write_json(data)
        return 0
    terminal.write(terminal.printable(preset.name))
    if preset.description:
        terminal.write(terminal.printable(preset.description))
    terminal.write("")
    lines = describe.chain_lines(preset.chain) or ["Nothing is changed: all effects are neutral"]
    for plugin in preset.plugins:
        bypassed = "" if plugin.enabled else ", bypassed"
        lines.append(terminal.printable(f"Plugin {plugin.place} it: {plugin.name}{bypassed}"))
    for line in lines:
        terminal.write(f"  {line}")
    about = describe.provenance_lines(data)
    if preset.tags:
        about.append("Tags     " + ", ".join(preset.tags))
    if about:
        terminal.write("")
    for line in about:
        terminal.write(terminal.printable(line))
    return 0


def _validate(args: argparse.Namespace) -> int:
    from text2fx_studio.preset import read_data

    rows = []
    for path in args.files:
        try:
            read_data(path)
            rows.append({"path": str(path), "valid": True, "error": None})
        except PresetError as error:
            rows.append({"path": str(path), "valid": False, "error": str(error)})
    valid = all(row["valid"] for row in rows)
    if args.json:
        terminal.write_json({"valid": valid, "files": rows})
    else:
        for row in rows:
            said = f"{row['path']}: valid" if row["valid"] else str(row["error"])
            terminal.write(terminal.printable(said))
    return 0 if valid else 1


def _schema(_: argparse.Namespace) -> int:
    from text2fx_studio.preset_format import preset_schema

    terminal.write(json.dumps(preset_schema(), indent=2))
    return 0
