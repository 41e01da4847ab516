"""The differentiable waveform path: settings in, filtered samples out, by FFT.

Slow and exact. The search uses the cached spectrum (``dsp.spectrum``); tests hold the two
together, and gradients that the fast path does not offer (predelay) are to be had here.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from dsp import equalizer, reverb

Settings = Mapping[str, Mapping[str, torch.Tensor]]
"""Parameter values by effect kind and name, each of shape [B]."""


def process(
    audio: torch.Tensor, settings: Settings, sample_rate: int, *, channel: int = 0
) -> torch.Tensor:
    """Run one mono signal through a batch of settings.

    Args:
        audio: Shape [T].
        settings: Effects to apply; ``eq``, ``reverb`` and ``gain`` are known, all linear and time
            invariant, so their order does not matter.
        sample_rate: In Hz.
        channel: Which side of the reverb, 0 or 1.

    Returns:
        Shape [B, T]; the reverb's tail beyond T is cut.
    """
    batch = next(iter(next(iter(settings.values())).values())).shape[0]
    count = audio.shape[-1]
    responses = None
    size = 2 * count
    if "reverb" in settings:
        responses = reverb.impulse_response(settings["reverb"], sample_rate)[:, channel]
        size = count + responses.shape[-1]
    size = 1 << (size - 1).bit_length()
    frequencies = torch.fft.rfftfreq(size, 1 / sample_rate, dtype=torch.float64)
    spectrum = torch.fft.rfft(audio.double(), size)[None].expand(batch, -1)
    if "eq" in settings:
        sos = equalizer.sections(settings["eq"], sample_rate)
        spectrum = spectrum * equalizer.complex_response(sos, frequencies, sample_rate)
    if responses is not None:
        spectrum = spectrum * (1 + torch.fft.rfft(responses.double(), size))
    if "gain" in settings:
        spectrum = spectrum * 10 ** (settings["gain"]["gain_db"].double()[:, None] / 20)
    processed: torch.Tensor = torch.fft.irfft(spectrum, size)[:, :count]
    return processed.to(audio.dtype)
