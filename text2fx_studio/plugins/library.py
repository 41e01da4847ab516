"""The plugins of this machine: scanned out of process, remembered, quarantined where they fail."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from dsp.atomic import write_atomic
from text2fx_studio.errors import (
    CancelledError,
    OutputError,
    PluginCrashError,
    PluginError,
    PluginMissingError,
)
from text2fx_studio.plugins.folders import plugin_files, plugin_folders, stamp
from text2fx_studio.plugins.host import LOAD_TIMEOUT_S, PluginHost, PluginProcess
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.user_folders import state_folder

_VERSION = 1


@dataclass(frozen=True)
class PluginInfo:
    """What is known of one plugin.

    Attributes:
        path: Its file or bundle.
        stamp: Of the file when it was scanned.
        status: ``ok``, or ``quarantined``: it crashed, hung or could not be loaded.
        reason: Why it is quarantined; empty if it is not.
        name: Its name; the file's where it could not be loaded.
        format: ``VST3`` or ``AudioUnit``.
        identifier: See :class:`text2fx_studio.plugins.hosted.HostedPlugin`.
        widths: Channel counts that it takes; empty if it processes no mono or stereo sound.
        seconds: How long the scan of its file took.
    """

    path: str
    stamp: str
    status: str
    reason: str = ""
    name: str = ""
    format: str = "VST3"
    identifier: str = ""
    manufacturer: str = ""
    version: str = ""
    category: str = ""
    instrument: bool = False
    latency_samples: int = 0
    widths: tuple[int, ...] = ()
    seconds: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether it can shape sound."""
        return self.status == "ok" and bool(self.widths) and not self.instrument

    def to_data(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "widths": list(self.widths), "usable": self.usable}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Inverse of :meth:`to_data`; raises KeyError or TypeError for other data."""
        known = {f.name: data[f.name] for f in fields(cls)}
        return cls(**{**known, "widths": tuple(known["widths"])})


def scan(
    *,
    folders: tuple[Path, ...] | None = None,
    rescan: bool = False,
    retry: bool = False,
    timeout_s: float = LOAD_TIMEOUT_S,
    progress: Callable[[int, int, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> list[PluginInfo]:
    """Look at every plugin in the folders, each in a process of its own.

    Files that have not changed since the last scan are not loaded again, nor are those that are
    quarantined.

    Args:
        folders: None for the platform's own.
        rescan: Load all again.
        retry: Load those again that are quarantined.
        timeout_s: For one file.
        progress: Called with files done, files in all, and the file's name.
        cancel: Asked between files; what has been scanned until then is remembered.

    Returns:
        One entry per plugin, and one per file that failed.

    Raises:
        CancelledError: ``cancel`` returned True.
    """
    trusted = [info for info in remembered() if info.status == "ok" or not retry]
    known = {} if rescan else _by_path(trusted)
    files = list(plugin_files(folders))
    found: list[PluginInfo] = []
    try:
        for index, path in enumerate(files):
            if cancel is not None and cancel():
                raise CancelledError("the scan was cancelled; what was scanned is kept")
            if progress is not None:
                progress(index, len(files), path.name)
            now = stamp(path)
            old = known.get(str(path), [])
            fresh = old if old and old[0].stamp == now else _examine(path, now, timeout_s)
            found += fresh
    finally:
        seen = {info.path for info in found}
        rest = [i for i in remembered() if i.path not in seen and Path(i.path).exists()]
        _remember(found + rest)
    if progress is not None:
        progress(len(files), len(files), "")
    return found


def remembered() -> list[PluginInfo]:
    """What the last scans found; empty before the first."""
    try:
        data = json.loads(_file().read_text("utf-8"))
        if data["version"] != _VERSION:
            return []
        return [PluginInfo.from_data(row) for row in data["plugins"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # no memory, or not one of ours: the next scan writes it anew


def find(name_or_path: str) -> PluginInfo:
    """A plugin by path, or by name among those that were scanned.

    Raises:
        PluginMissingError: There is none.
        PluginError: It is quarantined.
    """
    path = Path(name_or_path)
    wanted = name_or_path.casefold()
    known = remembered()
    hits = [i for i in known if i.name.casefold() == wanted or Path(i.path) == path]
    if not hits and path.exists():
        hits = _examine(path, stamp(path), LOAD_TIMEOUT_S)
        _remember([i for i in known if i.path != str(path)] + hits)
    for info in sorted(hits, key=lambda i: i.status != "ok"):
        return _allowed(info)
    names = ", ".join(sorted({i.name for i in known if i.usable})[:20]) or "none: scan first"
    raise PluginMissingError(
        f"{name_or_path}: no such plugin, neither a file nor a name of: text2fx plugins list "
        f"({names})"
    )


def resolve(hosted: HostedPlugin) -> PluginInfo:
    """The installed plugin that a preset asks for: by identifier, else by its path.

    A path counts only inside the plugin folders: a preset from elsewhere must not name a library
    to be run.

    Raises:
        PluginMissingError: It is not installed here.
        PluginError: It is quarantined.
    """
    known = remembered()
    same = [i for i in known if (i.format, i.identifier) == (hosted.format, hosted.identifier)]
    present = [i for i in same if Path(i.path).exists()]
    if present:
        return _allowed(min(present, key=lambda i: (i.status != "ok", i.path != hosted.path)))
    path = Path(hosted.path)
    if hosted.path and path.exists() and _is_installed(path):
        for info in _examine(path, stamp(path), LOAD_TIMEOUT_S):
            if info.status != "ok" or info.identifier == hosted.identifier:
                return _allowed(info)
    raise PluginMissingError(
        f"plugin {hosted.name} ({hosted.format}, {hosted.manufacturer or 'unknown maker'}) is not "
        "installed here, or was not scanned: install it and run text2fx plugins scan; its settings "
        "stay in the preset"
    )


def open_plugin(
    info: PluginInfo,
    *,
    timeout_s: float = LOAD_TIMEOUT_S,
    on_start: Callable[[PluginProcess], None] | None = None,
) -> PluginHost:
    """Load a plugin in a process of its own; one that crashes or hangs is quarantined.

    Raises:
        PluginError: It cannot be loaded, or is quarantined.
        PluginCrashError: Loading it crashed or hung.
    """
    _allowed(info)
    try:
        return PluginHost(
            Path(info.path), info.name or None, timeout_s=timeout_s, on_start=on_start
        )
    except PluginCrashError as error:
        quarantine(Path(info.path), str(error))
        raise


def quarantine(path: Path, reason: str) -> None:
    """Remember that a plugin failed, so that it is not loaded again until it changes."""
    known = [info for info in remembered() if info.path != str(path)]
    _remember([*known, _failed(path, stamp(path), reason, 0.0)])


def _allowed(info: PluginInfo) -> PluginInfo:
    if info.status != "ok":
        raise PluginError(
            f"plugin {info.name} ({info.path}) is quarantined: {info.reason}; after an update: "
            "text2fx plugins scan --rescan"
        )
    return info


def _is_installed(path: Path) -> bool:
    real = path.resolve()
    return any(real.is_relative_to(folder.resolve()) for folder in plugin_folders())


def _examine(path: Path, now: str, timeout_s: float) -> list[PluginInfo]:
    began = time.perf_counter()
    try:
        with PluginProcess(path.stem) as process:
            reply, _ = process.ask("names", path=str(path), timeout_s=timeout_s)
        names = [str(name) for name in reply["names"]]
        if not names:
            raise PluginError(f"{path}: holds no plugin")
        found = []
        for name in names:
            with PluginHost(path, name, timeout_s=timeout_s) as host:
                about = {**host.description, "widths": tuple(host.description["widths"])}
            seconds = time.perf_counter() - began
            found.append(PluginInfo(str(path), now, "ok", **about, seconds=round(seconds, 3)))
        return found
    except PluginError as error:
        return [_failed(path, now, str(error), time.perf_counter() - began)]


def _failed(path: Path, now: str, reason: str, seconds: float) -> PluginInfo:
    kind = "AudioUnit" if path.suffix == ".component" else "VST3"
    return PluginInfo(
        str(path), now, "quarantined", reason=" ".join(reason.split())[:500], name=path.stem,
        format=kind, seconds=round(seconds, 3),
    )  # fmt: skip


def _by_path(infos: list[PluginInfo]) -> dict[str, list[PluginInfo]]:
    found: dict[str, list[PluginInfo]] = {}
    for info in infos:
        found.setdefault(info.path, []).append(info)
    return found


def _file() -> Path:
    return state_folder() / "plugins.json"


def _remember(infos: list[PluginInfo]) -> None:
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [info.to_data() for info in sorted(infos, key=lambda i: (i.path, i.name))]
    text = json.dumps({"version": _VERSION, "plugins": rows}, indent=1) + "\n"
    write_atomic(file, text, overwrite=True, error=OutputError)
