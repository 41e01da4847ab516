"""Files appear whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from dsp.atomic import AtomicFile, write_atomic
from dsp.errors import AudioFileError, ParameterError


def test_nothing_is_visible_before_the_commit(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    with AtomicFile(target) as file:
        file.path.write_bytes(b"whole")
        assert not target.exists()
        assert file.path.name.startswith(".")
        file.commit()
    assert target.read_bytes() == b"whole"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    def fail() -> None:
        with AtomicFile(tmp_path / "a.bin") as file:
            file.path.write_bytes(b"half")
            raise error

    with pytest.raises(error):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_existing_file_is_kept_or_replaced_as_asked(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    write_atomic(target, "one")
    with pytest.raises(AudioFileError, match="exists already"):
        write_atomic(target, "two")
    assert target.read_text() == "one"
    target.chmod(0o640)
    write_atomic(target, b"two", overwrite=True)
    assert target.read_text() == "two"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    with AtomicFile(target) as file:
        file.path.write_text("ours")
        target.write_text("theirs")
        with pytest.raises(AudioFileError, match="meanwhile"):
            file.commit()
    assert target.read_text() == "theirs"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_commit_works_without_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    write_atomic(tmp_path / "a.txt", "x")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_new_files_get_the_rights_of_new_files(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    write_atomic(tmp_path / "ours", "")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    write_atomic(link, "new", overwrite=True)
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(AudioFileError):
        write_atomic(tmp_path / "a", "x", overwrite=True)


def test_every_bad_target_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AudioFileError, match="is a folder"):
        AtomicFile(tmp_path)
    with pytest.raises(AudioFileError, match=r"does not exist; create it"):
        AtomicFile(tmp_path / "none" / "a.wav")
    with pytest.raises(AudioFileError, match="is not a folder"):
        AtomicFile(tmp_path / "file" / "a.wav")
    with pytest.raises(AudioFileError, match="name is too long"):
        AtomicFile(tmp_path / ("a" * 300))
    with pytest.raises(ParameterError):
        write_atomic(tmp_path, "", error=ParameterError)


@pytest.mark.parametrize(
    ("number", "words"), [(28, "disk is full"), (13, "no permission"), (30, "read-only")]
)
def test_system_errors_are_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise OSError(number, "system")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(AudioFileError, match=words):
        AtomicFile(tmp_path / "a.wav")
    monkeypatch.undo()
    file = AtomicFile(tmp_path / "a.wav")
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(AudioFileError, match=words):
        file.commit()
    assert list(tmp_path.iterdir()) == []
