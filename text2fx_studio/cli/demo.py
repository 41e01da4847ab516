"""``text2fx demo``: makes a short loop by synthesis and shapes it, for a reader without a file."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from dsp.atomic import explain_os_error
from text2fx_studio.cli import checks, shaping, terminal
from text2fx_studio.cli.apply import DEVICES, add_manners
from text2fx_studio.cli.terminal import Progress
from text2fx_studio.errors import OutputError

# What it shows without a prompt: (prompt, chain).
PROMPTS = (
    ("warm and full-bodied", "eq"),
    ("coming through an old telephone", "eq"),
    ("in a huge cathedral", "eq,reverb"),
)


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "demo",
        help="try it without a recording of your own",
        description="Makes an eight-second loop by synthesis, shapes it with words, and leaves "
        "the sounds and presets in a folder.",
    )
    parser.add_argument("prompt", metavar="PROMPT", nargs="?", help="how it should sound")
    parser.add_argument(
        "-o", "--output", metavar="DIR", type=Path, default=Path("text2fx-demo"),
        help="folder to write to (default: text2fx-demo)",
    )  # fmt: skip
    parser.add_argument(
        "--chain", metavar="EFFECTS", default="eq,reverb",
        help="effects for PROMPT (default: eq,reverb)",
    )  # fmt: skip
    parser.add_argument("--seed", metavar="N", type=checks.seed, default=0, help="of the search")
    parser.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    add_manners(parser)


def run(args: argparse.Namespace) -> int:
    """Write the loop, shape it once for each prompt, and report."""
    chain = checks.chain(args.chain)
    jobs = PROMPTS if args.prompt is None else ((checks.prompt(args.prompt), chain),)
    folder = _make_folder(args.output)
    source = folder / "loop.wav"
    requests = []
    for prompt, effects in jobs:
        name = slug(prompt)
        wanted = shaping.Request(
            source,
            prompt,
            folder / f"{name}.wav",
            {"chain": effects, "seed": args.seed, "device": args.device},
            preset_out=folder / f"{name}.t2fx.json",
            overwrite=args.overwrite,
        )
        checks.target(wanted.output, (), overwrite=args.overwrite)
        checks.preset_target(folder / f"{name}.t2fx.json", (), overwrite=args.overwrite)
        requests.append(wanted)
    checks.target(source, (), overwrite=args.overwrite)

    with Progress(quiet=args.quiet) as progress:
        progress.update("Making the loop")
        from text2fx_studio.demo import write_loop

        write_loop(source, overwrite=args.overwrite)
        done = []
        for number, request in enumerate(requests):
            shaped = shaping.shape(request, progress)
            done.append(shaped)
            if not args.json and not args.quiet:
                if number:
                    terminal.write("")
                for line in shaped.lines():
                    terminal.write(line)
    if args.json:
        terminal.write_json(
            {
                "folder": str(folder),
                "loop": str(source),
                "results": [shaped.to_data() for shaped in done],
            }
        )
    elif not args.quiet:
        where = terminal.printable(str(folder))
        terminal.write(f"\nListen: {where}, loop.wav is the sound before.")
        terminal.write('Your own recording: text2fx apply IN.wav "warm and full-bodied" -o OUT.wav')
    return 0


def slug(prompt: str) -> str:
    """A file name from a prompt: lower case, letters, digits and hyphens, never ``loop``."""
    words = re.sub(r"[^a-z0-9]+", "-", prompt.lower()).strip("-")[:60].strip("-")
    return f"{words}-shaped".lstrip("-") if words in ("", "loop") else words


def _make_folder(folder: Path) -> Path:
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        raise OutputError(f"{folder}: its folder does not exist; create it first") from error
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {explain_os_error(error)}") from error
    return folder
