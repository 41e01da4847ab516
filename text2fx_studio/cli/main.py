"""``text2fx``: reads the command line, runs one subcommand, turns errors into exit codes.

Exit codes: 0 all well, 1 an input failed, 2 usage, 130 interrupted. Nothing heavy is imported
here or at the top of a subcommand's module, so that ``text2fx --help`` answers at once.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType, ModuleType
from typing import Any, NoReturn

from dsp.atomic import explain_os_error
from text2fx_studio import __version__
from text2fx_studio.cli import terminal
from text2fx_studio.errors import Text2FXError, UsageError

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
# In the order of the help text; each is a module here with add_parser() and run().
SUBCOMMANDS = (
    "apply", "batch", "render", "explain", "demo", "presets", "export", "imports", "plugins",
    "models", "spaces", "lexicon", "doctor", "train", "bench", "gui",
)  # fmt: skip
_IMPATIENT_S = 1.0


class _Parser(argparse.ArgumentParser):
    """Reports a usage error as an exception, so that all errors are told in one way."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: Arguments without the program's name; None for the process's own.

    Returns:
        The exit code.
    """
    # Idle OpenMP threads that spin slow a busy machine several times; set before torch loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    arguments = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in arguments
    try:
        with _clean_interrupt():
            code = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _report("interrupted; nothing half-written is left behind", "Interrupted", as_json)
        return INTERRUPTED
    except BrokenPipeError:
        _abandon_stdout()
        return FAILED
    except Text2FXError as error:
        _debug()
        _report(str(error), type(error).__name__, as_json)
        return error.exit_code
    except MemoryError:
        _debug()
        _report("out of memory; close other programs or use a shorter file", "MemoryError", as_json)
        return FAILED
    except OSError as error:
        _debug()
        where = f"{error.filename}: " if error.filename else ""
        _report(f"{where}{explain_os_error(error)}", "OSError", as_json)
        return FAILED
    except Exception as error:  # the last line of defence: no traceback for a user
        _debug()
        text = " ".join(str(error).split()) or "no message"
        _report(
            f"unexpected {type(error).__name__}: {text} (TEXT2FX_DEBUG=1 shows where; "
            "please report it)",
            type(error).__name__,
            as_json,
        )
        return FAILED
    return code


def build_parser() -> argparse.ArgumentParser:
    """The parser with every subcommand that is installed."""
    parser = _Parser(
        prog="text2fx",
        description="Shapes a recording with words: finds the effect settings that make it sound "
        "as you say, and keeps them as a preset.",
        epilog='Begin with: text2fx apply IN.wav "warm and full-bodied" -o OUT.wav',
    )
    parser.add_argument("--version", action="version", version=f"text2fx {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for name in SUBCOMMANDS:
        module = _subcommand(name)
        if module is not None:
            module.add_parser(subparsers)
    return parser


def _run(arguments: list[str]) -> int:
    parser = build_parser()
    try:
        args = parser.parse_args(arguments or ["gui"])
    except SystemExit as leaving:  # --help and --version
        return int(leaving.code or 0)
    if args.command is None:
        parser.error("which command?")
    module = _subcommand(args.command)
    if module is None:
        parser.error(f"the command {args.command!r} is not installed")
    code: int = module.run(args)
    return code


def _subcommand(name: str) -> ModuleType | None:
    module = f"{__package__}.{name}"
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return None


@contextmanager
def _clean_interrupt() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into KeyboardInterrupt, so that every ``finally`` runs.

    A second signal within a second is taken for impatience and does not break the cleaning up.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    last_s = [-_IMPATIENT_S]

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - last_s[0] >= _IMPATIENT_S:
            last_s[0] = now
            raise KeyboardInterrupt

    before: dict[signal.Signals, Any] = {}
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, interrupt)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _report(message: str, kind: str, as_json: bool) -> None:
    """One line on stderr; with --json the same as an object on stdout."""
    line = terminal.printable(" ".join(message.splitlines()))
    red = terminal.wants_colour(sys.stderr)
    label = "\x1b[31merror:\x1b[0m" if red else "error:"
    with suppress(OSError, ValueError):
        terminal.write(f"text2fx: {label} {line}", sys.stderr)
        sys.stderr.flush()
    if as_json:
        try:
            terminal.write_json({"error": line, "kind": kind})
            sys.stdout.flush()
        except BrokenPipeError:
            _abandon_stdout()


def _debug() -> None:
    if os.environ.get("TEXT2FX_DEBUG"):
        traceback.print_exc()


def _abandon_stdout() -> None:
    """The reader of stdout is gone: let the interpreter's last flush go nowhere."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
