"""The fast path of the search against the waveform path."""

import pytest
import torch

from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from dsp.spectrum import CachedSpectrum, _Mixed, edge_fade
from dsp.waveform import process
from tests.dsp.front_end import MelFrontEnd
from tests.dsp.strategies import random_values

RATE = MelFrontEnd.sample_rate


def sounds():
    """Pink noise, a plucked chord, and clicks with a hum: broad, tonal and sharp in time."""
    generator = torch.Generator().manual_seed(5)
    count = 3 * RATE
    t = torch.arange(count) / RATE
    white = torch.fft.rfft(torch.randn(count, generator=generator))
    pink = torch.fft.irfft(white / (torch.arange(len(white)) + 20).sqrt(), count)
    chord = sum(
        torch.sin(6.2832 * f * k * t) / k * torch.exp(-1.5 * k**0.5 * t)
        for f in (110.0, 165.0, 277.0)
        for k in range(1, 25)
    )
    clicks = torch.zeros(count)
    clicks[:: RATE // 4 + 77] = 1.0
    noisy = clicks + 0.03 * torch.sin(6.2832 * 87 * t) * torch.sin(3.1416 * t / 2.9).clamp(min=0)
    noisy = noisy + 0.01 * torch.randn(count, generator=generator)
    found = {"pink": pink, "chord": chord, "clicks": noisy}
    lead = torch.zeros(RATE // 10)  # no sound begins at the very edge of a window
    return {k: torch.cat((lead, v / v.std()))[:count] for k, v in found.items()}


SOUNDS = sounds()


def third_octaves_db(mel_power, centers_hz):
    """Level of each third octave from 60 Hz to 14 kHz that holds a mel band, shape [bands, B]."""
    rows = []
    for k in range(24):
        low = 60 * 2 ** (k / 3)
        inside = (centers_hz >= low) & (centers_hz < low * 2 ** (1 / 3)) & (centers_hz < 14_000)
        if inside.any():
            rows.append(10 * (mel_power[..., inside, :].sum((-1, -2)) + 1e-12).log10())
    return torch.stack(rows)


def both_paths(sound, settings):
    front_end = MelFrontEnd()
    cached = CachedSpectrum(
        front_end, sound[None], context=0, file_rate_hz=RATE,
        with_reverb="reverb" in settings, predelay_ms=10.0,
    )  # fmt: skip
    fast = cached.mel_power(settings)[:, 0]
    wet = process(sound.double(), settings, RATE) * edge_fade(len(sound), RATE)
    exact = front_end.mel_basis @ front_end.spectrum(wet.float()).abs().square()
    return fast, exact, front_end.mel_centers_hz


@pytest.mark.parametrize("name", SOUNDS)
def test_equalizer_agrees_within_a_tenth_of_a_db_per_third_octave(name):
    settings = {"eq": random_values(Equalizer, 8, torch.Generator().manual_seed(1))}
    fast, exact, centers = both_paths(SOUNDS[name], settings)
    fast_db, exact_db = third_octaves_db(fast, centers), third_octaves_db(exact, centers)
    audible = exact_db > exact_db.amax(0) - 50
    assert (fast_db - exact_db)[audible].abs().max() < 0.1


@pytest.mark.parametrize("name", SOUNDS)
def test_reverb_agrees_within_its_stated_error(name):
    values = random_values(Reverb, 8, torch.Generator().manual_seed(2))
    values["predelay_ms"] = torch.full((8,), 10.0, dtype=torch.float64)
    values["wet_db"] = torch.linspace(-24, 6, 8, dtype=torch.float64)
    fast, exact, centers = both_paths(SOUNDS[name], {"reverb": values})
    fast_db, exact_db = third_octaves_db(fast, centers), third_octaves_db(exact, centers)
    audible = exact_db > exact_db.amax(0) - 50
    error = (fast_db - exact_db)[audible].abs()
    assert error.mean() < 0.15
    assert error.max() < 1.5
    floor = 1e-5 * exact.mean()
    framewise = 10 * ((fast + floor) / (exact + floor)).log10().abs()
    assert framewise.mean() < 0.3


def test_equalizer_and_reverb_together():
    generator = torch.Generator().manual_seed(4)
    settings = {
        "eq": random_values(Equalizer, 4, generator, gain_db=6.0),
        "reverb": random_values(Reverb, 4, generator),
    }
    settings["reverb"]["predelay_ms"] = torch.full((4,), 10.0, dtype=torch.float64)
    settings["reverb"]["wet_db"] = torch.full((4,), -6.0, dtype=torch.float64)
    fast, exact, centers = both_paths(SOUNDS["pink"], settings)
    error = third_octaves_db(fast, centers) - third_octaves_db(exact, centers)
    assert error.abs().mean() < 0.15


def test_context_feeds_the_reverb_of_the_window():
    """A sound that ended before the window is heard in it through the room only."""
    front_end = MelFrontEnd()
    segment = torch.zeros(2 * RATE)
    segment[: RATE // 2] = SOUNDS["pink"][: RATE // 2]
    values = {p.name: torch.tensor([p.default], dtype=torch.float64) for p in Reverb.parameters}
    values["t60_s"] = torch.tensor([3.0], dtype=torch.float64)
    powers = []
    for wet_db in (-48.0, 0.0):
        values["wet_db"] = torch.tensor([wet_db], dtype=torch.float64)
        cached = CachedSpectrum(
            front_end, segment[None], context=RATE, file_rate_hz=RATE, with_reverb=True
        )
        powers.append(cached.mel_power({"reverb": values}).sum())
    assert powers[0] < 1e-6 * powers[1]


def test_gradient_reaches_every_searched_parameter():
    generator = torch.Generator().manual_seed(9)
    settings = {
        "eq": random_values(Equalizer, 2, generator),
        "reverb": random_values(Reverb, 2, generator),
    }
    for values in settings.values():
        for tensor in values.values():
            tensor.requires_grad_(True)
    cached = CachedSpectrum(
        MelFrontEnd(), SOUNDS["pink"][None, : 2 * RATE], context=RATE // 2, file_rate_hz=44_100,
        with_reverb=True,
    )  # fmt: skip
    power = cached.mel_power(settings)
    weights = torch.randn(power.shape, generator=generator)
    ((power + 1e-6).log() * weights).sum().backward()
    for kind, effect in (("eq", Equalizer), ("reverb", Reverb)):
        for parameter in effect.parameters:
            if parameter.searched:
                gradient = settings[kind][parameter.name].grad
                assert torch.isfinite(gradient).all(), parameter.name
                assert (gradient.abs() > 0).all(), parameter.name


def test_gradient_of_a_mixture_is_that_of_finite_differences():
    generator = torch.Generator().manual_seed(2)
    bands, frames, windows, settings = 3, 5, 2, 4
    dry = torch.rand(windows, bands, frames, generator=generator, dtype=torch.float64)
    dry[0, 1] = -3.0  # a cross power may be negative; the mixture is not
    others = torch.rand(
        2, settings, windows, bands, frames, generator=generator, dtype=torch.float64
    )
    weights = torch.rand(2, settings, bands, generator=generator, dtype=torch.float64)
    mixed = _Mixed.apply(weights, dry, *others)
    assert float(mixed.min()) > 0
    wanted = dry[None] + (weights[:, :, None, :, None] * others).sum(0)
    torch.testing.assert_close(mixed, wanted.clamp(min=1e-20))
    assert torch.autograd.gradcheck(
        lambda w: _Mixed.apply(w, dry, *others), weights.requires_grad_(True)
    )


def test_silence_stays_finite():
    settings = {"eq": random_values(Equalizer, 2, torch.Generator().manual_seed(1))}
    cached = CachedSpectrum(MelFrontEnd(), torch.zeros(1, RATE), context=0, file_rate_hz=RATE)
    assert torch.isfinite(cached.mel_power(settings)).all()


def test_long_term_power_lies_where_the_sound_does():
    """Rumble below the lowest mel band leaks into it, and must not into the fine lines."""
    t = torch.arange(4 * RATE) / RATE
    sound = torch.sin(6.2832 * 500.0 * t) + 3.0 * torch.sin(6.2832 * 22.0 * t) + 0.5
    cached = CachedSpectrum(MelFrontEnd(), sound[None], context=0, file_rate_hz=RATE)
    frequencies, power = cached.long_term()
    assert bool((frequencies.diff() > 0).all())
    heard = frequencies >= 40.0
    near = (frequencies - 500.0).abs() < 20.0
    assert float(power[near].sum()) > 0.99 * float(power[heard].sum())
    lowest = cached.dry_power[0, : int((cached.front_end.mel_centers_hz < 60.0).sum())].sum()
    assert float(lowest) > 0.1 * float(cached.dry_power.sum())
