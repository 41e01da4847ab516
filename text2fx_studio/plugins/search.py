"""Search through a plugin, which has no gradient: CMA-ES on the encoder's score.

N. Hansen, "The CMA Evolution Strategy: A Tutorial" (2016), by the package ``cma``. The variables
are the chosen parameters on the plugin's raw scale, 0..1. A setting is heard as the result will
be: the recording's loud windows through the chain that was found before and through the plugin, at
the loudness of the dry sound. The start, the best found, and leaving the plugin out are compared;
the plugin stays only if it brings the sound closer by the same margin that the chain must bring.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from dsp.chain import Chain
from dsp.loudness import integrated_lufs
from dsp.render import render_array
from text2fx_studio.errors import CancelledError, UsageError
from text2fx_studio.plugins.host import PluginHost
from text2fx_studio.plugins.hosted import HostedPlugin, Place
from text2fx_studio.plugins.library import PluginInfo, open_plugin
from text2fx_studio.plugins.parameter import PluginParameter
from text2fx_studio.search.effort import effort_for
from text2fx_studio.search.engine import ACCEPT_MARGIN
from text2fx_studio.search.options import Options, check_loss
from text2fx_studio.search.preparation import encoder_for
from text2fx_studio.search.scoring import embed_windows, score
from text2fx_studio.search.target import build_target, check_words
from text2fx_studio.search.threads import cpu_threads
from text2fx_studio.search.windows import Source, Windows, loud_windows, window_seconds

BUDGET = 200
MOST_PARAMETERS = 24
_SPREAD = 0.25  # first standard deviation on the raw scale
_STAY = 0.1  # price of the squared distance from the start: extremes must be worth it
_CONTEXT_S = 0.5  # for the plugin to settle before each window

OnEvaluation = Callable[[int, int, float], None]
Segments = list[NDArray[np.float32]]


@dataclass(frozen=True)
class PluginSearch:
    """What a search through a plugin found.

    Attributes:
        plugin: The plugin with the state found; None if leaving it out is no worse.
        parameters: Searched parameters as the plugin writes them, by key, at the state found.
        score_dry: Of the untouched sound.
        score_before: Of the chain without the plugin.
        score_start: With the plugin as it was at the start.
        score_after: With the best state found.
        evaluations: Settings that were heard.
        seconds: Wall time.
        history: Best score after every evaluation.
    """

    plugin: HostedPlugin | None
    parameters: dict[str, str]
    score_dry: float
    score_before: float
    score_start: float
    score_after: float
    evaluations: int
    seconds: float
    history: tuple[float, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the plugin brings the sound closer to the words."""
        return self.plugin is not None


def search_plugin(
    source: Source,
    prompt: str,
    info: PluginInfo,
    keys: Sequence[str],
    *,
    base: Chain | None = None,
    place: Place = "after",
    state: bytes = b"",
    budget: int = BUDGET,
    on_evaluation: OnEvaluation | None = None,
    **options: Unpack[Options],
) -> PluginSearch:
    """Find values of a plugin's parameters that bring a recording closer to a prompt.

    Args:
        source: The recording.
        prompt: How it should sound; empty where the options hold concepts.
        info: The plugin.
        keys: Of the parameters to search, 1 to 24.
        base: The app's own effects, as a search has found them; they stay as they are.
        place: Of the plugin, before or after the chain.
        state: Of the plugin at the start; empty for its default.
        budget: Settings to hear, at least 2.
        on_evaluation: Called with settings heard, the budget, and the best score so far.
        **options: As ``text2fx_studio.search`` takes them; ``seed``, ``loss``, ``space``,
            ``concepts``, ``encoder``, ``device`` and ``cancel`` are used. The same seed gives the
            same result, as far as the plugin itself gives the same sound twice.

    Raises:
        UsageError: A parameter is unknown or cannot be searched, or the budget is too small.
        PluginError: The plugin cannot be loaded, crashes or hangs.
        AudioContentError: The recording is too short or silent.
        CancelledError: ``cancel`` returned True.
    """
    began = time.perf_counter()
    if budget < 2:
        raise UsageError(f"evaluations: found {budget}, at least 2 are needed")
    words = check_words(prompt, options)
    loss = check_loss(options.get("loss", "cosine"))
    encoder, device = encoder_for(options)
    with (
        cpu_threads(encoder.cpu_threads if device == "cpu" else None),
        open_plugin(info) as host,
    ):
        host.restore(state)
        searched = chosen(host, keys)
        target = build_target(words, encoder, loss, options)
        window_s = window_seconds(encoder, source.frames / source.sample_rate)
        windows = loud_windows(
            source, window_s, count=effort_for(encoder, device).windows, context_s=_CONTEXT_S
        )
        dry = embed_windows(encoder, windows, Chain(), device, target.space)
        ear = _Ear(host, windows, base or Chain(), place)

        def heard(segments: Segments) -> float:
            matched = replace(windows, segments=tuple(segments))
            placed = embed_windows(encoder, matched, Chain(), device, target.space)
            found = score(placed, dry, target)
            return found if math.isfinite(found) else -1.0

        before = heard(ear.without_plugin())
        run = _descend(
            searched,
            lambda values: heard(ear.with_plugin(values)),
            budget=budget,
            seed=options.get("seed", 0),
            told=_listener(options, on_evaluation, budget),
        )
        host.set_raw(run.values)
        texts = {p.key: p.text for p in host.parameters() if p.key in run.values}
        found_state = host.state()
    better = run.score - before >= ACCEPT_MARGIN
    plugin = HostedPlugin(
        info.name, info.identifier, format=info.format, place=place,  # type: ignore[arg-type]
        manufacturer=info.manufacturer, version=info.version, path=info.path, state=found_state,
    )  # fmt: skip
    return PluginSearch(
        plugin=plugin if better else None,
        parameters=texts,
        score_dry=score(dry, dry, target),
        score_before=before,
        score_start=run.first,
        score_after=run.score,
        evaluations=len(run.history),
        seconds=time.perf_counter() - began,
        history=tuple(run.history),
    )


def chosen(host: PluginHost, keys: Sequence[str]) -> list[PluginParameter]:
    """The parameters of those keys.

    Raises:
        UsageError: One is unknown, or there are none or too many.
    """
    known = {p.key: p for p in host.parameters()}
    wanted = list(dict.fromkeys(keys))
    if not 1 <= len(wanted) <= MOST_PARAMETERS:
        raise UsageError(
            f"{host.name}: found {len(wanted)} parameters to search, allowed are 1 to "
            f"{MOST_PARAMETERS}; it has {', '.join(known)}"
        )
    for key in wanted:
        if key not in known:
            raise UsageError(
                f"{host.name}: has no parameter {key!r} to search; it has {', '.join(known)}"
            )
    return [known[key] for key in wanted]


class _Ear:
    """The windows through chain and plugin, each at its dry loudness."""

    def __init__(self, host: PluginHost, windows: Windows, chain: Chain, place: Place) -> None:
        self._host, self._windows, self._chain, self._place = host, windows, chain, place
        self._loudness = [self._lufs(segment) for segment in windows.segments]
        first = list(windows.segments) if place == "before" else self._chained(windows.segments)
        host.hold(first, windows.sample_rate)

    def without_plugin(self) -> Segments:
        return self._matched(self._chained(self._windows.segments))

    def with_plugin(self, values: dict[str, float]) -> Segments:
        heard = [np.nan_to_num(s, posinf=0.0, neginf=0.0) for s in self._host.run_held(values)]
        return self._matched(self._chained(heard) if self._place == "before" else heard)

    def _chained(self, segments: Sequence[NDArray[np.float32]]) -> Segments:
        rate = self._windows.sample_rate
        return [render_array(s, rate, self._chain, tail=False) for s in segments]

    def _matched(self, segments: Segments) -> Segments:
        out = []
        for segment, wanted in zip(segments, self._loudness, strict=True):
            level = self._lufs(segment)
            gain_db = wanted - level if math.isfinite(wanted) and math.isfinite(level) else 0.0
            out.append((segment * 10 ** (min(gain_db, 60.0) / 20)).astype(np.float32))
        return out

    def _lufs(self, segment: NDArray[np.float32]) -> float:
        return integrated_lufs(segment[:, self._windows.context :], self._windows.sample_rate)


@dataclass
class _Run:
    values: dict[str, float]
    first: float
    score: float
    history: list[float]


def _descend(
    searched: Sequence[PluginParameter],
    judge: Callable[[dict[str, float]], float],
    *,
    budget: int,
    seed: int,
    told: Callable[[int, float], None],
) -> _Run:
    """CMA-ES on 0..1; the start is heard first, the best of all is kept."""
    start = np.array([min(max(p.raw, 0.0), 1.0) for p in searched])
    best, history = start, []
    first = score_best = -math.inf

    def price(x: NDArray[np.float64]) -> float:
        return _STAY * float(((x - start) ** 2).sum())

    def try_out(x: NDArray[np.float64]) -> float:
        nonlocal best, score_best
        value = judge({p.key: float(v) for p, v in zip(searched, x, strict=True)})
        if value - price(x) > score_best - price(best):
            best, score_best = x.copy(), value
        history.append(score_best)
        told(len(history), score_best)
        return price(x) - value

    try_out(start)
    first = score_best
    for asked in _generations(start, budget - 1, seed, try_out):
        if asked >= budget - 1:
            break
    values = {p.key: float(v) for p, v in zip(searched, best, strict=True)}
    return _Run(values, first, score_best, history)


def _generations(
    start: NDArray[np.float64],
    budget: int,
    seed: int,
    try_out: Callable[[NDArray[np.float64]], float],
) -> Any:
    """Ask and tell until the budget is spent; one variable becomes two, which CMA-ES needs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that matplotlib, which draws its plots, is not there
        import cma
    generator = np.random.Generator(np.random.PCG64(seed))
    size = max(len(start), 2)
    centre = np.clip(np.resize(start, size), 0.02, 0.98)
    strategy = cma.CMAEvolutionStrategy(
        centre,
        _SPREAD,
        {
            "bounds": [0.0, 1.0],
            "seed": np.nan,  # numpy's global generator stays untouched: ours draws
            "randn": lambda *shape: generator.standard_normal(shape),
            "verbose": -9,
            "maxfevals": budget,
            "tolfun": 0.0,
            "tolfunhist": 0.0,
            "tolx": 1e-4,
            "tolflatfitness": 10,
        },
    )
    spent = 0
    while spent < budget and not strategy.stop():
        points = strategy.ask()
        prices = []
        for point in points[: budget - spent]:
            prices.append(try_out(np.clip(np.asarray(point)[: len(start)], 0.0, 1.0)))
            spent += 1
            yield spent
        if len(prices) == len(points):
            strategy.tell(points, prices)


def _listener(
    options: Options, on_evaluation: OnEvaluation | None, budget: int
) -> Callable[[int, float], None]:
    cancel = options.get("cancel")

    def told(count: int, best: float) -> None:
        if cancel is not None and cancel():
            raise CancelledError("the search through the plugin was cancelled; nothing was changed")
        if on_evaluation is not None:
            on_evaluation(count, budget, best)

    return told
