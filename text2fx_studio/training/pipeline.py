"""``fxsem`` from recordings, rooms, lexicon and people's words to a weights file, in stages.

Every stage leaves its result in the cache folder and is skipped when it is already there:
sounds in rooms, sentence features, effects on sounds (per seed), audio tower, text towers,
figures, weights.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from text2fx_studio.encoders.fxsem import Fxsem
from text2fx_studio.encoders.towers import AudioTower, TextTower
from text2fx_studio.training import figures, splits
from text2fx_studio.training.checkpoint import Checkpoint
from text2fx_studio.training.examples import Examples, draw_examples
from text2fx_studio.training.fit import Plan, fit_audio, fit_text
from text2fx_studio.training.options import Options
from text2fx_studio.training.recordings import Recording, list_recordings
from text2fx_studio.training.rooms import rooms_to_train_on
from text2fx_studio.training.sounds import Report, SoundCache, build_sound_cache, windows_in
from text2fx_studio.training.texts import Texts, prepare_texts, remember_lexicon
from text2fx_studio.training.weights import notes_of, write_weights

SOUND_SEED = 0  # sounds and rooms are the same for every seed
VERSIONS, WINDOW_S, GROUP = 6, 4.0, 5
SYNTHETIC_ROOMS = 96
PASSES = 8  # examples drawn from each window
RARE_SOURCES_TWICE = 400  # sources with fewer recordings give twice as many windows
PARTS = 8
AUDIO_STEPS, TEXT_STEPS = 9000, 4000


def train(options: Options, report: Report) -> dict[str, Any]:
    """Run all stages.

    Args:
        options: See :class:`Options`.
        report: Called with 0..1 within a stage and the stage's name.

    Returns:
        What ``fxsem.json`` holds: configuration, splits, figures.

    Raises:
        AudioFileError: The recordings are missing.
        EncoderError: The lexicon or MiniLM is missing.
    """
    began = time.perf_counter()
    options.out.mkdir(parents=True, exist_ok=True)
    work = options.cache / f"{'judge' if options.judge else 'seed'}-{options.seed}"
    if not options.resume and work.exists():
        shutil.rmtree(work)
    work.mkdir(parents=True, exist_ok=True)
    log_path = options.out / "log.jsonl"
    if not options.resume:
        log_path.unlink(missing_ok=True)
    logger = _Logger(log_path, report)
    torch.manual_seed(options.seed)
    front_end = Fxsem(AudioTower(), TextTower())

    recordings = list_recordings(options.shared / "audio")
    cache = _sounds(options, recordings, front_end, report)
    examples, check = _examples(options, cache, front_end, work, report)
    audio = _fit_audio(options, examples, work, logger)
    texts = prepare_texts(options, report)
    held = splits.held_stems(texts.lines)
    every = range(len(texts.phrases))
    text = _fit_text(options, texts, every, work / "text.pt", logger, "text")
    remember_lexicon(text, texts, frozenset())
    found: dict[str, Any] = {
        "audio": figures.audio_figures(audio, check),
        "text": figures.text_figures(text, texts.features, texts.points, texts.phrases, texts.own),
    }
    if options.held_fold is None:  # a second tower that tells how unseen words are read
        rows = splits.without_stems(texts.phrases, held)
        probe = _fit_text(options, texts, rows, work / "probe.pt", logger, "text-held-out")
        remember_lexicon(probe, texts, held)
        found["text_unseen_words"] = figures.unseen_figures(
            probe, texts.features, texts.points, texts.phrases, held
        )
    notes = notes_of(options, recordings, texts, held, found)
    notes["minutes_spent"] = round((time.perf_counter() - began) / 60, 1)
    write_weights(options.out, audio, text, notes)
    return notes


def windows_of(recordings: Sequence[Recording]) -> list[Recording]:
    """The recordings that training and checking may hear, repeated: one window each time."""
    seen = [r for r in recordings if r.split != "test"]
    count: dict[str, int] = {}
    for recording in seen:
        count[recording.source] = count.get(recording.source, 0) + 1
    rare = [r for r in seen if count[r.source] < RARE_SOURCES_TWICE]
    return seen + seen + rare + rare


def _sounds(
    options: Options, recordings: Sequence[Recording], front_end: Fxsem, report: Report
) -> SoundCache:
    rate = front_end.sample_rate
    folder = options.cache / "sounds"
    if (folder / "rows.json").is_file():
        return SoundCache.open(folder)
    rooms = rooms_to_train_on(options.shared / "ir", SYNTHETIC_ROOMS, rate, SOUND_SEED)
    return build_sound_cache(
        folder, windows_of(recordings), options.shared / "audio", rooms, front_end,
        versions=VERSIONS, seconds=WINDOW_S, seed=SOUND_SEED, report=report,
    )  # fmt: skip


def _examples(
    options: Options, cache: SoundCache, front_end: Fxsem, work: Path, report: Report
) -> tuple[Examples, Examples]:
    rng = np.random.default_rng([options.seed, 5])
    count = len(windows_in(cache.rows, "train"))  # a judge draws as many examples from fewer
    heard = windows_in(cache.rows, options.recordings_heard)
    wanted = max(64, round(PASSES * options.share * count))
    order = np.concatenate([rng.permutation(heard) for _ in range(-(-wanted // len(heard)))])
    order = order[:wanted]
    check_order = rng.permutation(windows_in(cache.rows, "check"))[:400]
    jobs = [("check", check_order, 6), *(
        (f"train-{k}", part, GROUP) for k, part in enumerate(np.array_split(order, PARTS))
    )]  # fmt: skip
    drawn = []
    for number, (name, windows, group) in enumerate(jobs):
        path = work / f"examples-{name}.pt"
        if path.is_file():
            drawn.append(Examples(**torch.load(path, weights_only=True)))
            continue
        seed = 1000 * options.seed + number
        found = draw_examples(
            cache, windows, front_end, group=group, seed=seed, report=report
        )  # fmt: skip
        torch.save(vars(found), path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)
        drawn.append(found)
    return join_examples(drawn[1:]), drawn[0]


def join_examples(parts: Sequence[Examples]) -> Examples:
    """Parts with the same group size as one."""
    return Examples(
        torch.cat([p.statistics for p in parts]),
        torch.cat([p.points for p in parts]),
        torch.cat([p.window for p in parts]),
    )


def _fit_audio(options: Options, examples: Examples, work: Path, logger: _Logger) -> AudioTower:
    torch.manual_seed(options.seed)
    tower = AudioTower().to(options.device)
    moved = Examples(*(t.to(options.device) for t in vars(examples).values()))
    plan = Plan(max(50, round(AUDIO_STEPS * options.share)), 64, 2e-3, 0.1, options.seed)
    fit_audio(
        tower, moved, plan, logger.stage("audio", plan.steps),
        checkpoint=Checkpoint(work / "audio.pt"),
    )  # fmt: skip
    return tower.cpu()


def _fit_text(
    options: Options,
    texts: Texts,
    rows: Sequence[int],
    path: Path,
    logger: _Logger,
    name: str,
) -> TextTower:
    torch.manual_seed(options.seed)
    tower = TextTower().to(options.device)
    chosen = torch.as_tensor(list(rows))
    tables = (texts.features, texts.points, texts.settings, texts.weights)
    features, points, settings, weights = (t[chosen].to(options.device) for t in tables)
    plan = Plan(max(50, round(TEXT_STEPS * options.share)), 192, 1.5e-3, 0.1, options.seed)
    fit_text(
        tower, features, points, settings, weights, plan, logger.stage(name, plan.steps),
        checkpoint=Checkpoint(path),
    )  # fmt: skip
    return tower.cpu()


class _Logger:
    """Writes figures as JSON lines and passes progress on."""

    def __init__(self, path: Path, report: Report) -> None:
        self._path = path
        self._report = report

    def stage(self, name: str, steps: int) -> Any:
        """A log function for one fit."""

        def log(row: dict[str, float]) -> None:
            rounded = {key: round(value, 5) for key, value in row.items()}
            with self._path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps({"stage": name, **rounded}) + "\n")
            self._report(row["step"] / max(1, steps), f"{name}, loss {row['loss']:.3f}")

        return log
