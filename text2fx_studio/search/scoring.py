"""The honest score: rendered waveforms, loudness-matched, through the whole encoder."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch

from dsp.chain import Chain
from dsp.loudness import integrated_lufs
from dsp.render import render_array
from dsp.spectrum import edge_fade
from text2fx_studio.encoders.protocol import Listener
from text2fx_studio.search.losses import cosine_loss, directional_loss
from text2fx_studio.search.target import Target
from text2fx_studio.search.windows import Windows, to_encoder, window_seconds
from text2fx_studio.spaces.space import Space


def embed_windows(
    encoder: Listener, windows: Windows, chain: Chain, device: str, space: Space
) -> torch.Tensor:
    """Places in ``space`` of the windows after ``chain``, each at its dry loudness, [W, d]."""
    rows = []
    for segment in windows.segments:
        wet = render_array(segment, windows.sample_rate, chain, tail=False)
        dry_lufs = integrated_lufs(segment[:, windows.context :], windows.sample_rate)
        wet_lufs = integrated_lufs(wet[:, windows.context :], windows.sample_rate)
        if math.isfinite(dry_lufs) and math.isfinite(wet_lufs):
            wet = (wet * 10 ** ((dry_lufs - wet_lufs) / 20)).astype(np.float32)
        rows.append(wet)
    processed = replace(windows, segments=tuple(rows))
    window_s = window_seconds(encoder, windows.seconds)
    mono, context = to_encoder(processed, encoder.sample_rate, window_s)
    audio = mono[:, context:]
    audio = (audio * edge_fade(audio.shape[-1], encoder.sample_rate)).float()
    with torch.no_grad():
        return space.audio(encoder.embed_audio(audio.to(device)))


def score(embeddings: torch.Tensor, dry: torch.Tensor, target: Target) -> float:
    """1 - loss, mean over windows; see ``search.losses``. Under the directional loss dry is 0."""
    text = target.text.to(embeddings.device)
    if target.loss == "cosine":
        return float(1 - cosine_loss(embeddings, text).mean())
    return float(1 - directional_loss(embeddings, dry, text).mean())
