"""What a worker does with files: listen, search together, render, write, measure.

Three stages run at the same time, each on a thread of its own: one reads the next files while one
searches and one writes the files before. Within the search, the starts of several files go through
the encoder as one batch. What a file becomes does not depend on the files beside it.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.atomic import explain_os_error
from text2fx_studio.batch.failures import told
from text2fx_studio.batch.finish import finish, score_line
from text2fx_studio.batch.hashing import file_digest
from text2fx_studio.batch.order import TOGETHER
from text2fx_studio.batch.task import Task
from text2fx_studio.errors import AudioContentError, AudioFileError, CancelledError

if TYPE_CHECKING:
    from text2fx_studio.encoders.protocol import Encoder
    from text2fx_studio.preset import Preset
    from text2fx_studio.search.engine import Asked
    from text2fx_studio.search.optimizer import Descent
    from text2fx_studio.search.options import Options
    from text2fx_studio.search.preparation import Prepared
    from text2fx_studio.search.target import Target

Tell = Callable[[str, str, dict[str, Any]], None]  # (running | done | failed, file, data)


@dataclass
class _Loaded:
    """A file on its way through the stages.

    Attributes:
        weights: Hash of the encoder's, where it is listened to.
        seconds: Spent on it so far.
    """

    task: Task
    input_digest: str = ""
    preset: Preset | None = None
    asked: Asked | None = None
    ready: Prepared | None = None
    weights: str = ""
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)


class Workshop:
    """Works off groups of files; keeps encoder, words and presets warm between them."""

    def __init__(self, tell: Tell, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Args: ``tell`` is called from several threads, for each file ``running`` and one more."""
        self._tell, self._cancelled = tell, cancelled
        self._targets: dict[tuple[Any, ...], Target] = {}
        self._presets: dict[str, Preset] = {}
        self._stands_alone: dict[str, bool] = {}

    def run(self, groups: Iterable[Sequence[Task]]) -> None:
        """Work off groups, in order; returns when the last file is written or failed."""
        loaded: queue.Queue[list[_Loaded] | None] = queue.Queue(maxsize=1)

        def load() -> None:
            try:
                for group in groups:
                    loaded.put([one for task in group if (one := self._load(task)) is not None])
            finally:
                loaded.put(None)

        reader = threading.Thread(target=load, name="batch-reader", daemon=True)
        reader.start()
        with ThreadPoolExecutor(1, "batch-writer") as writer:
            pending = threading.Semaphore(TOGETHER)  # what waits to be written is held in memory
            while (group := loaded.get()) is not None:
                for one, descent in self._search(group):
                    pending.acquire()
                    written = writer.submit(self._write, one, descent)
                    written.add_done_callback(lambda _: pending.release())
        reader.join()

    def _load(self, task: Task) -> _Loaded | None:
        began = time.perf_counter()
        self._tell("running", task.file, {})
        one = _Loaded(task)
        try:
            self._stop_if_cancelled(task)
            one.input_digest = _digest(task.source)
            if task.settings.preset:
                one.preset = self._preset(task.settings.preset)
            if not task.settings.preset or task.score:
                try:
                    self._listen(one)
                except AudioContentError as error:
                    if one.preset is None:
                        raise
                    one.notes.append(f"not scored: {error}")  # the setting is applied all the same
        except Exception as error:
            self._fail(one, error)
            return None
        one.seconds += time.perf_counter() - began
        return one

    def _listen(self, one: _Loaded) -> None:
        from dsp.audio_file import AudioReader
        from text2fx_studio.search.engine import Asked
        from text2fx_studio.search.preparation import encoder_for
        from text2fx_studio.search.threads import cpu_threads
        from text2fx_studio.search.windows import FileSource

        settings = one.task.settings
        options = one.task.options()
        one.asked = asked = Asked.of(settings.prompt, options)
        encoder, device = encoder_for(options)
        one.weights = encoder.weights_hash
        with cpu_threads(encoder.cpu_threads if device == "cpu" else None):
            target = self._target(asked, encoder, options)
            with AudioReader(one.task.source) as reader:
                source = FileSource(reader, Path(one.task.source).name)
                one.ready = asked.prepare(source, target, encoder, device)

    def _target(self, asked: Asked, encoder: Encoder, options: Options) -> Target:
        """The words' side, read once for all files that share it."""
        from text2fx_studio.search.target import build_target

        key = (asked.words, asked.loss, asked.space, options.get("concepts"), options.get("axes"),
               encoder.id, encoder.weights_hash)  # fmt: skip
        if key not in self._targets:
            self._targets[key] = build_target(asked.words, encoder, asked.loss, options)
        return self._targets[key]

    def _preset(self, path: str) -> Preset:
        from text2fx_studio.preset import load_preset

        if path not in self._presets:
            self._presets[path] = load_preset(path)
        return self._presets[path]

    def _search(self, group: list[_Loaded]) -> Iterator[tuple[_Loaded, Descent | None]]:
        """Descend for all files of a group that need it, as many at once as fit together."""
        from text2fx_studio.search.joint import packs

        searched: list[tuple[_Loaded, Prepared]] = []
        for one in group:
            if one.ready is None or one.preset is not None:
                yield one, None
            else:
                searched.append((one, one.ready))
        for pack in packs([ready for _, ready in searched]):
            members = [searched[i][0] for i in pack]
            began = time.perf_counter()
            found = self._descend([searched[i] for i in pack])
            seconds = (time.perf_counter() - began) / len(members)
            for one, descent in zip(members, found, strict=True):
                one.seconds += seconds
                if isinstance(descent, Exception):
                    self._fail(one, descent)
                else:
                    yield one, descent

    def _descend(self, pack: Sequence[tuple[_Loaded, Prepared]]) -> list[Descent | Exception]:
        """What was found for each; where the pack fails as a whole, each is tried alone."""
        from text2fx_studio.search.effort import effort_for
        from text2fx_studio.search.joint import descend_together
        from text2fx_studio.search.optimizer import descend
        from text2fx_studio.search.threads import cpu_threads

        encoder, device = pack[0][1].encoder, pack[0][1].device
        schedule = effort_for(encoder, device).schedule
        readies = [ready for _, ready in pack]
        found: list[Descent | Exception] = []
        with cpu_threads(encoder.cpu_threads if device == "cpu" else None):
            if self._together(readies[0]):
                with contextlib.suppress(Exception):  # told below, of the file that it belongs to
                    return list(descend_together(readies, schedule, self._on_step))
            for one, ready in pack:
                try:
                    self._stop_if_cancelled(one.task)
                    if self._together(ready):
                        found += descend_together([ready], schedule, self._on_step)
                    else:
                        found.append(
                            descend(ready.objective, ready.variables, ready.prior, ready.starts,
                                    schedule)
                        )  # fmt: skip
                except Exception as error:
                    found.append(error)
        return found

    def _together(self, ready: Prepared) -> bool:
        """Whether files may share a batch here without changing each other's results."""
        from text2fx_studio.search.joint import rows_stand_alone

        encoder = ready.encoder
        key = f"{encoder.id} {encoder.weights_hash} {ready.device}"
        if key not in self._stands_alone:
            bands, frames = ready.cached.dry_power.shape[1:]
            self._stands_alone[key] = not encoder.heavy and rows_stand_alone(
                encoder, bands, frames, ready.device
            )
        return self._stands_alone[key]

    def _on_step(self, _step: int) -> None:
        if self._cancelled():
            raise CancelledError("cancelled; nothing was written")

    def _write(self, one: _Loaded, descent: Descent | None) -> None:
        began = time.perf_counter()
        task = one.task
        try:
            self._stop_if_cancelled(task)
            facts: dict[str, Any] = {"weights_sha256": one.weights} if one.weights else {}
            preset = one.preset
            if one.ready is not None and one.asked is not None:
                preset, scores = score_line(one.asked, one.ready, descent, preset)
                facts |= scores
            if preset is None:
                raise RuntimeError("neither a setting nor a search")
            facts |= finish(task, preset, self._cancelled)
        except Exception as error:
            self._fail(one, error, Path(task.output).parent)
            return
        seconds = one.seconds + time.perf_counter() - began
        notes = [*one.notes, *facts.pop("notes", ())]
        self._tell(
            "done", task.file,
            {**facts, "seconds": round(seconds, 3), "notes": notes,
             "input_sha256": one.input_digest},
        )  # fmt: skip

    def _fail(self, one: _Loaded, error: Exception, folder: Path | None = None) -> None:
        data = {**told(error, folder), "input_sha256": one.input_digest}
        self._tell("failed", one.task.file, data)

    def _stop_if_cancelled(self, task: Task) -> None:
        if self._cancelled():
            raise CancelledError(f"{task.file}: cancelled; nothing of it was written")


def _digest(path: str) -> str:
    try:
        return file_digest(path)
    except OSError as error:
        raise AudioFileError(f"{path}: cannot be read: {explain_os_error(error)}") from error
