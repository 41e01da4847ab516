"""Which way the words' own curve would move this very sound; kept, however little is left to do.

A curve is not yet a change of sound: treble lifts nothing where there is none, and a shelf that
leaves a bass drum duller leaves another recording brighter. Brightness is heard by the centroid of
the sound's spectrum (Schubert and Wolfe, 2006), weight and air by a band's share of the whole. What
the recording has already may make less of it, and the encoder may ask for more of something else,
but not for the opposite of what the words would do.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

BANDS = 8  # of about an octave
CLEAR_OCTAVES, CLEAR_DB = 0.05, 1.0  # of change that the words ask for: less is no direction
KEPT = 0.5  # of the change, of which
MOST_KEPT_OCTAVES, MOST_KEPT_DB = 0.1, 0.8  # is enough to be heard
PRESENT_DB = -40.0  # of a band, against the whole sound; one below is not asked about


@dataclass(frozen=True)
class Heading:
    """How far a setting falls short of the way that the words would move a sound.

    Attributes:
        share: Of the recording's energy, summing to one, [F].
        octaves: Of the same frequencies, from any reference, [F].
        way: Sign of the change that is asked of the centroid, then of each band; 0 for none,
            [1 + BANDS].
        least: Of that change, in units of what is just heard, [1 + BANDS].
    """

    share: torch.Tensor
    octaves: torch.Tensor
    way: torch.Tensor
    least: torch.Tensor

    @classmethod
    def towards(
        cls, asked_power: torch.Tensor, frequencies_hz: torch.Tensor, share: torch.Tensor
    ) -> Heading:
        """The way of a response.

        Args:
            asked_power: Power response that the words ask for, [F].
            frequencies_hz: Equally spaced in octaves, [F].
            share: See :class:`Heading`.
        """
        octaves = torch.log2(frequencies_hz / 1000.0)
        none = torch.zeros(1 + BANDS, dtype=share.dtype)
        blank = cls(share, octaves, none, none)
        change = blank.change(asked_power[None])[0]
        unit = _units(change)
        clear = none + CLEAR_DB
        clear[0] = CLEAR_OCTAVES
        asked = change.abs() >= clear
        asked[1:] &= 10 * torch.log10(_bands(share) + 1e-12) > PRESENT_DB
        least = (KEPT * change.abs() / unit).clamp(max=1.0)
        return cls(share, octaves, change.sign() * asked, least)

    def change(self, power: torch.Tensor) -> torch.Tensor:
        """What responses do to the sound: centroid in octaves, bands in dB of the whole.

        Args:
            power: Power responses, [B, F].

        Returns:
            [B, 1 + BANDS].
        """
        share, octaves = self.share.to(power), self.octaves.to(power)
        sound = share * power
        sound = sound / sound.sum(dim=-1, keepdim=True)
        centroid = ((sound - share) * octaves).sum(dim=-1, keepdim=True)
        bands = 10 * torch.log10((_bands(sound) + 1e-12) / (_bands(share) + 1e-12))
        return torch.cat([centroid, bands], dim=-1)

    def __call__(self, power: torch.Tensor) -> torch.Tensor:
        """Mean square of what is missing of the centroid's and the bands' least change, [B]."""
        change = self.change(power)
        way, least = self.way.to(change), self.least.to(change)
        missing = (least - way * change / _units(change)).clamp(min=0.0) * way.abs()
        return missing[:, 0].square() + missing[:, 1:].square().mean(dim=-1)


def _bands(per_frequency: torch.Tensor) -> torch.Tensor:
    """Sums over neighbouring frequencies, [..., F] -> [..., BANDS]."""
    return per_frequency.reshape(*per_frequency.shape[:-1], BANDS, -1).sum(dim=-1)


def _units(like: torch.Tensor) -> torch.Tensor:
    """What is just heard, of the centroid and of a band, [1 + BANDS]."""
    unit = torch.full((1 + BANDS,), MOST_KEPT_DB, dtype=like.dtype, device=like.device)
    unit[0] = MOST_KEPT_OCTAVES
    return unit
