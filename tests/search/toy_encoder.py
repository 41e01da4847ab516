"""A tiny encoder with known meaning: it hears the spectral tilt, and how long sounds ring.

Its space has three axes: tilt, decay, and one that never moves. "bright" lies at more treble,
"dark" at less, "long" at slower decay. Small, exact, differentiable, needs no weights.
"""

import torch

from tests.dsp.front_end import MelFrontEnd

WORDS = {"bright": (1.2, 0.0), "dark": (-1.2, 0.0), "long": (0.0, 1.2), "plain": (0.0, 0.0)}


class ToyEncoder(MelFrontEnd):
    id = "toy-1"
    weights_hash = "0" * 64
    dim = 3
    window_s = 2.0
    passband_hz = (40.0, 15_000.0)
    cpu_threads = 1
    heavy = False
    repeats = False

    def __init__(self):
        super().__init__()
        octaves = (self.mel_centers_hz / 1000.0).log2()
        weights = octaves - octaves.mean()
        self._tilt = weights / weights.abs().sum()

    def to(self, device):
        return self

    def embed_mel(self, mel_power):
        level = (mel_power + 1e-6 * mel_power.mean((1, 2), keepdim=True) + 1e-20).log()
        tilt = (level.mean(-1) * self._tilt).sum(-1)
        smooth = -(level[..., 5:] - level[..., :-5]).abs().mean((1, 2))
        ones = torch.ones_like(tilt)
        point = torch.stack((tilt + 1.0, smooth + 0.6, ones), dim=-1)
        return torch.nn.functional.normalize(point, dim=-1)

    def embed_audio(self, audio):
        return self.embed_mel(self.mel_basis @ self.spectrum(audio).abs().square())

    def embed_text(self, texts):
        rows = []
        for text in texts:
            sign = -1.0 if " not " in text else 1.0
            word = next((w for w in WORDS if w in text), "plain")
            rows.append((sign * WORDS[word][0], sign * WORDS[word][1], 1.0))
        return torch.nn.functional.normalize(torch.tensor(rows), dim=-1)
