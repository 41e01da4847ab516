"""``text2fx render``: a recording through a preset."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from text2fx_studio.cli import checks, shaping, terminal
from text2fx_studio.cli.apply import add_manners, add_output
from text2fx_studio.cli.terminal import Progress
from text2fx_studio.preset_library import find_preset


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "render",
        help="run a recording through a preset",
        description="Renders IN through PRESET and writes OUT.",
    )
    parser.add_argument("input", metavar="IN", type=Path, help="recording to render")
    parser.add_argument(
        "preset", metavar="PRESET", help="a .t2fx.json file, or a name from: text2fx presets list"
    )
    add_output(parser)
    parser.add_argument(
        "--skip-missing-plugins",
        action="store_true",
        help="leave out plugins of the preset that are not installed here",
    )
    add_manners(parser)


def run(args: argparse.Namespace) -> int:
    """Check everything cheap, then render and report."""
    source = checks.source(args.input)
    preset_file = find_preset(args.preset)
    output = checks.target(args.output, (source, preset_file), overwrite=args.overwrite)
    with Progress(quiet=args.quiet) as progress:
        progress.update("Loading")
        from text2fx_studio.plugins.rack import render_preset
        from text2fx_studio.preset import load_preset

        preset = load_preset(preset_file)
        report = render_preset(
            source,
            output,
            preset,
            skip_missing=args.skip_missing_plugins,
            tail=not args.no_tail,
            overwrite=args.overwrite,
            progress=lambda share: progress.update("Rendering", share),
        )
    data = {
        "input": str(source),
        "output": str(output),
        "preset": str(preset_file),
        "parameters": preset.chain.to_data(),
        "plugins": [plugin.name for plugin in preset.plugins],
        **shaping.render_data(report),
    }
    lines = [
        terminal.printable(f"{preset.name} on {source.name}"),
        "",
        *shaping.chain_block(preset.chain),
        *shaping.note_lines(report),
        "",
        f"Wrote {terminal.printable(str(output))}",
    ]
    shaping.show(data, lines, as_json=args.json, quiet=args.quiet)
    return 0
