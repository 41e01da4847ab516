"""``text2fx plugins``: find, describe, set and run other makers' plugins."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from text2fx_studio.cli import checks, shaping, terminal
from text2fx_studio.cli.apply import add_manners, add_output
from text2fx_studio.cli.terminal import Progress
from text2fx_studio.errors import UsageError

if TYPE_CHECKING:
    from text2fx_studio.plugins.host import PluginHost
    from text2fx_studio.plugins.library import PluginInfo


def add_parser(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "plugins",
        help="find, describe, set and run VST3 plugins",
        description="Other makers' plugins (VST3; on macOS Audio Units too), each in a process of "
        "its own: one that crashes or hangs is set aside with its reason.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    scanning = actions.add_parser("scan", help="look for plugins in this system's folders")
    scanning.add_argument("folders", metavar="DIR", nargs="*", type=Path, help="look here instead")
    scanning.add_argument("--rescan", action="store_true", help="load all again, the failed too")
    scanning.add_argument(
        "--timeout", metavar="S", type=_seconds, default=30.0, help="for one file (default: 30)"
    )
    add_manners(scanning)
    listing = actions.add_parser("list", help="list the plugins that were found")
    listing.add_argument("--json", action="store_true", help="print one JSON object")
    showing = actions.add_parser("show", help="a plugin's parameters in its own units")
    _name(showing)
    showing.add_argument("--state", metavar="FILE", type=Path, help="after loading a .vstpreset")
    showing.add_argument("--json", action="store_true", help="print one JSON object")
    running = actions.add_parser("run", help="run a recording through a plugin")
    running.add_argument("input", metavar="IN", type=Path, help="recording")
    _name(running)
    _settings(running)
    add_output(running)
    add_manners(running)
    adding = actions.add_parser("add", help="put a plugin into a preset, before or after its chain")
    adding.add_argument("preset", metavar="PRESET", help="a file, or a name from: presets list")
    _name(adding)
    _settings(adding)
    adding.add_argument("--before", action="store_true", help="before the chain (default: after)")
    _file_output(adding, "preset to write (.t2fx.json)")
    editing = actions.add_parser("edit", help="open a plugin's own window and keep its settings")
    _name(editing)
    _settings(editing)
    _file_output(editing, "file for the settings (.vstpreset)")


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plugin", metavar="PLUGIN", help="a name from: plugins list, or a path")


def _settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], dest="settings",
        help="a parameter in the plugin's own units; may be given several times",
    )  # fmt: skip
    parser.add_argument("--state", metavar="FILE", type=Path, help="load this .vstpreset first")


def _file_output(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help=what)
    parser.add_argument("--overwrite", action="store_true", help="replace the file if it exists")
    add_manners(parser)


def run(args: argparse.Namespace) -> int:
    """Run one action."""
    actions = {
        "scan": _scan, "list": _list, "show": _show, "run": _run, "add": _add, "edit": _edit,
    }  # fmt: skip
    return actions[args.action](args)


def _scan(args: argparse.Namespace) -> int:
    from text2fx_studio.plugins.library import scan

    for folder in args.folders:
        if not folder.is_dir():
            raise UsageError(f"{folder}: is no folder to scan")
    with Progress(quiet=args.quiet) as progress:
        found = scan(
            folders=tuple(args.folders) or None,
            rescan=args.rescan,
            timeout_s=args.timeout,
            progress=lambda done, total, name: progress.update(
                "Scanning", done / max(total, 1), name
            ),
        )
    return _tell(found, as_json=args.json, quiet=args.quiet)


def _list(args: argparse.Namespace) -> int:
    from text2fx_studio.plugins.library import remembered

    return _tell(remembered(), as_json=args.json, quiet=False)


def _tell(found: list[PluginInfo], *, as_json: bool, quiet: bool) -> int:
    if as_json:
        terminal.write_json({"plugins": [info.to_data() for info in found]})
        return 0
    if quiet:
        return 0
    for info in found:
        if info.status != "ok":
            about = f"quarantined: {info.reason}"
        else:
            sound = " and ".join({1: "mono", 2: "stereo"}[w] for w in sorted(info.widths))
            kind = "instrument" if info.instrument else sound or "no mono or stereo sound"
            about = f"{info.format:<10} {kind:<16} {info.manufacturer} {info.version}"
        terminal.write(terminal.printable(f"{info.name:<20} {about}"))
    if not found:
        terminal.write("No plugins are known; look for them with: text2fx plugins scan")
        return 0
    good = sum(info.usable for info in found)
    bad = sum(info.status != "ok" for info in found)
    terminal.write(f"\n{good} usable, {bad} quarantined. More: text2fx plugins show NAME")
    return 0


def _show(args: argparse.Namespace) -> int:
    host, info = _open(args.plugin)
    with host:
        if args.state is not None:
            host.restore(read_state(args.state))
        parameters = host.parameters()
    if args.json:
        rows = [p.to_data() for p in parameters]
        terminal.write_json({"plugin": info.to_data(), "parameters": rows})
        return 0
    terminal.write(terminal.printable(f"{info.name} {info.version}, {info.manufacturer}"))
    terminal.write(terminal.printable(f"{info.category}, {info.path}"))
    terminal.write("")
    for p in parameters:
        unit = f" {p.unit}" if p.unit else ""
        allowed = f"{p.low:g} to {p.high:g}" if p.low is not None and p.high is not None else ""
        if p.choices:
            allowed = ", ".join(p.choices)
        terminal.write(terminal.printable(f"  {p.key:<24} {p.text + unit:<20} {allowed}"))
    return 0


def _run(args: argparse.Namespace) -> int:
    source = checks.source(args.input)
    output = checks.target(args.output, (source,), overwrite=args.overwrite)
    with Progress(quiet=args.quiet) as progress:
        progress.update("Loading the plugin")
        from dsp.chain import Chain
        from text2fx_studio.plugins.rack import render_preset
        from text2fx_studio.preset import Preset

        plugin = _hosted(args)
        report = render_preset(
            source,
            output,
            Preset(chain=Chain(), name=plugin.name, plugins=(plugin,)),
            tail=not args.no_tail,
            overwrite=args.overwrite,
            progress=lambda share: progress.update("Rendering", share),
        )
    data = {
        "input": str(source), "output": str(output), "plugin": plugin.name,
        **shaping.render_data(report),
    }  # fmt: skip
    lines = [
        terminal.printable(f"{plugin.name} on {source.name}"),
        *shaping.note_lines(report),
        f"Wrote {terminal.printable(str(output))}",
    ]
    shaping.show(data, lines, as_json=args.json, quiet=args.quiet)
    return 0


def _add(args: argparse.Namespace) -> int:
    from dataclasses import replace

    from text2fx_studio.preset import load_preset, save_preset
    from text2fx_studio.preset_library import find_preset

    file = find_preset(args.preset)
    checks.preset_target(args.output, (), overwrite=args.overwrite)
    preset = load_preset(file)
    plugin = replace(_hosted(args), place="before" if args.before else "after")
    save_preset(
        replace(preset, plugins=(*preset.plugins, plugin)), args.output, overwrite=args.overwrite
    )
    data = {"preset": str(args.output), "plugins": [p.name for p in (*preset.plugins, plugin)]}
    shaping.show(
        data, [f"Wrote {terminal.printable(str(args.output))}"], as_json=args.json, quiet=args.quiet
    )
    return 0


def _edit(args: argparse.Namespace) -> int:
    from dsp.atomic import check_target, write_atomic
    from text2fx_studio.errors import OutputError

    check_target(args.output, overwrite=args.overwrite, error=OutputError)
    host, _ = _open(args.plugin)
    with host:
        _prepare(host, args)
        state = host.edit()
    write_atomic(args.output, state, overwrite=args.overwrite, error=OutputError)
    data = {"plugin": args.plugin, "state": str(args.output)}
    shaping.show(
        data, [f"Wrote {terminal.printable(str(args.output))}"], as_json=args.json, quiet=args.quiet
    )
    return 0


def _open(name: str) -> tuple[PluginHost, PluginInfo]:
    from text2fx_studio.plugins.library import find, open_plugin

    info = find(name)
    return open_plugin(info), info


def _hosted(args: argparse.Namespace) -> Any:
    from text2fx_studio.plugins.hosted import HostedPlugin

    host, info = _open(args.plugin)
    with host:
        _prepare(host, args)
        state = host.state()
    return HostedPlugin(
        name=info.name, identifier=info.identifier, format=info.format,  # type: ignore[arg-type]
        manufacturer=info.manufacturer, version=info.version, path=info.path, state=state,
    )  # fmt: skip


def _prepare(host: PluginHost, args: argparse.Namespace) -> None:
    if args.state is not None:
        host.restore(read_state(args.state))
    host.set(parse_settings(args.settings))


def parse_settings(texts: list[str]) -> dict[str, str | float]:
    """``KEY=VALUE`` arguments as a plugin takes them.

    Raises:
        UsageError: One has no ``=`` or no key.
    """
    values: dict[str, str | float] = {}
    for text in texts:
        key, found, value = text.partition("=")
        if not found or not key.strip() or not value.strip():
            raise UsageError(f"--set: found {text!r}, needed is KEY=VALUE, as in mix=40")
        values[key.strip()] = value.strip()
    return values


def read_state(path: Path) -> bytes:
    """A ``.vstpreset`` file.

    Raises:
        PluginError: It is none.
    """
    from text2fx_studio.plugins.vstpreset import read_vstpreset

    return read_vstpreset(path).data


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.1 <= value <= 3600:
        raise argparse.ArgumentTypeError(f"found {text!r}, allowed is 0.1 to 3600")
    return value
