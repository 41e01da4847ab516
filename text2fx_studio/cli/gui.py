"""``text2fx gui``: open the window."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from typing import Any

from text2fx_studio.cli import checks
from text2fx_studio.errors import UsageError


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "gui", help="open the window (also: text2fx alone)", description="Open the window."
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="recording to open")


def run(args: argparse.Namespace) -> int:
    """Open the window, when this installation has one."""
    if args.file is not None:
        checks.source(args.file)
    try:
        # By name: the engine must not depend on the window, only start it.
        app = importlib.import_module("ui.app")
    except ModuleNotFoundError as error:
        if error.name not in ("ui", "ui.app"):
            raise UsageError(
                f"the window needs {error.name}, which is not installed; install text2fx-studio "
                "again, or use the commands: text2fx --help"
            ) from error
        raise UsageError(
            "the window is not part of this version yet; use the commands: text2fx --help"
        ) from error
    code: int = app.main(args.file)
    return code
