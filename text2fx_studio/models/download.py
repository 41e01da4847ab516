"""Downloading a model: resumed where it stopped, checked, and put in place whole or not at all."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dsp.atomic import explain_os_error
from text2fx_studio import __version__
from text2fx_studio.encoders.files import sha256_of
from text2fx_studio.errors import EncoderError
from text2fx_studio.models.catalogue import Entry, File, by_hand

_BLOCK = 1 << 20
_TIMEOUT_S = 30.0
_SPARE_BYTES = 100 << 20
_SHA256 = re.compile(r'"?([0-9a-f]{64})"?')

OnBytes = Callable[[str, int, int | None], None]


class Response(Protocol):
    """What the answer of a server must offer."""

    status: int
    headers: Mapping[str, str]

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        ...


Open = Callable[[str, Mapping[str, str]], AbstractContextManager[Response]]


@dataclass(frozen=True)
class Got:
    """One file that is in place.

    Attributes:
        path: Where.
        sha256: Of what is there.
        checked: ``pinned`` (against the catalogue), ``hub`` (against what the server states), or
            ``no`` (nothing to compare with).
        fetched: Bytes that came over the network; 0 where it was there already.
    """

    path: Path
    sha256: str
    checked: str
    fetched: int


class _KeepHeaders(urllib.request.HTTPRedirectHandler):
    """Remembers the hub's own statements, which stand in the redirect and not at its end."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        self.seen.update({k.lower(): v for k, v in headers.items() if k.lower()[:9] == "x-linked-"})
        if not newurl.startswith("https:"):
            raise urllib.error.URLError(f"redirected to {newurl.split(':')[0]}, not to https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@contextlib.contextmanager
def open_https(
    url: str, headers: Mapping[str, str], *handlers: urllib.request.BaseHandler
) -> Iterator[Response]:
    """Open an address; the hub's statements about the file are among the headers.

    Args:
        url: With https.
        headers: Of the request.
        *handlers: Besides urllib's own; for tests.
    """
    if not url.startswith("https://"):
        raise urllib.error.URLError("only https is used")
    keep = _KeepHeaders()
    opener = urllib.request.build_opener(keep, *handlers)
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - https only
    with opener.open(request, timeout=_TIMEOUT_S) as answer:
        found = {k.lower(): v for k, v in answer.headers.items()}
        answer.headers = {**found, **keep.seen}
        yield answer


def get(entry: Entry, *, open_url: Open = open_https, progress: OnBytes | None = None) -> list[Got]:
    """Bring a model into the user's cache folder.

    An interrupted download leaves ``.part`` files, from which the next call goes on.

    Args:
        entry: Which.
        open_url: How an address is opened; for tests.
        progress: Called with (file name, bytes so far, bytes in all or None).

    Raises:
        EncoderError: No network, no room, or a hash that does not fit; the message says what to
            download by hand and where to put it.
    """
    try:
        entry.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EncoderError(f"{entry.home}: {explain_os_error(error)}") from error
    return [_get_file(entry, file, open_url, progress) for file in entry.files]


def _get_file(entry: Entry, file: File, open_url: Open, progress: OnBytes | None) -> Got:
    target = entry.home / file.name
    if target.is_file():
        found = sha256_of(target)
        if file.sha256 is None or found == file.sha256:
            return Got(target, found, "no" if file.sha256 is None else "pinned", 0)
        raise EncoderError(
            f"{target}: SHA-256 is {found}, pinned is {file.sha256}; delete it and get it again"
        )
    try:
        return _fetch(file, target, open_url, progress)
    except urllib.error.HTTPError as error:
        error.close()
        raise EncoderError(
            f"{file.url}: the server answers {error.code} {error.reason}; by hand: {by_hand(entry)}"
        ) from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError,
            RuntimeError) as error:  # fmt: skip
        reason = getattr(error, "reason", error)
        raise EncoderError(
            f"{file.url}: cannot be reached ({reason}); what came is kept, and the next try "
            f"goes on from there. By hand, on any machine: {by_hand(entry)}"
        ) from error
    except OSError as error:
        raise EncoderError(f"{target}: {explain_os_error(error)}") from error


def _fetch(file: File, target: Path, open_url: Open, progress: OnBytes | None) -> Got:
    part = target.with_name(target.name + ".part")
    notes = target.with_name(target.name + ".part.json")
    have = part.stat().st_size if part.is_file() else 0
    state = _read_notes(notes)
    if isinstance(state.get("size"), int) and have > state["size"]:
        have = 0  # more than there is: not ours
    headers = {"User-Agent": f"text2fx-studio/{__version__}", "Accept-Encoding": "identity"}
    if have and state.get("url") == file.url and state.get("etag"):
        headers |= {"Range": f"bytes={have}-", "If-Range": state["etag"]}
    else:
        have = 0
    fetched = 0
    complete = have > 0 and have == state.get("size")
    if not complete:
        with open_url(file.url, headers) as answer:
            if answer.status != 206:
                have = 0  # from the start: the file has changed, or the server cannot resume
            length = answer.headers.get("content-length", "")
            size = have + int(length) if length.isdigit() else file.size
            state = {
                "url": file.url,
                "etag": answer.headers.get("etag", ""),
                "size": size,
                "sha256": _stated_hash(answer.headers),
            }
            _check_room(target, size, have)
            notes.write_text(json.dumps(state), "utf-8")
            with part.open("ab" if have else "wb") as stream:
                while block := answer.read(_BLOCK):
                    stream.write(block)
                    fetched += len(block)
                    if progress is not None:
                        progress(file.name, have + fetched, size)
        if size is not None and have + fetched < size:
            raise ConnectionError(f"the connection ended at {have + fetched} of {size} bytes")
    return _settle(file, part, notes, target, state.get("sha256"), fetched)


def _settle(
    file: File, part: Path, notes: Path, target: Path, stated: str | None, fetched: int
) -> Got:
    """Check the whole file and rename it."""
    found = sha256_of(part)
    expected, checked = (file.sha256, "pinned") if file.sha256 else (stated, "hub")
    if expected is not None and found != expected:
        part.unlink()
        notes.unlink(missing_ok=True)
        raise EncoderError(
            f"{file.url}: SHA-256 of the download is {found}, {checked} is {expected}; it was "
            "thrown away. Try again; if it stays so, the file on the hub has changed"
        )
    part.replace(target)
    notes.unlink(missing_ok=True)
    return Got(target, found, checked if expected else "no", fetched)


def _stated_hash(headers: Mapping[str, str]) -> str | None:
    """The hub names large files by their SHA-256."""
    found = _SHA256.fullmatch(headers.get("x-linked-etag", ""))
    return found[1] if found else None


def _check_room(target: Path, size: int | None, have: int) -> None:
    free = shutil.disk_usage(target.parent).free
    needed = (size or 0) - have + _SPARE_BYTES
    if free < needed:
        raise EncoderError(
            f"{target.parent}: {free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB needed; free some "
            "space"
        )


def _read_notes(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
