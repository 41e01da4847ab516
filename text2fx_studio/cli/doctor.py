"""``text2fx doctor``: says what works on this machine."""

from __future__ import annotations

import argparse
from typing import Any

from text2fx_studio.cli import terminal
from text2fx_studio.cli.terminal import Progress

_SIGNS = {"ok": "ok", "missing": "--", "broken": "NO"}


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "doctor",
        help="say what works on this machine",
        description="Looks at packages, devices, audio output, encoders, plugins and folders. "
        "Exit code 1 if the main job cannot work.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Examine and report."""
    with Progress(quiet=args.json) as progress:
        progress.update("Looking")
        from text2fx_studio.doctor import examine, to_data

        findings = examine()
    data = to_data(findings)
    if args.json:
        terminal.write_json(data)
    else:
        area = ""
        for finding in findings:
            if finding.area != area:
                area = finding.area
                terminal.write(f"{area.capitalize()}")
            line = f"  {_SIGNS[finding.status]}  {finding.name}: {finding.found}"
            if finding.remedy:
                line += f" ({finding.remedy})"
            terminal.write(terminal.printable(line))
        verdict = "works" if data["works"] else "cannot work, see NO above"
        terminal.write(f"\nThe main job, text2fx apply, {verdict}.")
    return 0 if data["works"] else 1
