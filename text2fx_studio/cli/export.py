"""``text2fx export``: a preset as files that other programs open."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from text2fx_studio.cli import terminal
from text2fx_studio.errors import UsageError


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "export",
        help="write a preset for a DAW or another program",
        description="Writes PRESET as files that other programs open, and says what they carry.",
        epilog="Example: text2fx export telephone --to lv2-lsp --to ir -o exports",
    )
    parser.add_argument(
        "preset", metavar="PRESET", nargs="?", help="a file, or a name from: text2fx presets list"
    )
    parser.add_argument(
        "--to", metavar="TARGET", action="append", help="a target; may be given several times"
    )
    parser.add_argument("-o", "--output", metavar="DIR", type=Path, help="folder for the files")
    parser.add_argument("--list", action="store_true", help="list the targets and what they carry")
    parser.add_argument(
        "--rate", metavar="HZ", type=int, default=48_000,
        help="sample rate of impulse responses (default: 48000)",
    )  # fmt: skip
    parser.add_argument("--name", metavar="TEXT", help="of the files (default: the preset's name)")
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quiet", action="store_true", help="print errors only")


def run(args: argparse.Namespace) -> int:
    """List the targets, or export."""
    if args.list:
        return _list(as_json=args.json)
    if args.preset is None or not args.to or args.output is None:
        raise UsageError(
            "export: needs PRESET, --to TARGET and -o DIR; text2fx export --list shows the targets"
        )
    from text2fx_studio.export.registry import find_target
    from text2fx_studio.preset_library import find_preset

    for name in args.to:
        find_target(name)
    file = find_preset(args.preset)

    from text2fx_studio.export.write import export_preset
    from text2fx_studio.preset import load_preset

    preset = load_preset(file)
    done = export_preset(
        preset,
        args.to,
        args.output,
        sample_rate_hz=args.rate,
        file_stem=args.name,
        overwrite=args.overwrite,
    )
    if args.json:
        terminal.write_json(
            {
                "preset": str(file),
                "output": str(args.output),
                "exports": [item.to_data() for item in done],
            }
        )
        return 0
    if args.quiet:
        return 0
    for item in done:
        mark = ", experimental" if item.target.experimental else ""
        terminal.write(f"{item.target.title}: {item.fidelity}{mark}")
        for path in item.paths:
            terminal.write(f"  {terminal.printable(str(path))}")
        if item.left_out:
            terminal.write(f"  Left out: {terminal.printable('; '.join(item.left_out))}")
        for note in item.notes:
            terminal.write(f"  Note: {terminal.printable(note)}")
    return 0


def _list(*, as_json: bool) -> int:
    from text2fx_studio.export.registry import targets

    if as_json:
        terminal.write_json({"targets": [target.to_data() for target in targets()]})
        return 0
    for target in targets():
        mark = "  (experimental)" if target.experimental else ""
        carries = ", ".join(f"{kind} {fidelity}" for kind, fidelity in target.carries.items())
        terminal.write(f"{target.name:<14} {target.title}{mark}")
        terminal.write(f"{'':<14} opened by: {target.opened_by}")
        terminal.write(f"{'':<14} carries: {carries}")
        terminal.write(f"{'':<14} checked: {target.checked}")
    return 0
