"""The space of ``fxsem``: what an effect does to a sound, as coordinates on a sphere.

A point y holds the tonal balance (a curve over 24 frequencies, free of level) and the space (how
wet, how long, how damped). Dry and neutral is the origin; sounds and texts are both mapped here.
The embedding is the gnomonic lift e(y) = (y, 1) / |(y, 1)|: the cosine of two embeddings is
greatest exactly where both points coincide, so "too much" scores below "enough", and the angle
between dry and an effect grows with its strength, arctan |y|.
"""

from __future__ import annotations

import math

import torch

CURVE_COUNT = 24
CURVE_LOW_HZ, CURVE_HIGH_HZ = 60.0, 14_000.0
SPACE_COUNT = 3  # wetness, wetness x length, wetness x damping, the latter two weighted
POINT_COUNT = CURVE_COUNT + SPACE_COUNT
DIM = POINT_COUNT + 1

CURVE_KNEE_DB = 18.0  # beyond it a cut is a cut: the curve bends towards this depth
CURVE_UNIT_DB = 4.0  # a curve of this root mean square has length one
CURVE_SCALE_DB = CURVE_UNIT_DB * math.sqrt(CURVE_COUNT)
WET_LOW_DB, WET_HIGH_DB = -30.0, 0.0  # wetness 0 and 1
WETNESS_MOST = 1.2
LENGTH_LOW_S, LENGTH_OCTAVES = 0.25, 5.0
LENGTH_WEIGHT = 3.5  # a small room and a hall are as wet: their length must tell them apart
DAMPING_MIDDLE, DAMPING_WEIGHT = 0.4, 0.7
DRY_POINT = (-0.45, -0.7, 0.0)  # of texts that ask for no room; silent ones are at zero
ROOM_FROM = 0.1  # wetness from which a text asks for a room


def curve_frequencies_hz() -> torch.Tensor:
    """The curve's 24 frequencies, equally spaced in octaves, float32 [24]."""
    ends = torch.tensor([CURVE_LOW_HZ, CURVE_HIGH_HZ], dtype=torch.float64).log2()
    return (
        2.0 ** torch.linspace(float(ends[0]), float(ends[1]), CURVE_COUNT, dtype=torch.float64)
    ).float()


def curve_point(curve_db: torch.Tensor) -> torch.Tensor:
    """A response in dB at the curve's frequencies as coordinates.

    Args:
        curve_db: [..., 24]; a constant added to it changes nothing.

    Returns:
        [..., 24] with mean zero.
    """
    # Level: where the loudest parts stand, so that a deep cut elsewhere does not lift the rest.
    level = 10 * torch.log10(torch.pow(10.0, curve_db / 10).mean(-1, keepdim=True))
    bent = CURVE_KNEE_DB * torch.tanh((curve_db - level) / CURVE_KNEE_DB)
    return (bent - bent.mean(-1, keepdim=True)) / CURVE_SCALE_DB


def point_curve_db(point: torch.Tensor) -> torch.Tensor:
    """The bent curve in dB of mean zero behind a point: [..., >= 24] -> [..., 24]."""
    return point[..., :CURVE_COUNT] * CURVE_SCALE_DB


def space_point(wet_db: torch.Tensor, t60_s: torch.Tensor, damping: torch.Tensor) -> torch.Tensor:
    """A reverb's setting as coordinates.

    Args:
        wet_db: Level of the reverb against the direct sound in dB, [...]; -48 dB is none.
        t60_s: Decay time at 1 kHz in seconds, [...].
        damping: 0..1, [...].

    Returns:
        [..., 3]; zero where there is no reverb.
    """
    wetness = ((wet_db - WET_LOW_DB) / (WET_HIGH_DB - WET_LOW_DB)).clamp(0.0, WETNESS_MOST)
    length = torch.log2(t60_s / LENGTH_LOW_S) * (LENGTH_WEIGHT / LENGTH_OCTAVES)
    return torch.stack(
        (wetness, wetness * length, wetness * (damping - DAMPING_MIDDLE) * DAMPING_WEIGHT), dim=-1
    )


def lift(point: torch.Tensor) -> torch.Tensor:
    """Coordinates [..., 27] to unit-norm embeddings [..., 28]."""
    one = torch.ones_like(point[..., :1])
    return torch.nn.functional.normalize(torch.cat((point, one), dim=-1), dim=-1)


def unlift(embedding: torch.Tensor) -> torch.Tensor:
    """Inverse of :func:`lift` for embeddings whose last coordinate is positive."""
    return embedding[..., :-1] / embedding[..., -1:].clamp(min=1e-6)
