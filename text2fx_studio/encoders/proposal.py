"""The instant proposal: what the words alone suggest, before the sound is heard.

And what else ``fxsem`` can say because it knows effects: what a recording has of them already, and
where nothing is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from text2fx_studio.encoders.coordinates import (
    CURVE_COUNT,
    POINT_COUNT,
    WET_HIGH_DB,
    WET_LOW_DB,
    WETNESS_MOST,
    curve_frequencies_hz,
    lift,
    point_curve_db,
)
from text2fx_studio.encoders.fxsem import Fxsem
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.encoders.settings import GAIN_CENTERS_HZ, unpack

__all__ = [
    "GAIN_CENTERS_HZ", "Proposal", "heard_colour_db", "heard_room_db", "neutral_embedding",
    "propose",
]  # fmt: skip

HEARD_IN_DRY = 0.18  # wetness that is heard in dry recordings, on the mean
Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Proposal:
    """An effect setting from words.

    Attributes:
        gains_db: Tonal balance at 60, 150, 350, 800, 1800, 4000, 8000 and 14000 Hz, without the
            filters below.
        high_pass_hz: 12 dB/octave; None for none.
        low_pass_hz: 12 dB/octave; None for none.
        says_space: Probability that the words speak of space (also when they ask for none), 0..1.
        t60_s: Decay time.
        wet_db: Reverb level as in ``dsp.reverb``; its low end asks for none.
        predelay_ms: Predelay.
        damping: 0..1.
        confidence: 0 (guessed) to 1 (sure): how far the members of the ensemble agree.
    """

    gains_db: tuple[float, ...]
    high_pass_hz: float | None
    low_pass_hz: float | None
    says_space: float
    t60_s: float
    wet_db: float
    predelay_ms: float
    damping: float
    confidence: float


def propose(encoder: Encoder, prompt: str) -> Proposal | None:
    """Read an effect setting from a prompt.

    Args:
        encoder: Only ``fxsem`` can; for others the answer is None.
        prompt: Not blank.

    Raises:
        PromptError: The prompt is blank.
    """
    if not isinstance(encoder, Fxsem):
        return None
    _, settings = encoder.read_texts([prompt])
    setting = unpack(settings[0].cpu())
    return Proposal(
        setting.gains_db, setting.high_pass_hz, setting.low_pass_hz, setting.says_space,
        setting.t60_s, setting.wet_db, setting.predelay_ms, setting.damping,
        _agreement(encoder, prompt),
    )  # fmt: skip


def neutral_embedding(encoder: Encoder) -> torch.Tensor | None:
    """Where sounds without an effect and texts that ask for nothing lie, unit norm, [D].

    Args:
        encoder: Only ``fxsem`` knows; for others the answer is None.
    """
    return lift(torch.zeros(POINT_COUNT)) if isinstance(encoder, Fxsem) else None


@torch.no_grad()
def heard_colour_db(encoder: Encoder, mel_power: torch.Tensor) -> tuple[Curve, Curve] | None:
    """The tonal colour that an encoder hears in a recording, before any effect.

    Args:
        encoder: Only ``fxsem`` can say; for others the answer is None.
        mel_power: The dry windows, [W, M, frames].

    Returns:
        Frequencies in Hz [24] and the curve in dB of mean zero [24], mean over the windows.
    """
    if not isinstance(encoder, Fxsem):
        return None
    point = encoder.point(mel_power).mean(dim=0).double().cpu()
    return curve_frequencies_hz().double().numpy(), point_curve_db(point).numpy()


@torch.no_grad()
def heard_room_db(encoder: Encoder, mel_power: torch.Tensor) -> float | None:
    """Level of the room that an encoder hears in a recording, before any effect.

    Args:
        encoder: Only ``fxsem`` can say; for others the answer is None.
        mel_power: The dry windows, [W, M, frames].

    Returns:
        Reverb against direct sound in dB, as ``wet_db`` of ``dsp.reverb``; -30 for none.
    """
    if not isinstance(encoder, Fxsem):
        return None
    wetness = float(encoder.point(mel_power)[:, CURVE_COUNT].mean()) - HEARD_IN_DRY
    return WET_LOW_DB + (WET_HIGH_DB - WET_LOW_DB) * min(max(wetness, 0.0), WETNESS_MOST)


@torch.no_grad()
def _agreement(encoder: Fxsem, prompt: str) -> float:
    """Mean cosine between the members' embeddings and their mean, stretched to 0..1."""
    points = encoder.member_points(prompt)  # [members, 27]
    middle = lift(points.mean(dim=0))
    agreement = float((lift(points) * middle).sum(-1).mean())
    return min(max((agreement - 0.7) / 0.3, 0.0), 1.0)
