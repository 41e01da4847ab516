"""Downloading: resumed, checked, whole or not at all. The server is a stand-in."""

from __future__ import annotations

import contextlib
import email.message
import hashlib
import io
import urllib.error
import urllib.request
import urllib.response
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from text2fx_studio.errors import EncoderError
from text2fx_studio.models import download
from text2fx_studio.models.catalogue import Entry, File
from text2fx_studio.models.download import Response, get, open_https

CONTENT = bytes(range(256)) * 9000  # 2.3 MB: three blocks
HASH = hashlib.sha256(CONTENT).hexdigest()
FILE = File("weights.pt", "https://example.org/weights.pt", HASH, len(CONTENT))
ENTRY = Entry("test-model", "laion", "a", "b", "c", "https://example.org", (FILE,))


@dataclass
class _Answer:
    status: int
    headers: Mapping[str, str]
    data: bytes
    fail_after: int | None = None
    sent: int = 0

    def read(self, size: int, /) -> bytes:
        if self.fail_after is not None and self.sent >= self.fail_after:
            raise ConnectionResetError("the line is cut")
        block = self.data[self.sent : self.sent + size]
        self.sent += len(block)
        return block


@dataclass
class Server:
    """Serves ``content``; breaks off after ``fail_after`` bytes; ``asked`` keeps the requests."""

    content: bytes = CONTENT
    etag: str = '"one"'
    fail_after: int | None = None
    ranges: bool = True
    stated: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    @contextlib.contextmanager
    def __call__(self, url: str, headers: Mapping[str, str]) -> Iterator[Response]:
        self.asked.append({"url": url, **headers})
        start = 0
        wanted = headers.get("Range", "")
        if wanted and self.ranges and headers.get("If-Range") == self.etag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        data = self.content[start:]
        found = {"content-length": str(len(data)), "etag": self.etag}
        if self.stated:
            found["x-linked-etag"] = self.stated
        yield _Answer(206 if start else 200, found, data, self.fail_after)


def test_a_file_comes_whole_and_checked() -> None:
    server, seen = Server(), []
    (got,) = get(ENTRY, open_url=server, progress=lambda *a: seen.append(a))
    assert (got.path.read_bytes(), got.sha256, got.checked) == (CONTENT, HASH, "pinned")
    assert got.fetched == len(CONTENT)
    assert seen[-1] == ("weights.pt", len(CONTENT), len(CONTENT))
    assert [p.name for p in ENTRY.home.iterdir()] == ["weights.pt"]
    assert ENTRY.installed


def test_what_is_there_is_not_fetched_again() -> None:
    get(ENTRY, open_url=Server())
    server = Server()
    (got,) = get(ENTRY, open_url=server)
    assert (got.fetched, got.checked, server.asked) == (0, "pinned", [])


def test_an_interrupted_download_goes_on_where_it_stopped() -> None:
    with pytest.raises(EncoderError, match="goes on from there"):
        get(ENTRY, open_url=Server(fail_after=1 << 20))
    assert not ENTRY.installed
    server = Server()
    (got,) = get(ENTRY, open_url=server)
    assert server.asked[0]["Range"] == f"bytes={1 << 20}-"
    assert got.fetched == len(CONTENT) - (1 << 20)
    assert got.path.read_bytes() == CONTENT


@pytest.mark.parametrize("server", [Server(ranges=False), Server(etag='"two"')])
def test_it_starts_again_where_it_cannot_go_on(server: Server) -> None:
    with pytest.raises(EncoderError):
        get(ENTRY, open_url=Server(fail_after=1 << 20))
    (got,) = get(ENTRY, open_url=server)
    assert got.path.read_bytes() == CONTENT
    assert got.fetched == len(CONTENT)


def test_an_interrupt_leaves_what_came() -> None:
    def stop(_name: str, done: int, _total: int | None) -> None:
        if done >= 1 << 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(ENTRY, open_url=Server(), progress=stop)
    assert (ENTRY.home / "weights.pt.part").stat().st_size == 1 << 20


def test_a_wrong_hash_is_thrown_away() -> None:
    with pytest.raises(EncoderError, match=r"SHA-256 of the download .* thrown away"):
        get(ENTRY, open_url=Server(content=CONTENT[:-1] + b"x"))
    assert list(ENTRY.home.iterdir()) == []


def test_a_damaged_file_on_disk_is_told() -> None:
    get(ENTRY, open_url=Server())
    (ENTRY.home / "weights.pt").write_bytes(b"other")
    with pytest.raises(EncoderError, match="delete it and get it again"):
        get(ENTRY, open_url=Server())


def test_without_a_pin_the_hubs_own_hash_counts() -> None:
    loose = replace(ENTRY, name="loose", files=(replace(FILE, sha256=None),))
    (got,) = get(loose, open_url=Server(stated=f'"{HASH}"'))
    assert got.checked == "hub"
    bare = replace(loose, name="bare")
    (got,) = get(bare, open_url=Server())
    assert (got.checked, got.sha256) == ("no", HASH)
    wrong = replace(loose, name="wrong")
    with pytest.raises(EncoderError, match="hub is 0000"):
        get(wrong, open_url=Server(stated="0" * 64))


def test_a_short_answer_is_not_taken_for_whole() -> None:
    class Short(Server):
        @contextlib.contextmanager
        def __call__(self, url: str, headers: Mapping[str, str]) -> Iterator[Response]:
            with super().__call__(url, headers) as answer:
                yield _Answer(200, answer.headers, CONTENT[:1000])

    with pytest.raises(EncoderError, match=r"ended at 1000 of 2304000 bytes"):
        get(ENTRY, open_url=Short())
    assert not ENTRY.installed


@pytest.mark.parametrize(
    "error",
    [
        urllib.error.URLError("no route"),
        urllib.error.HTTPError("https://example.org", 404, "Not Found", None, None),  # type: ignore[arg-type]
        TimeoutError("too slow"),
    ],
)
def test_offline_it_says_what_to_put_where(error: Exception) -> None:
    @contextlib.contextmanager
    def fail(_url: str, _headers: Mapping[str, str]) -> Iterator[Response]:
        raise error
        yield

    with pytest.raises(EncoderError) as caught:
        get(ENTRY, open_url=fail)
    assert "https://example.org/weights.pt" in str(caught.value)
    assert str(ENTRY.home / "weights.pt") in str(caught.value)


def test_the_real_opener_takes_https_only_and_is_blocked_here() -> None:
    with pytest.raises(urllib.error.URLError, match="only https"), open_https("http://a.b", {}):
        pass
    with pytest.raises(EncoderError, match="cannot be reached"):
        get(ENTRY)


def test_a_full_disk_is_told_before_the_download(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = download.shutil._ntuple_diskusage(100, 90, 10)  # type: ignore[attr-defined]
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(EncoderError, match="GB needed; free some space"):
        get(ENTRY, open_url=Server())


def test_an_unwritable_cache_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    monkeypatch.setenv("LOCALAPPDATA", str(blocked))
    monkeypatch.setenv("HOME", str(blocked))
    with pytest.raises(EncoderError):
        get(ENTRY, open_url=Server())


class _Hub(urllib.request.HTTPSHandler):
    """Answers as the hub does: a redirect that states the hash, then the file elsewhere."""

    def __init__(self, to: str) -> None:
        super().__init__()
        self.to = to
        self.asked: list[tuple[str, str | None]] = []

    def https_open(self, request: urllib.request.Request) -> urllib.response.addinfourl:
        self.asked.append((request.full_url, request.get_header("Range")))
        headers = email.message.Message()
        if "hub.example" in request.full_url:
            headers["Location"] = self.to
            headers["X-Linked-Etag"] = f'"{HASH}"'
            code, text, body = 302, "Found", b""
        else:
            headers["ETag"] = '"elsewhere"'
            code, text, body = 200, "OK", CONTENT
        headers["Content-Length"] = str(len(body))
        answer = urllib.response.addinfourl(io.BytesIO(body), headers, request.full_url, code)
        answer.msg = text  # type: ignore[attr-defined]
        return answer


def test_the_hash_that_the_hub_states_survives_its_redirect() -> None:
    hub = _Hub("https://elsewhere.example/blob?signed")
    url = "https://hub.example/weights.pt"
    loose = replace(ENTRY, name="redirected", files=(replace(FILE, url=url, sha256=None),))
    (got,) = get(loose, open_url=lambda url, headers: open_https(url, headers, hub))
    assert (got.checked, got.sha256) == ("hub", HASH)
    assert [where for where, _ in hub.asked] == [url, "https://elsewhere.example/blob?signed"]


def test_a_redirect_away_from_https_is_refused() -> None:
    hub = _Hub("http://elsewhere.example/blob")
    url = "https://hub.example/weights.pt"
    entry = replace(ENTRY, name="downgraded", files=(replace(FILE, url=url),))
    with pytest.raises(EncoderError, match="redirected to http, not to https"):
        get(entry, open_url=lambda url, headers: open_https(url, headers, hub))
    assert len(hub.asked) == 1


def test_a_part_that_is_longer_than_the_file_is_fetched_anew() -> None:
    with pytest.raises(EncoderError, match="goes on from there"):
        get(ENTRY, open_url=Server(fail_after=1 << 20))
    with (ENTRY.home / "weights.pt.part").open("ab") as stream:
        stream.write(bytes(len(CONTENT)))
    server = Server()
    (got,) = get(ENTRY, open_url=server)
    assert "Range" not in server.asked[0]
    assert got.path.read_bytes() == CONTENT
