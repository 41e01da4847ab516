"""``text2fx bench speed``: our search beside the faithful Text2FX search, in one run.

Both get the same sound, prompt and loaded encoder; Text2FX runs on all of torch's threads, ours on
as many as the encoder asks for. Ours is timed whole, warm, as the median of several runs. Of the
baseline's 600 steps some are timed and the rest is extrapolated, which the report says; with
``full`` all are taken. The reverb is the exception: dasp's direct convolution takes hours for 600
steps, so they are only ever taken with its FFT twin (the same search; see
``dasp_reverb_by_fft``), whose own time is reported beside.

The scores compare what one hears, not what either search believes: both results are rendered to
samples, matched in loudness to the dry sound, cut at the dry sound's loudest windows, and judged
by the encoder with Text2FX's own text.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import soxr
import torch
from numpy.typing import NDArray

from dsp.loudness import integrated_lufs
from dsp.spectrum import edge_fade
from text2fx_studio.benchmark import text2fx_baseline as baseline
from text2fx_studio.encoders.protocol import Encoder, Listener
from text2fx_studio.search.options import PRIOR_WEIGHT
from text2fx_studio.search.result import Progress, Result
from text2fx_studio.search.windows import ArraySource, fold, loud_windows

WARM_UP_STEPS = 1
TWIN_STEPS = 10


class Judge:
    """Scores renderings of one sound against one prompt, all in the same way.

    Args:
        audio: The dry sound, float32 [C, T].
        sample_rate: In Hz.
        prompt: Stands in "this sound is {prompt}".
        encoder: Who judges.

    Raises:
        AudioContentError: The sound is silent, not finite, or shorter than 0.2 s.
    """

    def __init__(
        self, audio: NDArray[np.float32], sample_rate: int, prompt: str, encoder: Listener
    ) -> None:
        self.encoder = encoder
        self._text = encoder.embed_text([f"this sound is {prompt}"])
        windows = loud_windows(ArraySource(audio, sample_rate), encoder.window_s, context_s=0.0)
        self.starts_s = windows.starts_s
        dry = self._mono(audio, sample_rate)
        self._length = dry.shape[0]
        self._dry_lufs = integrated_lufs(dry[None], encoder.sample_rate)

    def score(self, audio: NDArray[np.float32], sample_rate: int) -> float:
        """Mean cosine of the windows' embeddings [W, D] with the prompt's [1, D].

        Args:
            audio: A rendering of the dry sound, [C', T'], as long as it or with a tail.
            sample_rate: In Hz.
        """
        mono = self._mono(audio, sample_rate)[: self._length]
        mono = np.pad(mono, (0, self._length - mono.shape[0]))
        rate = self.encoder.sample_rate
        lufs = integrated_lufs(mono[None], rate)
        if np.isfinite(lufs) and np.isfinite(self._dry_lufs):
            mono = mono * 10 ** ((self._dry_lufs - lufs) / 20)
        size = round(self.encoder.window_s * rate)
        starts = [round(start_s * rate) for start_s in self.starts_s]
        padded = np.pad(mono, (0, size))
        pieces = torch.from_numpy(np.stack([padded[start : start + size] for start in starts]))
        with torch.no_grad():
            heard = self.encoder.embed_audio((pieces * edge_fade(size, rate)).float())
            return float(torch.cosine_similarity(heard, self._text, dim=-1).mean())

    def _mono(self, audio: NDArray[np.float32], sample_rate: int) -> NDArray[np.float64]:
        mono = fold(audio).astype(np.float64)
        return np.asarray(soxr.resample(mono, sample_rate, self.encoder.sample_rate, "VHQ"))


@dataclass(frozen=True)
class Timing:
    """Wall time of one baseline search.

    Attributes:
        step_seconds: Median of one step, in s.
        step_cpu_seconds: Median of one step's processor time, all threads together, in s: what
            other work on the machine lengthens least.
        measured_steps: Over how many steps that median goes.
        seconds: Of the whole search of 600 steps, in s.
        extrapolated: Whether ``seconds`` is 600 times the median plus the rest, or measured.
    """

    step_seconds: float
    step_cpu_seconds: float
    measured_steps: int
    seconds: float
    extrapolated: bool

    @classmethod
    def of(cls, result: baseline.BaselineResult) -> Timing:
        """Leave the first step out as warm-up, and extrapolate if steps are missing."""
        measured = result.step_seconds[WARM_UP_STEPS:]
        median = statistics.median(measured)
        cpu_median = statistics.median(result.step_cpu_seconds[WARM_UP_STEPS:])
        full = result.steps >= baseline.STEPS
        steps_seconds = sum(result.step_seconds) if full else baseline.STEPS * median
        seconds = result.other_seconds + steps_seconds
        return cls(median, cpu_median, len(measured), seconds, not full)


class _Steps:
    """Counts the time between the steps of our searches; called as their ``progress``."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._seconds: list[float] = []

    def __call__(self, found: Progress) -> None:
        now = time.perf_counter()
        if self._last is not None and found.chain is not None:
            self._seconds.append(now - self._last)
        self._last = None if found.chain is None else now

    @property
    def median_seconds(self) -> float:
        """Of one step; 0 where there was none."""
        return statistics.median(self._seconds) if self._seconds else 0.0


@dataclass(frozen=True)
class ChainSpeed:
    """One chain's comparison, like for like: our search without its prior, as Text2FX has none.

    Attributes:
        chain: ``eq``, ``reverb`` or ``eq,reverb``.
        prompt: What both searches were asked for.
        ours_seconds: Median wall time of our whole search, render included, in s.
        ours_runs_seconds: Of every run, in s; the first may fill caches.
        ours_cpu_seconds: Median processor time of a run, all threads together, in s.
        ours_steps: Steps that our search took.
        ours_step_seconds: Median wall time of one of them, all its starts and windows together.
        ours_reason: What our search says of its result: whether it beats the dry sound, and
            whether it left the reverb alone because the prompt says nothing about space.
        baseline: The faithful baseline's time.
        baseline_by_fft: The time of the same search with the reverb's FFT twin; None without
            reverb.
        baseline_upstream: The faithful baseline's time over the encoder's own package; None
            where there is none.
        ratio: ``baseline.seconds / ours_seconds``.
        cpu_ratio: The same in processor time, the baseline's being 600 median steps.
        score_dry: By :class:`Judge`, as the next two.
        score_ours: Of our rendered result.
        shipped_seconds: Wall time of our search as the product runs it, with its prior, in s.
        score_shipped: Of that result: lower, because the prior keeps settings moderate.
        score_baseline: Of the baseline's rendered last iterate.
        score_baseline_steps: After how many steps that was; 600 is the whole search.
    """

    chain: str
    prompt: str
    ours_seconds: float
    ours_runs_seconds: list[float]
    ours_cpu_seconds: float
    ours_steps: int
    ours_step_seconds: float
    ours_reason: str
    baseline: Timing
    baseline_by_fft: Timing | None
    baseline_upstream: Timing | None
    ratio: float
    cpu_ratio: float
    score_dry: float
    score_ours: float
    shipped_seconds: float
    score_shipped: float
    score_baseline: float
    score_baseline_steps: int


@dataclass(frozen=True)
class SpeedReport:
    """All that ``bench speed`` says; ``to_data`` is its JSON.

    ``threads`` are torch's, which Text2FX runs on; ``ours_threads`` those of our search.
    ``load_average`` is the machine's over the minute before the start (1 is one busy CPU): other
    work slows both searches. None where the system does not tell. ``upstream`` is the id of the
    encoder in its authors' package, or why there is none.
    """

    audio: str
    seconds: float
    sample_rate: int
    channels: int
    encoder: str
    upstream: str
    loss: str
    seed: int
    threads: int
    ours_threads: int
    cpus: int
    load_average: float | None
    machine: str
    torch_version: str
    chains: list[ChainSpeed]

    def to_data(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {"benchmark": "speed", **asdict(self)}


def compare(
    audio: NDArray[np.float32],
    sample_rate: int,
    prompt: str,
    chain: str,
    encoder: Encoder,
    *,
    baseline_steps: int,
    full: bool = False,
    repeats: int = 3,
    loss: baseline.Loss = "cosine",
    seed: int = 0,
    on_step: Callable[[int, int], None] | None = None,
    upstream: Listener | None = None,
) -> ChainSpeed:
    """Time and score both searches on one chain.

    Args:
        audio: Float32 [C, T].
        sample_rate: In Hz.
        prompt: What the sound should be.
        chain: ``eq``, ``reverb`` or ``eq,reverb``.
        encoder: Loaded.
        baseline_steps: Steps to measure after one of warm-up.
        full: Take all 600 steps, with a reverb those of its FFT twin.
        repeats: Of our search.
        loss: Of both searches.
        seed: Of both searches.
        on_step: Told after every baseline step (done, of).
        upstream: The same weights in their authors' package, for a second baseline.
    """
    from text2fx_studio import optimize

    judge = Judge(audio, sample_rate, prompt, encoder)
    runs: list[float] = []
    cpu_runs: list[float] = []
    steps = _Steps()

    def optimized(prior_weight: float) -> Result:
        return optimize(
            audio, sample_rate, prompt, chain=chain, encoder=encoder, loss=loss, seed=seed,
            device="cpu", prior_weight=prior_weight, progress=steps,
        )  # fmt: skip

    for _ in range(repeats):
        begun, cpu_begun = time.perf_counter(), time.process_time()
        ours = optimized(0.0)
        runs.append(time.perf_counter() - begun)
        cpu_runs.append(time.process_time() - cpu_begun)
    begun = time.perf_counter()
    shipped = optimized(PRIOR_WEIGHT)
    shipped_seconds = time.perf_counter() - begun

    def search(steps: int, by_fft: bool, over: Listener = encoder) -> baseline.BaselineResult:
        return baseline.search(
            audio, sample_rate, prompt, chain, over, loss=loss, seed=seed, steps=steps,
            reverb_by_fft=by_fft, on_step=on_step,
        )  # fmt: skip

    has_reverb = "reverb" in chain
    few = baseline_steps + WARM_UP_STEPS
    theirs = search(baseline.STEPS if full and not has_reverb else few, by_fft=False)
    timing, twin_timing = Timing.of(theirs), None
    if has_reverb:
        twin = search(baseline.STEPS if full else TWIN_STEPS + WARM_UP_STEPS, by_fft=True)
        twin_timing = Timing.of(twin)
        theirs = max(theirs, twin, key=lambda result: result.steps)
    own = None if upstream is None else Timing.of(search(few, by_fft=False, over=upstream))
    ours_seconds, ours_cpu_seconds = statistics.median(runs), statistics.median(cpu_runs)
    return ChainSpeed(
        chain=chain,
        prompt=prompt,
        ours_seconds=ours_seconds,
        ours_runs_seconds=runs,
        ours_cpu_seconds=ours_cpu_seconds,
        ours_steps=int(ours.steps),
        ours_step_seconds=steps.median_seconds,
        ours_reason=ours.reason,
        baseline=timing,
        baseline_by_fft=twin_timing,
        baseline_upstream=own,
        ratio=timing.seconds / ours_seconds,
        cpu_ratio=baseline.STEPS * timing.step_cpu_seconds / ours_cpu_seconds,
        score_dry=judge.score(audio, sample_rate),
        score_ours=judge.score(ours.audio, sample_rate),
        shipped_seconds=shipped_seconds,
        score_shipped=judge.score(shipped.audio, sample_rate),
        score_baseline=judge.score(theirs.audio, theirs.sample_rate),
        score_baseline_steps=theirs.steps,
    )


def run(
    audio: NDArray[np.float32],
    sample_rate: int,
    requests: Sequence[tuple[str, str]],
    encoder: Encoder,
    *,
    audio_name: str,
    baseline_steps: Callable[[str], int],
    full: bool = False,
    repeats: int = 3,
    loss: baseline.Loss = "cosine",
    seed: int = 0,
    on_step: Callable[[str, int, int], None] | None = None,
    upstream: Listener | None = None,
    no_upstream: str = "",
) -> SpeedReport:
    """Compare on every chain; see :func:`compare`.

    Args:
        audio: Float32 [C, T].
        sample_rate: In Hz.
        requests: (chain, prompt) of every comparison; chains as in :func:`compare`.
        encoder: Loaded.
        audio_name: For the report.
        baseline_steps: Steps to measure for a chain.
        full: Take all 600 steps; see :func:`compare`.
        repeats: Of our search.
        loss: Of both searches.
        seed: Of both searches.
        on_step: Told (chain, steps done, steps) after every baseline step.
        upstream: The same weights in their authors' package, for a second baseline.
        no_upstream: Why there is none, for the report.

    Raises:
        UsageError: A chain that the baseline does not have; before anything is timed.
    """
    for chain, _ in requests:
        baseline.make_processors(chain)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    found = [
        compare(
            audio, sample_rate, prompt, chain, encoder,
            baseline_steps=baseline_steps(chain), full=full, repeats=repeats, loss=loss, seed=seed,
            on_step=None if on_step is None else _named(on_step, chain), upstream=upstream,
        )
        for chain, prompt in requests
    ]  # fmt: skip
    return SpeedReport(
        audio=audio_name,
        seconds=audio.shape[1] / sample_rate,
        sample_rate=sample_rate,
        channels=audio.shape[0],
        encoder=encoder.id,
        upstream=no_upstream if upstream is None else upstream.id,
        loss=loss,
        seed=seed,
        threads=torch.get_num_threads(),
        ours_threads=encoder.cpu_threads or torch.get_num_threads(),
        cpus=os.cpu_count() or 0,
        load_average=load,
        machine=platform.machine(),
        torch_version=str(torch.__version__),
        chains=found,
    )


def _named(on_step: Callable[[str, int, int], None], chain: str) -> Callable[[int, int], None]:
    return lambda done, total: on_step(chain, done, total)
