"""``text2fx gui``: open the window, or take pictures of it."""

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
        "gui",
        help="open the window (also: text2fx alone)",
        description="Opens the window; without FILE it brings back what was open last.",
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="recording to open")
    parser.add_argument(
        "--screenshot",
        metavar="DIR",
        type=Path,
        help="write pictures of the main states into DIR, in both themes and at three scales, and "
        "leave; needs no screen",
    )


def run(args: argparse.Namespace) -> int:
    """Open the window."""
    if args.file is not None:
        checks.source(args.file)
    try:
        # By name: the engine must not depend on the window, only start it.
        app = importlib.import_module("ui.app")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the window needs {error.name}, which is not installed; install text2fx-studio "
            "again, or use the commands: text2fx --help"
        ) from error
    except ImportError as error:
        raise UsageError(
            f"the window cannot start: {error}; on Debian and Ubuntu: apt install libegl1 "
            "libxkbcommon0 libdbus-1-3 libfontconfig1 libxcb-cursor0; or use the commands: "
            "text2fx --help"
        ) from error
    code: int = app.main(args.file, args.screenshot)
    return code
