"""The weights file of a training run, and the notes in its header."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from text2fx_studio.encoders.files import sha256_of
from text2fx_studio.encoders.fxsem import FORMAT, tensors_of
from text2fx_studio.encoders.minilm import MODEL_SHA256
from text2fx_studio.encoders.towers import AudioTower, TextTower
from text2fx_studio.training import splits
from text2fx_studio.training.options import Options
from text2fx_studio.training.recordings import Recording
from text2fx_studio.training.texts import Texts

VERSION = "1.0"


def write_weights(
    out: Path, audio: AudioTower, text: TextTower, notes: dict[str, Any]
) -> tuple[Path, str]:
    """Write ``fxsem.safetensors`` (notes in its header) and ``fxsem.json``; returns path, hash."""
    path = out / "fxsem.safetensors"
    header = {"format": FORMAT, "version": VERSION, "notes": json.dumps(notes, sort_keys=True)}
    partial = path.with_suffix(".part")
    save_file(tensors_of(audio, text), partial, metadata=header)
    partial.chmod(0o644)
    partial.replace(path)
    digest = sha256_of(path)
    text_form = json.dumps({**notes, "sha256": digest}, indent=1, sort_keys=True)
    (out / "fxsem.json").write_text(text_form + "\n", "utf-8")
    return path, digest


def notes_of(
    options: Options,
    recordings: Sequence[Recording],
    texts: Texts,
    held: frozenset[str],
    found: dict[str, Any],
) -> dict[str, Any]:
    """Configuration, splits and figures of a run as plain data.

    Args:
        options: As it was given.
        recordings: All of the folder.
        texts: That it learned from.
        held: Stems of the lexicon's words that the generalisation test kept out.
        found: Its figures.
    """
    by_split: dict[str, list[str]] = {}
    for recording in recordings:
        by_split.setdefault(recording.split, []).append(recording.path)
    return {
        "encoder": "fxsem",
        "version": VERSION,
        "seed": options.seed,
        "share_of_full_run": round(options.share, 4),
        "minilm_sha256": MODEL_SHA256,
        "lines": len(texts.lines),
        "texts": sum(len(line.texts) for line in texts.lines),
        "phrases": len(texts.phrases),
        "splits": {
            "recordings": {
                split: {"count": len(paths), "sha256": splits.digest(paths)}
                for split, paths in sorted(by_split.items())
            },
            "recordings_heard": options.recordings_heard,
            "people_fold_held_out": options.held_fold,
            "people_folds": splits.PEOPLE_FOLDS,
            "people_stems_trained": sorted({splits.stem_mark(word) for word in texts.taught}),
            "unseen_words_sha256": splits.digest(held),
            "unseen_words_count": len(held),
            "rooms_rule": "sha256 of the name without digits, see training.rooms",
        },
        "figures": found,
    }
