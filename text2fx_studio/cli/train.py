"""``text2fx train``: make the bundled encoder again."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from text2fx_studio.cli import terminal


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "train",
        help="train the bundled encoder again",
        description="Trains fxsem on recordings, rooms, the lexicon and people's words. Needs the "
        "shared data of the project, some 5 GB for the cache, and about an hour on two cores.",
    )
    parser.add_argument("encoder", choices=("fxsem",), help="what to train")
    parser.add_argument(
        "--shared", type=Path, default=Path("../shared"), metavar="DIR",
        help="folder with audio, ir and data/socialfx (default: ../shared)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR",
        help="receives fxsem.safetensors, fxsem.json and log.jsonl",
    )  # fmt: skip
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="for intermediate stages (default: OUT/cache)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    parser.add_argument(
        "--minutes", type=float, metavar="M",
        help="train for about so long after the cache is made (default: the full run)",
    )  # fmt: skip
    parser.add_argument(
        "--resume", action="store_true", help="go on with what a stopped run left in the cache"
    )
    parser.add_argument(
        "--without-fold", type=int, choices=range(3), metavar="0..2",
        help="keep this third of people's words out, to test on it (default: teach all)",
    )  # fmt: skip
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps (default: cpu)")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Train and say where the weights are and how good they are."""
    from text2fx_studio.lexicon.load import lexicon_folder
    from text2fx_studio.training.pipeline import Options, train

    options = Options(
        shared=args.shared, lexicon=lexicon_folder(), out=args.out,
        cache=args.cache or args.out / "cache", seed=args.seed, minutes=args.minutes,
        resume=args.resume, device=args.device, held_fold=args.without_fold,
    )  # fmt: skip
    with terminal.Progress() as progress:
        notes = train(options, lambda done, text: progress.update(text, done))
    if args.json:
        terminal.write_json(notes)
        return 0
    terminal.write(str(args.out / "fxsem.safetensors"))
    for part, values in notes["figures"].items():
        for name, value in values.items():
            terminal.write(f"{part:18} {name:28} {value:8.3f}")
    return 0
