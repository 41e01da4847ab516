"""A user's own audio-caption pairs: reading the list, and embedding it with progress and resume.

A manifest is CSV with a header or JSONL, a recording a row: its path (``path``, ``audio``, ``file``
or ``file_name``; relative to the manifest) and its caption or captions (``caption``, ``text``,
``captions``, ``caption_1`` to ``caption_9``). Rows of the same recording are joined.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save as to_safetensors

from dsp.atomic import explain_os_error, write_atomic
from text2fx_studio.encoders.files import cache_folder, read_tensors
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.errors import (
    AudioError,
    AudioFileError,
    EncoderError,
    OutputError,
    UsageError,
)

PATH_FIELDS = ("path", "audio", "file", "file_name", "audio_path")
CAPTION_FIELDS = ("caption", "text", "captions")
MAX_CAPTION_CHARACTERS = 2000
BATCH = 64
_NUMBERED = re.compile(r"caption_?[0-9]+")
_VERSION = "1"  # of how pairs are embedded; a change leaves old shards behind

Report = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Item:
    """One recording with its captions.

    Attributes:
        path: The audio file.
        captions: At least one.
        place: ``manifest:line`` where it was named first.
    """

    path: Path
    captions: tuple[str, ...]
    place: str


@dataclass(frozen=True)
class EmbeddedPairs:
    """Embeddings of a manifest. Float32, unit norm.

    Attributes:
        audio: Each recording once, [M, D].
        text: Every caption, [N, D].
        audio_of_text: For each caption the index of its recording, [N].
        captions: The N captions.
        paths: The M recordings.
        left_out: Recordings that could not be read, with why; empty unless these were to be left.
    """

    audio: torch.Tensor
    text: torch.Tensor
    audio_of_text: NDArray[np.int64]
    captions: tuple[str, ...]
    paths: tuple[Path, ...]
    left_out: tuple[str, ...] = ()

    @property
    def audio_rows(self) -> torch.Tensor:
        """The audio embedding of every caption's recording, [N, D]: the rows to fit on."""
        return self.audio[torch.from_numpy(self.audio_of_text)]


def read_manifest(path: str | os.PathLike[str]) -> list[Item]:
    """Read a list of recordings and captions.

    Raises:
        UsageError: The file is missing, not CSV or JSONL, or a row is not valid; names the line.
    """
    place = Path(path)
    try:
        text = place.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{place}: no such manifest") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{place}: not UTF-8 text ({error})") from error
    except OSError as error:
        raise UsageError(f"{place}: cannot be read: {explain_os_error(error)}") from error
    kind = place.suffix.lower()
    if kind not in (".csv", ".jsonl", ".tsv"):
        raise UsageError(f"{place}: a manifest is a .csv, .tsv or .jsonl file")
    rows = _jsonl(place, text) if kind == ".jsonl" else _table(place, text, kind)
    joined: dict[Path, Item] = {}
    for where, row in rows:
        file, captions = _row(where, row)
        audio = place.parent / file
        known = joined.get(audio)
        if known is not None:
            captions = tuple(dict.fromkeys((*known.captions, *captions)))
        joined[audio] = Item(audio, captions, known.place if known else where)
    if not joined:
        raise UsageError(f"{place}: lists no recordings")
    return list(joined.values())


def embed_pairs(
    items: Sequence[Item],
    encoder: Encoder,
    *,
    cache: Path | None = None,
    batch: int = BATCH,
    leave_out_bad: bool = False,
    report: Report | None = None,
) -> EmbeddedPairs:
    """Embed a manifest; what is done already is read from the cache, so a stopped run goes on.

    A recording's embedding is the mean over its loudest windows, brought to unit norm.

    Args:
        items: As of :func:`read_manifest`.
        encoder: Its id and weights name the cache's shards.
        cache: Folder of the shards; None for one in the user's cache folder.
        batch: Recordings a shard.
        leave_out_bad: Go on without recordings that cannot be read.
        report: Told recordings done, recordings in all, and what is going on.

    Raises:
        AudioFileError: A recording cannot be read; names the manifest's line.
        UsageError: No recording is left.
        OutputError: The cache cannot be written.
    """
    folder = cache_folder() / "pairs" if cache is None else cache
    if batch < 1:
        raise UsageError(f"batch: found {batch}, at least 1 is needed")
    tell = report or (lambda _done, _total, _what: None)
    audio: list[torch.Tensor] = []
    kept: list[Item] = []
    left_out: list[str] = []
    for start in range(0, len(items), batch):
        tell(start, len(items), "Listening")
        part = items[start : start + batch]
        rows, good, why = _audio_shard(part, encoder, folder, leave_out_bad)
        audio.append(rows)
        kept += [part[i] for i in good]
        left_out += why
    if not kept:
        raise UsageError(f"none of the {len(items)} recordings can be read; {left_out[0]}")
    captions = [caption for item in kept for caption in item.captions]
    owner = [i for i, item in enumerate(kept) for _ in item.captions]
    text: list[torch.Tensor] = []
    for start in range(0, len(captions), 4 * batch):
        tell(len(items), len(items), f"Reading captions, {start} of {len(captions)}")
        text.append(_text_shard(captions[start : start + 4 * batch], encoder, folder))
    tell(len(items), len(items), "Done")
    return EmbeddedPairs(
        torch.cat(audio), torch.cat(text), np.asarray(owner, dtype=np.int64), tuple(captions),
        tuple(item.path for item in kept), tuple(left_out),
    )  # fmt: skip


def embed_recording(path: Path, encoder: Encoder) -> torch.Tensor:
    """Embedding of a file: mean over its loudest windows, float32 of unit norm, [D].

    Raises:
        AudioError: It cannot be read, is silent or too short.
    """
    import soxr

    from dsp.audio_file import read_audio
    from text2fx_studio.search.windows import ArraySource, loud_windows

    sound, rate = read_audio(path)
    found = loud_windows(ArraySource(sound, rate, str(path)), encoder.window_s, context_s=0.0)
    wanted = round(encoder.window_s * encoder.sample_rate)
    mono = np.zeros((len(found.segments), wanted), np.float32)
    for row, segment in zip(mono, found.segments, strict=True):
        heard = soxr.resample(segment.mean(axis=0), rate, encoder.sample_rate)[:wanted]
        row[: len(heard)] = heard
    with torch.no_grad():
        embedded = encoder.embed_audio(torch.from_numpy(mono)).mean(dim=0)
    return torch.nn.functional.normalize(embedded.float().cpu(), dim=-1)


def _audio_shard(
    part: Sequence[Item], encoder: Encoder, folder: Path, leave_out_bad: bool
) -> tuple[torch.Tensor, list[int], list[str]]:
    key = [_stamp(item.path) for item in part]
    file = _shard_file(folder, "audio", encoder, key)
    stored = _read_shard(file, "audio", encoder.dim)
    if stored is not None and len(stored) == len(part):
        return stored, list(range(len(part))), []
    rows, good, why = [], [], []
    for i, item in enumerate(part):
        try:
            rows.append(embed_recording(item.path, encoder))
            good.append(i)
        except AudioError as error:
            message = f"{item.place}: {error}"
            if not leave_out_bad:
                raise AudioFileError(message) from error
            why.append(message)
    shard = torch.stack(rows) if rows else torch.zeros((0, encoder.dim))
    if not why:  # a shard with gaps is not kept: the files may be mended
        _write_shard(file, "audio", shard)
    return shard, good, why


def _text_shard(captions: Sequence[str], encoder: Encoder, folder: Path) -> torch.Tensor:
    file = _shard_file(folder, "text", encoder, list(captions))
    stored = _read_shard(file, "text", encoder.dim)
    if stored is not None and len(stored) == len(captions):
        return stored
    with torch.no_grad():
        rows = encoder.embed_text(captions).float().cpu()
    _write_shard(file, "text", rows)
    return rows


def _shard_file(folder: Path, kind: str, encoder: Encoder, key: list[str]) -> Path:
    """The name says everything that the shard depends on: another encoder never meets it."""
    parts = [_VERSION, kind, encoder.id, encoder.weights_hash, *key]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return folder / f"{kind}-{digest[:32]}.safetensors"


def _stamp(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return f"{path}|missing"
    return f"{path.resolve()}|{status.st_size}|{status.st_mtime_ns}"


def _read_shard(file: Path, name: str, dim: int) -> torch.Tensor | None:
    if not file.is_file():
        return None
    try:
        rows = read_tensors(file).get(name)
    except EncoderError:
        return None  # damaged: embedded again
    fits = rows is not None and rows.ndim == 2 and rows.shape[1] == dim
    return rows.clone() if rows is not None and fits else None


def _write_shard(file: Path, name: str, rows: torch.Tensor) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{file.parent}: the folder cannot be made: {explain_os_error(error)}"
        ) from error
    data = to_safetensors({name: rows.contiguous()})
    write_atomic(file, data, overwrite=True, error=OutputError)


def _jsonl(place: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{place}:{number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{where}: not valid JSON ({error})") from error
        if not isinstance(row, dict):
            raise UsageError(f"{where}: found {type(row).__name__}, an object is needed")
        yield where, row


def _table(place: Path, text: str, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter="\t" if kind == ".tsv" else ",", strict=True
    )
    try:
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        if not set(names) & set(PATH_FIELDS):
            raise UsageError(
                f"{place}:1: the header names {', '.join(names) or 'nothing'}; a column "
                f"{' or '.join(PATH_FIELDS)} is needed"
            )
        reader.fieldnames = names
        for row in reader:
            where = f"{place}:{reader.line_num}"
            if None in row:
                raise UsageError(f"{where}: has more cells than the header; quote commas")
            yield where, {name: cell for name, cell in row.items() if cell is not None}
    except csv.Error as error:
        raise UsageError(f"{place}:{reader.line_num}: not valid CSV ({error})") from error


def _row(where: str, row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    file = next((row[name] for name in PATH_FIELDS if row.get(name)), None)
    if not isinstance(file, str) or not file.strip() or "\0" in file:
        raise UsageError(f"{where}: no path; name the recording as {PATH_FIELDS[0]!r}")
    captions: list[str] = []
    for name, value in row.items():
        if name not in CAPTION_FIELDS and not _NUMBERED.fullmatch(name):
            continue
        for caption in value if isinstance(value, list) else [value]:
            if not isinstance(caption, str):
                raise UsageError(f"{where}: {name} holds {caption!r}; a text is needed")
            if len(caption) > MAX_CAPTION_CHARACTERS:
                raise UsageError(
                    f"{where}: a caption of {len(caption)} characters; at most "
                    f"{MAX_CAPTION_CHARACTERS} are read"
                )
            if caption.strip():
                captions.append(" ".join(caption.split()))
    if not captions:
        raise UsageError(f"{where}: no caption; name it {CAPTION_FIELDS[0]!r}")
    return file.strip(), tuple(dict.fromkeys(captions))
