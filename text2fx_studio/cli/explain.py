"""``text2fx explain``: why a setting fits a prompt, for one recording."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.atomic import write_atomic
from text2fx_studio.cli import checks, describe, terminal
from text2fx_studio.errors import OutputError, UsageError
from text2fx_studio.preset_library import find_preset

if TYPE_CHECKING:
    from text2fx_studio.explain.report import Explanation


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "explain",
        help="say why a setting fits a prompt",
        description="Explains a preset, or what a search finds: the part of every band and effect "
        "in the score, and how sure it is.",
        epilog='Example: text2fx explain voice.wav --prompt "warm" --html why.html',
    )
    parser.add_argument("input", metavar="IN", type=Path, help="recording")
    parser.add_argument("--prompt", metavar="P", help="how it should sound; or the preset's own")
    parser.add_argument("--preset", metavar="F", help="preset file or name; else a search is run")
    parser.add_argument("--chain", metavar="EFFECTS", default="eq", help="effects to search")
    parser.add_argument("--loss", choices=("cosine", "directional"), default="cosine")
    parser.add_argument("--encoder", default="fxsem", help="who judges (default: fxsem)")
    parser.add_argument("--checkpoint", metavar="PATH", type=Path, help="the encoder's weights")
    parser.add_argument("--seed", type=checks.seed, default=0)
    parser.add_argument(
        "--seeds", type=_seeds, metavar="N", help="also search with N seeds and compare"
    )
    parser.add_argument("--second", metavar="NAME", help="an encoder to ask for its opinion")
    parser.add_argument("--second-checkpoint", metavar="PATH", type=Path, help="its weights")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a page with plots")
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    parser.add_argument("--json", action="store_true", help="print one object")


def run(args: argparse.Namespace) -> int:
    """Check everything cheap, then search or read the preset, explain, and report."""
    source_file = checks.source(args.input)
    if args.preset is None and args.prompt is None:
        raise UsageError("explain: name a --prompt, a --preset, or both")
    prompt = None if args.prompt is None else checks.prompt(args.prompt)
    chain = checks.chain(args.chain)
    preset_file = None if args.preset is None else find_preset(args.preset)
    inputs = (source_file,) if preset_file is None else (source_file, preset_file)
    if args.html is not None:
        checks.page_target(args.html, inputs, overwrite=args.overwrite)
    with terminal.Progress(quiet=args.json) as progress:
        progress.update("Loading")
        found, page = _explain(args, prompt, chain, preset_file)
    if args.html is not None:
        write_atomic(args.html, page, overwrite=args.overwrite, error=OutputError)
    lines = [*describe.chain_lines(found.chain), "", *found.lines()]
    if args.html is not None:
        lines += ["", f"Wrote {args.html}"]
    if args.json:
        terminal.write_json(found.to_data())
    else:
        for line in lines:
            terminal.write(terminal.printable(line))
    return 0


def _seeds(text: str) -> int:
    if not text.isdigit() or not 2 <= int(text) <= 20:
        raise argparse.ArgumentTypeError(f"found {text!r}, allowed is 2 to 20")
    return int(text)


def _explain(
    args: argparse.Namespace, prompt: str | None, chain: str, preset_file: Path | None
) -> tuple[Explanation, str]:
    """The explanation, and its page if one is wanted."""
    from dsp.audio_file import AudioReader
    from text2fx_studio.explain.agreement import ask_second, compare_seeds
    from text2fx_studio.explain.page import explanation_page
    from text2fx_studio.explain.report import explain_search, explain_setting
    from text2fx_studio.preset import load_preset
    from text2fx_studio.search.options import Options
    from text2fx_studio.search.windows import FileSource

    options = Options(
        chain=chain,
        encoder=args.encoder,
        checkpoint=args.checkpoint,
        loss=args.loss,
        seed=args.seed,
    )
    with AudioReader(args.input) as reader:
        source = FileSource(reader, args.input.name)
        if preset_file is None:
            found = explain_search(source, prompt or "", **options)
        else:
            preset = load_preset(preset_file)
            words = prompt or preset.prompt
            if not words:
                raise UsageError(f"{preset_file}: this preset has no prompt; give a --prompt")
            found = explain_setting(source, words, preset.chain, **options)
        if args.seeds is not None and preset_file is None:
            agreed = compare_seeds(source, prompt or "", range(args.seeds), **options)
            found = replace(found, seeds=agreed)
        if args.second is not None:
            other = options.copy()
            other["encoder"] = args.second
            other["checkpoint"] = args.second_checkpoint
            found = replace(found, second=ask_second(source, found.prompt, found.chain, **other))
        page = ""
        if args.html is not None:
            page = explanation_page(found, source, describe.chain_lines(found.chain))
    return found, page
