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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from text2fx_studio.encoders.files import sha256_of
from text2fx_studio.encoders.fxsem import FORMAT, Fxsem, tensors_of
from text2fx_studio.encoders.minilm import MIDDLE_FEATURES, MODEL_SHA256, MiniLM
from text2fx_studio.encoders.settings import (
    HIGH_PASS_LOGIT,
    LOW_PASS_LOGIT,
    SPACE_LOGIT,
    SURE_LOGIT,
)
from text2fx_studio.encoders.towers import AudioTower, TextTower
from text2fx_studio.training import figures, splits
from text2fx_studio.training.checkpoint import Checkpoint
from text2fx_studio.training.examples import Examples, draw_examples
from text2fx_studio.training.fit import Plan, fit_audio, fit_text
from text2fx_studio.training.intents import Intent, Line, points_of, read_lexicon
from text2fx_studio.training.people import read_people
from text2fx_studio.training.people_meanings import people_meanings
from text2fx_studio.training.phrases import Phrase, draw_phrases
from text2fx_studio.training.recordings import Recording, list_recordings
from text2fx_studio.training.rooms import measured_rooms, split_of_room, synthetic_rooms
from text2fx_studio.training.sentences import SentenceStore
from text2fx_studio.training.sounds import Report, SoundCache, build_sound_cache, windows_in

VERSION = "1.0"
FULL_MINUTES = 40.0  # of the two fits and the drawing of examples, on two free cores
SOUND_SEED = 0  # sounds, rooms and phrases are the same for every seed
VERSIONS, WINDOW_S, GROUP = 6, 4.0, 5
SYNTHETIC_ROOMS = 96
PASSES = 5  # examples drawn from each window
PAIRS = 8000
RARE_SOURCES_TWICE = 400  # sources with fewer recordings give twice as many windows
PARTS = 8
AUDIO_STEPS, TEXT_STEPS = 6000, 4000
KIND_WEIGHT = {"plain": 1.5, "sentence": 1.0, "negation": 1.0, "strength": 1.0, "pair": 1.0}


@dataclass(frozen=True)
class Options:
    """What a training run is given.

    Attributes:
        shared: Folder with ``audio``, ``ir`` and ``data/socialfx``.
        lexicon: Folder with the lexicon's ``*.jsonl``.
        out: Receives ``fxsem.safetensors``, ``fxsem.json`` and ``log.jsonl``.
        cache: For stages; several GB.
        seed: Of examples, order and initial weights.
        minutes: Scales passes and steps against ``FULL_MINUTES``; None is the full run.
        resume: Keep what the cache holds of this seed; otherwise it is trained anew.
        device: For the towers' fits.
        held_fold: Of people's words, 0..2: not taught, so that they can be tested; None teaches
            all, and words of other people's data are the test.
        judge: Hear the recordings that are kept for a judge, and none of the others.
    """

    shared: Path
    lexicon: Path
    out: Path
    cache: Path
    seed: int = 0
    minutes: float | None = None
    resume: bool = False
    device: str = "cpu"
    held_fold: int | None = None
    judge: bool = False

    @property
    def recordings_heard(self) -> str:
        """The split of the recordings that the audio tower learns from."""
        return "judge" if self.judge else "train"

    @property
    def share(self) -> float:
        """Of the full run, 0..1."""
        return 1.0 if self.minutes is None else min(1.0, max(self.minutes, 0.1) / FULL_MINUTES)


@dataclass(frozen=True)
class Texts:
    """Phrases with their features and targets.

    Attributes:
        lines: The lexicon.
        taught: People's words that were learned from.
        own: What words mean by themselves, where that is not what the lexicon says; texts that
            the lexicon does not have are among ``phrases``, without weight in the training.
        phrases: The lexicon's texts, sentences around them, and people's other words.
    """

    lines: list[Line]
    taught: list[str]
    own: dict[str, Intent]
    phrases: list[Phrase]
    features: torch.Tensor
    points: torch.Tensor
    settings: torch.Tensor
    weights: torch.Tensor


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
    texts = prepare_texts(options, front_end, report)
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
    notes = _notes(options, recordings, texts, held, found)
    notes["minutes_spent"] = round((time.perf_counter() - began) / 60, 1)
    write_weights(options.out, audio, text, notes)
    return notes


def remember_lexicon(tower: TextTower, texts: Texts, held: frozenset[str]) -> None:
    """Fill the tower's memory with the lexicon's texts, without those that hold a held-out stem."""
    rows = [
        i
        for i in splits.without_stems(texts.phrases, held)
        if texts.phrases[i].kind in ("plain", "people")
    ]
    lexicon = _outright(texts.points[rows], texts.settings[rows])
    own = lexicon.clone()
    places = {texts.phrases[i].text: place for place, i in enumerate(rows)}
    changed = [text for text in texts.own if text in places]
    if changed:
        intents = [texts.own[text] for text in changed]
        settings = torch.stack([intent.setting() for intent in intents])
        own[[places[text] for text in changed]] = _outright(points_of(intents), settings)
    names = [texts.phrases[i].text for i in rows]
    tower.remember(texts.features[rows], own, lexicon, names)


def _outright(points: torch.Tensor, settings: torch.Tensor) -> torch.Tensor:
    """Points [N, 27] and settings [N, 17] side by side, with sure logits for what is said."""
    said = settings.clone()
    for logit in (HIGH_PASS_LOGIT, LOW_PASS_LOGIT, SPACE_LOGIT):
        said[:, logit] = SURE_LOGIT * (2 * said[:, logit] - 1)
    return torch.cat((points, said), dim=-1)


def prepare_texts(options: Options, front_end: Fxsem, report: Report) -> Texts:
    """Phrases around the lexicon, with features and targets, and words as people use them."""
    store = SentenceStore(options.cache / "sentences", MiniLM())

    def embed(wanted: Sequence[str]) -> NDArray[np.float64]:
        # The middle layer: on words left out, people's curves are met better than with the last.
        rows = store.embed(wanted, report)[:, MIDDLE_FEATURES]
        return torch.nn.functional.normalize(rows.double(), dim=-1).numpy()

    lines = read_lexicon(options.lexicon)
    phrases = draw_phrases(lines, SOUND_SEED, PAIRS)
    social = options.shared / "data" / "socialfx"
    taught: list[str] = []
    own: dict[str, Intent] = {}
    if (social / "eq.jsonl").is_file():
        frequencies, words = read_people(social)
        heard = [w for w in words if splits.people_fold(w.word) != options.held_fold]
        taught = [w.word for w in heard]
        own = people_meanings(lines, frequencies, heard, embed)
        known = {text for line in lines for text in line.texts}
        phrases += [Phrase(t, own[t], 0.0, (), "people") for t in own if t not in known]
    features = store.embed([p.text for p in phrases], report)
    weights = torch.tensor([p.weight * KIND_WEIGHT.get(p.kind, 0.0) for p in phrases])
    intents = [p.intent for p in phrases]
    return Texts(
        lines, taught, own, phrases, features, points_of(intents),
        torch.stack([intent.setting() for intent in intents]), weights,
    )  # fmt: skip


def write_weights(
    out: Path, audio: AudioTower, text: TextTower, notes: dict[str, Any]
) -> tuple[Path, str]:
    """Write ``fxsem.safetensors`` (notes in its header) and ``fxsem.json``; returns path, hash."""
    path = out / "fxsem.safetensors"
    header = {"format": FORMAT, "version": VERSION, "notes": json.dumps(notes, sort_keys=True)}
    partial = path.with_suffix(".part")
    save_file(tensors_of(audio, text), partial, metadata=header)
    partial.chmod(0o644)
    partial.replace(path)
    digest = sha256_of(path)
    text_form = json.dumps({**notes, "sha256": digest}, indent=1, sort_keys=True)
    (out / "fxsem.json").write_text(text_form + "\n", "utf-8")
    return path, digest


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
    rooms = synthetic_rooms(SYNTHETIC_ROOMS, rate, SOUND_SEED)
    if (options.shared / "ir" / "manifest.jsonl").is_file():
        # A decay read as the longest possible is the recording's noise, not the room.
        rooms += [
            room
            for room in measured_rooms(options.shared / "ir", rate)
            if room.t60_s < 7.9 and split_of_room(room.name) == "train"
        ]
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


def _notes(
    options: Options,
    recordings: Sequence[Recording],
    texts: Texts,
    held: frozenset[str],
    found: dict[str, Any],
) -> dict[str, Any]:
    by_split: dict[str, list[str]] = {}
    for recording in recordings:
        by_split.setdefault(recording.split, []).append(recording.path)
    return {
        "encoder": "fxsem",
        "version": VERSION,
        "seed": options.seed,
        "share_of_full_run": round(options.share, 4),
        "minilm_sha256": MODEL_SHA256,
        "lines": len(texts.lines),
        "texts": sum(len(line.texts) for line in texts.lines),
        "phrases": len(texts.phrases),
        "splits": {
            "recordings": {
                split: {"count": len(paths), "sha256": splits.digest(paths)}
                for split, paths in sorted(by_split.items())
            },
            "recordings_heard": options.recordings_heard,
            "people_fold_held_out": options.held_fold,
            "people_folds": splits.PEOPLE_FOLDS,
            "people_stems_trained": sorted({splits.stem_mark(word) for word in texts.taught}),
            "unseen_words_sha256": splits.digest(held),
            "unseen_words_count": len(held),
            "rooms_rule": "sha256 of the name without digits, see training.rooms",
        },
        "figures": found,
    }


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
