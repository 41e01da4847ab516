"""``text2fx apply``: a recording and a prompt in, the shaped recording and its preset out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from text2fx_studio.cli import checks, plugin_search, shaping
from text2fx_studio.cli.terminal import Progress
from text2fx_studio.errors import EncoderError, UsageError

if TYPE_CHECKING:
    from text2fx_studio.search.options import Options

ENCODERS = ("fxsem", "laion", "msclap")
JUDGES = (*ENCODERS, "laion-upstream", "msclap-upstream")
LOSSES = ("cosine", "directional")
SPACES = ("full", "centred", "plshead", "plshead-w")
DEVICES = ("auto", "cpu", "cuda", "mps")


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "apply",
        help="shape a recording with words",
        description="Finds the effect settings that make IN sound like PROMPT and writes OUT.",
        epilog='Example: text2fx apply voice.wav "warm and close" -o warm.wav '
        "--preset-out warm.t2fx.json",
    )
    parser.add_argument("input", metavar="IN", type=Path, help="recording to shape")
    parser.add_argument(
        "prompt", metavar="PROMPT", nargs="?", help='how it should sound, in English, "..."'
    )
    parser.add_argument(
        "--concepts",
        metavar="LIST",
        help='in place of PROMPT: concepts with weights, "echo:+0.6,muffled:-0.4"',
    )
    add_output(parser)
    add_search(parser)
    parser.add_argument(
        "--judge", choices=JUDGES, metavar="ENCODER",
        help="also tell the score of a second encoder, which the search does not use: "
        f"{', '.join(JUDGES)}",
    )  # fmt: skip
    parser.add_argument(
        "--judge-checkpoint", metavar="PATH", type=Path, help="its weights, as for --checkpoint"
    )
    plugin_search.add_arguments(parser)
    parser.add_argument(
        "--preset-out", metavar="FILE", type=Path, help="also write the setting (.t2fx.json)"
    )
    add_manners(parser)


def add_output(parser: argparse.ArgumentParser) -> None:
    """Declare where the sound goes; shared with ``render``."""
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        type=Path,
        required=True,
        help=f"file to write ({', '.join(checks.OUTPUT_SUFFIXES)})",
    )
    parser.add_argument(
        "--no-tail", action="store_true", help="cut the reverb's tail at the recording's end"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")


def add_search(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the search; shared with ``demo``."""
    parser.add_argument(
        "--chain",
        metavar="EFFECTS",
        default="eq",
        help=f"effects in order, joined by commas: {', '.join(checks.EFFECT_NAMES)} (default: eq)",
    )
    parser.add_argument(
        "--encoder", choices=ENCODERS, default="fxsem", help="what listens (default: fxsem)"
    )
    parser.add_argument(
        "--checkpoint", metavar="PATH", type=Path,
        help="the encoder's weights: a file, a folder, or a name of text2fx models list",
    )  # fmt: skip
    parser.add_argument(
        "--loss", choices=LOSSES, default="cosine", help="what is compared (default: cosine)"
    )
    parser.add_argument(
        "--space", choices=SPACES, default="full", help="where it is compared (default: full)"
    )
    parser.add_argument(
        "--axes", metavar="FILE", type=Path, help="PLS axes for the space (default: the bundled)"
    )
    parser.add_argument(
        "--amount", metavar="0..1", type=checks.share, default=1.0, help="how much (default: 1)"
    )
    parser.add_argument(
        "--seed", metavar="N", type=checks.seed, default=0, help="same seed, same result"
    )
    parser.add_argument(
        "--device", choices=DEVICES, default="auto", help="where to compute (default: auto)"
    )


def add_manners(parser: argparse.ArgumentParser) -> None:
    """Declare how results are told; shared by the commands."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quiet", action="store_true", help="print errors only")


def check_search(args: argparse.Namespace) -> None:
    """Check the search's options and tidy them.

    Raises:
        Text2FXError: The chain or the checkpoint cannot be used.
    """
    args.chain = checks.chain(args.chain)
    checks.checkpoint(args.encoder, args.checkpoint)
    if args.axes is not None and not args.axes.is_file():
        raise EncoderError(f"{args.axes}: --axes names no file that exists")


def search_options(args: argparse.Namespace) -> Options:
    """The checked arguments as the search takes them."""
    return {
        "chain": args.chain,
        "encoder": args.encoder,
        "checkpoint": args.checkpoint,
        "concepts": args.concepts,
        "loss": args.loss,
        "space": args.space,
        "axes": args.axes,
        "amount": args.amount,
        "seed": args.seed,
        "device": args.device,
    }


def run(args: argparse.Namespace) -> int:
    """Check everything cheap, then search, render and report."""
    check_search(args)
    source = checks.source(args.input)
    output = checks.target(args.output, (source,), overwrite=args.overwrite)
    if args.preset_out is not None:
        checks.preset_target(args.preset_out, (source, output), overwrite=args.overwrite)
    if args.judge is not None:
        checks.checkpoint(args.judge, args.judge_checkpoint, "--judge-checkpoint")
    elif args.judge_checkpoint is not None:
        raise UsageError("apply: --judge-checkpoint needs --judge, which names its encoder")
    if args.prompt is None and args.concepts is None:
        raise UsageError("apply: say how it should sound, as PROMPT or with --concepts")
    if args.prompt is not None and args.concepts is not None:
        raise UsageError("apply: give PROMPT or --concepts, not both")
    prompt = "" if args.prompt is None else checks.prompt(args.prompt)
    request = shaping.Request(
        source=source,
        prompt=prompt,
        output=output,
        options=search_options(args),
        preset_out=args.preset_out,
        plugin=plugin_search.read(args),
        tail=not args.no_tail,
        overwrite=args.overwrite,
        judge=args.judge,
        judge_checkpoint=args.judge_checkpoint,
    )
    with Progress(quiet=args.quiet) as progress:
        shaped = shaping.shape(request, progress)
    shaping.show(shaped.to_data(), shaped.lines(), as_json=args.json, quiet=args.quiet)
    return 0
