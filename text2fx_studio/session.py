"""What the window comes back to: the open recording, the words, the setting, the snapshots.

Written a moment after every change, whole or not at all. ``clean`` is set on a proper exit: a
session without it was cut off, and the window says that it brought everything back.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dsp.chain import Chain
from text2fx_studio.errors import ParameterError, PluginError
from text2fx_studio.plugins.hosted import HostedPlugin, read_plugins
from text2fx_studio.settings import write_text
from text2fx_studio.user_folders import state_folder

VERSION = 1
FILE = "session.json"
RECENT_FILE = "recent.json"
MOST_RECENT = 12
SNAPSHOTS = "ABCD"
_LARGEST_BYTES = 480 << 20  # the states of sixteen plugins, in the rack and four snapshots


@dataclass(frozen=True)
class Snapshot:
    """What is kept under a letter.

    Attributes:
        chain: The setting as it was heard.
        plugins: Of the rack, with their states.
    """

    chain: Chain = field(default_factory=Chain)
    plugins: tuple[HostedPlugin, ...] = ()


@dataclass(frozen=True)
class Session:
    """The window's document.

    Attributes:
        source: Path of the recording; empty for none.
        prompt: The words in the field.
        chain_name: What Shape may use.
        chain: The setting at full amount.
        amount: 0..1, of ``chain``.
        snapshots: Settings kept under A to D.
        loop_s: (start, end), or None.
        found: Where the setting came from: prompt, scores, seed, encoder; empty for by hand.
        clean: Whether the window was closed properly.
        plugins: Of the rack, in signal order, with their states.
    """

    source: str = ""
    prompt: str = ""
    chain_name: str = "eq,reverb"
    chain: Chain = field(default_factory=Chain)
    amount: float = 1.0
    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)
    loop_s: tuple[float, float] | None = None
    found: Mapping[str, Any] = field(default_factory=dict)
    clean: bool = False
    plugins: tuple[HostedPlugin, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "version": VERSION,
            "source": self.source,
            "prompt": self.prompt,
            "chain_name": self.chain_name,
            "chain": self.chain.to_data(),
            "amount": self.amount,
            "snapshots": {name: kept.chain.to_data() for name, kept in self.snapshots.items()},
            "snapshot_plugins": {
                name: [plugin.to_data() for plugin in kept.plugins]
                for name, kept in self.snapshots.items()
                if kept.plugins
            },
            "loop_s": self.loop_s,
            "found": dict(self.found),
            "clean": self.clean,
            "plugins": [plugin.to_data() for plugin in self.plugins],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Session:
        """Inverse of :meth:`to_data`.

        Raises:
            ParameterError: A setting is not valid.
            PluginError: The rack is not valid.
            ValueError: Something else is not of its kind.
        """
        loop, amount = data.get("loop_s"), data.get("amount", 1.0)
        if loop is not None:
            start, end = (float(edge) for edge in loop)
            if not 0 <= start < end:
                raise ValueError("loop_s: the end must lie after the start")
            loop = (start, end)
        if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= 1:
            raise ValueError("amount: a number from 0 to 1 is needed")
        snapshots = dict(data.get("snapshots", {}))
        racks = dict(data.get("snapshot_plugins", {}))
        return cls(
            source=str(data.get("source", "")),
            prompt=str(data.get("prompt", "")),
            chain_name=str(data.get("chain_name", "eq,reverb")),
            chain=Chain.from_data(data.get("chain", [])),
            amount=float(amount),
            snapshots={
                name: Snapshot(Chain.from_data(chain), read_plugins(racks.get(name, [])))
                for name, chain in snapshots.items()
                if name in SNAPSHOTS
            },
            loop_s=loop,
            found=dict(data.get("found", {})),
            clean=data.get("clean") is True,
            plugins=read_plugins(data.get("plugins", [])),
        )


def session_file() -> Path:
    """Where the session is kept."""
    return state_folder() / FILE


def save_session(session: Session, path: Path | None = None) -> None:
    """Write it whole or not at all.

    Raises:
        OutputError: The file cannot be written.
    """
    text = json.dumps(session.to_data(), ensure_ascii=False, default=list)
    write_text(session_file() if path is None else path, text + "\n")


def load_session(path: Path | None = None) -> Session | None:
    """The last session; None where there is none, or where it cannot be read (kept aside)."""
    file = session_file() if path is None else path
    try:
        with file.open("rb") as stream:
            data = json.loads(stream.read(_LARGEST_BYTES).decode("utf-8"))
        return Session.from_data(data)
    except FileNotFoundError:
        return None
    except (
        OSError,
        ValueError,
        TypeError,
        AttributeError,
        RecursionError,
        ParameterError,
        PluginError,
    ):
        with contextlib.suppress(OSError):
            file.replace(file.with_name(file.name + ".broken"))
        return None


def close_session(session: Session, path: Path | None = None) -> None:
    """Write the session as properly ended; raises as :func:`save_session`."""
    save_session(replace(session, clean=True), path)


def recent_files() -> list[Path]:
    """Recordings opened before, the latest first; those that are gone are left out."""
    try:
        data = json.loads((state_folder() / RECENT_FILE).read_text("utf-8"))
        paths = [Path(entry) for entry in data if isinstance(entry, str)]
    except (OSError, ValueError, TypeError, RecursionError):
        return []
    return [path for path in paths[:MOST_RECENT] if path.is_file()]


def remember_file(path: Path) -> None:
    """Put a recording at the head of the recent ones.

    Raises:
        OutputError: The list cannot be written.
    """
    path = path.resolve()
    kept = [path, *(other for other in recent_files() if other != path)][:MOST_RECENT]
    text = json.dumps([str(entry) for entry in kept], ensure_ascii=False)
    write_text(state_folder() / RECENT_FILE, text + "\n")
