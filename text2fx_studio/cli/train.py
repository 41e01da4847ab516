"""``text2fx train``: make the bundled encoder and its axes again."""

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
    parser.add_argument(
        "what", choices=("fxsem", "axes"),
        help="fxsem: the encoder; axes: the PLS axes that belong to its weights",
    )  # fmt: skip
    parser.add_argument(
        "--shared", type=Path, default=Path("../shared"), metavar="DIR",
        help="folder with audio, ir and data/socialfx (default: ../shared)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR",
        help="receives fxsem.safetensors, fxsem.json and log.jsonl, or fxsem-axes.safetensors",
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
    parser.add_argument(
        "--judge", action="store_true",
        help="hear only the recordings that are kept for a judge: for bench robustness --judge",
    )  # fmt: skip
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps (default: cpu)")
    parser.add_argument(
        "--checkpoint", type=Path, metavar="FILE",
        help="axes: the weights that they belong to (default: the bundled ones)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Train and say where the result is and how good it is."""
    return _axes(args) if args.what == "axes" else _encoder(args)


def _encoder(args: argparse.Namespace) -> int:
    from text2fx_studio.lexicon.load import lexicon_folder
    from text2fx_studio.training.options import Options
    from text2fx_studio.training.pipeline import train

    options = Options(
        shared=args.shared, lexicon=lexicon_folder(), out=args.out,
        cache=args.cache or args.out / "cache", seed=args.seed, minutes=args.minutes,
        resume=args.resume, device=args.device, held_fold=args.without_fold,
        judge=args.judge,
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


def _axes(args: argparse.Namespace) -> int:
    from text2fx_studio.encoders.fxsem import Fxsem
    from text2fx_studio.encoders.registry import load_encoder
    from text2fx_studio.errors import EncoderError
    from text2fx_studio.training.axes import fit_axes

    encoder = load_encoder("fxsem", checkpoint=args.checkpoint)
    if not isinstance(encoder, Fxsem):
        raise EncoderError(f"{args.checkpoint}: axes are trained for fxsem only")
    with terminal.Progress() as progress:
        axes, figures = fit_axes(
            args.shared, encoder, seed=args.seed,
            progress=lambda done, text: progress.update(text, done),
        )  # fmt: skip
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / "fxsem-axes.safetensors"
    axes.save(path, overwrite=True)
    if args.json:
        terminal.write_json({"axes": str(path), **figures})
        return 0
    terminal.write(str(path))
    terminal.write(f"head {figures['head_size']}, motion kept {figures['motion_kept']:.3f}")
    for space, value in figures["text_to_audio_R@10"].items():
        terminal.write(f"{space:12} R@10 {value:.3f}")
    return 0
