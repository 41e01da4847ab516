"""dasp-pytorch's ``NoiseShapedReverb`` with its convolutions done by FFT: same sound, same draws.

The original convolves 65,536 taps directly, some 40 s for a step of 10 s of sound on two cores, so
600 steps take hours. This twin draws the same noise from the same generator and gives the same
output and gradient within float32 rounding (a test holds them together). ``bench speed --full``
uses it to learn which score the baseline ends with; times are always those of the original.
"""

from __future__ import annotations

import scipy.fft
import torch
from dasp_pytorch.modules import NoiseShapedReverb
from dasp_pytorch.signal import octave_band_filterbank

BANDS = 12


class NoiseShapedReverbByFFT(NoiseShapedReverb):  # type: ignore[misc]
    """Drop-in for dasp's processor: same parameters, ranges and order.

    Args:
        sample_rate: In Hz.
        num_samples: Length of the impulse response; dasp's default.
        num_bandpass_taps: Of the octave filters; dasp's default.
    """

    def __init__(
        self, sample_rate: int, num_samples: int = 65_536, num_bandpass_taps: int = 1023
    ) -> None:
        super().__init__(sample_rate)
        self.num_samples = num_samples
        self.noise_samples = num_samples + num_bandpass_taps - 1
        self.noise_size: int = scipy.fft.next_fast_len(self.noise_samples, real=True)
        filters = octave_band_filterbank(num_bandpass_taps, sample_rate)[:, 0]
        # conv1d correlates: hence the conjugate.
        self.filters = torch.fft.rfft(filters, self.noise_size).conj()
        self.process_fn = self._process

    def _process(
        self, x: torch.Tensor, sample_rate: int, mix: torch.Tensor, **bands: torch.Tensor
    ) -> torch.Tensor:
        """Audio [1, 1 or 2, T] -> [1, 2, T]; ``bands`` of shape [1] each, by dasp's names."""
        if x.shape[1] == 1:
            x = x.repeat(1, 2, 1)
        gains = torch.cat([bands[f"band{i}_gain"] for i in range(BANDS)]).view(1, BANDS, 1)
        decays = torch.cat([bands[f"band{i}_decay"] for i in range(BANDS)]).view(1, BANDS, 1)
        noise = torch.randn(2, BANDS, self.noise_samples).to(x)
        spectrum = torch.fft.rfft(noise, self.noise_size) * self.filters.to(x.device)
        shaped = torch.fft.irfft(spectrum, self.noise_size)[..., : self.num_samples]
        t = torch.linspace(0, 1, steps=self.num_samples).to(x)
        response = (shaped * torch.exp(-(decays * 10.0 + 1.0) * t) * gains).mean(dim=1)
        length = x.shape[-1]
        size: int = scipy.fft.next_fast_len(length + self.num_samples - 1, real=True)
        product = torch.fft.rfft(x, size) * torch.fft.rfft(response, size)[None]
        wet = torch.fft.irfft(product, size)[..., :length]
        level = mix.view(1, 1, 1)
        mixed: torch.Tensor = (1 - level) * x + level * wet
        return mixed
