"""How much of the score each band of the equalizer, and the reverb, brought.

Integrated gradients (Sundararajan, Taly, Yan 2017, equation 1) along the path from dry to the
result on which every band's gain grows linearly in dB and the reverb's level linearly in amplitude:

    share_i = x_i * integral_0^1 dS(a x) / dx_i da

The shares sum to the whole change of the score (completeness); what is left over by the numeric
integral is reported. Leave one out says what would be lost without an effect altogether.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from dsp.chain import Chain, tensor_values
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from dsp.spectrum import CachedSpectrum
from text2fx_studio.search.objective import Objective

BAND_EDGES_HZ: tuple[float, ...] = (20.0, 90.0, 180.0, 355.0, 710.0, 1400.0, 2800.0, 5600.0, 20e3)
BAND_NAMES: tuple[str, ...] = (
    "sub and bass", "low bass", "warmth", "low mids", "mids", "presence", "edge", "air",
)  # fmt: skip
PATH_STEPS = 16
_SMALLEST_GAIN = 1e-12


@dataclass(frozen=True)
class BandShare:
    """One band of the equalizer.

    Attributes:
        name: In plain words.
        low_hz: Lower edge.
        high_hz: Upper edge.
        gain_db: Mean gain of the result in the band, weighted by the sound's own power.
        share: Its part of the change of the score.
    """

    name: str
    low_hz: float
    high_hz: float
    gain_db: float
    share: float


@dataclass(frozen=True)
class Attribution:
    """Where the change of the score came from, by the search's fast path.

    Attributes:
        bands: The equalizer's shares, low to high; empty without one.
        reverb: The reverb's share; None without one.
        without: Score without each effect, the others kept, by kind.
        score_dry: Of the dry sound.
        score_wet: Of the result.
        remainder: What the numeric integral left over; small against the change.
    """

    bands: tuple[BandShare, ...]
    reverb: float | None
    without: dict[str, float]
    score_dry: float
    score_wet: float
    remainder: float


def attribute(objective: Objective, cached: CachedSpectrum, chain: Chain) -> Attribution:
    """Divide the change of the score between bands and effects.

    Args:
        objective: Of the search.
        cached: Its windows; made with a reverb if ``chain`` has an active one.
        chain: The result.
    """
    active = [effect for effect in chain if not effect.is_neutral()]
    settings = {e.kind: tensor_values(e) for e in active if e.kind in ("eq", "reverb")}
    gains = _equalizer_db(cached, settings)
    shares, reverb_share = _integrate(objective, cached, settings, gains)
    with torch.no_grad():
        dry = 1 - float(objective.loss_of(cached.dry_power[None])[0])
        wet = 1 - float(objective(settings)[0]) if settings else dry
        without = {
            kind: 1 - float(objective({k: v for k, v in settings.items() if k != kind})[0])
            for kind in settings
        }
    bands = _bands(cached, gains, shares) if Equalizer.kind in settings else ()
    explained = sum(b.share for b in bands) + (reverb_share or 0.0)
    return Attribution(bands, reverb_share, without, dry, wet, wet - dry - explained)


def _equalizer_db(
    cached: CachedSpectrum, settings: dict[str, dict[str, torch.Tensor]]
) -> torch.Tensor:
    """Gain of every mel band in dB, [W, M]; zero without an equalizer."""
    if Equalizer.kind not in settings:
        return torch.zeros(cached.dry_power.shape[:2])
    with torch.no_grad():
        gain = cached.eq_gain(settings)[0]
    return 10 * gain.clamp(min=_SMALLEST_GAIN).log10()


def _integrate(
    objective: Objective,
    cached: CachedSpectrum,
    settings: dict[str, dict[str, torch.Tensor]],
    gains_db: torch.Tensor,
) -> tuple[torch.Tensor, float | None]:
    """Shares of the mel bands [M] and of the reverb, by the midpoint rule."""
    amounts = (torch.arange(PATH_STEPS, dtype=torch.float64) + 0.5) / PATH_STEPS
    path_db = (amounts[:, None, None] * gains_db.double().cpu()).requires_grad_(True)
    path_level = amounts.clone().requires_grad_(True)
    power = cached.dry_power[None]
    room = settings.get(Reverb.kind)
    if room is not None:
        values = {name: value.expand(PATH_STEPS) for name, value in room.items()}
        values["wet_db"] = values["wet_db"] + 20 * path_level.log10()
        power = cached.mel_power({Reverb.kind: values})
    power = power * (10 ** (path_db / 10)).to(power)[..., None]
    score = 1 - objective.loss_of(power).double()
    score.sum().backward()  # type: ignore[no-untyped-call]
    bands = torch.zeros(gains_db.shape[1], dtype=torch.float64)
    if path_db.grad is not None:
        bands = (path_db.grad.mean(0) * gains_db.double().cpu()).sum(0)
    if room is None or path_level.grad is None:
        return bands, None
    return bands, float(path_level.grad.mean())


def _bands(
    cached: CachedSpectrum, gains_db: torch.Tensor, shares: torch.Tensor
) -> tuple[BandShare, ...]:
    centers = cached.front_end.mel_centers_hz.cpu()
    weight = cached.dry_power.mean(-1).cpu()
    found = []
    for name, low, high in zip(BAND_NAMES, BAND_EDGES_HZ[:-1], BAND_EDGES_HZ[1:], strict=True):
        inside = (centers >= low) & (centers < high)
        total = float(weight[:, inside].sum())
        gain = float((weight * gains_db.cpu())[:, inside].sum()) / total if total > 0 else math.nan
        found.append(BandShare(name, low, high, gain, float(shares[inside].sum())))
    return tuple(found)
