"""Equalizer curves to train on, in dB at the mel bands and at the coordinates' frequencies."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from dsp import equalizer
from dsp.equalizer import Equalizer

Curves = NDArray[np.float32]


def random_curves(
    count: int, frequencies_hz: NDArray[np.float64], rng: np.random.Generator
) -> Curves:
    """Responses of random equalizer settings and of smooth random shapes.

    A third are settings of ``dsp.equalizer`` within its search range, a third smooth curves with
    a tilt, a third have a high-pass, a low-pass or both.

    Args:
        count: How many.
        frequencies_hz: [F].
        rng: Where chance comes from.

    Returns:
        dB, float32 [count, F].
    """
    third = count // 3
    settings = _settings(third, frequencies_hz, rng)
    smooth = _smooth(count - 2 * third, frequencies_hz, rng)
    cut = _smooth(third, frequencies_hz, rng) * 0.5 + _cuts(third, frequencies_hz, rng)
    curves = np.concatenate((settings, smooth, cut)).astype(np.float32)
    return np.asarray(curves[rng.permutation(count)])


def _settings(count: int, frequencies_hz: NDArray[np.float64], rng: np.random.Generator) -> Curves:
    spread = rng.uniform(1.0, 7.0, count)
    values = {}
    for parameter in Equalizer.parameters:
        low, high = parameter.search_range
        if parameter.unit == "dB":
            drawn = (rng.normal(0.0, 1.0, count) * spread).clip(-15.0, 15.0)
        elif parameter.off is not None:
            drawn = np.full(count, parameter.low if parameter.off == "low" else parameter.high)
        else:
            drawn = 2.0 ** rng.uniform(np.log2(low), np.log2(high), count)
        values[parameter.name] = torch.from_numpy(np.asarray(drawn, dtype=np.float64))
    found = []
    for start in range(0, count, 512):
        part = {name: value[start : start + 512] for name, value in values.items()}
        sos = equalizer.sections(part, 48_000)
        power = equalizer.power_response(sos, torch.from_numpy(frequencies_hz), 48_000)
        found.append(10 * np.log10(power.numpy()))
    if not found:
        return np.zeros((0, len(frequencies_hz)), np.float32)
    return np.concatenate(found).astype(np.float32)


def _smooth(count: int, frequencies_hz: NDArray[np.float64], rng: np.random.Generator) -> Curves:
    octave = np.log2(frequencies_hz / 1000.0)
    centers = np.log2(np.array([50, 110, 240, 520, 1100, 2400, 5200, 11_000]) / 1000.0)
    width = rng.uniform(0.7, 1.6, (count, 1, 1))
    shape = np.exp(-0.5 * ((octave[None, :, None] - centers) / width) ** 2)
    gains = rng.normal(0, 1, (count, len(centers))) * rng.uniform(0.5, 6.0, (count, 1))
    tilt = rng.normal(0, 1.6, (count, 1)) * octave[None].clip(-4, 4)
    curve = np.einsum("nfk,nk->nf", shape, gains) * 0.7 + tilt
    return np.asarray(curve.clip(-30, 20), np.float32)


def _cuts(count: int, frequencies_hz: NDArray[np.float64], rng: np.random.Generator) -> Curves:
    which = rng.integers(0, 3, count)
    high_pass = np.where(which == 1, 1e-3, 2.0 ** rng.uniform(np.log2(60), np.log2(1500), count))
    low_pass = np.where(which == 0, 1e9, 2.0 ** rng.uniform(np.log2(600), np.log2(12_000), count))
    return pass_curve_db(high_pass, low_pass, frequencies_hz)


def pass_curve_db(
    high_pass_hz: NDArray[np.float64],
    low_pass_hz: NDArray[np.float64],
    frequencies_hz: NDArray[np.float64],
) -> Curves:
    """Second-order Butterworth high-pass and low-pass (analog form), dB, [N], [N] -> [N, F]."""
    high = (high_pass_hz[:, None] / frequencies_hz[None]) ** 4
    low = (frequencies_hz[None] / low_pass_hz[:, None]) ** 4
    return np.asarray(-10 * np.log10((1 + high) * (1 + low)), np.float32)
