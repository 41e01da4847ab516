"""The instant proposal: what the words alone suggest, before the sound is heard.

And what else ``fxsem`` can say without a sound: where nothing is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from text2fx_studio.encoders.coordinates import POINT_COUNT, lift
from text2fx_studio.encoders.fxsem import Fxsem
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.encoders.settings import GAIN_CENTERS_HZ, unpack

__all__ = ["GAIN_CENTERS_HZ", "Proposal", "neutral_embedding", "propose"]


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
def _agreement(encoder: Fxsem, prompt: str) -> float:
    """Mean cosine between the members' embeddings and their mean, stretched to 0..1."""
    points = encoder.member_points(prompt)  # [members, 27]
    middle = lift(points.mean(dim=0))
    agreement = float((lift(points) * middle).sum(-1).mean())
    return min(max((agreement - 0.7) / 0.3, 0.0), 1.0)
