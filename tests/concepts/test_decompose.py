"""Dictionaries, decompositions, and concepts turned round into targets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.spaces.tiny_encoder import TinyEncoder
from text2fx_studio.concepts import dictionary as dictionaries
from text2fx_studio.concepts.decompose import (
    Decomposer,
    changes,
    concept_direction,
    concept_target,
    parse_concepts,
)
from text2fx_studio.concepts.dictionary import Dictionary, load_dictionary, write_embeddings
from text2fx_studio.concepts.vocabulary import Vocabulary
from text2fx_studio.encoders import load_encoder
from text2fx_studio.encoders.files import cache_folder
from text2fx_studio.errors import EncoderError, UsageError

WORDS = Vocabulary(
    "tiny",
    ("warm", "dark", "bright", "thin", "echo", "hall", "dry", "muffled", "dog", "rain", "wind"),
)
PLAIN = "{}"


@pytest.fixture
def encoder() -> TinyEncoder:
    return TinyEncoder()


@pytest.fixture
def words(encoder: TinyEncoder) -> Dictionary:
    return load_dictionary(WORDS, encoder, template=PLAIN)


def text(encoder: TinyEncoder, *texts: str) -> torch.Tensor:
    return encoder.embed_text(texts)


def test_atoms_are_centred_and_of_unit_norm(words: Dictionary, encoder: TinyEncoder) -> None:
    rows = text(encoder, *WORDS.concepts).double().numpy()
    np.testing.assert_allclose(words.origin, rows.mean(0))
    np.testing.assert_allclose(np.linalg.norm(words.atoms, axis=1), 1.0)
    lengths = np.linalg.norm(rows - rows.mean(0), axis=1)
    np.testing.assert_allclose(words.atoms * lengths[:, None] + words.origin, rows)
    assert words.typical_length == pytest.approx(lengths.mean())


def test_concepts_are_read_once_for_each_encoder_vocabulary_and_template(
    words: Dictionary, encoder: TinyEncoder
) -> None:
    assert encoder.read == list(WORDS.concepts)
    again = load_dictionary(WORDS, encoder, template=PLAIN)
    assert len(encoder.read) == len(WORDS)
    np.testing.assert_array_equal(again.atoms, words.atoms)
    others = (
        (WORDS, TinyEncoder(weights="b"), PLAIN),
        (WORDS, TinyEncoder("tiny-2"), PLAIN),
        (WORDS, TinyEncoder(), "this sound is {}"),
        (Vocabulary("other", WORDS.concepts[:5]), TinyEncoder(), PLAIN),
    )
    for vocabulary, other, template in others:
        load_dictionary(vocabulary, other, template=template)
        assert len(other.read) == len(vocabulary)
    files = list((cache_folder() / "concepts").iterdir())
    assert len(files) == 5
    for file in files:
        file.write_bytes(b"damaged")
    np.testing.assert_array_equal(
        load_dictionary(WORDS, encoder, template=PLAIN).atoms, words.atoms
    )


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, encoder: TinyEncoder) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    assert load_dictionary(WORDS, encoder, cache=blocked).dim == 10


def test_a_shipped_dictionary_is_not_read_again(
    tmp_path: Path, encoder: TinyEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_embeddings(tmp_path, WORDS, encoder)
    monkeypatch.setattr(dictionaries, "SHIPPED", tmp_path)
    fresh = TinyEncoder()
    shipped = load_dictionary(WORDS, fresh)
    assert not fresh.read
    assert not cache_folder().exists()
    path.unlink()
    np.testing.assert_allclose(load_dictionary(WORDS, fresh).atoms, shipped.atoms)
    assert len(fresh.read) == len(WORDS)


def test_a_concept_that_is_the_mean_is_never_used(encoder: TinyEncoder) -> None:
    rows = np.array([[1.0, 0, 0], [-1.0, 0, 0], [0, 0, 0]])
    made = Dictionary.from_embeddings(
        ["a", "b", "c"], rows, encoder_id=encoder.id, weights_hash=encoder.weights_hash
    )
    np.testing.assert_array_equal(made.atoms[2], 0.0)
    with pytest.raises(EncoderError, match="tells 'c' from no other"):
        made.directions(["c"], encoder)


def test_what_knows_where_nothing_is_asked_for_is_counted_from_there() -> None:
    fxsem = load_encoder("fxsem")
    told = dictionaries.dictionary_for(fxsem)
    neutral = np.zeros(fxsem.dim)
    neutral[-1] = 1.0
    np.testing.assert_array_equal(told.origin, neutral)
    # Opposites point apart, also where most words lie on one side.
    bright, dark = told.directions(["bright", "dark"], fxsem)
    assert bright @ dark < -0.3


def test_of_words_that_the_encoder_hardly_tells_apart_the_first_stays(
    encoder: TinyEncoder,
) -> None:
    texts = ["dog bark", "rain", "bark dog", "wind", "rain rain rain wind"]
    whole = Dictionary.from_embeddings(
        texts, text(encoder, *texts).numpy(), encoder_id=encoder.id,
        weights_hash=encoder.weights_hash, template=PLAIN,
    )  # fmt: skip
    fewer = whole.distinct(0.98)
    assert fewer.concepts == ("dog bark", "rain", "wind", "rain rain rain wind")
    np.testing.assert_array_equal(fewer.origin, whole.origin)
    np.testing.assert_array_equal(fewer.atoms[2], whole.atoms[3])
    assert len(whole.distinct(0.6).concepts) < 4
    assert fewer.places["wind"] == 2
    with pytest.raises(UsageError, match="above 0 up to 1"):
        whole.distinct(0.0)


def test_named_concepts_lead_and_speak_for_what_is_like_them(
    words: Dictionary, encoder: TinyEncoder
) -> None:
    led = words.led_by(["old bell", "wind", "old bell"], encoder)
    assert led.concepts[:2] == ("old bell", "wind")
    assert set(led.concepts) == {*words.concepts, "old bell"}
    np.testing.assert_allclose(led.atoms[1], words.atoms[words.places["wind"]])
    np.testing.assert_array_equal(led.origin, words.origin)
    assert words.led_by(["bell old"], encoder).led_by(["old bell"], encoder).distinct(
        0.98
    ).concepts == ("old bell", *words.concepts)
    assert words.led_by([], encoder).concepts == words.concepts


@pytest.mark.parametrize(("name", "word"), [("fxsem-9", "anemic"), ("tiny-1", "dog")])
def test_explanations_use_the_words_that_the_encoder_knows(
    name: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = dictionaries.dictionary_for(TinyEncoder(name))
    assert word in found.places
    assert ("dog" in found.places) == (name == "tiny-1")
    assert found.concepts == found.distinct().concepts


def test_dictionaries_refuse(words: Dictionary) -> None:
    name = {"encoder_id": "e", "weights_hash": "h"}
    with pytest.raises(EncoderError, match="2 concepts and embeddings of the shape"):
        Dictionary.from_embeddings(["a", "b"], np.ones((3, 4)), **name)
    with pytest.raises(EncoderError, match="embedding of 'b' is not finite"):
        Dictionary.from_embeddings(["a", "b"], np.array([[1.0], [np.nan]]), **name)
    with pytest.raises(EncoderError, match="belongs to the encoder 'tiny-1'"):
        words.directions(["warm"], TinyEncoder("tiny-2"))


def test_a_concept_is_found_in_its_own_text(words: Dictionary, encoder: TinyEncoder) -> None:
    decomposer = Decomposer(words)
    for found, word in zip(
        decomposer.decompose(text(encoder, *WORDS.concepts), "text", 0.3), WORDS.concepts,
        strict=True,
    ):  # fmt: skip
        assert found.concepts[0].text == word
        assert found.weight(word) == pytest.approx(1 - 0.3 / 2, abs=0.15)
        assert found.kkt_gap < 1e-9
        weights = [c.weight for c in found.concepts]
        assert weights == sorted(weights, reverse=True)
        assert found.residual < 0.5
        assert found.cosine > 0.9
        assert found.weight("nothing") == 0.0


def test_a_mixture_holds_its_parts(words: Dictionary, encoder: TinyEncoder) -> None:
    z = words.origin + 0.2 * (words.atoms[words.places["warm"]] + words.atoms[words.places["hall"]])
    (found,) = Decomposer(words).decompose(torch.from_numpy(z)[None], "text", 0.1)
    assert {c.text for c in found.concepts[:2]} == {"warm", "hall"}
    data = found.to_data(most=1)
    assert len(data["concepts"]) == 1
    assert data["count"] == len(found.concepts)


def test_sounds_are_centred_by_their_own_mean(words: Dictionary) -> None:
    gap = np.linspace(-1.0, 1.0, 10)
    sound = torch.from_numpy(gap + 0.3 * words.atoms[words.places["rain"]])[None]
    (right,) = Decomposer(words, gap).decompose(sound, "audio", 0.3)
    assert right.concepts[0].text == "rain"
    np.testing.assert_allclose(
        Decomposer(words, torch.from_numpy(gap)).centred(sound, "audio")[0],
        words.atoms[words.places["rain"]],
    )
    wrong = Decomposer(words).decompose(sound, "audio", 0.3)[0]
    assert wrong.weight("rain") < right.weight("rain")
    with pytest.raises(EncoderError, match="audio mean"):
        Decomposer(words, np.ones(3))
    with pytest.raises(EncoderError, match="audio mean"):
        Decomposer(words, np.full(10, np.nan))


def test_the_mean_itself_is_no_concept(words: Dictionary) -> None:
    (found,) = Decomposer(words).decompose(torch.from_numpy(words.origin)[None], "text")
    assert found.concepts == ()
    assert found.cosine == 0.0
    assert found.residual == 0.0


def test_bad_embeddings_are_told(words: Dictionary) -> None:
    with pytest.raises(EncoderError, match=r"need \[N, 10\]"):
        Decomposer(words).decompose(torch.zeros(10), "audio")
    with pytest.raises(EncoderError, match="audio embeddings: hold values"):
        Decomposer(words).decompose(torch.full((1, 10), torch.nan), "audio")


def test_smaller_penalties_say_more(words: Dictionary, encoder: TinyEncoder) -> None:
    z = text(encoder, "warm hall rain bell")[0]
    path = Decomposer(words).path(z, "text", [0.8, 0.2, 0.02])
    residuals = [d.residual for d in path]
    assert residuals == sorted(residuals, reverse=True)
    assert len(path[0].concepts) <= len(path[2].concepts)


def test_zero_shot_classification_from_the_weights(words: Dictionary, encoder: TinyEncoder) -> None:
    decomposer = Decomposer(words)
    names = ["a dog", "dark hall", "rain wind"]
    classes = words.directions(names, encoder)
    np.testing.assert_allclose(np.linalg.norm(classes, axis=1), 1.0)
    sounds = text(encoder, "dog", "hall dark echo", "wind rain dry")
    for i, found in enumerate(decomposer.decompose(sounds, "text", 0.1)):
        scores = decomposer.classify(found, classes)
        assert scores.argmax() == i
        assert np.abs(scores).max() <= 1 + 1e-12
    nothing = decomposer.decompose(sounds, "text", 50.0)[0]
    np.testing.assert_array_equal(decomposer.classify(nothing, classes), 0.0)


def test_changes_are_sorted_from_rise_to_fall(words: Dictionary, encoder: TinyEncoder) -> None:
    before, after = Decomposer(words).decompose(
        text(encoder, "muffled dry", "muffled echo"), "text"
    )
    found = changes(before, after)
    assert found[0].text == "echo"
    assert found[0].rise > 0.3
    assert found[-1].text == "dry"
    assert found[-1].rise < -0.3
    assert {c.text for c in found} == {c.text for d in (before, after) for c in d.concepts}


def test_parse_concepts() -> None:
    assert parse_concepts("echo:+0.6, muffled:-0.4,old  radio:2") == {
        "echo": 0.6, "muffled": -0.4, "old radio": 2.0,
    }  # fmt: skip
    for bad, message in (
        ("", "write each as concept:weight"),
        ("echo", "found 'echo'"),
        ("echo:0.5,", "write each"),
        (":1", "write each"),
        ("echo:much", "weight 'much'"),
        ("echo:0", "weight '0'"),
        ("echo:nan", "weight 'nan'"),
        ("echo:11", "from -10 to 10"),
        ("echo:1,echo:2", "'echo' stands more than once"),
    ):
        with pytest.raises(UsageError, match=message):
            parse_concepts(bad)


def test_targets_reach_their_concepts(words: Dictionary, encoder: TinyEncoder) -> None:
    weights = parse_concepts("echo:+0.6,muffled:-0.4,dog:0.5")
    target = concept_target(words, weights, encoder)
    assert target.shape == (10,)
    assert float(target.norm()) == pytest.approx(1.0)
    (found,) = Decomposer(words).decompose(target[None], "text", 0.05)
    assert {"echo", "dog"} <= {c.text for c in found.concepts}
    assert found.weight("muffled") == 0.0
    direction = concept_direction(words, weights, encoder).double().numpy()
    assert direction @ words.atoms[words.places["echo"]] > 0.3
    assert direction @ words.atoms[words.places["muffled"]] < -0.1
    placed = target.double().numpy() - words.origin
    # Renormalising turns it a little; it still points where it was asked to.
    assert placed @ direction / np.linalg.norm(placed) > 0.9


def test_targets_take_any_text_and_refuse_nothing_at_all(
    words: Dictionary, encoder: TinyEncoder
) -> None:
    encoder.read.clear()
    concept_direction(words, {"old radio": 1.0, "warm": 1.0}, encoder)
    assert encoder.read == ["old radio"]
    with pytest.raises(UsageError, match="none given"):
        concept_direction(words, {}, encoder)
    with pytest.raises(UsageError, match="cancel each other out"):
        concept_target(words, {"dog bell": 1.0, "bell dog": -1.0}, encoder)
