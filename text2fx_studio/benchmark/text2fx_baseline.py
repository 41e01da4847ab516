"""The Text2FX search as its authors published it, over any encoder: the thing to beat.

Source: A. Chu, P. O'Reilly, J. Barnett, B. Pardo, "Text2FX: Harnessing CLAP Embeddings for
Text-Guided Audio Effects", ICASSP 2025, and the behaviour of its public code
(github.com/anniejchu/text2fx, commit b58e9e0; behaviour read, no code taken).

What is kept, step for step:

* the sound is folded to mono, brought to 44.1 kHz and scaled down if its peak exceeds 1;
* dasp-pytorch's own ``ParametricEQ`` and ``NoiseShapedReverb`` through ``process_normalized``:
  one tensor of logits, a sigmoid, dasp's linear ranges; a unit-normal start; Adam at 0.01;
  600 steps; the last iterate is returned, whatever its score;
* per step: a circular roll by a random number of samples, the effects, after each of them every
  channel whose peak exceeds 1 scaled down to 1, no loudness matching; then, as its encoder
  wrapper does, resampling to the encoder's rate, the mono fold, and a random crop of the
  encoder's window (a sound that is shorter is repeated until it fills the window);
* the reverb draws new noise and designs its filters at every call, and turns mono into stereo;
* cosine loss and directional loss as in :func:`cosine_loss` and :func:`directional_loss`, with
  the dry embedding taken once, from one random crop.

Where we are generous to it, in time: the encoder is loaded once and its weights are frozen
(Text2FX loads it at every call, and computes gradients of MS-CLAP's weights); there is no
logging and no first render of the random start; the resampling in the loop is one pair of FFTs.
Where we differ otherwise: the random numbers are seeded, which changes no distribution.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import scipy.fft
import soxr
import torch
from dasp_pytorch.functional import parametric_eq
from dasp_pytorch.modules import NoiseShapedReverb, ParametricEQ
from numpy.typing import NDArray

from text2fx_studio.benchmark.dasp_reverb_by_fft import NoiseShapedReverbByFFT
from text2fx_studio.encoders.protocol import Listener
from text2fx_studio.errors import AudioContentError, PromptError, UsageError

Loss = Literal["cosine", "directional"]

SAMPLE_RATE_HZ = 44_100
STEPS = 600
LEARNING_RATE = 0.01


class Processor(Protocol):
    """What the search uses of a dasp-pytorch processor."""

    param_ranges: Mapping[str, tuple[float, float]]
    num_params: int

    def process_normalized(self, x: torch.Tensor, param_tensor: torch.Tensor) -> torch.Tensor:
        """Audio [1, C, T] and parameters in 0..1 [1, P] -> audio [1, C', T]."""
        ...

    def extract_param_dict(self, param_tensor: torch.Tensor) -> dict[str, torch.Tensor]:
        """Parameters [1, P] by name."""
        ...

    def denormalize_param_dict(self, param_dict: dict[str, torch.Tensor]) -> dict[str, Any]:
        """Parameters in 0..1 to their ranges."""
        ...


PROCESSORS: Mapping[str, Callable[[int], Processor]] = {
    "eq": ParametricEQ,
    "reverb": NoiseShapedReverb,
}


@dataclass(frozen=True)
class BaselineResult:
    """What a baseline search ended with, and how long it took.

    Attributes:
        audio: The whole sound through the last iterate's effects, float32 [C, T] at
            ``sample_rate``: C is 1 for the equalizer, 2 with the reverb (its noise is drawn anew).
        sample_rate: In Hz, always 44,100.
        setting: One ``{"effect", "parameters"}`` for each effect, in dasp's names and units.
        scores: 1 - loss of every step, as the search saw it (on that step's random crop).
        step_seconds: Wall time of every step, in s.
        step_cpu_seconds: Processor time of every step, all threads together, in s.
        other_seconds: Wall time before the first and after the last step, in s.
    """

    audio: NDArray[np.float32]
    sample_rate: int
    setting: list[dict[str, Any]]
    scores: list[float]
    step_seconds: list[float]
    step_cpu_seconds: list[float]
    other_seconds: float

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.step_seconds)


def cosine_loss(audio: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    """1 - cos(audio, text): embeddings [B, D] twice -> [B]. Text2FX, equation 1."""
    return 1 - torch.cosine_similarity(audio, text, dim=-1)


def directional_loss(
    audio: torch.Tensor, dry: torch.Tensor, text: torch.Tensor, opposite: torch.Tensor
) -> torch.Tensor:
    """1 - cos(norm(audio - dry), norm(text - opposite)), without a guard at zero, as published.

    Args:
        audio: Embeddings of the processed sound, [B, D].
        dry: Of the sound as it came, [B, D].
        text: Of "this sound is {prompt}", [B, D].
        opposite: Of "this sound is not {prompt}", [B, D].

    Returns:
        Shape [B]; NaN where ``audio`` equals ``dry``.
    """
    heard, meant = audio - dry, text - opposite
    heard = heard / heard.norm(dim=-1, keepdim=True)
    meant = meant / meant.norm(dim=-1, keepdim=True)
    return 1 - torch.cosine_similarity(heard, meant, dim=-1)


def limit_peaks(audio: torch.Tensor) -> torch.Tensor:
    """Scale every channel of [..., T] whose peak exceeds 1 down to a peak of 1."""
    limited: torch.Tensor = audio / audio.abs().amax(dim=-1, keepdim=True).clamp(min=1.0)
    return limited


def resample_by_fft(audio: torch.Tensor, rate_in: int, rate_out: int) -> torch.Tensor:
    """Band-limited resampling of [..., T] by cutting or padding the spectrum; differentiable.

    Args:
        audio: Shape [..., T].
        rate_in: Its sample rate in Hz.
        rate_out: The wanted one in Hz.

    Returns:
        Shape [..., ceil(T * rate_out / rate_in)].
    """
    if rate_in == rate_out:
        return audio
    length = audio.shape[-1]
    divisor = math.gcd(rate_in, rate_out)
    down, up = rate_in // divisor, rate_out // divisor
    blocks: int = scipy.fft.next_fast_len(-(-length // down), real=True)
    spectrum = torch.fft.rfft(audio, n=blocks * down)
    resampled: torch.Tensor = torch.fft.irfft(spectrum, n=blocks * up) * (up / down)
    return resampled[..., : -(-length * rate_out // rate_in)]


def crop_for_encoder(mono: torch.Tensor, encoder: Listener) -> torch.Tensor:
    """A random crop of [1, T] of the encoder's window; a shorter sound is repeated to fill it."""
    window = round(encoder.window_s * encoder.sample_rate)
    length = mono.shape[-1]
    if length <= window:
        return mono.repeat(1, -(-window // length))[:, :window]
    start = int(torch.randint(0, length - window, (1,)))
    return mono[:, start : start + window]


def make_processors(chain: str, reverb_by_fft: bool = False) -> list[tuple[str, Processor]]:
    """The dasp processors of a chain such as ``eq,reverb``, at 44.1 kHz.

    Args:
        chain: Kinds, joined by commas.
        reverb_by_fft: Put the reverb's equivalent, faster twin in its place.

    Raises:
        UsageError: The chain holds anything but ``eq`` and ``reverb``, each at most once.
    """
    kinds = [part.strip() for part in chain.split(",") if part.strip()]
    if not kinds or len(set(kinds)) != len(kinds) or any(k not in PROCESSORS for k in kinds):
        raise UsageError(
            f"baseline chain: found {chain!r}; allowed are 'eq', 'reverb' and 'eq,reverb'"
        )
    makers = {**PROCESSORS, "reverb": NoiseShapedReverbByFFT} if reverb_by_fft else PROCESSORS
    return [(kind, makers[kind](SAMPLE_RATE_HZ)) for kind in kinds]


def apply_effects(
    processors: Sequence[tuple[str, Processor]], audio: torch.Tensor, logits: torch.Tensor
) -> torch.Tensor:
    """Run the effects and limit the peaks after each.

    Args:
        processors: As of :func:`make_processors`.
        audio: Shape [1, 1, T] at 44.1 kHz.
        logits: Shape [1, P]; a sigmoid maps them onto dasp's ranges.

    Returns:
        Shape [1, C, T].
    """
    parameters = torch.sigmoid(logits)
    start = 0
    for _, processor in processors:
        own = parameters[:, start : start + processor.num_params]
        start += processor.num_params
        audio = limit_peaks(processor.process_normalized(audio, own))
    return audio


def physical_setting(
    processors: Sequence[tuple[str, Processor]], logits: torch.Tensor
) -> list[dict[str, Any]]:
    """The setting behind logits [1, P] as plain data, in dasp's names and units."""
    parameters = torch.sigmoid(logits.detach())
    setting: list[dict[str, Any]] = []
    start = 0
    for kind, processor in processors:
        own = parameters[:, start : start + processor.num_params]
        start += processor.num_params
        values = processor.denormalize_param_dict(processor.extract_param_dict(own))
        setting.append(
            {"effect": kind, "parameters": {name: float(v) for name, v in values.items()}}
        )
    return setting


def eq_response_db(
    parameters: Mapping[str, float], frequencies_hz: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Response of dasp's equalizer in dB, read off an impulse through the processor itself.

    Args:
        parameters: As :func:`physical_setting` names them.
        frequencies_hz: Below 22 kHz.
    """
    impulse = torch.zeros(1, 1, 2 * SAMPLE_RATE_HZ)
    impulse[..., 0] = 1.0
    values = {name: torch.tensor([value]) for name, value in parameters.items()}
    passed = parametric_eq(impulse, SAMPLE_RATE_HZ, **values)
    spectrum = np.abs(np.fft.rfft(passed[0, 0].double().numpy()))
    bins = np.fft.rfftfreq(impulse.shape[-1], 1 / SAMPLE_RATE_HZ)
    return np.asarray(20 * np.log10(np.interp(frequencies_hz, bins, spectrum) + 1e-9))


def prepare(audio: NDArray[np.float32], sample_rate: int) -> torch.Tensor:
    """Fold [C, T] to mono, bring it to 44.1 kHz and limit its peak: shape [1, 1, T].

    Raises:
        AudioContentError: The sound is empty or holds values that are not finite.
    """
    if audio.ndim != 2 or audio.size == 0:
        raise AudioContentError(f"audio: found shape {audio.shape}, needed is [channels, samples]")
    if not np.isfinite(audio).all():
        raise AudioContentError("audio: holds NaN or infinite samples; repair the file first")
    mono = soxr.resample(audio.mean(axis=0), sample_rate, SAMPLE_RATE_HZ, quality="VHQ")
    return limit_peaks(torch.from_numpy(np.asarray(mono, dtype=np.float32))[None, None])


def search(
    audio: NDArray[np.float32],
    sample_rate: int,
    prompt: str,
    chain: str,
    encoder: Listener,
    *,
    loss: Loss = "cosine",
    seed: int = 0,
    steps: int = STEPS,
    device: str = "cpu",
    reverb_by_fft: bool = False,
    on_step: Callable[[int, int], None] | None = None,
) -> BaselineResult:
    """Search the setting that brings the sound nearest to the prompt, the way Text2FX does.

    Args:
        audio: Float32 [C, T], full scale 1.
        sample_rate: In Hz.
        prompt: What the sound should be; stands in "this sound is {prompt}".
        chain: ``eq``, ``reverb`` or ``eq,reverb``.
        encoder: Any encoder, loaded.
        loss: ``cosine`` or ``directional``.
        seed: Of start, rolls, crops and the reverb's noise. The global generator is left as is.
        steps: 600 in Text2FX; fewer to time one step.
        device: Where to compute.
        reverb_by_fft: Use the reverb's twin (``dasp_reverb_by_fft``): the same search in less
            time, for its score. Never for its time.
        on_step: Called after every step with (steps done, steps).

    Raises:
        UsageError: The chain, the loss or the number of steps is not possible.
        PromptError: The prompt is empty.
        AudioContentError: The sound is empty or not finite.
    """
    if loss not in ("cosine", "directional"):
        raise UsageError(f"baseline loss: found {loss!r}; allowed are cosine, directional")
    if steps < 1:
        raise UsageError(f"baseline steps: found {steps}, at least 1 is needed")
    if not prompt.strip():
        raise PromptError("prompt: is empty; say how the recording should sound")
    processors = make_processors(chain, reverb_by_fft)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _search(
            prepare(audio, sample_rate).to(device),
            prompt, processors, encoder.to(device), loss, steps, on_step,
        )  # fmt: skip


def _search(
    sound: torch.Tensor,
    prompt: str,
    processors: Sequence[tuple[str, Processor]],
    encoder: Listener,
    loss: Loss,
    steps: int,
    on_step: Callable[[int, int], None] | None,
) -> BaselineResult:
    begun = time.perf_counter()
    with torch.no_grad():
        text = encoder.embed_text([f"this sound is {prompt}"])
        if loss == "directional":
            opposite = encoder.embed_text([f"this sound is not {prompt}"])
            dry = _embed(sound, encoder)
    logits = torch.randn(1, sum(p.num_params for _, p in processors)).to(sound.device)
    logits.requires_grad_(True)
    optimizer = torch.optim.Adam([logits], lr=LEARNING_RATE)
    other_seconds = time.perf_counter() - begun

    scores: list[float] = []
    step_seconds: list[float] = []
    step_cpu_seconds: list[float] = []
    for step in range(steps):
        begun, cpu_begun = time.perf_counter(), time.process_time()
        shift = int(torch.randint(0, sound.shape[-1], (1,)))
        wet = apply_effects(processors, torch.roll(sound, shift, dims=-1), logits)
        heard = _embed(wet, encoder)
        if loss == "directional":
            value = directional_loss(heard, dry, text, opposite).mean()
        else:
            value = cosine_loss(heard, text).mean()
        optimizer.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        scores.append(1.0 - value.item())
        step_seconds.append(time.perf_counter() - begun)
        step_cpu_seconds.append(time.process_time() - cpu_begun)
        if on_step is not None:
            on_step(step + 1, steps)

    begun = time.perf_counter()
    with torch.no_grad():
        rendered = apply_effects(processors, sound, logits)[0].cpu().numpy()
    other_seconds += time.perf_counter() - begun
    return BaselineResult(
        audio=np.ascontiguousarray(rendered, dtype=np.float32),
        sample_rate=SAMPLE_RATE_HZ,
        setting=physical_setting(processors, logits),
        scores=scores,
        step_seconds=step_seconds,
        step_cpu_seconds=step_cpu_seconds,
        other_seconds=other_seconds,
    )


def _embed(audio: torch.Tensor, encoder: Listener) -> torch.Tensor:
    """Audio [1, C, T] at 44.1 kHz -> embedding [1, D], by way of Text2FX's encoder wrapper."""
    at_rate = resample_by_fft(audio, SAMPLE_RATE_HZ, encoder.sample_rate)
    return encoder.embed_audio(crop_for_encoder(at_rate.mean(dim=1), encoder))
