"""Warm against bright on people's own settings: the encoder as a detector, beside plain tilt.

Every setting of a word on either side is put on pink noise and on recordings; the encoder scores
how much brighter than warm it sounds. The area under the curve (AUC) is the chance that a setting
of the bright side scores above one of the warm side. Nearly all of it is spectral tilt, so the
slope of the very same settings stands beside it: a detector that is worse has learned nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from text2fx_studio.benchmark.clips import Clip, pink_noise
from text2fx_studio.benchmark.people_data import Curve, EqData, was_trained_on
from text2fx_studio.benchmark.workbench import Workbench
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.search.losses import POSITIVE_TEMPLATE
from text2fx_studio.search.windows import ArraySource, loud_windows, to_encoder

RMS_DB = 4.0  # depth given to people's shapes, which have no unit
LEAST = 4  # settings on each side
BRIGHT = ("bright", "brilliant", "crisp", "sharp", "tinny", "shrill", "harsh", "thin", "piercing",
          "treble")  # fmt: skip
WARM = ("warm", "mellow", "dark", "deep", "dull", "muffled", "muddy", "bass", "heavy", "boomy",
        "rich")  # fmt: skip
_BATCH = 64


def measure_tone(
    benches: Sequence[Workbench], people: EqData, clips: Sequence[Clip]
) -> dict[str, Any]:
    """AUC of the encoder and of tilt, for the two words and for their families.

    Args:
        benches: The first that saw neither "warm" nor "bright" judges; else the first.
        people: Their settings.
        clips: Besides pink noise.

    Returns:
        Plain data; an entry is None where a side has fewer than four settings.
    """

    def unseen(candidate: Workbench) -> bool:
        states = [was_trained_on(word, candidate.encoder) for word in ("warm", "bright")]
        return states == [False, False]

    bench = next((b for b in benches if unseen(b)), benches[0])
    seen = [was_trained_on(word, bench.encoder) for word in ("warm", "bright")]
    sounds = [pink_noise(seed=bench.seed), *clips]
    pairs = {"warm_bright": (("bright",), ("warm",)), "families": (BRIGHT, WARM)}
    found: dict[str, Any] = {
        name: _pair(bench.encoder, people, sounds, *sides)
        for name, sides in pairs.items()
    }  # fmt: skip
    found["trained_on_these_words"] = None if None in seen else any(seen)
    return found


def _pair(
    encoder: Encoder,
    people: EqData,
    sounds: Sequence[Clip],
    bright: Sequence[str],
    warm: Sequence[str],
) -> dict[str, Any] | None:
    high = [row for word in people.words if word.word in bright for row in word.settings]
    low = [row for word in people.words if word.word in warm for row in word.settings]
    if min(len(high), len(low)) < LEAST:
        return None
    settings = np.concatenate((high, low))
    score = setting_scores(encoder, people.frequencies_hz, settings, sounds)
    slope = tilts(people, settings)
    return {
        "bright_settings": len(high),
        "warm_settings": len(low),
        "sounds": len(sounds),
        "auc_encoder": round(auc(score[: len(high)], score[len(high) :]), 4),
        "auc_tilt": round(auc(slope[: len(high)], slope[len(high) :]), 4),
        "r_score_tilt": round(float(np.corrcoef(score, slope)[0, 1]), 4),
    }


def auc(high: Curve, low: Curve) -> float:
    """Chance that one of ``high`` lies above one of ``low``; ties count a half."""
    difference = np.asarray(high)[:, None] - np.asarray(low)[None]
    return float((difference > 0).mean() + 0.5 * (difference == 0).mean())


def tilts(people: EqData, settings: NDArray[np.float64]) -> Curve:
    """Slope of each setting over octaves between 80 Hz and 10 kHz, [N]."""
    octave = np.log2(people.frequencies_hz[people.used])
    octave = octave - octave.mean()
    return np.asarray(settings[:, people.used] @ octave / (octave @ octave))


@torch.no_grad()
def setting_scores(
    encoder: Encoder, frequencies_hz: Curve, settings: NDArray[np.float64], sounds: Sequence[Clip]
) -> Curve:
    """How much nearer to "bright" than to "warm" sounds are under each setting, [N].

    Args:
        encoder: Listens.
        frequencies_hz: Of the settings.
        settings: Shapes, [N, bands]; each is given the depth ``RMS_DB``.
        sounds: The mean over them counts, each of equal weight.
    """
    texts = encoder.embed_text([POSITIVE_TEMPLATE.format(w) for w in ("bright", "warm")])
    direction = texts[0] - texts[1]
    shapes = settings - settings.mean(axis=1, keepdims=True)
    shapes = shapes * RMS_DB / np.maximum(np.sqrt((shapes**2).mean(axis=1, keepdims=True)), 1e-9)
    bins = np.maximum(encoder.bin_frequencies_hz.double().cpu().numpy(), 1.0)
    gains = np.stack([np.interp(np.log(bins), np.log(frequencies_hz), row) for row in shapes])
    power_gain = torch.from_numpy(10 ** (gains / 10)).float().to(direction.device)
    total = np.zeros(len(settings))
    for sound in sounds:
        power = _power(encoder, sound).to(direction.device)
        found = []
        for start in range(0, len(settings), _BATCH):
            part = power_gain[start : start + _BATCH, :, None] * power
            found.append(encoder.embed_mel(encoder.mel_basis @ part) @ direction)
        score = torch.cat(found).double().cpu().numpy()
        total += score - score.mean()
    return np.asarray(total / len(sounds))


def _power(encoder: Encoder, sound: Clip) -> torch.Tensor:
    """Power spectrum of the loudest window, [1, F, frames]."""
    source = ArraySource(sound.audio, sound.sample_rate, sound.name)
    windows = loud_windows(source, encoder.window_s, count=1, context_s=0.0)
    mono, _ = to_encoder(windows, encoder.sample_rate, encoder.window_s)
    spectrum = encoder.spectrum(mono.to(encoder.mel_basis.device))
    return spectrum.abs().square()
