"""How well a batch of settings meets the prompt, by the fast path.

Loudness is matched inside: the processed window's K-weighted power (ITU-R BS.1770-4, ungated) is
brought to the dry window's before the encoder hears it, so that louder never wins.
"""

from __future__ import annotations

import torch

from dsp.loudness import k_weighting_power
from dsp.spectrum import CachedSpectrum
from dsp.waveform import Settings
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.search.losses import cosine_loss, directional_loss
from text2fx_studio.search.target import Target


class Objective:
    """Loss of settings on fixed windows.

    Args:
        encoder: Frozen; its embeddings of the dry windows are computed once, here.
        cached: The windows.
        target: What is to be met; its space is where the sounds are compared.
    """

    def __init__(self, encoder: Encoder, cached: CachedSpectrum, target: Target) -> None:
        self._encoder = encoder
        self._cached = cached
        self._target = target
        self._text = target.text.to(cached.dry_power.device)
        self._weights = mel_loudness_weights(encoder)
        with torch.no_grad():
            self._dry_loudness = self._loudness(cached.dry_power.sum(dim=-1))  # [W]
            self.dry_embeddings = target.space.audio(encoder.embed_mel(cached.dry_power))  # [W, d]

    def _against_text(self, embeddings: torch.Tensor) -> torch.Tensor:
        """Loss of each window, [B, W, D] -> [B, W]."""
        if self._target.loss == "cosine":
            return cosine_loss(embeddings, self._text)
        return directional_loss(embeddings, self.dry_embeddings, self._text)

    def matched(self, power: torch.Tensor, gain: torch.Tensor | None = None) -> torch.Tensor:
        """Processed windows at their dry loudness.

        Args:
            power: Mel power, [B, W, M, frames], or [1, W, M, frames] for all settings.
            gain: Of every band, still to be applied, [B, W, M]; None for none. The loudness comes
                from each band's sum over time, and the match goes with the gain, so that the
                spectrogram is multiplied once.

        Returns:
            [B, W, M, frames].
        """
        totals = power.sum(dim=-1)
        if gain is None:
            match = self._dry_loudness / self._loudness(totals)
            return power * match[..., None, None]
        match = self._dry_loudness / self._loudness(totals * gain)
        return power * (gain * match[..., None])[..., None]

    def _loudness(self, totals: torch.Tensor) -> torch.Tensor:
        """K-weighted power of bands' sums over time, [..., M] -> [...]."""
        return (totals * self._weights).sum(dim=-1).clamp(min=1e-20)

    def embeddings(self, power: torch.Tensor, gain: torch.Tensor | None = None) -> torch.Tensor:
        """Level-matched embeddings [B, W, d] of processed windows, see :meth:`matched`."""
        matched = self.matched(power, gain)
        flat = self._encoder.embed_mel(matched.flatten(0, 1))
        return self._target.space.audio(flat).reshape(*matched.shape[:2], -1)

    def loss_of_embedded(self, flat: torch.Tensor) -> torch.Tensor:
        """Mean loss over the windows of what the encoder gave for them, [B * W, D] -> [B]."""
        windows = len(self.dry_embeddings)
        placed = self._target.space.audio(flat).reshape(len(flat) // windows, windows, -1)
        return self._against_text(placed).mean(dim=-1)

    def loss_of(self, power: torch.Tensor, gain: torch.Tensor | None = None) -> torch.Tensor:
        """Mean loss over the windows [B] of processed windows, see :meth:`matched`."""
        return self._against_text(self.embeddings(power, gain)).mean(dim=-1)

    def window_losses(self, settings: Settings) -> torch.Tensor:
        """Loss of every window under every setting, shape [B, W]."""
        return self._against_text(self.embeddings(*self._cached.power_and_gain(settings)))

    def dry_window_losses(self) -> torch.Tensor:
        """Loss of every dry window, shape [W]."""
        return self._against_text(self.dry_embeddings[None])[0]

    def __call__(self, settings: Settings, designed: torch.Tensor | None = None) -> torch.Tensor:
        """Mean loss over the windows for each setting of the batch, shape [B].

        Args:
            settings: Physical values by effect and parameter, each [B].
            designed: The equalizer's sections of the same settings, where they are known already.
        """
        response = None if designed is None else self._cached.eq_response(designed)
        return self.loss_of(*self._cached.power_and_gain(settings, response))


def mel_loudness_weights(encoder: Encoder) -> torch.Tensor:
    """Weights [M] that turn mel power into K-weighted power, up to a constant.

    Each bin of the spectrum shares its K weight among the mel bands that hold it.
    """
    basis = encoder.mel_basis.double().cpu()
    bins = encoder.bin_frequencies_hz.double().cpu()
    k = torch.as_tensor(k_weighting_power(bins.numpy())).double()
    covered = basis.sum(dim=1)
    mean_k = (basis @ k) / covered.clamp(min=1e-12)
    # Least-squares weights w with basis^T w ~ 1 would be exact; for overlapping triangles the
    # width of a band in bins over its sum is that to within a few per cent.
    width = (basis / basis.amax(dim=1, keepdim=True).clamp(min=1e-12)).sum(dim=1)
    weights = torch.where(covered > 0, mean_k * width / covered.clamp(min=1e-12), 0.0)
    return weights.to(encoder.mel_basis)
