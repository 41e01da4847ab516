"""``text2fx models`` as one types it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import torch

from tests.cli.conftest import Outcome
from tests.encoders import clap_fixtures as fixtures
from text2fx_studio.cli.main import main
from text2fx_studio.models import download

Run = Callable[..., Outcome]


@pytest.fixture
def text2fx(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> Outcome:
        code = main(["models", *(str(a) for a in arguments)])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return run


@pytest.fixture
def laion(tmp_path: Path) -> Path:
    fixtures.write_laion(tmp_path / "own.pt")
    fixtures.write_roberta_files(tmp_path / "roberta-base")
    return tmp_path / "own.pt"


def test_list_and_info(text2fx: Run) -> None:
    done = text2fx("list")
    assert done.code == 0
    assert any(
        line.startswith("laion-music") and "2.35 GB" in line for line in done.out.split("\n")
    )
    data = text2fx("list", "--json").data
    assert {row["name"] for row in data["models"]} >= {"laion-music", "msclap-2023", "gpt2"}
    said = text2fx("info", "laion-music").out
    for part in ("HTSAT-base", "CC0", "roberta-base", "--checkpoint laion-music", "fae3e9c087f2"):
        assert part in said
    assert text2fx("info", "msclap-2022", "--json").data["license"] == "MS-PL"
    assert "is unknown; known are" in text2fx("info", "nonsense").error_line()


def test_check_says_what_a_file_is(text2fx: Run, laion: Path) -> None:
    done = text2fx("check", laion)
    assert done.code == 0
    for part in ("laion-htsat-8x2-1-1-1", "none missing", "48000 Hz, hears 50 to 14000 Hz",
                 "64 mel bands", "the same bits twice: yes", "Usable"):  # fmt: skip
        assert part in done.out
    data = text2fx("check", laion, "--json").data
    assert data["usable"] is True
    assert data["kind"] == "laion"
    assert (data["hop"], data["n_fft"], data["window_s"]) == (480, 1024, 10.0)


def test_check_knows_microsofts(text2fx: Run, tmp_path: Path) -> None:
    fixtures.write_gpt2_files(tmp_path / "gpt2")
    fixtures.write_msclap(tmp_path / "a.pth", "2023")
    data = text2fx("check", tmp_path / "a.pth", "--json").data
    assert (data["id"], data["hop"]) == ("msclap-2023", 320)


def test_check_finds_the_broken_upload(text2fx: Run, tmp_path: Path) -> None:
    """Its texts all come out alike, cosine 0.999; here by a text head that hardly listens."""
    fixtures.write_hub(tmp_path)
    fixtures.write_roberta_files(tmp_path)
    from safetensors.torch import load_file, save_file

    tensors = load_file(tmp_path / "model.safetensors")
    tensors["text_projection.linear2.weight"] *= 1e-2
    tensors["text_projection.linear2.bias"] += 1.0
    save_file(tensors, tmp_path / "model.safetensors")
    done = text2fx("check", tmp_path)
    assert done.code == 1
    assert "does not tell words apart" in done.out
    assert "Not usable" in done.out


def test_check_finds_a_deaf_model(text2fx: Run, tmp_path: Path) -> None:
    state = fixtures.laion_state()
    state["audio_projection.2.weight"] *= 1e-4
    state["audio_projection.2.bias"] += 1.0
    torch.save({"state_dict": state}, tmp_path / "a.pt")
    fixtures.write_roberta_files(tmp_path / "roberta-base")
    done = text2fx("check", tmp_path / "a.pt")
    assert done.code == 1
    assert "it does not hear" in done.out


def test_check_refuses_what_is_none(text2fx: Run, tmp_path: Path) -> None:
    torch.save({"encoder.weight": torch.ones(1)}, tmp_path / "a.pt")
    assert "neither a LAION-CLAP nor an MS-CLAP" in text2fx("check", tmp_path / "a.pt").error_line()
    assert "no such file" in text2fx("check", tmp_path / "b.pt").error_line()
    assert "models get laion-music" in text2fx("check", "laion-music").error_line()


class _Answer:
    def __init__(self, data: bytes) -> None:
        self.status, self.headers, self._data = 200, {"content-length": str(len(data))}, data

    def read(self, _size: int, /) -> bytes:
        data, self._data = self._data, b""
        return data


def test_get_brings_the_vocabulary_along(text2fx: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    @contextlib.contextmanager
    def serve(url: str, _headers: Mapping[str, str]) -> Iterator[_Answer]:
        asked.append(url.rsplit("/", 1)[-1])
        yield _Answer(b"content")

    monkeypatch.setattr(download.get, "__kwdefaults__", {"open_url": serve, "progress": None})
    monkeypatch.setattr(download, "sha256_of", lambda path: _pinned(path.name))
    done = text2fx("get", "laion-small", "--json")
    assert asked == ["vocab.json", "merges.txt", "630k-audioset-best.pt"]
    rows = done.data["files"]
    assert [row["checked"] for row in rows] == ["pinned", "pinned", "no"]
    asked.clear()
    text2fx("get", "msclap-2022")
    assert asked == ["CLAP_weights_2022.pth"]  # BERT's vocabulary is installed already


def _pinned(name: str) -> str:
    from text2fx_studio.models.catalogue import find_entry

    files = {file.name: file.sha256 for file in find_entry("roberta-base").files}
    return files.get(name.removesuffix(".part")) or "a" * 64


def test_get_refuses_the_broken_and_is_clear_offline(text2fx: Run) -> None:
    assert "broken upload" in text2fx("get", "larger_clap_music").error_line()
    line = text2fx("get", "laion-music").error_line()
    assert "cannot be reached" in line
    assert "roberta-base" in line
