"""``text2fx lexicon``: what the app knows about words."""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from text2fx_studio.cli import terminal
from text2fx_studio.errors import UsageError

if TYPE_CHECKING:
    from text2fx_studio.lexicon import Entry, Lexicon

_BAR_DB = 1.5
_MOST_BESIDE = 8


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "lexicon",
        help="show what the app knows about words",
        description="The lexicon: words and phrases with the effects that they mean.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    showing = actions.add_parser("show", help="show the meaning of a word or phrase")
    showing.add_argument("text", metavar="TEXT", help='a word or phrase, "..."')
    showing.add_argument("--json", action="store_true", help="print the entry as JSON")
    nearing = actions.add_parser("near", help="list texts that are spelt like a word")
    nearing.add_argument("word", metavar="WORD", help="a word or phrase")
    nearing.add_argument(
        "--limit", metavar="N", type=_count, default=10, help="at most so many (default: 10)"
    )
    nearing.add_argument("--json", action="store_true", help="print one JSON object")
    validating = actions.add_parser("validate", help="check the data; exit code 1 if any fails")
    validating.add_argument(
        "folder", metavar="FOLDER", nargs="?", type=Path, help="another lexicon's folder"
    )
    validating.add_argument("--json", action="store_true", help="print one JSON object")
    counting = actions.add_parser("stats", help="count texts and entries by category")
    counting.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Run one action."""
    actions = {"show": _show, "near": _near, "validate": _validate, "stats": _stats}
    return actions[args.action](args)


def _count(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}, a whole number from 1 is needed")
    return value


def _show(args: argparse.Namespace) -> int:
    from text2fx_studio.lexicon import load_lexicon

    lexicon = load_lexicon()
    entry = lexicon.lookup(args.text)
    if entry is None:
        near = ", ".join(f'"{text}"' for text, _, _ in lexicon.near(args.text, limit=5))
        hint = f"; spelt like it: {near}" if near else "; try: text2fx lexicon stats"
        beside = ", ".join(f'"{word}"' for word in _read_by(args.text, lexicon))
        read = (
            f"; it is read by what thesaurus and dictionary say of it: {beside}" if beside else ""
        )
        raise UsageError(f"the lexicon has no entry for {args.text!r}{hint}{read}")
    if args.json:
        terminal.write_json(entry.to_data())
        return 0
    for line in _entry_lines(entry):
        terminal.write(terminal.printable(line))
    return 0


def _read_by(text: str, lexicon: Lexicon) -> list[str]:
    """Words of the lexicon by which a text that it does not have is read, the first few."""
    from text2fx_studio.encoders.rare_words import RareWords

    said = (word for book in RareWords().about(text) for group in book for word in group.words)
    known = (word for word in dict.fromkeys(said) if lexicon.lookup(word) is not None)
    return list(islice(known, _MOST_BESIDE))


def _entry_lines(entry: Entry) -> list[str]:
    from text2fx_studio.lexicon import BAND_CENTERS_HZ

    lines = [f"{entry.id}  ({', '.join(entry.tags)})", f"  texts: {', '.join(entry.texts)}"]
    for center, gain in zip(BAND_CENTERS_HZ, entry.gains_db, strict=True):
        bar = ("+" if gain > 0 else "-") * round(abs(gain) / _BAR_DB)
        lines.append(f"  {center:>6.0f} Hz {gain:+5.1f} dB  {bar}".rstrip())
    if entry.high_pass_hz is not None:
        lines.append(f"  high-pass at {entry.high_pass_hz:g} Hz")
    if entry.low_pass_hz is not None:
        lines.append(f"  low-pass at {entry.low_pass_hz:g} Hz")
    if (space := entry.space) is not None:
        lines.append(
            f"  space: T60 {space.t60_s:g} s, {100 * space.wet:.0f} % wet, "
            f"predelay {space.predelay_ms:g} ms, damping {space.damping:g}"
        )
    if entry.drive is not None:
        lines.append(f"  drive: {entry.drive:g}")
    if entry.dynamics is not None:
        lines.append(f"  dynamics: {entry.dynamics:+g}")
    lines.append(f"  strength {entry.strength:g}, confidence {entry.confidence:g}")
    if entry.antonym is not None:
        lines.append(f"  opposite: {entry.antonym}")
    return lines


def _near(args: argparse.Namespace) -> int:
    from text2fx_studio.lexicon import load_lexicon

    found = load_lexicon().near(args.word, limit=args.limit)
    if args.json:
        rows = [{"text": t, "entry": e.id, "similarity": round(s, 3)} for t, e, s in found]
        terminal.write_json({"word": args.word, "near": rows})
        return 0
    if not found:
        raise UsageError(f"nothing in the lexicon is spelt like {args.word!r}")
    for text, entry, score in found:
        same = "" if text == entry.texts[0] else f"  (as {entry.texts[0]})"
        terminal.write(terminal.printable(f"{score:.2f}  {text}{same}"))
    return 0


def _validate(args: argparse.Namespace) -> int:
    from text2fx_studio.lexicon.load import lexicon_folder
    from text2fx_studio.lexicon.validate import validate_folder

    folder = lexicon_folder() if args.folder is None else args.folder
    problems = validate_folder(folder)
    if args.json:
        rows = [{"place": p.place, "message": p.message} for p in problems]
        terminal.write_json({"folder": str(folder), "valid": not problems, "problems": rows})
    else:
        for problem in problems:
            terminal.write(terminal.printable(str(problem)))
        verdict = f"{len(problems)} problems" if problems else "valid"
        terminal.write(terminal.printable(f"{folder}: {verdict}"))
    return 1 if problems else 0


def _stats(args: argparse.Namespace) -> int:
    from text2fx_studio.lexicon import load_lexicon

    lexicon = load_lexicon()
    categories: dict[str, dict[str, int]] = {}
    for entry in lexicon.entries:
        row = categories.setdefault(entry.tags[0], {"entries": 0, "texts": 0})
        row["entries"] += 1
        row["texts"] += len(entry.texts)
    texts = [text for text, _ in lexicon.texts()]
    totals = {
        "entries": len(lexicon),
        "texts": len(texts),
        "single_words": sum(len(text.split()) == 1 for text in texts),
        "antonym_pairs": len(lexicon.antonym_pairs()),
    }
    if args.json:
        terminal.write_json({**totals, "categories": categories})
        return 0
    terminal.write(f"{'category':<18}{'entries':>8}{'texts':>8}")
    for name, row in sorted(categories.items()):
        terminal.write(f"{name:<18}{row['entries']:>8}{row['texts']:>8}")
    terminal.write(f"{'all':<18}{totals['entries']:>8}{totals['texts']:>8}")
    terminal.write(
        f"{totals['single_words']} single words, {totals['antonym_pairs']} pairs of opposites"
    )
    return 0
