"""What an engine process can do. Each handler takes plain data and returns plain data.

A handler's first argument is its line to the other side: ``progress(**data)`` and ``cancelled()``.
Heavy modules are imported where they are used: a process that only renders never loads torch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from text2fx_studio.batch.job import batch
from text2fx_studio.job_upkeep import caches, check_model, get_model
from text2fx_studio.plugins import jobs as plugin_jobs

if TYPE_CHECKING:
    from dsp.chain import Chain
    from text2fx_studio.search.options import Options
    from text2fx_studio.search.result import Progress

NEAR_WORDS = 6
_PLAIN_OPTIONS = (
    "chain", "encoder", "loss", "concepts", "space", "amount", "seed", "device", "prior_weight",
)  # fmt: skip


class Line(Protocol):
    """How a job talks to the other side."""

    def cancelled(self) -> bool:
        """Whether it shall stop."""
        ...

    def progress(self, **data: Any) -> None:
        """Tell how far it is; plain data."""
        ...


def warm(_line: Line, **options: Any) -> dict[str, Any]:
    """Load the encoder, so that the next request finds it ready.

    Returns:
        ``encoder``, ``weights_hash``, ``passband_hz`` (low, high), ``device``, ``seconds``.
    """
    from text2fx_studio.search.preparation import encoder_for

    began = time.perf_counter()
    encoder, device = encoder_for(_options(options))
    encoder.embed_text(["warm"])
    return {
        "encoder": encoder.id,
        "weights_hash": encoder.weights_hash,
        "passband_hz": tuple(encoder.passband_hz),
        "device": device,
        "seconds": time.perf_counter() - began,
    }


def propose(
    _line: Line, *, prompt: str, chain: str, sample_rate: int, **_options: Any
) -> dict[str, Any]:
    """What the words alone suggest, before the sound is heard.

    Returns:
        ``chain`` (plain data), ``says_space`` and ``confidence``, 0..1.
    """
    from dsp.chain import Chain
    from text2fx_studio.encoders import load_encoder
    from text2fx_studio.encoders.proposal import propose as from_words
    from text2fx_studio.search.prompt import check_prompt
    from text2fx_studio.search.starts import propose_chain

    words = check_prompt(prompt)
    found = from_words(load_encoder("fxsem"), words)
    if found is None:
        return {"chain": Chain.parse(chain).to_data(), "says_space": 0.0, "confidence": 0.0}
    return {
        "chain": propose_chain(Chain.parse(chain), found, sample_rate).to_data(),
        "says_space": found.says_space,
        "confidence": found.confidence,
    }


def search(line: Line, *, path: str, prompt: str, **options: Any) -> dict[str, Any]:
    """Find the setting for a recording.

    Progress carries ``step``, ``steps``, ``score``, ``message`` and, once there is one, ``chain``.

    Returns:
        The fields of ``search.result.SearchResult`` as plain data, ``near`` (words that the
        encoder knows and that are close to the prompt; only where dry was no worse).
    """
    from text2fx_studio.search import apply_file

    told = [0.0]

    def on_progress(step: Progress) -> None:
        now = time.monotonic()
        if step.chain is not None and now - told[0] < 1 / 40 and step.step != step.steps:
            return
        told[0] = now
        line.progress(
            step=step.step, steps=step.steps, score=step.score, message=step.message,
            chain=None if step.chain is None else step.chain.to_data(),
        )  # fmt: skip

    wanted = _options(options)
    wanted["progress"], wanted["cancel"] = on_progress, line.cancelled
    found = apply_file(Path(path), prompt, **wanted)
    data = {**vars(found), "chain": found.chain.to_data(), "proposal": found.proposal.to_data()}
    return {**data, "near": () if found.accepted else _near(prompt, wanted)}


def explain(
    _line: Line, *, path: str, prompt: str, chain: list[Mapping[str, Any]], **options: Any
) -> dict[str, Any]:
    """Why a setting fits a prompt on a recording.

    Returns:
        ``explain.report.Explanation.to_data()``, and ``map``: ``words`` [(word, x, y)].
    """
    from dsp.audio_file import AudioReader
    from text2fx_studio.explain.report import explain_setting
    from text2fx_studio.search.windows import FileSource

    with AudioReader(path) as reader:
        source = FileSource(reader, Path(path).name)
        found = explain_setting(source, prompt, _chain(chain), **_options(options))
    return {**found.to_data(), "map": {"words": found.story.journey.words}}


def word_map(_line: Line, **options: Any) -> dict[str, Any]:
    """The map of words without a sound on it: ``words`` [(word, x, y)]."""
    from text2fx_studio.concepts.dictionary import dictionary_for
    from text2fx_studio.explain.word_map import make_map
    from text2fx_studio.search.preparation import encoder_for

    encoder, _ = encoder_for(_options(options))
    vocabulary = dictionary_for(encoder)
    made = make_map(vocabulary.concepts, vocabulary.atoms)
    places = zip(made.words, made.places.tolist(), strict=True)
    return {"words": tuple((word, x, y) for word, (x, y) in places)}


def overview(line: Line, *, path: str, buckets: int = 4096) -> dict[str, Any]:
    """A recording at a glance, see ``dsp.overview.read_overview``; progress carries ``share``."""
    from dsp.overview import read_overview

    found = read_overview(
        path, buckets, progress=lambda share: line.progress(share=share), cancel=line.cancelled
    )
    return vars(found)


def render(
    line: Line,
    *,
    source: str,
    target: str,
    chain: list[Mapping[str, Any]],
    tail: bool = True,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Render a file; progress carries ``share``. Returns ``dsp.render.RenderReport.to_data()``."""
    from dsp.render import render_file

    told = [0.0]

    def on_progress(share: float) -> None:
        if time.monotonic() - told[0] > 1 / 20 or share == 1.0:
            told[0] = time.monotonic()
            line.progress(share=share)

    report = render_file(
        source, target, _chain(chain), tail=tail, overwrite=overwrite,
        progress=on_progress, cancel=line.cancelled,
    )  # fmt: skip
    return report.to_data()


HANDLERS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "warm": warm,
    "propose": propose,
    "search": search,
    "explain": explain,
    "map": word_map,
    "overview": overview,
    "render": render,
    "batch": batch,
    "check_model": check_model,
    "get_model": get_model,
    "caches": caches,
    **plugin_jobs.HANDLERS,
}


def _options(given: Mapping[str, Any]) -> Options:
    """Plain data as the search's options; what is None or empty is left out."""
    options: Options = {}
    for name in _PLAIN_OPTIONS:
        if given.get(name) not in (None, ""):
            options[name] = given[name]  # type: ignore[literal-required]
    for name in ("checkpoint", "axes"):
        if given.get(name):
            options[name] = Path(given[name])  # type: ignore[literal-required]
    return options


def _chain(data: list[Mapping[str, Any]]) -> Chain:
    from dsp.chain import Chain

    return Chain.from_data(data)


def _near(prompt: str, options: Options) -> tuple[str, ...]:
    from text2fx_studio.concepts.dictionary import dictionary_for
    from text2fx_studio.explain.story import nearest_words
    from text2fx_studio.search.preparation import encoder_for

    encoder, _ = encoder_for(options)
    found = nearest_words(dictionary_for(encoder), encoder, prompt, NEAR_WORDS + 1)
    return tuple(word for word in found if word != prompt.strip().lower())[:NEAR_WORDS]
