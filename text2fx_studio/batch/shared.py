"""One setting for many files: searched on a sample of them, on the windows of all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from dsp.audio_file import AudioReader
from text2fx_studio.batch.plan import Settings
from text2fx_studio.batch.task import Task
from text2fx_studio.errors import AudioContentError, AudioError
from text2fx_studio.preset import preset_from_result
from text2fx_studio.search.effort import effort_for
from text2fx_studio.search.engine import Asked, is_better, judge
from text2fx_studio.search.optimizer import descend
from text2fx_studio.search.preparation import Prepared, encoder_for
from text2fx_studio.search.prior import Prior
from text2fx_studio.search.prior import Settings as PriorSettings
from text2fx_studio.search.target import build_target
from text2fx_studio.search.threads import cpu_threads
from text2fx_studio.search.windows import FileSource


@dataclass(frozen=True)
class _MeanPrior(Prior):
    """The mean of the priors of several files: each knows its own file's colour and energy."""

    parts: tuple[Prior, ...] = ()

    def design(self, settings: PriorSettings) -> torch.Tensor | None:
        """None: the files' sample rates may differ, so each designs its own sections."""
        return None

    def penalty(
        self, positions: torch.Tensor, settings: PriorSettings, designed: torch.Tensor | None = None
    ) -> torch.Tensor:
        """As ``Prior.penalty``, [B]."""
        each = [part.penalty(positions, settings, designed) for part in self.parts]
        return torch.stack(each).mean(dim=0)


def find_shared(settings: Settings, files: Sequence[str], count: int) -> dict[str, Any]:
    """Search one setting on the windows of several files; each file counts the same.

    Args:
        settings: What is asked for.
        files: Recordings in the order in which they are tried.
        count: How many are used; one that is silent or broken is replaced by the next.

    Returns:
        ``preset`` (plain data; its scores are means over the files), ``files`` that were used,
        ``weights_sha256``.

    Raises:
        AudioContentError: None of the files can be used.
    """
    options = Task("", "", "", "", "", settings).options()
    asked = Asked.of(settings.prompt, options)
    encoder, device = encoder_for(options)
    with cpu_threads(encoder.cpu_threads if device == "cpu" else None):
        target = build_target(asked.words, encoder, asked.loss, options)
        used: list[str] = []
        heard: list[Prepared] = []
        for file in files:
            if len(used) == count:
                break
            try:
                with AudioReader(file) as reader:
                    source = FileSource(reader, Path(file).name)
                    heard.append(asked.prepare(source, target, encoder, device))
            except AudioError:
                continue  # it will be told when its turn comes
            used.append(file)
        if not heard:
            raise AudioContentError(
                "none of the files holds a sound that a setting can be found on"
            )
        first = heard[0]

        def objective(values: dict[str, dict[str, torch.Tensor]]) -> torch.Tensor:
            return torch.stack([one.objective(values) for one in heard]).mean(dim=0)

        prior = _MeanPrior(**vars(first.prior), parts=tuple(one.prior for one in heard))
        descent = descend(
            objective, first.variables, prior, first.starts, effort_for(encoder, device).schedule
        )
        found = first.as_chain(descent.best[int(descent.losses.argmin())])
        scores = [judge(one, found, asked.amount) for one in heard]
        dry, full, scaled = (sum(column) / len(scores) for column in zip(*scores, strict=True))
        accepted = is_better((dry, full, scaled))
        preset = replace(
            preset_from_result(asked.conclude(first, descent, 0.0)),
            chain=found.with_amount(asked.amount) if accepted else asked.chain,
            description=f"One setting for many files, found on {len(used)} of them.",
            score_dry=dry,
            score_wet=scaled if accepted else dry,
            accepted=accepted,
        )
    return {
        "preset": preset.to_data(),
        "files": used,
        "weights_sha256": encoder.weights_hash,
    }
