"""The benchmarks of meaning of ``text2fx bench``: arguments, and which module answers."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from text2fx_studio.cli import checks, terminal
from text2fx_studio.cli.bench_arguments import add_encoder, add_json, add_loss, count, whole
from text2fx_studio.errors import OutputError, UsageError

if TYPE_CHECKING:
    from text2fx_studio.benchmark.workbench import Workbench

SHARED = Path("../shared")
NAMES = (
    "words", "directions", "adaptivity", "robustness", "antonyms", "rooms", "latency", "meaning",
    "card",
)  # fmt: skip


def add_parsers(kinds: Any) -> None:
    """Declare the benchmarks."""
    words = _kind(kinds, "words", "agreement with people's equalizer settings for words")
    words.add_argument(
        "--data", type=Path, metavar="DIR", help="people's settings, in the form of SocialFX "
        "(default: data/socialfx in the shared folder)",
    )  # fmt: skip
    words.add_argument(
        "--folds", type=Path, nargs="+", metavar="FILE",
        help="weights trained without one fold of the words each: every word is measured with "
        "the one that has not seen it",
    )  # fmt: skip
    words.add_argument(
        "--least", type=count, default=4, metavar="N", help="settings of a word (default: 4)"
    )
    words.add_argument(
        "--text2fx-words", type=whole, default=0, metavar="N",
        help="words on which the published Text2FX search runs too (default: 0; it is slow)",
    )  # fmt: skip
    words.add_argument(
        "--text2fx-steps", type=count, default=600, metavar="N", help="of it (default: 600)"
    )
    words.add_argument(
        "--space", choices=("full", "centred", "plshead", "plshead-w"), default="full",
        help="where the search compares (default: full)",
    )  # fmt: skip
    words.add_argument("--no-reverb", action="store_true", help="leave the reverb words out")
    words.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw r by word")
    words.add_argument("--overwrite", action="store_true", help="replace an existing picture")

    directions = _kind(kinds, "directions", "whether prompts move the sound the right way")
    _add_prompts(directions, "only so many prompts (default: all)")
    add_loss(directions)

    adaptivity = _kind(kinds, "adaptivity", "whether the search hears what the recording is like")
    _add_prompts(adaptivity, "only so many timbre prompts (default: all)")

    robustness = _kind(kinds, "robustness", "settings at their limits, seeds, a second judge")
    _add_prompts(robustness, "how many prompts (default: 100)")
    robustness.add_argument("--seeds", type=count, default=3, help="to compare (default: 3)")
    robustness.add_argument(
        "--judge", type=Path, metavar="FILE",
        help="weights of another seed, trained on other recordings: must agree",
    )  # fmt: skip

    antonyms = _kind(kinds, "antonyms", "opposites, negations and degrees in their places",
                     audio=False)  # fmt: skip
    antonyms.add_argument("--pairs", type=count, metavar="N", help="only so many pairs")
    antonyms.add_argument("--words", type=count, metavar="N", help="only so many degrees")
    antonyms.add_argument("--no-search", action="store_true", help="ask the words alone")

    rooms = _kind(kinds, "rooms", "whether measured rooms are heard as rooms")
    rooms.add_argument(
        "--rooms", type=Path, metavar="DIR", help="measured responses (default: ir in the shared "
        "folder)",
    )  # fmt: skip

    latency = _kind(kinds, "latency", "how long a person waits", audio=False)
    latency.add_argument("--repeats", type=count, default=3, help="fresh processes (default: 3)")

    meaning = _kind(kinds, "meaning", "all of these into one file, for the model card")
    _add_prompts(meaning, "of directions, robustness and adaptivity (default: all)")
    meaning.add_argument("--out", type=Path, required=True, metavar="FILE.json")
    meaning.add_argument("--folds", type=Path, nargs="+", metavar="FILE", help="see words")
    meaning.add_argument("--judge", type=Path, metavar="FILE", help="see robustness")
    meaning.add_argument("--text2fx-words", type=whole, default=0, metavar="N", help="see words")
    meaning.add_argument("--only", nargs="+", metavar="NAME", help="only these benchmarks")
    meaning.add_argument(
        "--resume", action="store_true", help="keep what the file already holds for these weights"
    )

    card = kinds.add_parser(
        "card",
        help="write the model card and the README's figures from bench meaning's file",
        description="Fills the model card, and the README's section between its two marks, from "
        "the file that bench meaning wrote.",
    )
    card.add_argument("file", type=Path, metavar="FILE.json")
    card.add_argument(
        "--seeds", type=Path, nargs="+", default=[], metavar="FILE.json",
        help="files of the same training with other seeds, for the spread",
    )  # fmt: skip
    card.add_argument("--card", type=Path, metavar="FILE.md", help="the model card to write")
    card.add_argument("--readme", type=Path, metavar="FILE.md", help="the README to fill")
    add_encoder(card)
    add_json(card)


def _kind(kinds: Any, name: str, text: str, *, audio: bool = True) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + "."
    )
    parser.add_argument(
        "--shared", type=Path, default=SHARED, metavar="DIR",
        help=f"the folder beside the project (default: {SHARED})",
    )  # fmt: skip
    if audio:
        parser.add_argument(
            "--audio", type=Path, metavar="DIR", help="recordings (default: audio in the shared "
            "folder)",
        )  # fmt: skip
        parser.add_argument("--clips", type=count, metavar="N", help="recordings to measure on")
    add_encoder(parser)
    if name not in ("latency", "rooms"):
        parser.add_argument(
            "--jobs", type=count, default=1, metavar="N",
            help="searches side by side, each in a process of its own (default: 1)",
        )  # fmt: skip
    parser.add_argument("--seed", type=checks.seed, default=0, help="default: 0")
    add_json(parser)
    return parser


def _add_prompts(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("--prompts", type=count, metavar="N", help=text)


def run(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Run one of ``NAMES``; its plain data and the text that a person reads."""
    if args.benchmark == "card":
        return _card(args)
    _check(args)
    from text2fx_studio.benchmark import meaning_report

    with terminal.Progress() as progress:
        progress.update("Loading the encoder")
        data = _RUNS[args.benchmark](args, lambda share, text: progress.update(text, share))
    if getattr(args, "plot", None) is not None:
        from dsp.atomic import write_atomic
        from text2fx_studio.benchmark.words_plot import words_svg

        write_atomic(args.plot, words_svg(data), overwrite=args.overwrite, error=OutputError)
    return data, "" if args.json else meaning_report.text(data)


def _check(args: argparse.Namespace) -> None:
    """What can be refused before anything heavy is loaded."""
    given = {name: getattr(args, name, None) for name in ("audio", "data", "rooms")}
    needed = [name for name in given if name in vars(args) and given[name] is None]
    from_shared = args.benchmark == "meaning" or bool(needed)
    if from_shared and not args.shared.is_dir():
        raise UsageError(
            f"{args.shared}: no such folder; this benchmark needs the data beside the "
            "project, name its folder with --shared"
            + "".join(f", or with --{name}" for name in needed)
        )
    for path in given.values():
        if path is not None and not path.is_dir():
            raise UsageError(f"{path}: no such folder")
    files = [getattr(args, "judge", None), *(getattr(args, "folds", None) or ())]
    for path in files:
        if path is not None and not path.is_file():
            raise UsageError(f"{path}: no such file; weights of fxsem are needed")
    plot = getattr(args, "plot", None)
    if plot is not None and plot.suffix.lower() != ".svg":
        raise UsageError(f"--plot: found {plot.name!r}, the picture is an .svg file")
    if plot is not None and plot.exists() and not args.overwrite:
        raise UsageError(f"{plot}: exists already; --overwrite replaces it")


def _bench(args: argparse.Namespace, progress: Callable[[float, str], None]) -> Workbench:
    from text2fx_studio.benchmark.searches import Origin
    from text2fx_studio.benchmark.workbench import Workbench
    from text2fx_studio.encoders.registry import load_encoder

    encoder = load_encoder(args.encoder, checkpoint=args.checkpoint)
    origin = Origin(args.encoder, args.checkpoint, encoder.weights_hash)
    jobs, space = getattr(args, "jobs", 1), getattr(args, "space", "full")
    return Workbench(encoder, args.seed, progress, jobs, origin, space)


def _audio(args: argparse.Namespace) -> Path:
    given: Path | None = args.audio
    shared: Path = args.shared
    return given if given is not None else shared / "audio"


def _clips(args: argparse.Namespace, bench: Workbench, usual: int = 8) -> Any:
    from text2fx_studio.benchmark.clips import read_clips

    return read_clips(_audio(args), args.clips or usual, bench.encoder, args.seed)


def _words(args: argparse.Namespace, progress: Callable[[float, str], None]) -> dict[str, Any]:
    from text2fx_studio.benchmark import words
    from text2fx_studio.benchmark.workbench import fold_benches

    bench = _bench(args, progress)
    benches = fold_benches(args.folds, bench) if args.folds else [bench]
    options = words.Options(
        clips=args.clips or words.Options.clips, least=args.least,
        text2fx_words=args.text2fx_words, text2fx_steps=args.text2fx_steps,
        reverb=not args.no_reverb,
    )  # fmt: skip
    data = args.data if args.data is not None else args.shared / "data" / "socialfx"
    return words.run(benches, data, _audio(args), options)


def _directions(args: argparse.Namespace, progress: Callable[[float, str], None]) -> dict[str, Any]:
    from text2fx_studio.benchmark import directions

    bench = _bench(args, progress)
    return directions.run(bench, _clips(args, bench), prompts=args.prompts, loss=args.loss)


def _adaptivity(args: argparse.Namespace, progress: Callable[[float, str], None]) -> dict[str, Any]:
    from text2fx_studio.benchmark import adaptivity

    bench = _bench(args, progress)
    prompts = adaptivity.TIMBRES[: args.prompts]
    return adaptivity.run(bench, _clips(args, bench), prompts=prompts)


def _robustness(args: argparse.Namespace, progress: Callable[[float, str], None]) -> dict[str, Any]:
    from text2fx_studio.benchmark import robustness
    from text2fx_studio.encoders.registry import load_encoder

    bench = _bench(args, progress)
    judge = None if args.judge is None else load_encoder(args.encoder, checkpoint=args.judge)
    return robustness.run(
        bench, _clips(args, bench), prompts=args.prompts or robustness.PROMPTS,
        seeds=args.seeds, judge=judge,
    )  # fmt: skip


def _antonyms(args: argparse.Namespace, progress: Callable[[float, str], None]) -> dict[str, Any]:
    from text2fx_studio.benchmark import antonyms

    return antonyms.run(
        _bench(args, progress), pairs=args.pairs, words=args.words, search=not args.no_search
    )


def _rooms(args: argparse.Namespace, progress: Callable[[float, str], None]) -> dict[str, Any]:
    from text2fx_studio.benchmark import measured_rooms

    bench = _bench(args, progress)
    rooms = args.rooms if args.rooms is not None else args.shared / "ir"
    return measured_rooms.run(bench, _clips(args, bench), rooms)


def _latency(args: argparse.Namespace, progress: Callable[[float, str], None]) -> dict[str, Any]:
    from text2fx_studio.benchmark import latency

    encoder = _bench(args, progress).encoder
    progress(0.2, "Timing")
    return latency.run(
        encoder, name=args.encoder, checkpoint=args.checkpoint, repeats=args.repeats, seed=args.seed
    )


def _meaning(args: argparse.Namespace, progress: Callable[[float, str], None]) -> dict[str, Any]:
    from text2fx_studio.benchmark import meaning
    from text2fx_studio.benchmark.workbench import fold_benches
    from text2fx_studio.encoders.registry import load_encoder

    bench = _bench(args, progress)
    plan = meaning.Plan(
        shared=args.shared, audio=_audio(args), name=args.encoder, checkpoint=args.checkpoint,
        clips=args.clips, prompts=args.prompts, text2fx_words=args.text2fx_words,
        only=tuple(args.only or ()), resume=args.resume,
    )  # fmt: skip
    judge = None if args.judge is None else load_encoder(args.encoder, checkpoint=args.judge)
    folds = fold_benches(args.folds, bench) if args.folds else []
    return meaning.run(bench, plan, args.out, folds=folds, judge=judge)


def _card(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from text2fx_studio.benchmark import card
    from text2fx_studio.benchmark.meaning import read_figures
    from text2fx_studio.encoders.registry import load_encoder

    if args.card is None and args.readme is None:
        raise UsageError("name what to write: --card FILE.md, --readme FILE.md, or both")
    figures = read_figures(args.file)
    encoder = load_encoder(args.encoder, checkpoint=args.checkpoint)
    written = []
    if args.card is not None:
        card.write_card(args.card, figures, encoder, [read_figures(path) for path in args.seeds])
        written.append(str(args.card))
    if args.readme is not None:
        card.fill_readme(args.readme, figures)
        written.append(str(args.readme))
    return {"benchmark": "card", "written": written}, "\n".join(written)


_RUNS: dict[str, Callable[[argparse.Namespace, Callable[[float, str], None]], dict[str, Any]]] = {
    "words": _words,
    "directions": _directions,
    "adaptivity": _adaptivity,
    "robustness": _robustness,
    "antonyms": _antonyms,
    "rooms": _rooms,
    "latency": _latency,
    "meaning": _meaning,
}
