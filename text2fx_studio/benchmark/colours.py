"""One recording made bright, dull, boomy, thin, wet or band-limited beforehand."""

from __future__ import annotations

import numpy as np

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from text2fx_studio.benchmark.clips import Clip
from text2fx_studio.benchmark.workbench import rendered

COLOURS: dict[str, Equalizer] = {
    "bright": Equalizer({"high_shelf_gain_db": 9.0, "high_shelf_frequency_hz": 2500.0}),
    "dull": Equalizer({"high_shelf_gain_db": -12.0, "high_shelf_frequency_hz": 2500.0}),
    "boomy": Equalizer({"low_shelf_gain_db": 10.0, "low_shelf_frequency_hz": 220.0}),
    "thin": Equalizer({"low_shelf_gain_db": -10.0, "low_shelf_frequency_hz": 350.0}),
}
WET = Reverb({"wet_db": -2.0, "t60_s": 1.8, "predelay_ms": 15.0, "damping": 0.35})
CUTOFF_HZ = 3000.0  # of the band-limited version


def coloured(clip: Clip) -> dict[str, Clip]:
    """The recording as it is (``plain``) and in every tone colour, none peaking above 0.9."""
    found = {"plain": clip}
    for name, setting in COLOURS.items():
        audio = rendered(clip, Chain((setting,)))
        peak = float(np.abs(audio).max()) or 1.0
        found[name] = clip.version(name, audio * min(1.0, 0.9 / peak))
    return found


def wet(clip: Clip) -> Clip:
    """The recording in a room of T60 1.8 s, its tail cut off where the recording ends."""
    audio = rendered(clip, Chain((WET,)))
    return clip.version("wet", audio * min(1.0, 0.9 / (float(np.abs(audio).max()) or 1.0)))


def band_limited(clip: Clip, cutoff_hz: float = CUTOFF_HZ) -> Clip:
    """The recording without anything above ``cutoff_hz``, by a steep raised cosine."""
    count = clip.audio.shape[1]
    frequency = np.fft.rfftfreq(count, 1 / clip.sample_rate)
    octaves = np.log2(np.maximum(frequency, 1.0) / cutoff_hz)
    gain = 0.5 + 0.5 * np.cos(np.pi * np.clip(octaves * 6.0, 0.0, 1.0))
    limited = np.fft.irfft(np.fft.rfft(clip.audio.astype(np.float64)) * gain, count)
    return clip.version("band-limited", limited.astype(np.float32))
