"""PLS axes for ``fxsem``: fitted on effects with their words, and on dry sounds with their labels.

Effect pairs: a training recording, rendered as a waveform through the setting that a lexicon text
means, with that text. Content pairs: the recording as it is, with its label. Held-out pairs (test
recordings) say whether the head keeps what effects do before it is offered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from dsp.chain import Chain
from dsp.render import render_array
from text2fx_studio.benchmark.retrieval import run as retrieval
from text2fx_studio.encoders.fxsem import Fxsem
from text2fx_studio.encoders.proposal import Proposal, propose
from text2fx_studio.lexicon import load_lexicon
from text2fx_studio.search.losses import POSITIVE_TEMPLATE
from text2fx_studio.search.starts import propose_chain
from text2fx_studio.search.windows import ArraySource, loud_windows, to_encoder
from text2fx_studio.spaces.diagnostics import motion_kept
from text2fx_studio.spaces.pls import PlsSvd, fit
from text2fx_studio.spaces.space import SPACES, make_space
from text2fx_studio.training.recordings import Recording, list_recordings

EFFECT_PAIRS, CONTENT_PAIRS, HELD_OUT_PAIRS = 2400, 400, 300
_LEAST_CONFIDENCE = 0.5

OnProgress = Callable[[float, str], None]


@dataclass(frozen=True)
class Pairs:
    """Embeddings row by row: texts [N, D], sounds [N, D], and the same sounds dry [N, D]."""

    text: torch.Tensor
    audio: torch.Tensor
    dry: torch.Tensor


def fit_axes(
    shared: Path, encoder: Fxsem, *, seed: int = 0, progress: OnProgress | None = None
) -> tuple[PlsSvd, dict[str, Any]]:
    """Draw pairs, fit, and measure on held-out pairs.

    Args:
        shared: Folder with ``audio``.
        encoder: Trained.
        seed: Of the draw.
        progress: Called with 0..1 and a text.

    Returns:
        The axes with the figures in their notes, and the figures: motion of the effects that the
        head keeps (0..1), and retrieval of the held-out pairs in every space.
    """
    recordings = list_recordings(shared / "audio")
    rng = np.random.default_rng([seed, 23])
    total = EFFECT_PAIRS + CONTENT_PAIRS + HELD_OUT_PAIRS
    told = 0

    def draw(split: str, count: int, effects: bool) -> Pairs:
        nonlocal told
        found = []
        pool = [r for r in recordings if r.split == split]
        for _ in range(count):
            found.append(_pair(shared, pool, encoder, effects, rng))
            told += 1
            if progress is not None and told % 20 == 0:
                progress(told / total, "Hearing pairs")
        text, audio, dry = (torch.stack(rows) for rows in zip(*found, strict=True))
        return Pairs(text, audio, dry)

    effects = draw("train", EFFECT_PAIRS, effects=True)
    content = draw("train", CONTENT_PAIRS, effects=False)
    held_out = draw("test", HELD_OUT_PAIRS, effects=True)
    axes = fit(
        torch.cat((effects.text, content.text)),
        torch.cat((effects.audio, content.audio)),
        encoder_id=encoder.id,
        weights_hash=encoder.weights_hash,
    )
    figures = measure(axes, encoder, held_out)
    axes.notes.update(
        made_by="text2fx train axes", seed=seed, effect_pairs=EFFECT_PAIRS,
        content_pairs=CONTENT_PAIRS, held_out=figures,
    )  # fmt: skip
    return axes, figures


def measure(axes: PlsSvd, encoder: Fxsem, pairs: Pairs) -> dict[str, Any]:
    """Figures of the axes on pairs that they were not fitted on."""
    spaces = [make_space(name, encoder.dim, axes, encoder) for name in SPACES]
    owner = np.arange(len(pairs.text), dtype=np.int64)
    rows = retrieval(pairs.text, pairs.audio, owner, spaces)["rows"]
    kept = motion_kept(axes, pairs.audio - pairs.dry)
    return {
        "head_size": axes.head_size,
        "motion_kept": float(kept.mean()),
        "text_to_audio_R@10": {
            row["space"]: row["R@10"] for row in rows if row["direction"] == "text to audio"
        },
    }


def _pair(
    shared: Path,
    pool: list[Recording],
    encoder: Fxsem,
    effects: bool,
    rng: np.random.Generator,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    recording = pool[int(rng.integers(len(pool)))]
    audio, rate = soundfile.read(shared / "audio" / recording.path, dtype="float32", always_2d=True)
    sound = np.ascontiguousarray(audio.T)
    dry = _embed(encoder, sound, rate)
    if not effects:
        return _embed_text(encoder, recording.label), dry, dry
    text, chain = _setting(encoder, rng, rate)
    wet = render_array(sound, rate, chain)
    return _embed_text(encoder, text), _embed(encoder, wet, rate), dry


@lru_cache(maxsize=1)
def _sure_texts() -> list[str]:
    return [t for t, e in load_lexicon().texts() if e.confidence >= _LEAST_CONFIDENCE]


def _setting(encoder: Fxsem, rng: np.random.Generator, rate: int) -> tuple[str, Chain]:
    """A lexicon text and the setting that it means."""
    texts = _sure_texts()
    while True:
        text = texts[int(rng.integers(len(texts)))]
        proposal: Proposal | None = propose(encoder, text)
        if proposal is not None:
            chain = propose_chain(Chain.parse("eq,reverb"), proposal, rate)
            if not chain.is_neutral():
                return text, chain


def _embed(encoder: Fxsem, audio: NDArray[np.float32], rate: int) -> torch.Tensor:
    windows = loud_windows(ArraySource(audio, rate), encoder.window_s, count=1, context_s=0.0)
    mono, _ = to_encoder(windows, encoder.sample_rate, encoder.window_s)
    with torch.no_grad():
        return encoder.embed_audio(mono)[0]


def _embed_text(encoder: Fxsem, text: str) -> torch.Tensor:
    return encoder.embed_text([POSITIVE_TEMPLATE.format(text)])[0]
