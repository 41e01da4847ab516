"""The fast path of the search: everything that does not change is computed once per recording.

A step costs a response and an element-wise product, no FFT. Notation: m mel band, t frame,
P(m, t) mel power of the dry windows.

Equalizer. Summed over time, a bin of the short-time spectrum of the filtered sound is
``integral |X(f')|^2 |H(f')|^2 |W(f - f')|^2 df'`` with W the transform of the analysis window. So
the mel band's power changes, on the average over the window, exactly by

    g(m) = sum_f' A(m, f') |H(f')|^2,   A(m, f') = L(m, f') S(f') / sum_f' L(m, f') S(f')

with L the mel filter smeared by |W|^2 and S the long-term spectrum on a grid of 1/72 octave. The
approximation is to apply this mean change to every frame, P(m, t) g(m).

Reverb. The room's noise is convolved with the dry sound once for each of ``GRID_SIZE`` decay times;
in between, the decay is the mix (1 - c) e_k + c e_(k+1) of two neighbours on a log grid. The power
of dry plus wet follows from the stored powers and cross powers of X, Y_k and Y_(k+1), cross terms
included:

    |X + w ((1-c) Y_k + c Y_k+1)|^2

The approximations: T60 and room tone are read at the mel band's center instead of in twelve
crossfaded bands, and the mixed decays (T60 off by under 2 %). Their measured size stands in the
tests.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import torch

from dsp import equalizer, reverb
from dsp.waveform import Settings

GRID_SIZE = 18
GRID_T60_S: tuple[float, ...] = tuple(
    0.05 * (reverb.LONGEST_S / 0.05) ** (k / (GRID_SIZE - 1)) for k in range(GRID_SIZE)
)
_FINE_STEPS_PER_OCTAVE = 72
_FINE_LOW_HZ = 8.0
_FINE_MIN_WIDTH_HZ = 1.0
_KERNEL_OVERSAMPLING = 64
_SMALLEST_POWER = 1e-20
_EDGE_FADE_S = 0.02


def edge_fade(count: int, sample_rate: float) -> torch.Tensor:
    """Raised-cosine fades at both ends of a window, so that cutting it out makes no click.

    Args:
        count: Samples of the window.
        sample_rate: In Hz.

    Returns:
        Shape [count], float64, 0..1.
    """
    length = min(count // 4, round(_EDGE_FADE_S * sample_rate))
    rise = 0.5 - 0.5 * torch.cos(math.pi * (torch.arange(length).double() + 0.5) / max(length, 1))
    return torch.cat((rise, torch.ones(count - 2 * length, dtype=torch.float64), rise.flip(0)))


class FrontEnd(Protocol):
    """The part of an encoder that turns samples into mel power."""

    sample_rate: int

    @property
    def mel_basis(self) -> torch.Tensor:
        """Weights of the bins in each mel band, shape [M, F]."""
        ...

    @property
    def mel_centers_hz(self) -> torch.Tensor:
        """Shape [M]."""
        ...

    @property
    def bin_frequencies_hz(self) -> torch.Tensor:
        """Shape [F]."""
        ...

    @property
    def fft_window(self) -> torch.Tensor:
        """Analysis window, shape [n_fft]."""
        ...

    def spectrum(self, audio: torch.Tensor) -> torch.Tensor:
        """Short-time Fourier transform, [B, T] -> complex [B, F, frames]."""
        ...


class CachedSpectrum:
    """Mel power of fixed windows under any setting of equalizer and reverb.

    Args:
        front_end: The encoder's front-end.
        segments: Mono audio at the front-end's rate, shape [W, C + T]: C samples of context that
            only feed the reverb, then the T samples of the window.
        context: C, in samples.
        file_rate_hz: Sample rate of the recording: the equalizer's coefficients are those that
            will be rendered.
        predelay_ms: Of the room if ``with_reverb``; it stays fixed (encoders hardly hear it).
        with_reverb: Whether to prepare the reverb's part (the slow part of the set-up).
    """

    def __init__(
        self,
        front_end: FrontEnd,
        segments: torch.Tensor,
        *,
        context: int,
        file_rate_hz: float,
        predelay_ms: float = 10.0,
        with_reverb: bool = False,
    ) -> None:
        self.front_end = front_end
        self.file_rate_hz = file_rate_hz
        fade = edge_fade(segments.shape[-1] - context, front_end.sample_rate).to(segments)
        self._windows = segments[:, context:] * fade
        self._basis = front_end.mel_basis
        with torch.no_grad():
            dry = front_end.spectrum(self._windows)
            self.dry_power = self._mel(dry)  # [W, M, frames]
            self._fine_hz, leak = _leakage(front_end)
            self._energy = self._long_term()  # [W, F']
            self._spread = self._spread_of(leak)  # [W, M, F']
            self._rooms = (
                _Rooms(front_end, segments, fade, dry, predelay_ms) if with_reverb else None
            )

    def _mel(self, spectrum: torch.Tensor) -> torch.Tensor:
        return self._basis @ (spectrum.real.square() + spectrum.imag.square())

    def long_term(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Long-term power of the dry windows together, finely resolved.

        Mel bands hold what leaks into them from their neighbours: the lowest also what rumbles
        below all of them.

        Returns:
            Frequencies in Hz, ascending, and the power around each, float64, both [F'].
        """
        return self._fine_hz, self._energy.sum(dim=0)

    def _long_term(self) -> torch.Tensor:
        grid = self._fine_hz
        count = self._windows.shape[-1]
        size = 1 << max(count - 1, 2 * self.front_end.sample_rate).bit_length()
        power = torch.fft.rfft(self._windows.cpu().double(), size).abs().square()
        frequencies = torch.fft.rfftfreq(size, 1 / self.front_end.sample_rate).double()
        # Each bin's energy is shared by its two neighbours on the grid, so that a response that
        # is a line in dB over log frequency between them is read where the energy really lies.
        upper = torch.bucketize(frequencies, grid).clamp(1, grid.shape[0] - 1)
        lower = upper - 1
        share = ((frequencies - grid[lower]) / (grid[upper] - grid[lower])).clamp(0.0, 1.0)
        energy: torch.Tensor = power.new_zeros(power.shape[0], grid.shape[0])
        energy.index_add_(1, lower, power * (1 - share)).index_add_(1, upper, power * share)
        return energy

    def _spread_of(self, leak: torch.Tensor) -> torch.Tensor:
        """A(m, f') of the module's equation, [W, M, F']."""
        # A floor of 1e-9 of the energy keeps empty bands from hiding what a boost would do there.
        energy = self._energy + 1e-9 * self._energy.mean(dim=1, keepdim=True) + 1e-30
        spread = leak.to(energy)[None] * energy[:, None]
        spread = spread / spread.sum(dim=-1, keepdim=True).clamp(min=1e-300)
        return spread.float().to(self._windows.device)

    def eq_response(self, sos: torch.Tensor) -> torch.Tensor:
        """|H(f')|^2 of sections [B, S, 6] on the fine grid, float64, shape [B, F'].

        It is the same for all recordings of one sample rate.
        """
        return equalizer.power_response(sos, self._fine_hz, self.file_rate_hz)

    def eq_gain(self, values: Settings, response: torch.Tensor | None = None) -> torch.Tensor:
        """Return g(m) of the module's equation, shape [B, W, M]."""
        if response is None:
            response = self.eq_response(equalizer.sections(values["eq"], self.file_rate_hz))
        return torch.einsum("bf,wmf->bwm", response.to(self._spread), self._spread)

    def mel_power(self, settings: Settings, response: torch.Tensor | None = None) -> torch.Tensor:
        """Mel power of every window under every setting of the batch.

        Args:
            settings: ``eq`` and ``reverb`` act; ``gain`` is ignored (level is matched anyway).
                Tensors on the CPU, wherever the windows are: what is computed on them is small.
            response: :meth:`eq_response` of the same settings, where it is known already.

        Returns:
            Shape [B, W, M, frames].
        """
        power, gain = self.power_and_gain(settings, response)
        return power if gain is None else power * gain[..., None]

    def power_and_gain(
        self, settings: Settings, response: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """The two factors of :meth:`mel_power`, for who has more to multiply by.

        Returns:
            Mel power without the equalizer, [B, W, M, frames], or [1, W, M, frames] where all
            settings share it, and the equalizer's gain [B, W, M], or None for none.
        """
        power = self.dry_power[None]
        if "reverb" in settings and self._rooms is not None:
            power = self._rooms.mixed(self.dry_power, settings)
        return power, self.eq_gain(settings, response) if "eq" in settings else None


class _Rooms:
    """Stored powers and cross powers of the dry windows and of their reverberated versions."""

    def __init__(
        self,
        front_end: FrontEnd,
        segments: torch.Tensor,
        fade: torch.Tensor,
        dry: torch.Tensor,
        predelay_ms: float,
    ) -> None:
        self.sample_rate = front_end.sample_rate
        self.mel_centers_hz = front_end.mel_centers_hz.cpu()
        basis = front_end.mel_basis
        count = segments.shape[-1]
        size = 1 << (2 * count - 1).bit_length()
        source = torch.fft.rfft(segments, size)
        shift = round(predelay_ms / 1000.0 * self.sample_rate)
        self_power, next_power, dry_power = [], [], []
        before: torch.Tensor | None = None
        for t60_s in GRID_T60_S:
            room = _room_spectrum(self.sample_rate, t60_s, min(count, size // 2), size)
            wet = torch.fft.irfft(source * room.to(source.device), size)[..., :count]
            if shift:
                wet = torch.nn.functional.pad(wet, (shift, 0))[..., :count]
            spectrum = front_end.spectrum(wet[:, -fade.shape[0] :] * fade)
            self_power.append(basis @ spectrum.abs().square())
            dry_power.append(basis @ (dry.conj() * spectrum).real)
            if before is not None:
                next_power.append(basis @ (before.conj() * spectrum).real)
            before = spectrum
        self.self_power = torch.stack(self_power)  # [K, W, M, frames], as are the others
        self.next_power = torch.stack(next_power)
        self.dry_cross = torch.stack(dry_power)

    def mixed(self, dry_power: torch.Tensor, settings: Settings) -> torch.Tensor:
        """Mel power of dry plus wet, shape [B, W, M, frames]."""
        values = settings["reverb"]
        t60 = reverb.t60_at(values, self.mel_centers_hz)
        step = math.log(GRID_T60_S[1] / GRID_T60_S[0])
        position = (t60 / GRID_T60_S[0]).log() / step
        low = position.detach().floor().clamp(0, GRID_SIZE - 2).long()  # [B, M]
        share = (position - low).clamp(0.0, 1.0)
        amplitude = (
            reverb.gain_at(values, self.mel_centers_hz)
            * reverb.wet_scale(values, self.sample_rate)[:, None]
        )
        a, b = (amplitude * (1 - share)).to(dry_power), (amplitude * share).to(dry_power)
        weights = torch.stack((a.square(), b.square(), 2 * a * b, 2 * a, 2 * b))  # [5, B, M]
        parts = self._parts(low.to(dry_power.device))
        mixed: torch.Tensor = _Mixed.apply(weights, dry_power, *parts)  # type: ignore[no-untyped-call]
        return mixed

    def _parts(self, low: torch.Tensor) -> list[torch.Tensor]:
        """What is mixed with the dry power at each band's two decays, five of [B, W, M, frames].

        Args:
            low: Index of the shorter of both decays, [B, M].
        """
        _, windows, bands, frames = self.self_power.shape
        first = torch.arange(windows * bands, device=low.device).reshape(windows, bands)
        rows = (low[:, None] * (windows * bands) + first).flatten()

        def at(table: torch.Tensor, later: int = 0) -> torch.Tensor:
            found = table[later:].reshape(-1, frames).index_select(0, rows)
            return found.reshape(-1, windows, bands, frames)

        return [
            at(self.self_power), at(self.self_power, 1), at(self.next_power),
            at(self.dry_cross), at(self.dry_cross, 1),
        ]  # fmt: skip


class _Mixed(torch.autograd.Function):
    """Weighted sum of spectrograms, in as few passes over them as it takes.

    Weights [N, B, M], a first spectrogram [W, M, T] and N others [B, W, M, T] -> the first plus
    the others by their weights, at least ``_SMALLEST_POWER``. Only the weights get a gradient; once
    differentiable.
    """

    @staticmethod
    def forward(
        ctx: Any, weights: torch.Tensor, first: torch.Tensor, *others: torch.Tensor
    ) -> torch.Tensor:
        mixed = first.expand_as(others[0]).clone()
        for weight, other in zip(weights, others, strict=True):
            mixed += other * weight[:, None, :, None]
        mixed.clamp_(min=_SMALLEST_POWER)
        ctx.save_for_backward(mixed, *others)
        return mixed

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        mixed, *others = ctx.saved_tensors
        # Nothing where the sum was lifted to the least; `where` takes several times as long.
        gradient = gradients[0] * (mixed - _SMALLEST_POWER).sign_()
        found = [(gradient * other).sum(dim=-1).sum(dim=1) for other in others]
        return (torch.stack(found), None, *(None for _ in others))


@lru_cache(maxsize=64)
def _room_spectrum(sample_rate: int, t60_s: float, count: int, size: int) -> torch.Tensor:
    """Spectrum of the left noise under one exponential decay, complex64, shape [size/2 + 1]."""
    noise = reverb.noise(sample_rate)[0, :count]
    seconds = np.arange(noise.shape[-1]) / sample_rate
    decayed = noise * np.exp(-math.log(1000.0) * seconds / t60_s)
    spectrum: torch.Tensor = torch.fft.rfft(torch.from_numpy(decayed), size)
    return spectrum.to(torch.complex64)


def _fine_grid(nyquist_hz: float) -> torch.Tensor:
    """The fine frequency grid in Hz, float64, 8 Hz to Nyquist; steps of at least 1 Hz."""
    grid = [_FINE_LOW_HZ]
    ratio = 2 ** (1 / _FINE_STEPS_PER_OCTAVE)
    while grid[-1] < nyquist_hz:
        grid.append(max(grid[-1] * ratio, grid[-1] + _FINE_MIN_WIDTH_HZ))
    grid[-1] = nyquist_hz
    return torch.tensor(grid, dtype=torch.float64)


def _leakage(front_end: FrontEnd) -> tuple[torch.Tensor, torch.Tensor]:
    """The fine grid [F'] and the smeared mel filters L [M, F'], float64."""
    window = front_end.fft_window.detach().double().cpu()
    fine = _fine_grid(front_end.sample_rate / 2)
    size = window.shape[0] * _KERNEL_OVERSAMPLING
    kernel: torch.Tensor = torch.fft.rfft(window, size).abs().square()
    step = front_end.sample_rate / size
    bins = front_end.bin_frequencies_hz.detach().double().cpu()

    def smear(offset: torch.Tensor) -> torch.Tensor:
        index = (offset.abs() / step).round().long().clamp(max=kernel.shape[0] - 1)
        return kernel[index]

    leak = smear(bins[:, None] - fine) + smear(bins[:, None] + fine)  # [F, F']
    return fine, front_end.mel_basis.detach().double().cpu() @ leak
