"""Mode ``shared``: every group of files with the same settings gets one setting, found once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from text2fx_studio.batch.decide import Decision
from text2fx_studio.batch.events import Note
from text2fx_studio.batch.executor import Executor
from text2fx_studio.batch.hashing import file_digest
from text2fx_studio.batch.order import SAMPLE, sample_of
from text2fx_studio.batch.plan import Plan, Unit
from text2fx_studio.batch.record import Record


def share(
    plan: Plan, todo: Sequence[Decision], record: Record, executor: Executor
) -> tuple[list[Decision], list[Note]]:
    """Find what is missing of the shared settings, and hand each file its group's.

    A setting that the record knows is kept, also where files have come since: the pack stays of
    one piece. Its file lies in the folder of the results.

    Args:
        plan: All files; the sample is taken from all of a group, not from what is left to do.
        todo: What is to be done.
        record: Of the folder.
        executor: Searches.

    Returns:
        (the decisions with their settings, what a person should know).

    Raises:
        AudioContentError: No file of a group can be used.
        OutputError: The setting cannot be written.
    """
    presets: dict[str, Path] = {}
    notes: list[Note] = []
    for decision in todo:
        if decision.digest in presets:
            continue
        kept = _kept(plan, decision, record, executor)
        if kept is not None:
            presets[decision.digest] = kept
            continue
        members = [unit for unit in plan.units if unit.settings == decision.unit.settings]
        presets[decision.digest], used = _find(plan, decision, record, executor, members)
        notes.append(
            Note(
                f"one setting for {len(members)} files, found on {used} of them: "
                f"{presets[decision.digest].name}"
            )
        )
    shared = [
        replace(d, settings=replace(d.settings, preset=str(presets[d.digest])), score=True)
        for d in todo
    ]
    return shared, notes


def _kept(plan: Plan, decision: Decision, record: Record, executor: Executor) -> Path | None:
    line = record.shared.get(decision.digest)
    if line is None:
        return None
    path = plan.output_folder / str(line.get("preset", ""))
    try:
        if file_digest(path) != line.get("preset_sha256"):
            return None
    except OSError:
        return None
    weights = executor.ask("identify", settings=decision.settings.to_data())["weights_sha256"]
    return path if weights == line.get("weights_sha256") else None


def _find(
    plan: Plan, decision: Decision, record: Record, executor: Executor, members: Sequence[Unit]
) -> tuple[Path, int]:
    from text2fx_studio.preset import SUFFIX, Preset, save_preset

    sample = [unit.source for unit in sample_of(members)]
    found = executor.ask(
        "find_shared", settings=decision.settings.to_data(), files=sample, count=SAMPLE
    )
    path = plan.output_folder / f"shared-{decision.digest[:8]}{SUFFIX}"
    save_preset(Preset.from_data(found["preset"]), path, overwrite=True)
    record.add_shared(
        decision.digest,
        preset=path.name,
        preset_sha256=file_digest(path),
        weights_sha256=found["weights_sha256"],
        found_on=[str(Path(file).relative_to(plan.source_folder)) for file in found["files"]],
    )
    return path, len(found["files"])
