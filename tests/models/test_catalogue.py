"""What is known of models, and finding the one that a user means."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from text2fx_studio.encoders.clap_tokens import FILES, tokenizer_folder
from text2fx_studio.errors import EncoderError
from text2fx_studio.models.catalogue import CATALOGUE, find_checkpoint, find_entry


def test_every_entry_is_complete() -> None:
    names = [entry.name for entry in CATALOGUE]
    assert len(set(names)) == len(names)
    for entry in CATALOGUE:
        assert entry.kind in ("laion", "msclap", "vocabulary")
        assert entry.license
        assert entry.good_for
        assert entry.page.startswith("https://huggingface.co/")
        for file in entry.files:
            assert file.url.startswith(entry.page + "/resolve/")
            assert file.url.endswith(file.name)
            if file.sha256 is not None:
                assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
                assert file.size
        for need in entry.needs:
            assert find_entry(need).kind == "vocabulary"


def test_vocabularies_land_where_the_encoders_look() -> None:
    for name, files in FILES.items():
        entry = find_entry(name)
        assert entry.home == tokenizer_folder(name)
        for allowed in files.names:
            assert any(file.name in allowed for file in entry.files)


def test_a_checkpoint_is_found_by_path_and_by_name(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="text2fx models get laion-music"):
        find_checkpoint("laion")
    with pytest.raises(EncoderError, match="text2fx models get msclap-2023"):
        find_checkpoint("msclap", "msclap-2023")
    path = tmp_path / "own.pt"
    path.touch()
    assert find_checkpoint("laion", path) == path
    entry = find_entry("laion-small")
    entry.home.mkdir(parents=True)
    (entry.home / entry.files[0].name).touch()
    assert find_checkpoint("laion", "laion-small") == entry.checkpoint
    assert find_checkpoint("laion") == entry.checkpoint
    with pytest.raises(EncoderError, match="is not for the encoder 'msclap'"):
        find_checkpoint("msclap", "laion-small")
    with pytest.raises(EncoderError, match="no such file, and no model of that name"):
        find_checkpoint("laion", "missing.pt")


def test_a_broken_upload_is_never_chosen_by_itself() -> None:
    entry = find_entry("larger_clap_music")
    assert entry.broken
    entry.home.mkdir(parents=True)
    for file in entry.files:
        (entry.home / file.name).touch()
    with pytest.raises(EncoderError, match="no weights on this machine"):
        find_checkpoint("laion")
