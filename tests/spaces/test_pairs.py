"""Reading manifests and embedding them with resume."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from tests.spaces.tiny_encoder import TinyEncoder
from text2fx_studio.errors import AudioFileError, OutputError, UsageError
from text2fx_studio.spaces.pairs import embed_pairs, embed_recording, read_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for i in range(5):
        sound = rng.normal(size=(6000, 2)) * 0.1
        sound[:, 0] += np.sin(np.arange(6000) * (0.1 + 0.3 * i))
        soundfile.write(tmp_path / f"{i}.wav", sound * 0.5, 8000)
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8", newline="")
    return path


def test_csv_and_jsonl_say_the_same(folder: Path) -> None:
    csv = write(
        folder, "a.csv",
        '\ufeffPath,caption_1,caption_2\r\n0.wav,"a bell, far away",  a  ring \r\n1.wav,rain,\r\n'
        "0.wav,a bell again,\r\n",
    )  # fmt: skip
    rows = [
        {"audio": "0.wav", "captions": ["a bell, far away", "a ring"]},
        {"file": "1.wav", "caption": "rain"},
        {"path": "0.wav", "text": "a bell again"},
    ]
    jsonl = write(folder, "a.jsonl", "\n\n".join(json.dumps(row) for row in rows))
    first, second = read_manifest(csv), read_manifest(jsonl)
    assert [(i.path, i.captions) for i in first] == [(i.path, i.captions) for i in second]
    assert first[0].path == folder / "0.wav"
    assert first[0].captions == ("a bell, far away", "a ring", "a bell again")
    assert first[1].place == f"{csv}:3"
    assert second[1].place == f"{jsonl}:3"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "name,caption\nx,y\n", r"a\.csv:1: the header names name, caption"),
        ("a.csv", "", r"a\.csv:1: the header names nothing"),
        ("a.csv", "path,caption\n", r"a\.csv: lists no recordings"),
        ("a.csv", "path,caption\n0.wav,\n", r"a\.csv:2: no caption"),
        ("a.csv", "path,caption\n0.wav,x\n,y\n", r"a\.csv:3: no path"),
        ("a.csv", "path,caption\n0.wav,x,y\n", r"a\.csv:2: has more cells"),
        ("a.csv", 'path,caption\n0.wav,"x\n', r"a\.csv:\d: not valid CSV"),
        ("a.csv", f"path,caption\n0.wav,{'x' * 2001}\n", r"a\.csv:2: a caption of 2001"),
        ("a.jsonl", '{"path": "0.wav", "caption": "x"}\n{"path": ', r"a\.jsonl:2: not valid JSON"),
        ("a.jsonl", "[1]\n", r"a\.jsonl:1: found list"),
        ("a.jsonl", '{"path": 3, "caption": "x"}', r"a\.jsonl:1: no path"),
        ("a.jsonl", '{"path": "0.wav", "captions": ["x", 7]}', r"a\.jsonl:1: captions holds 7"),
        ("a.txt", "0.wav x", r"a\.txt: a manifest is a \.csv"),
    ],
)
def test_bad_manifests_name_file_and_line(folder: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_manifest(write(folder, name, text))


def test_manifests_that_cannot_be_read(folder: Path) -> None:
    with pytest.raises(UsageError, match="no such manifest"):
        read_manifest(folder / "none.csv")
    with pytest.raises(UsageError, match="cannot be read"):
        read_manifest(folder)
    (folder / "b.csv").write_bytes(b"path,caption\n\xff\xfe,x\n")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_manifest(folder / "b.csv")


def manifest(folder: Path, names: list[str]) -> Path:
    rows = [{"path": n, "captions": [f"sound {n}", f"noise {n}"]} for n in names]
    return write(folder, "m.jsonl", "\n".join(json.dumps(row) for row in rows))


def test_pairs_are_embedded_once_and_owned_right(folder: Path) -> None:
    items = read_manifest(manifest(folder, [f"{i}.wav" for i in range(5)]))
    encoder = TinyEncoder()
    told: list[tuple[int, int]] = []
    found = embed_pairs(
        items, encoder, cache=folder / "c", batch=2, report=lambda d, t, _: told.append((d, t))
    )
    assert found.audio.shape == (5, 10)
    assert found.text.shape == (10, 10)
    assert found.audio_of_text.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert torch.equal(found.audio_rows[::2], found.audio)
    assert found.captions[2:4] == ("sound 1.wav", "noise 1.wav")
    assert told[0] == (0, 5)
    assert told[-1] == (5, 5)
    torch.testing.assert_close(found.audio[3], embed_recording(folder / "3.wav", encoder))
    torch.testing.assert_close(found.audio.norm(dim=1), torch.ones(5))
    again = TinyEncoder()
    same = embed_pairs(items, again, cache=folder / "c", batch=2)
    assert torch.equal(same.audio, found.audio)
    assert torch.equal(same.text, found.text)
    assert not again.heard
    assert not again.read


def test_a_stopped_run_goes_on_where_it_was(folder: Path) -> None:
    names = [f"{i}.wav" for i in range(4)] + ["gone.wav"]
    items = read_manifest(manifest(folder, names))
    first = TinyEncoder()
    with pytest.raises(AudioFileError, match=r"m\.jsonl:5: .*gone\.wav"):
        embed_pairs(items, first, cache=folder / "c", batch=2)
    assert len(first.heard) == 4
    (folder / "gone.wav").write_bytes((folder / "4.wav").read_bytes())
    second = TinyEncoder()
    embed_pairs(items, second, cache=folder / "c", batch=2)
    assert len(second.heard) == 1


def test_other_weights_files_and_damage_are_embedded_again(folder: Path) -> None:
    items = read_manifest(manifest(folder, ["0.wav", "1.wav"]))
    cache = folder / "c"
    embed_pairs(items, TinyEncoder(), cache=cache)
    other = TinyEncoder(weights="b")
    embed_pairs(items, other, cache=cache)
    assert len(other.heard) == 2
    for shard in cache.iterdir():
        shard.write_bytes(b"damaged")
    mended = TinyEncoder()
    embed_pairs(items, mended, cache=cache)
    assert len(mended.heard) == 2
    (folder / "0.wav").write_bytes((folder / "4.wav").read_bytes())
    os.utime(folder / "0.wav", ns=(1, 1))
    changed = TinyEncoder()
    embed_pairs(items, changed, cache=cache)
    assert changed.heard


def test_bad_recordings_may_be_left_out(folder: Path) -> None:
    soundfile.write(folder / "silent.wav", np.zeros(6000), 8000)
    items = read_manifest(manifest(folder, ["0.wav", "silent.wav", "1.wav", "gone.wav"]))
    found = embed_pairs(items, TinyEncoder(), cache=folder / "c", leave_out_bad=True)
    assert [p.name for p in found.paths] == ["0.wav", "1.wav"]
    assert found.audio_of_text.tolist() == [0, 0, 1, 1]
    assert len(found.left_out) == 2
    assert "m.jsonl:2" in found.left_out[0]
    with pytest.raises(UsageError, match="none of the 1 recordings"):
        embed_pairs(items[3:], TinyEncoder(), cache=folder / "c", leave_out_bad=True)


def test_a_cache_that_cannot_be_written_is_told(folder: Path) -> None:
    items = read_manifest(manifest(folder, ["0.wav"]))
    with pytest.raises(OutputError, match="folder cannot be made"):
        embed_pairs(items, TinyEncoder(), cache=folder / "0.wav" / "c")
    with pytest.raises(UsageError, match="batch"):
        embed_pairs(items, TinyEncoder(), batch=0)


def test_loudness_does_not_matter_and_long_files_are_heard_in_windows(folder: Path) -> None:
    sound, rate = soundfile.read(folder / "0.wav")
    soundfile.write(folder / "long.wav", np.concatenate([sound * 0.3, sound, sound]), rate)
    encoder = TinyEncoder()
    embed_recording(folder / "long.wav", encoder)
    assert encoder.heard[0] > 1
