"""Words to numbers, as the models' authors write them but without their traps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.encoders import clap_fixtures as fixtures
from text2fx_studio.encoders.clap_tokens import (
    bert_words,
    find_files,
    gpt2_words,
    roberta_words,
    tokenizer_folder,
)
from text2fx_studio.errors import EncoderError, PromptError


def test_roberta_marks_start_and_end(tmp_path: Path) -> None:
    words = roberta_words(fixtures.write_roberta_files(tmp_path))
    found = words.numbers("warm s")
    assert (found[0], found[-1]) == (0, 2)
    assert len(found) == 4  # <s> warm Ġs </s>
    assert words.numbers("warm")[1] == found[1]


def test_gpt2_writes_a_blank_and_the_end_mark(tmp_path: Path) -> None:
    words = gpt2_words(fixtures.write_gpt2_files(tmp_path))
    found = words.numbers("warm")
    assert found[-2:] == [220, fixtures.SMALL.vocabulary - 1]
    assert found[0] == fixtures.byte_letters().__len__() + 3  # the merge "war m"


def test_an_exclamation_mark_is_a_token_like_any_other(tmp_path: Path) -> None:
    """Number 0 is '!', with which msclap pads; the last number must be the end mark anyway."""
    words = gpt2_words(fixtures.write_gpt2_files(tmp_path))
    for text in ("warm!", "!warm", "! ! !", "!!", "warm !!! warm"):
        assert words.numbers(text)[-1] == fixtures.SMALL.vocabulary - 1
    assert words.numbers("!")[0] == 0


@pytest.mark.parametrize("limit", [77, 20])
def test_long_texts_are_cut_and_keep_their_end_mark(limit: int, tmp_path: Path) -> None:
    for words, end in (
        (roberta_words(fixtures.write_roberta_files(tmp_path / "r"), limit), 2),
        (gpt2_words(fixtures.write_gpt2_files(tmp_path / "g"), limit), 299),
    ):
        found = words.numbers("b" * 500)
        assert len(found) == limit
        assert found[-1] == end
        assert words.numbers("b" * 500 + "different") == found


def test_bert_lowers_and_marks(tmp_path: Path) -> None:
    words = bert_words((fixtures.write_bert_files(tmp_path),))
    found = words.numbers("This sound is WARMer")
    assert (found[0], found[-1]) == (2, 3)
    assert found == words.numbers("this  sound is warmer")
    assert words.numbers("日")[1] == 1  # unknown


def test_blank_texts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PromptError):
        gpt2_words(fixtures.write_gpt2_files(tmp_path)).numbers(" \n")


def test_files_are_found_beside_the_checkpoint_then_in_the_cache(tmp_path: Path) -> None:
    checkpoint = tmp_path / "models" / "a.pt"
    checkpoint.parent.mkdir()
    with pytest.raises(EncoderError) as caught:
        find_files("roberta-base", checkpoint)
    message = str(caught.value)
    assert "vocab.json and merges.txt of roberta-base not found" in message
    assert "text2fx models get roberta-base" in message
    assert str(tokenizer_folder("roberta-base")) in message
    fixtures.write_roberta_files(tokenizer_folder("roberta-base"))
    assert find_files("roberta-base", checkpoint)[0].parent == tokenizer_folder("roberta-base")
    fixtures.write_roberta_files(checkpoint.parent / "roberta-base")
    assert find_files("roberta-base", checkpoint)[0].parent == checkpoint.parent / "roberta-base"
    fixtures.write_roberta_files(tmp_path / "hub")
    assert find_files("roberta-base", tmp_path / "hub")[0].parent == tmp_path / "hub"


def test_the_missing_half_of_a_pair_is_named(tmp_path: Path) -> None:
    _, merges = fixtures.write_roberta_files(tokenizer_folder("roberta-base"))
    merges.unlink()
    with pytest.raises(EncoderError, match=r"vocabulary: merges\.txt of roberta-base not found"):
        find_files("roberta-base", tmp_path / "a.pt")


def test_berts_vocabulary_comes_with_the_base_install(tmp_path: Path) -> None:
    files = find_files("bert-base-uncased", tmp_path / "a.pth")
    words = bert_words(files)
    assert words.size == 30_522
    # The numbers of bert-base-uncased for these words, as its page shows them.
    assert words.numbers("hello world!") == [101, 7592, 2088, 999, 102]


def test_broken_and_foreign_vocabularies_are_refused(tmp_path: Path) -> None:
    vocabulary, merges = fixtures.write_gpt2_files(tmp_path)
    with pytest.raises(EncoderError, match=r"no '<s>'; it is another model's vocabulary"):
        roberta_words((vocabulary, merges))
    vocabulary.write_text("{", "utf-8")
    with pytest.raises(EncoderError, match="not a byte-pair vocabulary"):
        gpt2_words((vocabulary, merges))
    (tmp_path / "vocab.txt").write_text("a\nb\n", "utf-8")
    with pytest.raises(EncoderError, match=r"no '\[CLS\]'"):
        bert_words((tmp_path / "vocab.txt",))
