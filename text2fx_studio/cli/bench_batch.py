"""``text2fx bench batch``: what the README says about folders, measured here."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from text2fx_studio.cli import checks, terminal
from text2fx_studio.cli.bench_arguments import add_json, count
from text2fx_studio.errors import UsageError

PARTS = ("throughput", "fates", "kills", "dask", "long")


def add_parser(kinds: Any) -> None:
    """Declare the benchmark."""
    parser = kinds.add_parser(
        "batch",
        help="folders: throughput, fates of mixed files, kills, Dask, memory",
        description="Makes a folder of mixed recordings (rates, channels, formats, lengths, names, "
        "and bad ones) from the recordings in --audio, and works on it: beside a plain loop, "
        "twice, killed at random moments, on a Dask cluster of this machine.",
    )
    parser.add_argument(
        "--audio", type=Path, required=True, metavar="DIR", help="recordings to cut from"
    )
    parser.add_argument(
        "--files", type=count, default=100, help="of the mixed folder (default: 100)"
    )
    parser.add_argument("--bad", type=count, default=20, help="bad ones beside them (default: 20)")
    parser.add_argument(
        "--timed", type=count, default=48, help="files for throughput and Dask (default: 48)"
    )
    parser.add_argument("--kills", type=count, default=10, help="kills (default: 10)")
    parser.add_argument("--hours", type=float, default=2.0, help="of the long file (default: 2)")
    parser.add_argument("--chain", default="eq", help="default: eq")
    parser.add_argument("--jobs", type=count, help="default: one for each core")
    parser.add_argument("--seed", type=checks.seed, default=0, help="default: 0")
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="a part; may be given several times"
    )
    parser.add_argument("--work", type=Path, metavar="DIR", help="for the files (default: a new)")
    add_json(parser)


def run(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Measure and tell.

    Raises:
        UsageError: There are no recordings, or the chain cannot be searched.
    """
    if not args.audio.is_dir():
        raise UsageError(f"{args.audio}: no such folder; --audio names one of recordings")
    chain = checks.chain(args.chain)
    with (
        tempfile.TemporaryDirectory(prefix="text2fx-bench-", dir=args.work) as folder,
        terminal.Progress() as progress,
    ):
        found = _measure(args, chain, Path(folder), lambda what, at: progress.update(what, at))
    return {"benchmark": "batch", **found}, "\n".join(_lines(found))


def _measure(args: argparse.Namespace, chain: str, work: Path, tell: Any) -> dict[str, Any]:
    from text2fx_studio.benchmark import batch, batch_trouble
    from text2fx_studio.benchmark.batch_corpus import make_corpus

    wanted = args.only or PARTS
    jobs = args.jobs or batch.cores()
    found: dict[str, Any] = {"cores": batch.cores(), "load_before": batch.load_average()}
    timed = None
    if {"throughput", "kills", "dask"} & set(wanted):
        tell("Making recordings", 0.0)
        timed = make_corpus(
            work / "timed", args.audio, good=args.timed, bad=0, long=0, seed=args.seed + 1
        )
    if timed is not None and "throughput" in wanted:
        found["throughput"] = batch.throughput(timed, work, chain=chain, jobs=jobs, tell=tell)
    if "fates" in wanted:
        tell("Making recordings", 0.0)
        mixed = make_corpus(
            work / "mixed", args.audio, good=args.files, bad=args.bad, seed=args.seed
        )
        found["fates"] = batch.fates(mixed, work, chain=chain, jobs=jobs, tell=tell)
    if timed is not None and "kills" in wanted:
        found["kills"] = batch_trouble.kills(
            timed, work, chain=chain, count=args.kills, seed=args.seed, tell=tell
        )
    if timed is not None and "dask" in wanted:
        found["dask"] = batch_trouble.cluster(timed, work, chain=chain, tell=tell)
    if "long" in wanted:
        found["long"] = batch.long_file(work, hours=args.hours, chain=chain, tell=tell)
    found["load_after"] = batch.load_average()
    return found


def _lines(found: dict[str, Any]) -> list[str]:
    load = found["load_before"]
    lines = [f"{found['cores']} cores" + ("" if load is None else f", load before {load:.1f}")]
    if (at := found.get("throughput")) is not None:
        lines.append(
            f"Throughput, {at['files']} files, {at['chain']}: plain loop {at['loop_s']:.1f} s, "
            f"batch with {at['jobs']} jobs {at['batch_s']:.1f} s: {at['ratio']:.2f} times"
        )
        lines.append(
            f"  seconds of CPU: loop {at['loop_cpu_s']:.1f}, batch {at['batch_cpu_s']:.1f}, "
            "the start of its processes included"
        )
    if (at := found.get("fates")) is not None:
        memory = at["memory_mb"]
        lines += [
            f"Fates: {at['good_done']} of {at['good']} good files done, {at['bad_failed']} of "
            f"{at['bad']} bad ones failed ({_kinds(at['bad_kinds'])}), in {at['seconds']:.0f} s; "
            f"again in {at['second_seconds']:.0f} s, bit-identical: {_yes(at['bit_identical'])}",
            f"Memory of the largest worker at 20, 40, 60, 80 %: "
            f"{', '.join(map(str, memory['at_20_40_60_80_percent']))} MB, peak {memory['peak']} MB",
        ]
    if (at := found.get("kills")) is not None:
        lines.append(
            f"Killed {at['kills']} times over {at['files']} files: {at['half_written']} "
            f"half-written files seen, {at['done_twice']} done twice, {at['leftovers']} leftovers, "
            f"tree as undisturbed: {_yes(at['identical'])}"
        )
    if (at := found.get("dask")) is not None:
        lines.append(
            f"Dask, {at['files']} files: one worker {at['one_worker_s']:.1f} s, two "
            f"{at['two_workers_s']:.1f} s: {at['ratio']:.2f} times; one of two killed: "
            f"{at['done_with_one_lost']} done; same bits: {_yes(at['identical'])}"
        )
    if (at := found.get("long")) is not None:
        lines.append(
            f"A file of {at['hours']:g} hours: {at['seconds']:.0f} s, peak {at['peak_mb']} MB"
        )
    return lines


def _kinds(kinds: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))


def _yes(value: bool) -> str:
    return "yes" if value else "NO"
