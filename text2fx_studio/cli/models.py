"""``text2fx models``: list, describe, get and check the models that one can add."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from text2fx_studio.cli import terminal

if TYPE_CHECKING:
    from text2fx_studio.models.catalogue import Entry
    from text2fx_studio.models.check import Checked
    from text2fx_studio.models.download import Got

_CHECKED = {
    "pinned": "as pinned",
    "hub": "as the hub states it",
    "no": "not compared with anything",
}


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "models",
        help="list, get and check models",
        description="Models that can be added: LAION-CLAP and MS-CLAP, with the weights of their "
        "authors. The bundled encoder needs none of them.",
        epilog="Example: text2fx models get laion-music, then: text2fx apply IN.wav "
        '"warm" -o OUT.wav --encoder laion',
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    listing = actions.add_parser("list", help="list known models")
    info = actions.add_parser("info", help="say all that is known of a model")
    info.add_argument("name", metavar="NAME", help="a name from the list")
    getting = actions.add_parser("get", help="download a model into the cache folder")
    getting.add_argument("name", metavar="NAME", help="a name from the list")
    checking = actions.add_parser(
        "check", help="say what a checkpoint is and whether it can be used; exit code 1 if not"
    )
    checking.add_argument("file", metavar="FILE", help="a file, a folder, or a name from the list")
    for action in (listing, info, getting, checking):
        action.add_argument("--json", action="store_true", help="print one JSON object")
    getting.add_argument("--quiet", action="store_true", help="print errors only")


def run(args: argparse.Namespace) -> int:
    """Run one action."""
    actions = {"list": _list, "info": _info, "get": _get, "check": _check}
    return actions[args.action](args)


def _list(args: argparse.Namespace) -> int:
    from text2fx_studio.models.catalogue import CATALOGUE, models_folder

    if args.json:
        rows = [_data(entry) for entry in CATALOGUE]
        terminal.write_json({"models": rows, "folder": str(models_folder())})
        return 0
    for entry in CATALOGUE:
        here = "here" if entry.installed else ("broken" if entry.broken else "")
        terminal.write(f"{entry.name:<20} {_size(entry.size):>8}  {here:<7} {entry.title}")
    terminal.write(f"\nKept in {terminal.printable(str(models_folder()))}")
    return 0


def _info(args: argparse.Namespace) -> int:
    from text2fx_studio.models.catalogue import find_entry

    entry = find_entry(args.name)
    if args.json:
        terminal.write_json(_data(entry))
        return 0
    rows = [
        ("Model", entry.title),
        ("Good for", entry.good_for),
        ("License", entry.license),
        ("Page", entry.page),
        ("Needs", ", ".join(entry.needs)),
        ("Note", entry.note),
        ("Here", "yes" if entry.installed else "no"),
        ("Use it", _use(entry)),
    ]
    for label, text in rows:
        if text:
            terminal.write(terminal.printable(f"{label:<9} {text}"))
    terminal.write("\nBy hand, on any machine:")
    for file in entry.files:
        terminal.write(terminal.printable(f"  {file.url}"))
        terminal.write(terminal.printable(f"    -> {entry.home / file.name}"))
    terminal.write("")
    for file in entry.files:
        pinned = file.sha256 or "not pinned: checked against what the hub states"
        terminal.write(f"{'File':<9} {file.name}, {_size(file.size)}, SHA-256 {pinned}")
    return 0


def _get(args: argparse.Namespace) -> int:
    from text2fx_studio.errors import EncoderError
    from text2fx_studio.models.catalogue import find_entry
    from text2fx_studio.models.download import get

    entry = find_entry(args.name)
    if entry.broken:
        raise EncoderError(f"model {entry.name!r} is {entry.note}; good for {entry.good_for}")
    rows: list[tuple[Entry, Got]] = []
    with terminal.Progress(quiet=args.quiet or args.json) as progress:
        for wanted in (*(find_entry(name) for name in entry.needs), entry):
            if wanted is not entry and _packaged(wanted):
                continue
            found = get(
                wanted,
                progress=lambda name, done, total: progress.update(
                    f"Getting {name}", done / total if total else None, f"{done / 1e6:.0f} MB"
                ),
            )
            rows += [(wanted, got) for got in found]
    if args.json:
        files = [
            {"model": w.name, "path": str(g.path), "sha256": g.sha256, "checked": g.checked,
             "fetched": g.fetched} for w, g in rows
        ]  # fmt: skip
        terminal.write_json({"model": entry.name, "files": files})
        return 0
    if args.quiet:
        return 0
    for _, got in rows:
        state = "got" if got.fetched else "there already"
        line = f"{got.path}: {state}, SHA-256 {got.sha256[:16]}..., {_CHECKED[got.checked]}"
        terminal.write(terminal.printable(line))
    if use := _use(entry):
        terminal.write(f"Use it: {use}")
    return 0


def _packaged(entry: Entry) -> bool:
    """Whether an installed package carries this vocabulary."""
    from text2fx_studio.encoders.clap_tokens import FILES
    from text2fx_studio.encoders.files import find_package_file
    from text2fx_studio.errors import EncoderError

    wanted = FILES[entry.name]
    try:
        for name in wanted.packaged:
            find_package_file(wanted.package, name, "")
    except EncoderError:
        return False
    return bool(wanted.packaged)


def _check(args: argparse.Namespace) -> int:
    from text2fx_studio.errors import EncoderError
    from text2fx_studio.models.catalogue import CATALOGUE, find_checkpoint
    from text2fx_studio.models.check import check

    path = Path(args.file)
    if not path.exists():
        kinds = [entry.kind for entry in CATALOGUE if entry.name == args.file]
        if not kinds:
            raise EncoderError(f"{path}: no such file, and no model of that name")
        if kinds[0] == "vocabulary":
            raise EncoderError(
                f"{path}: is a vocabulary, which get compares with its pinned hash; check looks at "
                "checkpoints"
            )
        path = find_checkpoint(kinds[0], args.file)
    found = check(path)
    if args.json:
        terminal.write_json(found.to_data())
    else:
        for line in _check_lines(found):
            terminal.write(terminal.printable(line))
    return 0 if found.sound else 1


def _check_lines(found: Checked) -> list[str]:
    low, high = found.passband_hz
    lines = [
        f"{found.path}: {found.id}, read with --encoder {found.kind}",
        f"Whole     {found.tensors_used} tensors used, {found.tensors_left_over} needed in "
        "training only, none missing",
        f"SHA-256   {found.sha256}",
        f"Listens   {found.window_s:.1f} s at {found.sample_rate} Hz, hears {low:.0f} to "
        f"{high:.0f} Hz in {found.mels} mel bands ({found.n_fft}-point transform, hop {found.hop})",
        f"Sanity    far texts {found.text_cosine:+.3f}, white and dark noise "
        f"{found.sound_cosine:+.3f}, the same bits twice: {'yes' if found.repeats else 'no'}",
    ]
    lines += [f"Problem   {problem}" for problem in found.problems]
    return [*lines, "Usable" if found.sound else "Not usable"]


def _use(entry: Entry) -> str:
    if entry.kind == "vocabulary" or entry.broken:
        return ""
    return f"--encoder {entry.kind} --checkpoint {entry.name}"


def _data(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "title": entry.title,
        "good_for": entry.good_for,
        "license": entry.license,
        "page": entry.page,
        "needs": list(entry.needs),
        "note": entry.note or None,
        "broken": entry.broken,
        "installed": entry.installed,
        "checkpoint": str(entry.checkpoint),
        "size": entry.size,
        "files": [
            {"name": f.name, "url": f.url, "sha256": f.sha256, "size": f.size} for f in entry.files
        ],
    }


def _size(size: int | None) -> str:
    if size is None:
        return "size ?"
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
