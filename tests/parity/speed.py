"""``text2fx bench speed`` with the authors' packages beside, on full-size random checkpoints.

tests/parity/run [FOLDER] -- speed [laion-tiny laion-base msclap-2022 msclap-2023]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.encoders import clap_fixtures as fixtures
from tests.parity import upstream
from tests.parity.vocabularies import write_vocabularies
from text2fx_studio.cli.main import main as text2fx

CHECKPOINTS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "laion-tiny": ("laion", lambda path: fixtures.write_laion(path, fixtures.TINY)),
    "laion-base": ("laion", lambda path: fixtures.write_laion(path, fixtures.BASE)),
    "msclap-2022": ("msclap", lambda path: fixtures.write_msclap(path, "2022", fixtures.TINY)),
    "msclap-2023": ("msclap", lambda path: fixtures.write_msclap(path, "2023", fixtures.TINY)),
}


def main(arguments: list[str]) -> int:
    """Measure each; the worst exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="for checkpoints, 2 GB")
    parser.add_argument("names", nargs="*", default=list(CHECKPOINTS), choices=list(CHECKPOINTS))
    args = parser.parse_args(arguments)
    args.folder.mkdir(parents=True, exist_ok=True)
    write_vocabularies(args.folder)
    upstream.start_offline(args.folder)
    worst = 0
    for name in args.names:
        encoder, write = CHECKPOINTS[name]
        path = args.folder / f"{name}.pt"
        write(path)
        command = ["bench", "speed", "--encoder", encoder, "--checkpoint", str(path),
                   "--chain", "eq", "--baseline-steps", "5", "--repeats", "1"]  # fmt: skip
        worst = max(worst, text2fx(command))
        path.unlink()
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
