"""``apply --plugin``: the search through a plugin, asked for, run and told."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from text2fx_studio.cli import terminal
from text2fx_studio.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from dsp.chain import Chain
    from text2fx_studio.plugins.library import PluginInfo
    from text2fx_studio.plugins.search import PluginSearch
    from text2fx_studio.search.options import Options


@dataclass(frozen=True)
class PluginRequest:
    """A plugin to search after the chain.

    Attributes:
        info: Which.
        keys: The parameters to search.
        budget: Settings to try.
        before: Whether it stands before the chain.
    """

    info: PluginInfo
    keys: tuple[str, ...]
    budget: int
    before: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--plugin", metavar="PLUGIN", help="then search a plugin too: its name or path"
    )
    parser.add_argument(
        "--search-params",
        metavar="A,B,C",
        help="the plugin's parameters to search, see: text2fx plugins show PLUGIN",
    )
    parser.add_argument(
        "--plugin-before", action="store_true", help="place it before the chain (default: after)"
    )
    parser.add_argument(
        "--evaluations",
        metavar="N",
        type=int,
        default=200,
        help="plugin settings to try (default: 200)",
    )


def read(args: argparse.Namespace) -> PluginRequest | None:
    """The request in the arguments; None where no plugin is asked for.

    Raises:
        UsageError: One of the two options is missing, or there is too little to try.
        PluginError: There is no such plugin, or it cannot be used.
    """
    if args.plugin is None and args.search_params is None:
        return None
    keys = tuple(part.strip() for part in (args.search_params or "").split(",") if part.strip())
    if not args.plugin or not keys:
        raise UsageError(
            "apply: --plugin PLUGIN and --search-params A,B,C belong together; "
            "text2fx plugins show PLUGIN lists the parameters"
        )
    if args.evaluations < 2:
        raise UsageError(f"--evaluations: found {args.evaluations}, at least 2 are needed")
    from text2fx_studio.plugins.library import find

    return PluginRequest(find(args.plugin), keys, args.evaluations, args.plugin_before)


def check(wanted: PluginRequest) -> None:
    """Load the plugin once, so that a wrong parameter is told before the long search.

    Raises:
        UsageError: A parameter is unknown.
        PluginError: The plugin cannot be loaded.
    """
    from text2fx_studio.plugins.library import open_plugin
    from text2fx_studio.plugins.search import chosen

    with open_plugin(wanted.info) as host:
        chosen(host, wanted.keys)


def search(
    wanted: PluginRequest,
    source: Path,
    prompt: str,
    chain: Chain,
    options: Options,
    progress: terminal.Progress,
) -> PluginSearch:
    """Run it after the chain has been found."""
    from dsp.audio_file import AudioReader
    from text2fx_studio.plugins.search import search_plugin
    from text2fx_studio.search.windows import FileSource

    with AudioReader(source) as reader:
        return search_plugin(
            FileSource(reader, source.name),
            prompt,
            wanted.info,
            wanted.keys,
            base=chain,
            place="before" if wanted.before else "after",
            budget=wanted.budget,
            on_evaluation=lambda done, total, best: progress.update(
                f"Trying {wanted.info.name}", done / total, f"match {best:.3f}"
            ),
            **options,
        )


def data(wanted: PluginRequest, found: PluginSearch) -> Mapping[str, Any]:
    """What ``--json`` prints of it."""
    return {
        "name": wanted.info.name,
        "accepted": found.accepted,
        "parameters": found.parameters,
        "score_before": found.score_before,
        "score_start": found.score_start,
        "score_after": found.score_after,
        "evaluations": found.evaluations,
        "seconds": found.seconds,
    }


def lines(wanted: PluginRequest, found: PluginSearch) -> list[str]:
    """The same for a person."""
    name = terminal.printable(wanted.info.name)
    scores = f"match {found.score_before:.3f} without it, {found.score_after:.3f} with it"
    if not found.accepted:
        return [f"  {name} was left out, it brings the sound no closer: {scores}"]
    values = ", ".join(f"{key} {text}" for key, text in found.parameters.items())
    return [f"  {name}: {terminal.printable(values)}", f"  {name}: {scores}"]
