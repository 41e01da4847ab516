"""A folder of planted people's settings: what a benchmark should find in it is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

FREQUENCIES_HZ = np.geomspace(20.0, 19_682.0, 40)
OCTAVES = np.log2(FREQUENCIES_HZ / 1000.0)
WORDS = {"bright": OCTAVES, "dark": -OCTAVES, "boxy": np.exp(-0.5 * (OCTAVES / 0.6) ** 2)}


def write_people(folder: Path, *, count: int = 8, noise: float = 0.05, who: bool = True) -> Path:
    """``count`` settings a word: its curve with a little noise, by as many contributors."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bands.json").write_text(json.dumps({"frequencies_hz": FREQUENCIES_HZ.tolist()}))
    rng = np.random.default_rng(3)
    lines = []
    for word, curve in WORDS.items():
        for number in range(count):
            shape = curve / curve.std() + noise * rng.standard_normal(len(curve))
            row: dict[str, object] = {"word": word, "gains": (shape - shape.mean()).tolist()}
            if who:
                row["contributor"] = number
            lines.append(json.dumps(row))
    (folder / "eq.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def write_rooms_of_people(folder: Path, settings: int = 60) -> Path:
    """Seven words whose settings rise in T60 with the word's number; contributors by parity."""
    rng = np.random.default_rng(5)
    lines = []
    for word in range(7):
        for number in range(settings):
            gain = 0.3 + 0.09 * word + 0.01 * rng.random()
            params = [0.05, gain, -0.01, 2000.0 + 1000.0 * rng.random(), 1.0 + rng.random()]
            lines.append(
                json.dumps({"contributor": number % 20, "audio": "drums", "words": [f"w{word}"],
                            "agreed": [], "params": params})
            )  # fmt: skip
    (folder / "reverb.jsonl").write_text("\n".join(lines) + "\n")
    return folder
