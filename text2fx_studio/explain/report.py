"""The whole explanation of a result as data and as text."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Unpack

from dsp.chain import Chain
from dsp.reverb import Reverb
from text2fx_studio.explain.agreement import SecondOpinion, SeedAgreement
from text2fx_studio.explain.attribution import Attribution, attribute
from text2fx_studio.explain.confidence import Confidence, measure_confidence
from text2fx_studio.explain.story import Story, tell_story
from text2fx_studio.search.engine import search
from text2fx_studio.search.objective import Objective
from text2fx_studio.search.options import Options, check_loss
from text2fx_studio.search.preparation import encoder_for, listen
from text2fx_studio.search.result import SearchResult
from text2fx_studio.search.target import build_target, check_words
from text2fx_studio.search.threads import cpu_threads
from text2fx_studio.search.variables import Variables
from text2fx_studio.search.windows import Source


@dataclass(frozen=True)
class Explanation:
    """Why a setting fits a prompt, for one recording.

    Attributes:
        prompt: The words.
        recording: Name of the recording.
        encoder_id: Who judged.
        loss: Which loss.
        chain: The setting that is explained.
        attribution: What each band and effect brought.
        confidence: How sure it is.
        story: Concepts and axes.
        seeds: Agreement of other seeds, where asked for.
        second: Opinion of a second encoder, where asked for.
        history: Loss over the steps of the search; empty where a preset was explained.
        seconds: Spent explaining.
    """

    prompt: str
    recording: str
    encoder_id: str
    loss: str
    chain: Chain
    attribution: Attribution
    confidence: Confidence
    story: Story
    history: tuple[float, ...]
    seconds: float
    seeds: SeedAgreement | None = None
    second: SecondOpinion | None = None

    def to_data(self) -> dict[str, Any]:
        """Plain data, as ``text2fx explain --json`` prints it."""
        return {
            "prompt": self.prompt,
            "recording": self.recording,
            "encoder": self.encoder_id,
            "loss": self.loss,
            "parameters": self.chain.to_data(),
            "attribution": asdict(self.attribution),
            "confidence": {**asdict(self.confidence), "verdict": self.confidence.verdict},
            "story": self.story.to_data(),
            "seeds": None if self.seeds is None else asdict(self.seeds),
            "second": None if self.second is None else asdict(self.second),
            "history": list(self.history),
            "seconds": self.seconds,
        }

    def lines(self) -> list[str]:
        """The same for a person."""
        found = self.attribution
        lines = [f"Score {found.score_dry:.3f} dry, {found.score_wet:.3f} shaped", ""]
        change = found.score_wet - found.score_dry
        if found.bands:
            lines.append("What each band brought (gain, part of the change):")
            lines += [
                f"  {band.name:<13} {band.low_hz:>6.0f}-{band.high_hz:<6.0f} Hz "
                f"{band.gain_db:>+6.1f} dB  {band.share:>+7.3f} {_bar(band.share, change)}"
                for band in found.bands
            ]
        if found.reverb is not None:
            lines.append(f"  {'reverb':<38} {found.reverb:>+7.3f} {_bar(found.reverb, change)}")
        lines += [
            f"Without the {kind}: {score:.3f} instead of {found.score_wet:.3f}"
            for kind, score in found.without.items()
        ]
        lines += ["", *self._story_lines(), "", self.confidence.verdict]
        return lines + self.agreement_lines()

    def agreement_lines(self) -> list[str]:
        """What other seeds and a second encoder say; empty where they were not asked."""
        lines = []
        if self.seeds is not None:
            low, high = min(self.seeds.scores), max(self.seeds.scores)
            lines.append(
                f"{len(self.seeds.scores)} seeds: scores {low:.3f} to {high:.3f}, equalizers "
                f"{self.seeds.spread_db:.1f} dB apart"
            )
        if self.second is not None:
            says = "agrees" if self.second.agrees else "does not agree"
            lines.append(
                f"{self.second.encoder_id} {says}: {self.second.score_dry:.3f} dry, "
                f"{self.second.score_wet:.3f} shaped"
            )
        return lines

    def _story_lines(self) -> list[str]:
        concepts = self.story.concepts

        def told(parts: Iterable[str]) -> str:
            return ", ".join(parts) or "nothing"

        lines = [
            "The words say: " + told(f"{c.text} {c.weight:.2f}" for c in concepts.target[:6]),
            "More of: " + told(f"{c.text} {c.rise:+.2f}" for c in concepts.rose[:6]),
            "Less of: " + told(f"{c.text} {c.rise:+.2f}" for c in concepts.fell[:6]),
        ]
        lines += [
            f"Axis {axis.axis + 1}, {', '.join(axis.more)} against {', '.join(axis.less)}: "
            f"{axis.dry:+.3f} dry, {axis.wet:+.3f} shaped"
            for axis in self.story.axes[:3]
        ]
        return lines


def explain_search(source: Source, prompt: str, **options: Unpack[Options]) -> Explanation:
    """Search, then explain what was found (the proposal, also where dry was no worse)."""
    result = search(source, prompt, **options)
    return explain_setting(source, prompt, result.proposal, found_by=result, **options)


def explain_setting(
    source: Source,
    prompt: str,
    setting: Chain,
    *,
    found_by: SearchResult | None = None,
    **options: Unpack[Options],
) -> Explanation:
    """Explain how a setting of any origin stands to a prompt.

    Args:
        source: The recording.
        prompt: The words.
        setting: The effects as they are set.
        found_by: The search that found it, for its history.
        **options: As for the search: encoder, checkpoint, loss, seed, device.

    Raises:
        Text2FXError: As the search does.
    """
    began = time.perf_counter()
    words = check_words(prompt, options)
    loss = check_loss(options.get("loss", "cosine"))
    encoder, device = encoder_for(options)
    room = setting.get(Reverb)
    with cpu_threads(encoder.cpu_threads if device == "cpu" else None):
        _, cached = listen(source, encoder, device, room)
        objective = Objective(encoder, cached, build_target(words, encoder, loss, options))
        attribution = attribute(objective, cached, setting)
        confidence = measure_confidence(
            objective, Variables(setting, encoder.passband_hz), setting, seed=options.get("seed", 0)
        )
        story = tell_story(encoder, cached, words, setting)
    return Explanation(
        prompt=words,
        recording=source.name,
        encoder_id=encoder.id,
        loss=loss,
        chain=setting,
        attribution=attribution,
        confidence=confidence,
        story=story,
        history=found_by.history if found_by is not None else (),
        seconds=time.perf_counter() - began,
    )


def _bar(share: float, change: float, width: int = 20) -> str:
    whole = max(abs(change), 1e-6)
    return ("+" if share >= 0 else "-") * min(width, round(abs(share) / whole * width))
