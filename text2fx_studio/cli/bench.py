"""``text2fx bench``: every figure that the README claims, measured here and now."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from text2fx_studio.cli import bench_app, bench_batch, bench_meaning, checks, terminal
from text2fx_studio.cli.bench_arguments import (
    add_encoder,
    add_json,
    add_loss,
    count,
    positive,
)
from text2fx_studio.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from text2fx_studio.encoders.protocol import Listener

BASELINE_CHAINS = ("eq", "reverb", "eq,reverb")
# A word about space where there is a reverb to search: else our search rightly leaves it alone.
DRY_PROMPT, SPACE_PROMPT = "warm", "spacious"
STEPS, STEPS_WITH_REVERB = 10, 2
SHARED = Path("../shared")


def _baseline_chain(text: str) -> str:
    name = ",".join(part.strip() for part in text.split(","))
    if name not in BASELINE_CHAINS:
        raise argparse.ArgumentTypeError(
            f"found {text!r}, allowed are {'; '.join(BASELINE_CHAINS)}"
        )
    return name


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "bench", help="measure speed and meaning", description="Measure this installation."
    )
    kinds = parser.add_subparsers(
        title="benchmarks", metavar="BENCHMARK", dest="benchmark", required=True
    )
    _add_speed(kinds)
    _add_render(kinds)
    _add_retrieval(kinds)
    _add_lasso(kinds)
    bench_meaning.add_parsers(kinds)
    bench_app.add_parser(kinds)
    bench_batch.add_parser(kinds)
    kind = kinds.add_parser(
        "concepts",
        help="whether concepts explain and steer the search (needs the shared audio)",
        description="Whether concepts explain and steer the search.",
    )
    kind.add_argument(
        "--shared", type=Path, default=SHARED, metavar="DIR",
        help=f"the folder beside the project (default: {SHARED})",
    )  # fmt: skip
    add_encoder(kind)
    kind.add_argument("--clips", type=count, metavar="N", help="recordings to measure on")
    kind.add_argument("--seed", type=checks.seed, default=0, help="default: 0")
    add_json(kind)


def _add_retrieval(kinds: Any) -> None:
    parser = kinds.add_parser(
        "retrieval",
        help="how well words find sounds and sounds words, on your own pairs",
        description="R@k, P@k, F1@k, mAP@10, MRR and ranks in both directions, in the full space "
        "and, with axes, in the other spaces and by the gap methods' heads.",
    )
    parser.add_argument(
        "--pairs", type=Path, required=True, metavar="MANIFEST",
        help="CSV with a header, or JSONL: path, caption; several captions for a path are fine",
    )  # fmt: skip
    parser.add_argument("--axes", type=Path, metavar="FILE", help="fitted PLS axes")
    parser.add_argument(
        "--skip-bad", action="store_true", help="leave out recordings that cannot be read"
    )
    add_encoder(parser)
    add_json(parser)


def _add_lasso(kinds: Any) -> None:
    parser = kinds.add_parser(
        "lasso",
        help="speed and exactness of the concept solver",
        description="Times the exact non-negative Lasso on 2,000 atoms, beside scikit-learn's "
        "where it is installed, and tells the largest violation of optimality.",
    )
    parser.add_argument("--repeats", type=count, default=50, help="timed solves (default: 50)")
    parser.add_argument("--seed", type=checks.seed, default=0, help="default: 0")
    add_json(parser)


def _add_speed(kinds: Any) -> None:
    parser = kinds.add_parser(
        "speed",
        help="our search beside the published Text2FX search, in one run",
        description="Times and scores our search beside the published Text2FX search (Chu et al. "
        "2025) on the same sound, prompt and encoder. With a reverb a step of Text2FX "
        "takes about half a minute for 10 s of sound, so few are measured.",
    )
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="recording (default: the demo loop)"
    )
    parser.add_argument(
        "--seconds", type=positive, default=10.0, help="how much of it to use (default: 10)"
    )
    parser.add_argument(
        "--prompt",
        help=f"default: {DRY_PROMPT!r}, and {SPACE_PROMPT!r} where the chain has a reverb",
    )
    parser.add_argument(
        "--chain", type=_baseline_chain, action="append", metavar="CHAIN",
        help=f"{'; '.join(BASELINE_CHAINS)}; may be given again (default: eq and eq,reverb)",
    )  # fmt: skip
    add_encoder(parser)
    add_loss(parser)
    parser.add_argument("--seed", type=checks.seed, default=0, help="default: 0")
    parser.add_argument(
        "--baseline-steps", type=count, metavar="N",
        help=f"steps of Text2FX to time (default: {STEPS}; {STEPS_WITH_REVERB} with a reverb)",
    )  # fmt: skip
    parser.add_argument(
        "--full", action="store_true",
        help="take all 600 steps of Text2FX, for its final score (minutes; with a reverb its "
        "convolution is done by FFT for this, or they would take hours)",
    )  # fmt: skip
    parser.add_argument("--repeats", type=count, default=3, help="runs of our search (default: 3)")
    add_json(parser)


def _add_render(kinds: Any) -> None:
    parser = kinds.add_parser(
        "render",
        help="how fast files are rendered, and in how much memory",
        description="Renders a synthesised stereo file of 44.1 kHz through equalizer, reverb "
        "(T60 2 s) and both.",
    )
    parser.add_argument(
        "--seconds", type=positive, default=60.0, help="length of the file (default: 60)"
    )
    parser.add_argument(
        "--repeats", type=count, default=3, help="renderings after the first (default: 3)"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run one benchmark and print what it found."""
    found = {
        "speed": _speed,
        "render": _render,
        **dict.fromkeys(bench_meaning.NAMES, bench_meaning.run),
        "concepts": _concepts,
        "retrieval": _retrieval,
        "lasso": _lasso,
        "app": bench_app.run,
        "batch": bench_batch.run,
    }[args.benchmark](args)
    data, text = found
    if args.json:
        terminal.write_json(data)
    else:
        for line in text.split("\n"):
            terminal.write(terminal.printable(line))
    return 0


def _speed(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    prompt = None if args.prompt is None else checks.prompt(args.prompt)
    source = None if args.file is None else checks.source(args.file)
    from text2fx_studio.benchmark import report, speed
    from text2fx_studio.encoders.registry import load_encoder

    audio, sample_rate, name = _sound(source, args.seconds)
    with terminal.Progress() as progress:
        progress.update("Loading the encoder")
        encoder = load_encoder(args.encoder, checkpoint=args.checkpoint)
        upstream, no_upstream = _upstream(args)
        data = speed.run(
            audio,
            sample_rate,
            [
                (chain, prompt or (SPACE_PROMPT if "reverb" in chain else DRY_PROMPT))
                for chain in args.chain or ("eq", "eq,reverb")
            ],
            encoder,
            audio_name=name,
            baseline_steps=lambda chain: (
                args.baseline_steps or (STEPS_WITH_REVERB if "reverb" in chain else STEPS)
            ),
            full=args.full,
            repeats=args.repeats,
            loss=args.loss,
            seed=args.seed,
            on_step=lambda chain, done, total: progress.update(
                f"Text2FX {chain}", done / total, f"step {done} of {total}"
            ),
            upstream=upstream,
            no_upstream=no_upstream,
        ).to_data()
    return data, report.speed_text(data)


def _upstream(args: argparse.Namespace) -> tuple[Listener | None, str]:
    """The encoder's weights in their authors' package, or why that is not measured."""
    from text2fx_studio.encoders.registry import UPSTREAM, load_listener
    from text2fx_studio.errors import EncoderError

    name = f"{args.encoder}-upstream"
    if name not in UPSTREAM:
        return None, ""
    try:
        return load_listener(name, checkpoint=args.checkpoint), ""
    except EncoderError as error:
        return None, str(error)


def _sound(source: Path | None, seconds: float) -> tuple[NDArray[np.float32], int, str]:
    """The sound [C, T] to work on, its sample rate in Hz and its name."""
    if source is None:
        from text2fx_studio.demo import SAMPLE_RATE_HZ, demo_loop

        return demo_loop(seconds), SAMPLE_RATE_HZ, "demo loop"
    from dsp.audio_file import AudioReader

    with AudioReader(source) as reader:
        rate = reader.info.sample_rate
        return reader.read(0, round(seconds * rate)), rate, source.name


def _render(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from text2fx_studio.benchmark import render_speed, report

    with terminal.Progress() as progress:
        progress.update("Rendering")
        data = render_speed.run(args.seconds, repeats=args.repeats).to_data()
    return data, report.render_text(data)


def _concepts(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    folder = _shared(args.shared)
    from text2fx_studio.benchmark import concepts, report
    from text2fx_studio.encoders.registry import load_encoder

    options = {} if args.clips is None else {"clips": args.clips}
    with terminal.Progress() as progress:
        progress.update("Loading the encoder")
        data = concepts.run(
            folder,
            encoder=load_encoder(args.encoder, checkpoint=args.checkpoint),
            seed=args.seed,
            progress=lambda share, text: progress.update(text, share),
            **options,
        )
    return data, report.figures_text(data)


def _retrieval(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from text2fx_studio.benchmark import report, retrieval
    from text2fx_studio.encoders.registry import load_encoder
    from text2fx_studio.spaces.pairs import embed_pairs, read_manifest
    from text2fx_studio.spaces.pls import PlsSvd
    from text2fx_studio.spaces.space import SPACES, make_space

    items = read_manifest(args.pairs)
    with terminal.Progress() as progress:
        progress.update("Loading the encoder")
        encoder = load_encoder(args.encoder, checkpoint=args.checkpoint)
        pairs = embed_pairs(
            items, encoder, leave_out_bad=args.skip_bad,
            report=lambda done, total, what: progress.update(what, done / total),
        )  # fmt: skip
    axes = None if args.axes is None else PlsSvd.load(args.axes)
    names = ("full",) if axes is None else SPACES
    spaces = [make_space(name, encoder.dim, axes, encoder) for name in names]
    data = retrieval.run(pairs.text, pairs.audio, pairs.audio_of_text, spaces)
    data = {"benchmark": "retrieval", "encoder": encoder.id, **data}
    return data, report.rows_text(data["rows"])


def _lasso(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from text2fx_studio.benchmark import lasso, report

    data = {"benchmark": "lasso", **lasso.run(repeats=args.repeats, seed=args.seed)}
    worst = data["random_problems"]
    told = ", ".join(f"{name} {value:.3g}" for name, value in worst.items())
    return data, report.rows_text(data["rows"]) + f"\n\nrandom problems: {told}"


def _shared(folder: Path) -> Path:
    if not folder.is_dir():
        raise UsageError(
            f"{folder}: no such folder; this benchmark needs the data beside the project, "
            "name its folder with --shared"
        )
    return folder
