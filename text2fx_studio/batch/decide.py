"""What is to be done with each file, given what the record and the folder hold already."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from text2fx_studio.batch.executor import Executor
from text2fx_studio.batch.folder import EXPORTS_FOLDER
from text2fx_studio.batch.hashing import file_digest
from text2fx_studio.batch.plan import Plan, Settings, Unit
from text2fx_studio.batch.record import Record


@dataclass(frozen=True)
class Decision:
    """What happens to one file.

    Attributes:
        unit: The file.
        settings: What is done with it; in mode ``shared`` the one setting that was found.
        digest: Of the settings as they were asked for.
        skip: Why nothing is done; None if it is worked on.
        before: Its status in the record, where that is the reason to do nothing.
        score: Whether the preset is scored against the prompt.
    """

    unit: Unit
    settings: Settings
    digest: str
    skip: str | None = None
    before: str = ""
    score: bool = False

    def facts(self) -> dict[str, Any]:
        """What the record says about the request, whatever came of it."""
        asked = self.unit.settings
        data: dict[str, Any] = {
            "prompt": asked.label, "chain": asked.chain, "amount": asked.amount,
            "seed": asked.seed, "settings_sha256": self.digest,
        }  # fmt: skip
        if self.unit.columns:
            data["columns"] = dict(self.unit.columns)
        return data


def decide(
    plan: Plan,
    record: Record,
    executor: Executor,
    *,
    again: bool,
    retry_failed: bool,
    overwrite: bool,
) -> list[Decision]:
    """Decide for every file of a plan.

    Args:
        plan: The files.
        record: Of the folder.
        executor: Is asked which weights are in use, where that matters.
        again: Whether the record counts.
        retry_failed: Whether failed files are tried again.
        overwrite: Whether files may be replaced that no batch made.
    """
    digests: dict[Settings, str] = {}
    weights: dict[tuple[str, str], str] = {}

    def weights_of(settings: Settings) -> str:
        if settings.preset:
            return ""
        key = (settings.encoder, settings.checkpoint)
        if key not in weights:
            found = executor.ask("identify", settings=settings.to_data())
            weights[key] = str(found["weights_sha256"])
        return weights[key]

    decisions = []
    for unit in plan.units:
        digest = digests.setdefault(unit.settings, "") or unit.settings.digest() + (
            ":shared" if plan.mode == "shared" else ""
        )
        digests[unit.settings] = digest
        line = record.lines.get(unit.file, {}) if again else {}
        status = str(line.get("status", ""))
        skip, before = None, ""
        if status == "done" and _holds(plan, unit, line, digest, weights_of):
            skip, before = "done before, and nothing has changed", "done"
        elif status == "failed" and not retry_failed and _fails_still(unit, line, digest):
            skip, before = f"failed before: {line.get('reason', '')}", "failed"
        elif status in ("", "skipped") and not overwrite:
            there = next(
                (p for p in (unit.output, unit.preset) if os.path.lexists(plan.output_folder / p)),
                None,
            )
            if there is not None:
                skip = f"{there} is there already and is kept, for no batch made it"
        decisions.append(
            Decision(
                unit,
                unit.settings,
                digest,
                skip,
                before,
            )
        )
    return decisions


def _fails_still(unit: Unit, line: Mapping[str, Any], digest: str) -> bool:
    """Whether a file that failed, and what was asked of it, is as it was."""
    if line.get("settings_sha256") != digest:
        return False
    try:
        return file_digest(unit.source) == line.get("input_sha256")
    except OSError:
        return line.get("input_sha256") == ""


def _holds(plan: Plan, unit: Unit, line: Mapping[str, Any], digest: str, weights_of: Any) -> bool:
    """Whether what the record says is still so."""
    if line.get("settings_sha256") != digest or line.get("output") != unit.output:
        return False
    output, preset = plan.output_folder / unit.output, plan.output_folder / unit.preset
    try:
        if not preset.is_file() or file_digest(output) != line.get("output_sha256"):
            return False
        if file_digest(unit.source) != line.get("input_sha256"):
            return False
    except OSError:
        return False
    exports = plan.output_folder / EXPORTS_FOLDER / unit.output
    if not all(Path(exports, name).exists() for name in line.get("exports", ())):
        return False
    return bool(line.get("weights_sha256", "") == weights_of(unit.settings))
