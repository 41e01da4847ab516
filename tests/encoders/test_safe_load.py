"""Checkpoints are read, never run."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from text2fx_studio.encoders import files, safe_load
from text2fx_studio.encoders.clap_weights import Store
from text2fx_studio.encoders.files import cached_sha256
from text2fx_studio.encoders.laion import load_laion
from text2fx_studio.encoders.safe_load import read_checkpoint, weights_of
from text2fx_studio.errors import EncoderError


class _Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, call: Any, *arguments: object) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[Any, tuple[object, ...]]:
        return self.call, self.arguments


def _attacks(trace: Path) -> dict[str, _Evil]:
    return {
        "os.mkdir": _Evil(os.mkdir, str(trace)),
        "exec": _Evil(exec, f"import os; os.mkdir({str(trace)!r})"),
        "Path.touch": _Evil(Path.touch, trace),
        "torch.load": _Evil(torch.load, str(trace)),
        "numpy.load": _Evil(np.load, str(trace)),
        "safe_load": _Evil(safe_load.read_checkpoint, trace),
    }


@pytest.mark.parametrize("attack", list(_attacks(Path("x"))))
@pytest.mark.parametrize("hidden_in", ["top", "state_dict", "optimizer"])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_hostile_checkpoint_is_refused_and_never_run(
    attack: str, hidden_in: str, zipped: bool, tmp_path: Path
) -> None:
    trace = tmp_path / "was-run"
    evil = _attacks(trace)[attack]
    content: Any = {"state_dict": {"audio_branch.bn0.weight": torch.ones(2)}, "optimizer": {}}
    if hidden_in == "top":
        content = evil
    else:
        content[hidden_in]["lr"] = evil
    path = tmp_path / "music_audioset_epoch_15_esc_90.14.pt"
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(EncoderError, match=r"refused: .* nothing of it was run"):
        load_laion(path)
    assert not trace.exists()
    # The trap is real: the ordinary reader walks into the first kinds of it.
    if attack in ("os.mkdir", "exec") and hidden_in == "optimizer" and zipped:
        torch.load(path, weights_only=False)
        assert trace.exists()


def test_a_bare_pickle_is_no_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    path.write_bytes(pickle.dumps(_Evil(os.mkdir, str(tmp_path / "was-run"))))
    with pytest.raises(EncoderError):
        read_checkpoint(path)
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize(
    "number", [np.float64(1e-4), np.float32(0.5), np.int64(-3), np.uint8(7), np.bool_(True)]
)
def test_numpy_scalars_are_read_as_numbers(number: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    torch.save({"lr": number, "w": torch.ones(1)}, path)
    assert read_checkpoint(path)["lr"] == float(number)


def test_a_scalar_written_by_old_numpy_is_read(tmp_path: Path) -> None:
    """NumPy 1 calls its module numpy.core; the checkpoints on the hub were written by it."""
    written, path = tmp_path / "new.pt", tmp_path / "old.pt"
    torch.save({"lr": np.float64(0.25), "w": torch.ones(1)}, written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
            target.writestr(name, data)
    assert read_checkpoint(path)["lr"] == 0.25


def test_a_numpy_object_in_a_scalar_is_refused(tmp_path: Path) -> None:
    scalar: Any = np.float64(1.0).__reduce__()[0]  # type: ignore[index]
    path = tmp_path / "a.pt"
    torch.save({"lr": _Evil(scalar, np.dtype("O"), b"12345678")}, path)
    with pytest.raises(EncoderError):
        read_checkpoint(path)


@pytest.mark.parametrize("keep", [0, 1, 100, 3000])
def test_a_truncated_file_is_told(keep: int, tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    torch.save({"w": torch.ones(1000)}, path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(EncoderError, match="not a readable checkpoint"):
        read_checkpoint(path)


def test_missing_and_weightless_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="not found"):
        read_checkpoint(tmp_path / "none.pt")
    for content, reason in (([1, 2], "a list"), ({"epoch": 3}, "no weights")):
        with pytest.raises(EncoderError, match=reason):
            weights_of(tmp_path / "a.pt", content)


def test_wrappers_and_parallel_names_are_taken_off(tmp_path: Path) -> None:
    one = torch.ones(1)
    for content in ({"a": one}, {"state_dict": {"module.a": one}}, {"model": {"a": one}}):
        assert list(weights_of(tmp_path, content)) == ["a"]


def test_a_store_counts_every_tensor(tmp_path: Path) -> None:
    store = Store(tmp_path, {"a.w": torch.ones(2), "a.extra": torch.ones(1), "b": torch.ones(1)})
    store.take("a.w")
    with pytest.raises(EncoderError, match=r"2 tensors belong to no part .*a\.extra"):
        store.account(())
    books = store.account((r"a\.extra", "b"))
    assert books.used == ("a.w",)
    assert books.left_over == ("a.extra", "b")
    with pytest.raises(EncoderError, match=r"tensor c is missing"):
        store.take("c")
    with pytest.raises(EncoderError, match="not finite"):
        Store(tmp_path, {"a": torch.tensor([1.0, float("nan")])}).take("a")


def test_a_files_hash_is_remembered_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(b"one")
    first = cached_sha256(path)
    calls: list[Path] = []

    def counted(p: Path) -> str:
        calls.append(p)
        return "0" * 64

    monkeypatch.setattr(files, "sha256_of", counted)
    assert cached_sha256(path) == first
    assert not calls
    path.write_bytes(b"three")
    assert cached_sha256(path) == "0" * 64
    assert calls == [path]
