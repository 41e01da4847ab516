"""``text2fx spaces``: fit, show and check the axes that sounds and words share."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import Any

from text2fx_studio.cli import checks, terminal
from text2fx_studio.errors import EncoderError, OutputError, UsageError


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "spaces",
        help="fit and show the axes that sounds and words share",
        description="PLS axes: the directions of an encoder's space that sounds and words share. "
        "A search may be held to them.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    fitting = actions.add_parser(
        "fit", help="fit axes on your own recordings and captions",
        description="Embeds the recordings and captions of a list (CSV with a header, or JSONL: "
        "path, caption) and fits the axes. A stopped run goes on where it was.",
    )  # fmt: skip
    fitting.add_argument("--pairs", type=Path, required=True, metavar="MANIFEST", help="the list")
    fitting.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE",
        help="the axes to write (.safetensors)",
    )  # fmt: skip
    fitting.add_argument("--encoder", default="fxsem", metavar="NAME", help="default: fxsem")
    fitting.add_argument("--checkpoint", type=Path, metavar="PATH", help="other weights")
    fitting.add_argument(
        "--head", type=_count, metavar="K", help="axes of the head (default: 99 %% of the effect)"
    )
    fitting.add_argument(
        "--skip-bad", action="store_true", help="leave out recordings that cannot be read"
    )
    fitting.add_argument("--cache", type=Path, metavar="DIR", help="where unfinished work is kept")
    fitting.add_argument("--overwrite", action="store_true", help="replace an existing file")
    fitting.add_argument("--json", action="store_true", help="print one JSON object")
    showing = actions.add_parser("info", help="show fitted axes")
    showing.add_argument("file", type=Path, metavar="FILE", help="fitted axes")
    showing.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw them")
    showing.add_argument("--overwrite", action="store_true", help="replace an existing picture")
    showing.add_argument("--json", action="store_true", help="print one JSON object")
    words = actions.add_parser(
        "vocabulary", help="build the concept vocabularies from their sources",
        description="Builds the concept vocabularies from AudioSet's labels, the lexicon, and the "
        "words that captions use often.",
    )  # fmt: skip
    words.add_argument(
        "--ontology", type=Path, required=True, metavar="FILE", help="AudioSet's ontology.json"
    )
    words.add_argument(
        "--captions", type=Path, action="append", default=[], metavar="FILE",
        help="captions, one a line, or JSONL; may stand more than once",
    )  # fmt: skip
    words.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder")
    words.add_argument("--overwrite", action="store_true", help="replace existing files")
    words.add_argument("--json", action="store_true", help="print one JSON object")
    reading = actions.add_parser(
        "dictionary", help="read a vocabulary with an encoder, and write its embeddings",
        description="Reads a concept vocabulary with an encoder and writes the embeddings under "
        "the name that the app looks for; those of effects (for the map) and plain (for reasons) "
        "lie in text2fx_studio/concepts/shipped.",
    )  # fmt: skip
    reading.add_argument("--vocabulary", default="effects", metavar="NAME", help="default: effects")
    reading.add_argument("--encoder", default="fxsem", metavar="NAME", help="default: fxsem")
    reading.add_argument("--checkpoint", type=Path, metavar="PATH", help="other weights")
    reading.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder")
    reading.add_argument("--json", action="store_true", help="print one JSON object")
    checking = actions.add_parser(
        "check", help="check the method on planted pairs; exit code 1 if a check fails",
        description="Seven checks on planted pairs with known axes: four identities, and three "
        "figures of the published method.",
    )  # fmt: skip
    checking.add_argument(
        "--quick", action="store_true", help="3,000 pairs of 512 instead of 19,195 of 1,024"
    )
    checking.add_argument("--seed", type=checks.seed, default=0, metavar="N", help="default: 0")
    checking.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Run one action."""
    actions = {
        "fit": _fit,
        "info": _info,
        "vocabulary": _vocabulary,
        "dictionary": _dictionary,
        "check": _check,
    }
    return actions[args.action](args)


def _count(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}, a whole number from 1 is needed")
    return value


def _fit(args: argparse.Namespace) -> int:
    from dsp.atomic import check_target
    from text2fx_studio.spaces.pairs import embed_pairs, read_manifest

    check_target(args.output, overwrite=args.overwrite, error=OutputError)
    items = read_manifest(args.pairs)
    from text2fx_studio.encoders import load_encoder
    from text2fx_studio.spaces.diagnostics import summary
    from text2fx_studio.spaces.pls import FewPairsWarning, fit

    with terminal.Progress() as progress:
        progress.update("Loading the encoder")
        encoder = load_encoder(args.encoder, checkpoint=args.checkpoint)
        pairs = embed_pairs(
            items, encoder, cache=args.cache, leave_out_bad=args.skip_bad,
            report=lambda done, total, what: progress.update(
                what, done / total, f"{done} of {total}"
            ),
        )  # fmt: skip
        progress.update("Fitting axes")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", FewPairsWarning)
            pls = fit(
                pairs.text, pairs.audio_rows, encoder_id=encoder.id,
                weights_hash=encoder.weights_hash, head_size=args.head,
                notes={"manifest": args.pairs.name, "recordings": len(pairs.paths)},
            )  # fmt: skip
        pls.save(args.output, overwrite=args.overwrite)
    told = [str(w.message) for w in caught] + list(pairs.left_out)
    for line in told:
        terminal.write(terminal.printable(f"text2fx: note: {line}"), sys.stderr)
    data = summary(pls, shown=5)
    if args.json:
        terminal.write_json({"output": str(args.output), **data, "told": told})
    else:
        _write_summary(data, str(args.output))
    return 0


def _info(args: argparse.Namespace) -> int:
    from text2fx_studio.spaces.diagnostics import summary
    from text2fx_studio.spaces.pls import PlsSvd

    if not args.file.is_file():
        raise EncoderError(f"{args.file}: no such file; fit axes with text2fx spaces fit")
    if args.plot is not None and args.plot.suffix.lower() != ".svg":
        raise UsageError(f"--plot: found {args.plot.name!r}, the picture is an .svg file")
    pls = PlsSvd.load(args.file)
    if args.plot is not None:
        from dsp.atomic import write_atomic
        from text2fx_studio.spaces.plot import axes_svg

        write_atomic(args.plot, axes_svg(pls), overwrite=args.overwrite, error=OutputError)
    data = summary(pls, shown=pls.dim if args.json else 10)
    if args.json:
        terminal.write_json({"file": str(args.file), **data})
    else:
        _write_summary(data, str(args.file))
    return 0


def _vocabulary(args: argparse.Namespace) -> int:
    from text2fx_studio.concepts import build

    if not args.output.is_dir():
        raise UsageError(f"{args.output}: no such folder")
    with terminal.Progress() as progress:
        counts = build.run(
            args.ontology, args.captions, args.output,
            overwrite=args.overwrite, report=progress.update,
        )  # fmt: skip
    if args.json:
        terminal.write_json({"output": str(args.output), **counts})
        return 0
    for name, count in counts.items():
        terminal.write(terminal.printable(f"{name}: {count:,}"))
    return 0


def _dictionary(args: argparse.Namespace) -> int:
    from text2fx_studio.concepts.vocabulary import load_vocabulary

    if not args.output.is_dir():
        raise UsageError(f"{args.output}: no such folder")
    vocabulary = load_vocabulary(args.vocabulary)
    from text2fx_studio.concepts.dictionary import write_embeddings
    from text2fx_studio.encoders import load_encoder

    with terminal.Progress() as progress:
        progress.update("Reading concepts")
        encoder = load_encoder(args.encoder, checkpoint=args.checkpoint)
        path = write_embeddings(args.output, vocabulary, encoder)
    data = {"output": str(path), "concepts": len(vocabulary), "encoder": encoder.id}
    if args.json:
        terminal.write_json(data)
    else:
        terminal.write(terminal.printable(f"{path}: {len(vocabulary):,} concepts, {encoder.id}"))
    return 0


def _check(args: argparse.Namespace) -> int:
    from text2fx_studio.spaces.checks import PAPER, QUICK
    from text2fx_studio.spaces.checks import run as run_checks

    with terminal.Progress() as progress:
        found = run_checks(QUICK if args.quick else PAPER, seed=args.seed, report=progress.update)
    passed = all(check.passed for check in found)
    if args.json:
        terminal.write_json({"passed": passed, "checks": [check.to_data() for check in found]})
        return 0 if passed else 1
    for check in found:
        verdict = "passed" if check.passed else "FAILED"
        terminal.write(f"{check.number}  {verdict}  {check.claim}  (paper: {check.paper})")
        for name, value in check.figures.items():
            terminal.write(f"     {name.replace('_', ' ')}: {value:.4g}")
    return 0 if passed else 1


def _write_summary(data: dict[str, Any], file: str) -> None:
    tail = data["mean_alignment_tail"]
    lines = [
        file,
        f"  encoder {data['encoder']}, weights {data['weights_hash'][:12]}",
        f"  {data['pairs']:,} pairs of {data['dim']} dimensions; cosine of the means "
        f"{data['cosine_of_means']:.3f}",
        f"  head: {data['head_size']} axes carry {100 * data['head_share_of_direct']:.1f} % of the "
        f"direct effect; mean alignment {data['mean_alignment_head']:.3f}"
        + ("" if tail is None else f", {tail:.3f} outside"),
        "  axis  sigma/N   correlation  alignment  running share",
    ]
    lines += [
        f"  {row['axis']:>4}  {row['sigma_over_n']:8.2e}  {row['correlation']:11.3f}  "
        f"{row['alignment']:9.3f}  {100 * row['running_direct']:11.1f} %"
        for row in data["axes"]
    ]
    for line in lines:
        terminal.write(terminal.printable(line))
