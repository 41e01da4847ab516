"""Sentence embeddings of many texts, kept on disk between runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from text2fx_studio.encoders.fxsem import normalise_text
from text2fx_studio.encoders.minilm import FEATURE_DIM, MiniLM
from text2fx_studio.training.sounds import Report

_STEP = 2048


class SentenceStore:
    """MiniLM embeddings by text.

    Args:
        folder: Holds ``sentences.json`` and ``sentences.npy``; made when missing.
        minilm: Computes what is not there yet.
    """

    def __init__(self, folder: Path, minilm: MiniLM) -> None:
        self._folder = folder
        self._minilm = minilm
        self._rows: dict[str, int] = {}
        self._table = np.zeros((0, FEATURE_DIM), np.float16)
        if (folder / "sentences.json").is_file():
            texts = json.loads((folder / "sentences.json").read_text("utf-8"))
            self._table = np.load(folder / "sentences.npy")[: len(texts)]
            self._rows = {text: row for row, text in enumerate(texts)}

    def embed(self, texts: Sequence[str], report: Report) -> torch.Tensor:
        """Features float32 [N, 768], unit norm up to float16; new ones are computed and kept."""
        plain = [normalise_text(text) for text in texts]
        missing = sorted(set(plain) - self._rows.keys(), key=len)
        for start in range(0, len(missing), _STEP):
            report(start / len(missing), "sentences")
            part = missing[start : start + _STEP]
            found = self._minilm.features(part).numpy().astype(np.float16)
            self._rows.update({text: len(self._rows) + i for i, text in enumerate(part)})
            self._table = np.concatenate((self._table, found))
            if (start // _STEP) % 8 == 7 or start + _STEP >= len(missing):
                self._save()
        rows = [self._rows[text] for text in plain]
        return torch.from_numpy(self._table[rows].astype(np.float32))

    def _save(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        np.save(self._folder / "sentences.npy", self._table)
        (self._folder / "sentences.json").write_text(json.dumps(list(self._rows)), "utf-8")
