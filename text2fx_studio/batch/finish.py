"""The last stage of a file: score, render, write the setting, export, measure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.atomic import explain_os_error
from text2fx_studio.batch.hashing import file_digest
from text2fx_studio.batch.task import Task
from text2fx_studio.errors import OutputError

if TYPE_CHECKING:
    from text2fx_studio.preset import Preset
    from text2fx_studio.search.engine import Asked
    from text2fx_studio.search.optimizer import Descent
    from text2fx_studio.search.preparation import Prepared


def score_line(
    asked: Asked, ready: Prepared, descent: Descent | None, preset: Preset | None
) -> tuple[Preset, dict[str, Any]]:
    """The setting that a search found, or how a given one fares on this file.

    Args:
        asked: What was asked for.
        ready: The file, listened to.
        descent: What the search found; None for a preset.
        preset: The setting that is given; None for a search.

    Returns:
        (the setting, what the record says about its scores).
    """
    from text2fx_studio.preset import preset_from_result
    from text2fx_studio.search.scoring import embed_windows, score
    from text2fx_studio.search.threads import cpu_threads

    facts: dict[str, Any] = {"device": ready.device}
    with cpu_threads(ready.encoder.cpu_threads if ready.device == "cpu" else None):
        if descent is not None:
            result = asked.conclude(ready, descent, 0.0)
            facts |= {
                "score_dry": result.score_dry, "score_wet": result.score_wet,
                "accepted": result.accepted, "steps": result.steps,
            }  # fmt: skip
            facts["notes"] = [] if result.accepted else [result.reason]
            return preset_from_result(result), facts
        if preset is None:
            raise RuntimeError("neither a preset nor a search")
        from dsp.chain import Chain

        space = ready.target.space
        dry, wet = (
            embed_windows(ready.encoder, ready.windows, chain, ready.device, space)
            for chain in (Chain(), preset.chain)
        )
        facts |= {
            "score_dry": score(dry, dry, ready.target),
            "score_wet": score(wet, dry, ready.target),
            "accepted": preset.accepted,
        }
        return preset, facts


def finish(task: Task, preset: Preset, cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Write the result, its setting and its exports.

    The sound comes last: where a result is, its setting is, too.

    Returns:
        ``output_sha256``, loudness and true peak, ``exports`` and ``notes``.

    Raises:
        Text2FXError: Something cannot be written, or a plugin fails.
    """
    from text2fx_studio.plugins.rack import render_preset
    from text2fx_studio.preset import save_preset

    output = Path(task.output)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{output.parent}: cannot be made a folder: {explain_os_error(error)}"
        ) from error
    exports, notes = _export(task, preset)
    save_preset(preset, task.preset, overwrite=task.overwrite)
    try:
        report = render_preset(
            task.source, output, preset, skip_missing=task.settings.skip_missing_plugins,
            tail=task.settings.tail, overwrite=task.overwrite, cancel=cancelled,
        )  # fmt: skip
    except BaseException:
        Path(task.preset).unlink(missing_ok=True)  # a setting without its sound says nothing
        raise
    data = report.to_data()
    measured = ("loudness_before_lufs", "loudness_after_lufs", "true_peak_after_dbtp",
                "safety_gain_db", "tail_s")  # fmt: skip
    return {
        "output_sha256": file_digest(output),
        "duration_s": round(report.source.seconds, 3),
        **{name: data[name] for name in measured},
        "exports": exports,
        "notes": [*notes, *report.notes],
    }


def _export(task: Task, preset: Preset) -> tuple[list[str], list[str]]:
    """Export the setting to each target; one that cannot carry it is a note, not a failure."""
    if not task.settings.exports:
        return [], []
    from text2fx_studio.errors import UsageError
    from text2fx_studio.export.write import export_preset

    folder = Path(task.exports_folder)
    written: list[str] = []
    notes: list[str] = []
    for name in task.settings.exports:
        try:
            done = export_preset(
                preset, [name], folder / name, file_stem=Path(task.output).stem,
                overwrite=task.overwrite,
            )  # fmt: skip
        except UsageError as error:
            notes.append(str(error))
            continue
        for item in done:
            written += [str(path.relative_to(folder)) for path in item.paths]
            notes += [f"{name}: left out {text}" for text in item.left_out]
    return written, notes
