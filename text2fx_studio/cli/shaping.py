"""The main job as the commands run it: search, render, preset, and the report of the three."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from text2fx_studio.cli import describe, plugin_search, terminal

if TYPE_CHECKING:
    from dsp.chain import Chain
    from dsp.render import RenderReport
    from text2fx_studio.cli.plugin_search import PluginRequest
    from text2fx_studio.explain.agreement import SecondOpinion
    from text2fx_studio.plugins.search import PluginSearch
    from text2fx_studio.search.options import Options
    from text2fx_studio.search.result import Progress as SearchProgress
    from text2fx_studio.search.result import SearchResult


@dataclass(frozen=True)
class Request:
    """What to do with one recording.

    Attributes:
        source: The recording.
        prompt: How it should sound; empty where the options hold concepts.
        output: Where the shaped recording goes.
        options: Of the search.
        preset_out: Where the preset goes; None for nowhere.
        judge: A second encoder, whose score is told as well; None for none.
        judge_checkpoint: Its weights.
        plugin: A plugin to search after the chain; None for none.
    """

    source: Path
    prompt: str
    output: Path
    options: Options
    preset_out: Path | None = None
    tail: bool = True
    overwrite: bool = False
    judge: str | None = None
    judge_checkpoint: Path | None = None
    plugin: PluginRequest | None = None


@dataclass(frozen=True)
class Shaped:
    """What was found and written."""

    request: Request
    result: SearchResult
    report: RenderReport
    opinion: SecondOpinion | None = None
    through: PluginSearch | None = None

    def to_data(self) -> dict[str, Any]:
        """The object that ``apply --json`` prints."""
        request, result = self.request, self.result
        return {
            "input": str(request.source),
            "output": str(request.output),
            "preset": None if request.preset_out is None else str(request.preset_out),
            "prompt": result.prompt,
            "encoder": result.encoder_id,
            "weights_hash": result.weights_hash,
            "loss": result.loss,
            "space": result.space,
            "amount": result.amount,
            "seed": result.seed,
            "score_dry": result.score_dry,
            "score_wet": result.score_wet,
            "accepted": result.accepted,
            "reason": result.reason,
            "steps": result.steps,
            "seconds": result.seconds,
            "step_seconds": result.step_seconds,
            "device": result.device,
            "parameters": result.chain.to_data(),
            "plugin": None
            if request.plugin is None or self.through is None
            else plugin_search.data(request.plugin, self.through),
            **render_data(self.report),
            "notes": [*result.notes, *self.report.notes],
            "judge": None if self.opinion is None else self.opinion.to_data(),
        }

    def lines(self) -> list[str]:
        """The same for a person."""
        request, result = self.request, self.result
        title = terminal.printable(f'"{result.prompt}" on {request.source.name}')
        lines = [title, ""]
        if result.accepted:
            lines += chain_block(result.chain)
            lines.append(f"  {describe.score_line(result.score_dry, result.score_wet)}")
            note = result.reason.partition("; ")[2]
            lines += [f"  Note: {terminal.printable(note)}"] if note else []
        else:
            why = result.reason.removeprefix("no better than dry ")
            lines += [
                f"  No better than dry: {terminal.printable(why)}",
                "  Other words may do better, or more room to move: --chain eq,reverb",
            ]
        if self.opinion is not None:
            lines.append(f"  {_opinion_line(self.opinion)}")
        lines += [f"  Note: {terminal.printable(note)}" for note in result.notes]
        if request.plugin is not None and self.through is not None:
            lines += plugin_search.lines(request.plugin, self.through)
        lines += note_lines(self.report)
        lines += ["", f"Wrote {terminal.printable(str(request.output))}"]
        if request.preset_out is not None:
            lines.append(f"Wrote {terminal.printable(str(request.preset_out))}")
        each = f" of {1000 * result.step_seconds:.0f} ms" if result.step_seconds else ""
        lines.append(
            f"Search: {result.steps} steps{each} in {result.seconds:.1f} s on {result.device}"
        )
        return lines


def shape(request: Request, progress: terminal.Progress) -> Shaped:
    """Find the setting, render the file, write the preset.

    Raises:
        Text2FXError: Any of the three failed; then the output does not exist (or, if only the
            preset failed, is complete).
    """
    progress.update("Loading")
    from dataclasses import replace

    from text2fx_studio.encoders.registry import load_listener
    from text2fx_studio.plugins.rack import render_preset
    from text2fx_studio.preset import preset_from_result, save_preset
    from text2fx_studio.search import apply_file
    from text2fx_studio.search.options import resolve_device

    def searching(step: SearchProgress) -> None:
        if step.chain is None:
            progress.update(step.message.capitalize())
        else:
            progress.update("Searching", step.step / step.steps, f"match {step.score:.3f}")

    options = request.options.copy()
    if request.judge is not None:  # loaded first, and kept: what is wrong with it is told at once
        device = resolve_device(options.get("device", "auto"))
        load_listener(request.judge, checkpoint=request.judge_checkpoint, device=device)
    if request.plugin is not None:
        plugin_search.check(request.plugin)
    options["progress"] = searching
    result = apply_file(request.source, request.prompt, **options)
    opinion = None
    if request.judge is not None:
        progress.update(f"Asking {request.judge}")
        opinion = _ask(request, request.judge, result.chain)
    preset = preset_from_result(result, created=timestamp())
    through = None
    if request.plugin is not None:
        through = plugin_search.search(
            request.plugin, request.source, request.prompt, result.chain, request.options, progress
        )
        if through.plugin is not None:
            preset = replace(
                preset, plugins=(through.plugin,), score_wet=through.score_after, accepted=True
            )
    report = render_preset(
        request.source,
        request.output,
        preset,
        tail=request.tail,
        overwrite=request.overwrite,
        progress=lambda share: progress.update("Rendering", share),
    )
    if request.preset_out is not None:
        save_preset(preset, request.preset_out, overwrite=request.overwrite)
    progress.clear()
    return Shaped(request, result, report, opinion, through)


def _ask(request: Request, judge: str, setting: Chain) -> SecondOpinion:
    from dsp.audio_file import AudioReader
    from text2fx_studio.explain.agreement import ask_second
    from text2fx_studio.search.windows import FileSource

    options = request.options.copy()
    options["encoder"] = judge
    options["checkpoint"] = request.judge_checkpoint
    with AudioReader(request.source) as reader:
        source = FileSource(reader, request.source.name)
        return ask_second(source, request.prompt, setting, **options)


def _opinion_line(opinion: SecondOpinion) -> str:
    """What the second encoder says, beside the first one's match."""
    moved = describe.score_line(opinion.score_dry, opinion.score_wet)
    if opinion.score_wet == opinion.score_dry:
        return f"{moved} by {opinion.encoder_id}, which was not optimized"
    verdict = "agrees" if opinion.agrees else "disagrees"
    return f"{moved} by {opinion.encoder_id}, which was not optimized: it {verdict}"


def timestamp() -> str:
    """The time for a preset, in UTC; SOURCE_DATE_EPOCH, where set, makes files reproducible."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def render_data(report: RenderReport) -> dict[str, Any]:
    """The render's facts for ``--json``."""
    return {
        "true_peak_dbtp": report.true_peak_after_dbtp,
        "safety_gain_db": report.safety_gain_db,
        "lufs_in": report.loudness_before_lufs,
        "lufs_out": report.loudness_after_lufs,
        "notes": list(report.notes),
    }


def chain_block(chain: Chain) -> list[str]:
    """The chain in words, indented; says so when it changes nothing."""
    lines = describe.chain_lines(chain)
    return [f"  {line}" for line in lines] or ["  Nothing is changed: all effects are neutral"]


def note_lines(report: RenderReport) -> list[str]:
    """The render's notes, indented."""
    return [f"  Note: {terminal.printable(note)}" for note in report.notes]


def show(data: Mapping[str, Any], lines: Sequence[str], *, as_json: bool, quiet: bool) -> None:
    """Print a result as an object, as lines, or not at all."""
    if as_json:
        terminal.write_json(data)
    elif not quiet:
        for line in lines:
            terminal.write(line)
