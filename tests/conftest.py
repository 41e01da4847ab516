"""Every test runs without network, in a home of its own, and leaves no thread or process behind."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest

try:
    import fcntl
except ImportError:  # Windows: there no test waits for another
    fcntl = None  # type: ignore[assignment]

# One thread: the tests' arrays are small, and on a busy machine more threads wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

hypothesis.settings.register_profile("project", deadline=None, print_blob=True)
hypothesis.settings.load_profile("project")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
_GRACE_S = 3.0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test marked ``alone`` measures time: meanwhile the other process waits."""
    if fcntl is None or not hasattr(item.config, "workerinput"):
        return (yield)
    alone = item.get_closest_marker("alone") is not None
    folder: Path = item.config._tmp_path_factory.getbasetemp().parent  # of all workers
    # Whoever waits to be alone holds the door, so that nobody goes in before.
    with (
        _locked(folder / "door", alone=True) as door,
        _locked(folder / "room", alone=alone),
    ):
        if not alone:
            fcntl.flock(door, fcntl.LOCK_UN)
        return (yield)


@contextmanager
def _locked(path: Path, *, alone: bool) -> Iterator[int]:
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield handle
    finally:
        os.close(handle)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest begin, whatever the order of the others: nobody waits for one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


class NetworkBlockedError(RuntimeError):
    """A test tried to reach the network."""


_RealSocket = socket.socket


class _LocalSocket(_RealSocket):
    def __init__(self, family: int = -1, *args: Any, **kwargs: Any) -> None:
        unix = getattr(socket, "AF_UNIX", None)
        if kwargs.get("fileno") is None and (unix is None or family != unix):
            raise NetworkBlockedError("tests run without network; only AF_UNIX sockets are allowed")
        super().__init__(family, *args, **kwargs)


def _no_lookup(*_: object, **__: object) -> None:
    raise NetworkBlockedError("tests run without network; no name is looked up")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", _LocalSocket)
    monkeypatch.setattr(socket, "getaddrinfo", _no_lookup)
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "1")


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    for name, folder in (
        ("HOME", ""), ("USERPROFILE", ""), ("APPDATA", "data"), ("LOCALAPPDATA", "cache"),
        ("XDG_CACHE_HOME", "cache"), ("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data"),
    ):  # fmt: skip
        monkeypatch.setenv(name, str(home / folder))
    for name in ("TEXT2FX_DEBUG", "TEXT2FX_PRESETS", "NO_COLOR", "SOURCE_DATE_EPOCH"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """pytest-randomly seeds random and numpy; torch is seeded where it is loaded."""
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "manual_seed"):
        torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    threads = set(threading.enumerate())
    children = _children()
    yield
    deadline = time.monotonic() + _GRACE_S
    while (left := _left(threads, children)) and time.monotonic() < deadline:
        time.sleep(0.02)
    if left:
        pytest.fail(f"left running: {', '.join(left)}")


def _left(threads: set[threading.Thread], children: set[int]) -> list[str]:
    # Qt's pool keeps its threads for the next task; to Python they are dummies.
    own = [t for t in threading.enumerate() if not isinstance(t, threading._DummyThread)]
    alive = [f"thread {t.name}" for t in own if t not in threads]
    return alive + [f"process {pid}" for pid in _children() - children if not _is_helper(pid)]


def _children() -> set[int]:
    """All processes below this one, where the platform tells (Linux)."""
    found: set[int] = set()
    ask = [os.getpid()]
    while ask:
        for task in Path(f"/proc/{ask.pop()}/task").glob("*/children"):
            try:
                below = {int(pid) for pid in task.read_text().split()} - found
            except OSError:  # the thread has ended meanwhile
                continue
            found |= below
            ask += below
    return found


def _is_helper(pid: int) -> bool:
    """Whether it is multiprocessing's own tracker or server, which live as long as their parent."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return True
    return b"resource_tracker" in command or _is_server(pid, command)


def _is_server(pid: int, command: bytes) -> bool:
    """Whether it is the server itself: what it forks bears its command line."""
    if b"multiprocessing.forkserver" not in command:
        return False
    try:
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return True
    return parent == os.getpid()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The recordings beside the project."""
    folder = Path(os.environ.get("TEXT2FX_SHARED", SHARED))
    if not (folder / "audio" / "manifest.jsonl").is_file():
        pytest.skip("needs the recordings beside the project (../shared)")
    return folder
