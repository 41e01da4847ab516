"""Arguments that the benchmarks of ``text2fx bench`` share."""

from __future__ import annotations

import argparse
import math
from pathlib import Path


def positive(text: str) -> float:
    """A finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"found {text!r}, a number above 0 is needed")
    return value


def count(text: str) -> int:
    """A whole number from 1."""
    value = _integer(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}, a whole number from 1 is needed")
    return value


def whole(text: str) -> int:
    """A whole number from 0."""
    value = _integer(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"found {text!r}, a whole number from 0 is needed")
    return value


def add_encoder(parser: argparse.ArgumentParser) -> None:
    """``--encoder`` and ``--checkpoint``."""
    parser.add_argument("--encoder", default="fxsem", help="default: fxsem")
    parser.add_argument("--checkpoint", type=Path, help="weights file of the encoder")


def add_loss(parser: argparse.ArgumentParser) -> None:
    """``--loss``."""
    parser.add_argument(
        "--loss", choices=("cosine", "directional"), default="cosine", help="default: cosine"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return -1
