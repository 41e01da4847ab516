"""``text2fx batch``: a folder in, a folder of shaped sounds out, every file's fate on record."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from text2fx_studio.cli import checks, terminal
from text2fx_studio.cli.apply import add_search, check_search
from text2fx_studio.errors import UsageError

if TYPE_CHECKING:
    from text2fx_studio.batch.plan import Plan, Settings

MODES = ("per-file", "shared")


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "batch",
        help="shape all recordings of a folder",
        description="Shapes every recording in IN_DIR and below and writes the results, in the "
        "same tree, to OUT_DIR, each with its setting beside it. OUT_DIR/batch.jsonl tells what "
        "became of each file, OUT_DIR/batch.html shows it. Files that fail stop no others.",
        epilog='Example: text2fx batch raw shaped --prompt "warm and close" --jobs 4',
    )
    parser.add_argument("input", metavar="IN_DIR", type=Path, help="folder of recordings")
    parser.add_argument("output", metavar="OUT_DIR", type=Path, help="folder for the results")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--prompt", metavar="TEXT", help="how all of them should sound")
    what.add_argument(
        "--prompts", metavar="CSV", type=Path,
        help="a table with the columns file (path or glob), prompt and, where they differ, chain, "
        "amount, seed; other columns are kept in the record",
    )  # fmt: skip
    what.add_argument("--concepts", metavar="LIST", help='as of apply: "echo:+0.6,muffled:-0.4"')
    what.add_argument(
        "--preset", metavar="PRESET", help="apply this setting to all: a file, or a preset's name"
    )
    parser.add_argument(
        "--mode", choices=MODES, default="per-file",
        help="per-file: a setting for each file; shared: one setting, found on a sample of the "
        "files, for all (default: per-file)",
    )  # fmt: skip
    add_search(parser)
    parser.add_argument(
        "--include", metavar="GLOB", action="append", default=[],
        help="only files that match; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--exclude", metavar="GLOB", action="append", default=[],
        help="leave out files and folders that match; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--export", metavar="TARGET", action="append", default=[],
        help="also export each setting, see: text2fx export --list",
    )  # fmt: skip
    parser.add_argument("--no-tail", action="store_true", help="cut reverb tails")
    parser.add_argument(
        "--skip-missing-plugins", action="store_true",
        help="with --preset: leave out its plugins that are not installed",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="say what would happen, do nothing")
    parser.add_argument(
        "--resume", action="store_true",
        help="go on: do what is missing or has changed, and nothing else",
    )  # fmt: skip
    parser.add_argument(
        "--retry-failed", action="store_true", help="go on, and try failed files again"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="begin anew, replace files that exist"
    )
    parser.add_argument("--fail-fast", action="store_true", help="stop at the first failure")
    parser.add_argument(
        "--jobs", metavar="N", type=_count, help="processes (default: one for each core)"
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS",
        help="work on a Dask cluster, tcp://host:port; its workers need text2fx-studio[dask] and "
        "must see IN_DIR, OUT_DIR and all files named here under the same paths",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print events, one object a line")
    parser.add_argument("--quiet", action="store_true", help="print errors only")


def run(args: argparse.Namespace) -> int:
    """Plan, then work the plan off."""
    check_search(args)
    from text2fx_studio.batch.plan import make_plan

    plan = make_plan(
        args.input, args.output, _settings(args),
        prompts=args.prompts, mode=args.mode, include=args.include, exclude=args.exclude,
    )  # fmt: skip
    if args.dry_run:
        return _dry_run(plan, as_json=args.json, quiet=args.quiet)
    return _work(plan, args)


def _settings(args: argparse.Namespace) -> Settings:
    from text2fx_studio.batch.plan import Settings

    preset = ""
    if args.preset is not None:
        from text2fx_studio.preset import read_data
        from text2fx_studio.preset_library import find_preset

        file = find_preset(args.preset)
        read_data(file)
        preset = str(file.absolute())
    if args.concepts is not None:
        from text2fx_studio.concepts.decompose import parse_concepts

        parse_concepts(args.concepts)
    from text2fx_studio.export.registry import find_target

    for name in args.export:
        find_target(name)
    return Settings(
        prompt="" if args.prompt is None else checks.prompt(args.prompt),
        concepts=args.concepts or "",
        preset=preset,
        chain=args.chain,
        amount=args.amount,
        seed=args.seed,
        encoder=args.encoder,
        checkpoint=_named(args.checkpoint),
        loss=args.loss,
        space=args.space,
        axes=_named(args.axes),
        device=args.device,
        tail=not args.no_tail,
        exports=tuple(dict.fromkeys(args.export)),
        skip_missing_plugins=args.skip_missing_plugins,
    )


def _named(path: Path | None) -> str:
    """An absolute path, since workers may stand elsewhere; a name of the catalogue as it is."""
    if path is None:
        return ""
    return str(path.absolute()) if path.exists() else str(path)


def _dry_run(plan: Plan, *, as_json: bool, quiet: bool) -> int:
    if as_json:
        for unit in plan.units:
            terminal.write_json(
                {"event": "planned", "file": unit.file, "output": unit.output,
                 "preset": unit.preset, "settings": unit.settings.to_data(),
                 "columns": unit.columns}
            )  # fmt: skip
        for file in plan.left_out:
            terminal.write_json({"event": "left out", "file": file})
        for note in plan.notes:
            terminal.write_json({"event": "note", "message": note})
        return 0
    if quiet:
        return 0
    for unit in plan.units:
        words = f'"{unit.settings.label}" {unit.settings.chain}'
        terminal.write(terminal.printable(f"{unit.file} -> {unit.output}  {words}"))
    for file in plan.left_out:
        terminal.write(terminal.printable(f"{file}: left out, no row names it"))
    for note in plan.notes:
        terminal.write(terminal.printable(f"Note: {note}"))
    terminal.write(f"{len(plan.units)} files; nothing was done (--dry-run)")
    return 0


def _work(plan: Plan, args: argparse.Namespace) -> int:
    from text2fx_studio.batch import events
    from text2fx_studio.batch.engine import run as run_plan
    from text2fx_studio.batch.folder import PAGE_NAME, RECORD_NAME

    finished: events.Finished | None = None
    with terminal.Progress(quiet=args.quiet) as progress:
        steps = run_plan(
            plan, jobs=args.jobs, scheduler=args.scheduler, resume=args.resume,
            retry_failed=args.retry_failed, overwrite=args.overwrite, fail_fast=args.fail_fast,
        )  # fmt: skip
        try:
            for event in steps:
                if isinstance(event, events.Finished):
                    finished = event
                if args.json:
                    terminal.write_json(event.to_data())
                elif isinstance(event, events.Progress):
                    left = "" if event.eta_s is None else f"{_clock(event.eta_s)} left"
                    note = f"{event.ended} of {event.total}  {left}"
                    progress.update("Shaping", event.ended / max(event.total, 1), note)
                else:
                    _say(event, progress, quiet=args.quiet)
        finally:
            steps.close()
    if finished is None:
        raise UsageError("batch: ended without a result")
    if not args.json and not args.quiet:
        for line in finished.summary:
            terminal.write(terminal.printable(line))
        terminal.write(_last_line(finished))
        terminal.write(terminal.printable(f"Record: {plan.output_folder / RECORD_NAME}"))
        terminal.write(terminal.printable(f"Page:   {plan.output_folder / PAGE_NAME}"))
    if finished.stopped:
        from text2fx_studio.errors import OutputError

        raise OutputError(finished.stopped)
    return 1 if finished.failed else 0


def _say(event: Any, progress: terminal.Progress, *, quiet: bool) -> None:
    from text2fx_studio.batch import events

    if isinstance(event, events.Failed):
        line = f"failed  {event.file}: {event.reason}"
    elif isinstance(event, events.Skipped) and event.before != "done":
        line = f"skipped {event.file}: {event.reason}"
    elif isinstance(event, events.Note):
        line = f"Note: {event.message}"
    else:
        return
    if quiet and not isinstance(event, events.Failed):
        return
    progress.clear()
    terminal.write(terminal.printable(line), sys.stderr if quiet else None)


def _last_line(finished: Any) -> str:
    counts = {name: getattr(finished, name) for name in ("failed", "skipped", "left")}
    told = [f"{finished.done} done", *(f"{n} {name}" for name, n in counts.items() if n)]
    return f"{', '.join(told)} in {_clock(finished.seconds)}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _count(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if not 1 <= value <= 512:
        raise argparse.ArgumentTypeError(f"found {text!r}, allowed is 1 to 512")
    return value
