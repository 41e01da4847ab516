"""``text2fx imports``: settings of other programs as presets."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from text2fx_studio.cli import checks, shaping, terminal


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "imports",
        help="read another program's setting as a preset",
        description="Reads Equalizer APO or AutoEq text, a plugin's .vstpreset or a preset of "
        "another version of the app, and writes a preset.",
    )
    parser.add_argument("input", metavar="FILE", type=Path, help="file to read")
    parser.add_argument(
        "-o", "--output", metavar="PRESET", type=Path, required=True,
        help="preset to write (.t2fx.json)",
    )  # fmt: skip
    parser.add_argument("--name", metavar="TEXT", help="of the preset (default: the file's)")
    parser.add_argument("--overwrite", action="store_true", help="replace the preset if it exists")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quiet", action="store_true", help="print errors only")


def run(args: argparse.Namespace) -> int:
    """Read, say what was lost, write."""
    checks.preset_target(args.output, (args.input,), overwrite=args.overwrite)
    from text2fx_studio.imports.read import read_any
    from text2fx_studio.preset import save_preset

    found = read_any(args.input, args.name)
    save_preset(found.preset, args.output, overwrite=args.overwrite)
    data = {
        "input": str(args.input),
        "preset": str(args.output),
        "kind": found.kind,
        "exact": found.exact,
        "notes": list(found.notes),
        "parameters": found.preset.chain.to_data(),
    }
    lines = [
        terminal.printable(found.preset.name),
        *shaping.chain_block(found.preset.chain),
        *(f"  Plugin: {terminal.printable(p.name)}" for p in found.preset.plugins),
        *(f"  Note: {terminal.printable(note)}" for note in found.notes),
        f"Wrote {terminal.printable(str(args.output))}",
    ]
    shaping.show(data, lines, as_json=args.json, quiet=args.quiet)
    return 0
