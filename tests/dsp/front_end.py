"""A plain mel front-end for tests of the fast path: 32 kHz, 1024-point Hann, 128 HTK mels."""

import torch


class MelFrontEnd:
    sample_rate = 32_000

    def __init__(self, mels=128, n_fft=1024, hop=320, high_hz=15_000.0):
        self.hop = hop
        self.fft_window = torch.hann_window(n_fft)
        self.bin_frequencies_hz = torch.fft.rfftfreq(n_fft, 1 / self.sample_rate)

        def to_mel(hz):
            return 2595 * torch.log10(1 + torch.as_tensor(hz) / 700)

        points = torch.linspace(float(to_mel(20.0)), float(to_mel(high_hz)), mels + 2)
        edges = 700 * (10 ** (points / 2595) - 1)
        self.mel_centers_hz = edges[1:-1]
        up = (self.bin_frequencies_hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
        down = (edges[2:, None] - self.bin_frequencies_hz) / (edges[2:] - edges[1:-1])[:, None]
        self.mel_basis = torch.minimum(up, down).clamp(min=0)

    def spectrum(self, audio):
        n_fft = self.fft_window.shape[0]
        return torch.stft(
            audio,
            n_fft,
            self.hop,
            window=self.fft_window,
            center=True,
            pad_mode="constant",
            return_complex=True,
        )
