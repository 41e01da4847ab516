"""Sample data for the gallery: made up, but shaped like the real thing."""

from __future__ import annotations

from typing import Any

import numpy as np

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb

PROMPT = "warm and full-bodied, like an old ribbon microphone"
DURATION_S = 161.0
CHAIN = Chain(
    (
        Equalizer(
            {
                "high_pass_frequency_hz": 58.0, "low_shelf_gain_db": 3.4,
                "low_shelf_frequency_hz": 140.0, "bell_2_gain_db": 2.4,
                "bell_2_frequency_hz": 300.0, "bell_4_gain_db": -1.6,
                "bell_4_frequency_hz": 1350.0, "bell_5_gain_db": -4.2,
                "bell_5_frequency_hz": 3200.0, "bell_5_q": 1.4, "high_shelf_gain_db": -2.6,
                "high_shelf_frequency_hz": 8200.0,
            }
        ),
        Reverb({"wet_db": -14.0, "t60_s": 0.9, "predelay_ms": 18.0, "damping": 0.55}),
    )
)  # fmt: skip
GHOST = Chain(
    (
        Equalizer(
            {
                "low_shelf_gain_db": 5.0, "low_shelf_frequency_hz": 120.0, "bell_5_gain_db": -5.5,
                "bell_5_frequency_hz": 3600.0, "high_shelf_gain_db": -3.5,
            }
        ),
        Reverb({"wet_db": -18.0, "t60_s": 0.7}),
    )
)  # fmt: skip
HISTORY = tuple(0.79 - 0.26 * (1 - np.exp(-np.arange(38) / 9)) + 0.004 * np.sin(np.arange(38)))
NEAR = ("mellow", "dark", "boomy", "thick")


def envelope() -> tuple[np.ndarray, np.ndarray]:
    """Four phrases of a voice, as buckets of an envelope."""
    rng = np.random.default_rng(7)
    at = np.linspace(0, 1, 4096)
    phrases = np.clip(np.abs(np.sin(np.pi * 4.5 * at)) ** 0.7 - 0.12, 0, 1)
    syllables = 0.55 + 0.45 * np.abs(np.sin(np.pi * 61 * at + 2 * np.sin(13 * at)))
    body = phrases * syllables * (0.55 + 0.35 * rng.random(4096))
    return -body * (0.85 + 0.15 * rng.random(4096)), body


def spectra() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(frequencies_hz, dry_db, wet_db) of that voice."""
    rng = np.random.default_rng(3)
    frequencies = np.geomspace(20, 20_000, 241)
    rough = np.convolve(rng.standard_normal(261), np.ones(21) / 21, "valid") * 9
    octaves = np.log2(frequencies / 220)
    slope = np.where(octaves < 0, 9 * octaves, -4.4 * octaves)
    dry = -28 + slope + rough + 5 * np.exp(-((octaves - 3.8) ** 2))
    return frequencies, dry, dry + CHAIN.frequency_response_db(frequencies)


EXPLANATION: dict[str, Any] = {
    "prompt": PROMPT,
    "recording": "vocal_take_3.wav",
    "encoder": "fxsem",
    "loss": "cosine",
    "parameters": CHAIN.to_data(),
    "attribution": {
        "bands": [
            {"name": n, "low_hz": low, "high_hz": high, "gain_db": gain, "share": share}
            for n, low, high, gain, share in (
                ("sub and bass", 20.0, 90.0, 0.4, 0.008),
                ("low bass", 90.0, 180.0, 3.1, 0.092),
                ("warmth", 180.0, 355.0, 2.7, 0.074),
                ("low mids", 355.0, 710.0, 0.9, 0.021),
                ("mids", 710.0, 1400.0, -1.2, 0.012),
                ("presence", 1400.0, 2800.0, -2.4, 0.038),
                ("edge", 2800.0, 5600.0, -4.0, 0.061),
                ("air", 5600.0, 20_000.0, -2.8, -0.024),
            )
        ],
        "reverb": 0.019,
        "without": {"eq": 0.236, "reverb": 0.442},
        "score_dry": 0.21,
        "score_wet": 0.47,
        "remainder": 0.001,
    },
    "confidence": {
        "margin": 0.26, "better_windows": 1.0, "window_spread": 0.03, "random_spread": 0.11,
        "beats_random": 1.0, "can_tell": True,
        "verdict": "Sure: better than dry in every window, and than random settings.",
    },
    "story": {
        "concepts": {
            "target": [
                {"text": "warm", "weight": 0.61}, {"text": "full-bodied", "weight": 0.44},
                {"text": "ribbon microphone", "weight": 0.31},
            ],
            "rose": [
                {"text": "warm", "before": 0.13, "after": 0.57},
                {"text": "full-bodied", "before": 0.07, "after": 0.41},
                {"text": "ribbon microphone", "before": 0.03, "after": 0.29},
                {"text": "vintage", "before": 0.11, "after": 0.27},
            ],
            "fell": [
                {"text": "sibilant", "before": 0.36, "after": 0.08},
                {"text": "thin", "before": 0.31, "after": 0.04},
                {"text": "bright", "before": 0.27, "after": 0.11},
            ],
            "residual_dry": 0.42, "residual_wet": 0.37, "kkt_gap": 1e-7,
        },
        "axes": [
            {"axis": 0, "more": ["warm", "dark", "mellow"], "less": ["bright", "thin", "harsh"],
             "dry": -0.08, "wet": 0.16},
            {"axis": 2, "more": ["close", "dry", "intimate"], "less": ["distant", "roomy", "hall"],
             "dry": 0.11, "wet": 0.09},
            {"axis": 1, "more": ["clean", "clear"], "less": ["lo-fi", "old radio"],
             "dry": 0.07, "wet": 0.02},
        ],
        "journey": {
            "path": [[0.62, -0.55], [0.52, -0.42], [0.41, -0.33], [0.25, -0.28], [0.08, -0.12],
                     [-0.1, 0.02], [-0.28, 0.1], [-0.42, 0.14]],
            "prompt": [-0.55, 0.2],
            "near_dry": ["thin", "sibilant", "harsh"],
            "near_wet": ["warm", "round", "mellow"],
        },
    },
    "seeds": {"scores": [0.47, 0.468, 0.471], "spread_db": 0.6},
    "second": {"encoder_id": "laion", "score_dry": 0.12, "score_wet": 0.29},
    "history": list(HISTORY),
    "seconds": 1.4,
}  # fmt: skip

WORDS: tuple[tuple[str, float, float], ...] = (
    ("bright", 0.8, 0.62), ("airy", 0.55, 0.78), ("crisp", 0.7, 0.35), ("thin", 0.78, -0.42),
    ("tinny", 0.88, -0.7), ("harsh", 0.5, -0.72), ("sibilant", 0.66, -0.2), ("warm", -0.5, 0.24),
    ("round", -0.36, 0.36), ("mellow", -0.62, 0.02), ("dark", -0.8, -0.34), ("boomy", -0.5, -0.5),
    ("muffled", -0.74, -0.66), ("soft", -0.2, 0.56), ("silky", 0.2, 0.66), ("vintage", -0.2, -0.2),
    ("telephone", 0.3, -0.9), ("small room", 0.02, 0.05), ("cathedral", -0.1, 0.9),
    ("hall", 0.05, 0.78), ("close", 0.3, 0.2), ("distant", -0.35, 0.74), ("full", -0.66, 0.4),
    ("punchy", 0.1, -0.45), ("nasal", 0.35, -0.5), ("smooth", -0.1, 0.36), ("deep", -0.9, 0.1),
    ("clear", 0.5, 0.5), ("open", 0.4, 0.9), ("lo-fi", 0.0, -0.8),
)  # fmt: skip
