"""Physical measures of a sound and of what an effect did to it, on rendered waveforms."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dsp.chain import Chain
from dsp.render import render_array
from dsp.reverb import Reverb

Audio = NDArray[np.float32]

BANDS_HZ: Mapping[str, tuple[float, float]] = {
    "low": (40.0, 200.0), "low_mid": (200.0, 600.0), "mid": (600.0, 2000.0),
    "presence": (2000.0, 5500.0), "high": (5500.0, 15_000.0),
}  # fmt: skip
NO_ENERGY_DB = -120.0
LEAST_OCTAVES = 0.03  # of the centroid
LEAST_DB = 0.3  # of a band
EMPTY_DB = -45.0  # a band below this share of the sound is not asked about
ROOM_DB, NO_ROOM_DB = -18.0, -24.0  # energy of the room's sound against the direct sound

_THIRDS_HZ = 1000.0 * 2.0 ** (np.arange(-10, 11) / 3.0)  # 99 Hz to 10.1 kHz
_FILLED_DB = -50.0  # of the fullest third octave: below, a band does not count for the tilt


def measure(audio: Audio, sample_rate: int, dry_samples: int | None = None) -> dict[str, float]:
    """Physical measures of a sound, the room apart (see :func:`room_db`).

    Args:
        audio: [channels, samples].
        sample_rate: In Hz.
        dry_samples: Length of the sound before the effect; what comes later is left out.

    Returns:
        ``centroid`` in octaves re 1 kHz (mean of log frequency weighted by power), bands in dB
        of the whole, ``space``: NO_ENERGY_DB, to be replaced by :func:`room_db`.
    """
    power, frequency = _spectrum(audio if dry_samples is None else audio[:, :dry_samples],
                                 sample_rate)  # fmt: skip
    heard = (frequency >= 40.0) & (frequency <= 15_000.0)
    whole = float(power[heard].sum()) or 1e-30
    found = {"centroid": float((np.log2(frequency[heard] / 1000) * power[heard]).sum() / whole)}
    for name, (low, high) in BANDS_HZ.items():
        share = float(power[(frequency >= low) & (frequency < high)].sum()) / whole
        found[name] = 10 * float(np.log10(share + 1e-12))
    found["space"] = NO_ENERGY_DB
    return found


def room_db(audio: Audio, sample_rate: int, chain: Chain, rendered: Audio) -> float:
    """Energy of the room's sound in dB of the direct sound, both as rendered waveforms."""
    reverb = chain.get(Reverb)
    if reverb is None or reverb.is_neutral():
        return NO_ENERGY_DB
    direct = render_array(audio, sample_rate, chain.replace(Reverb()), tail=False)
    room = rendered.astype(np.float64)
    channels = min(room.shape[0], direct.shape[0])
    room = room[:channels].copy()
    room[:, : direct.shape[1]] -= direct[:channels]
    energy = float((room**2).sum()) / (float((direct[:channels] ** 2).sum()) or 1e-30)
    return 10 * float(np.log10(energy + 1e-12))


def check_change(
    check: str, wanted: str, before: Mapping[str, float], after: Mapping[str, float]
) -> bool | None:
    """Whether a measure changed as ``wanted`` (``up``, ``down``; space: ``room``, ``none``).

    Returns:
        None where the question makes no sense: a band without energy.
    """
    if check == "space":
        return after[check] > ROOM_DB if wanted == "room" else after[check] < NO_ROOM_DB
    if check in BANDS_HZ and before[check] < EMPTY_DB:
        return None
    change = after[check] - before[check]
    least = LEAST_OCTAVES if check == "centroid" else LEAST_DB
    return change > least if wanted == "up" else change < -least


def third_octaves_db(audio: Audio, sample_rate: int) -> NDArray[np.float64]:
    """Level of each third octave between 99 Hz and 10.1 kHz in dB, [21]; empty ones are -300."""
    power, frequency = _spectrum(audio, sample_rate)
    edges = _THIRDS_HZ * 2.0 ** (-1 / 6), _THIRDS_HZ * 2.0 ** (1 / 6)
    sums = [
        float(power[(frequency >= a) & (frequency < b)].sum()) for a, b in zip(*edges, strict=True)
    ]
    return np.asarray(10 * np.log10(np.maximum(sums, 1e-30)))


def filled_bands(levels_db: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which third octaves of a sound hold anything, [21]."""
    return np.asarray(levels_db > levels_db.max() + _FILLED_DB)


def tilt_db_per_octave(levels_db: NDArray[np.float64], used: NDArray[np.bool_]) -> float:
    """Slope of the spectrum in dB per octave over the used third octaves; level does not matter.

    Args:
        levels_db: As of :func:`third_octaves_db`.
        used: The same for all versions of one recording, or they cannot be compared.
    """
    octave = np.log2(_THIRDS_HZ[used] / 1000.0)
    if len(octave) < 3:
        return 0.0
    return float(np.polyfit(octave, levels_db[used], 1)[0])


def _spectrum(audio: Audio, rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    power = (np.abs(np.fft.rfft(audio.astype(np.float64))) ** 2).sum(axis=0)
    return power, np.asarray(np.fft.rfftfreq(audio.shape[1], 1 / rate), np.float64)
