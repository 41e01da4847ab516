"""Training examples of the audio tower: statistics of sounds under known effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from text2fx_studio.encoders.coordinates import curve_frequencies_hz, curve_point, space_point
from text2fx_studio.encoders.fxsem import Fxsem
from text2fx_studio.encoders.sounding import sounding_range_hz
from text2fx_studio.training.colours import random_curves
from text2fx_studio.training.sounds import Report, SoundCache

SHORTEST_FRAMES = 60  # 1.2 s


@dataclass(frozen=True)
class Examples:
    """Groups of G effects on the same window.

    Attributes:
        statistics: [N, G, S].
        points: What was done, coordinates [N, G, 27].
        window: Index of the window in the cache, [N].
    """

    statistics: torch.Tensor
    points: torch.Tensor
    window: torch.Tensor


@torch.no_grad()
def draw_examples(
    cache: SoundCache,
    windows: np.ndarray,
    front_end: Fxsem,
    *,
    group: int,
    seed: int,
    report: Report,
) -> Examples:
    """Draw a group of effects for each of ``windows`` (indices into the cache, repeats welcome).

    The first of a group is dry and unequalised; the others have a random curve, and a random
    version of the window (in a room, or dry). All share the same stretch of time.

    What is done where the window does not sound is not to be heard: beyond its ends, the curve that
    is to be found goes on as it is there.
    """
    rng = np.random.default_rng([seed, 3])
    centers = front_end.mel_centers_hz.double().numpy()
    frequencies = curve_frequencies_hz().double().numpy()
    bank = random_curves(max(64, len(windows) * (group - 1)), centers, rng)
    versions, frames = cache.log_power.shape[1], cache.log_power.shape[3]
    statistics, points = [], []
    used = 0
    for number, window in enumerate(windows):
        length = int(rng.integers(SHORTEST_FRAMES, frames + 1))
        start = int(rng.integers(frames - length + 1)) if rng.random() < 0.5 else 0
        version = rng.integers(versions, size=group)
        version[rng.random(group) < 0.25] = 0
        curves = np.zeros((group, len(centers)), np.float32)
        curves[1:] = bank[used : used + group - 1]
        used += group - 1
        flat = rng.random(group) < 0.15
        flat[0] = True
        curves[flat] = 0.0
        version[0] = 0
        level = np.asarray(cache.log_power[window][version, :, start : start + length], np.float32)
        mel = torch.from_numpy(10.0 ** (level + curves[:, :, None] / 10.0))
        statistics.append(front_end.statistics(mel))
        space = space_point(
            torch.from_numpy(cache.wet_db[window, version]),
            torch.from_numpy(cache.t60_s[window, version]),
            torch.from_numpy(cache.damping[window, version]),
        )
        plain = torch.from_numpy(10.0 ** level[0])
        sounds_hz = sounding_range_hz(plain, front_end.mel_centers_hz)
        heard = held_beyond(curves, centers, frequencies, sounds_hz)
        curve = curve_point(torch.from_numpy(heard))
        points.append(torch.cat((curve, space), dim=-1))
        if number % 200 == 0:
            report(number / len(windows), "effects on sounds")
    return Examples(
        torch.stack(statistics), torch.stack(points), torch.as_tensor(np.asarray(windows))
    )


def held_beyond(
    curves_db: NDArray[np.float32],
    centers_hz: NDArray[np.float64],
    frequencies_hz: NDArray[np.float64],
    range_hz: tuple[float, float],
) -> NDArray[np.float32]:
    """Curves at other frequencies, [N, M] -> float32 [N, F]; beyond a range as at its ends."""
    held = np.log2(frequencies_hz.clip(*range_hz))
    octaves = np.log2(centers_hz)
    return np.stack([np.interp(held, octaves, row) for row in curves_db]).astype(np.float32)
