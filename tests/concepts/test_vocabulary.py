"""The vocabularies that ship, and how they are built."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.spaces.tiny_encoder import TinyEncoder
from text2fx_studio.cli.main import main
from text2fx_studio.concepts import build, sources, vocabulary
from text2fx_studio.concepts.sources import Candidate
from text2fx_studio.errors import LexiconError, OutputError, UsageError
from text2fx_studio.lexicon import Lexicon, load_lexicon
from text2fx_studio.lexicon.entry import Entry

FOLDER = Path(vocabulary.resources.files("presets").joinpath("concepts"))


OF_LEXICON = ("effects", "plain")


def embed(texts: list[str]) -> NDArray[np.float32]:
    return TinyEncoder().embed_text(texts).numpy()


@pytest.mark.parametrize("name", vocabulary.NAMES)
def test_shipped_vocabularies(name: str) -> None:
    words = vocabulary.load_vocabulary(name)
    assert words.name == name
    assert len(words) == 2000 or name in OF_LEXICON
    assert len(words) > (500 if name == "plain" else 1000)
    for text in words.concepts:
        assert text == text.lower().strip()
        assert 1 <= len(text.split()) <= 3, text
        assert not sources.is_rude(text)
        assert not re.search(r"\d[kK]?$", text) or text in ("mp3", "sp1200"), text
    needed = {"warm", "bright", "muffled", "echo", "telephone", "cathedral", "thin"}
    assert needed <= set(words.concepts)
    assert ("dog" in words.concepts) == (name not in OF_LEXICON)


@pytest.mark.parametrize("name", vocabulary.NAMES)
def test_shipped_files_say_whose_labels_they_hold(name: str) -> None:
    data = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    assert "AudioSet" in data["attribution"]
    assert "CC BY-SA 4.0" in data["license"]
    sources_named = {s for row in data["concepts"] for s in row["sources"]}
    if name in OF_LEXICON:
        assert sources_named == {"lexicon"}
        return
    assert sources_named == {
        "audioset", "lexicon", "captions",
    }  # fmt: skip


def test_vocabularies_differ() -> None:
    names = [set(vocabulary.load_vocabulary(n).concepts) for n in vocabulary.NAMES[:3]]
    for i in range(3):
        assert 1000 < len(names[i] & names[i - 1]) < 2000
    assert len({vocabulary.load_vocabulary(n).hash for n in vocabulary.NAMES}) == 5


def test_plain_words_name_entries_on_which_people_agree() -> None:
    def entry(text: str, tag: str, confidence: float = 0.9, *more: str) -> Entry:
        silent = None, None, None, None, None
        return Entry(text, (text, *more), (0.0,) * 8, *silent, 0.7, confidence, (tag,), None)

    lexicon = Lexicon(
        [
            entry("warm", "timbre", 0.9, "toasty"), entry("warmer", "timbre"),
            entry("crying tone", "timbre"), entry("old telephone", "device"),
            entry("hotel swimming pool", "place"), entry("moody", "emotion", 0.5),
            entry("accordion", "instrument"),
        ]
    )  # fmt: skip
    assert sources.plain_words(lexicon) == ["warm", "old telephone"]


def test_labels_are_shortened_and_abstract_classes_left_out(tmp_path: Path) -> None:
    path = tmp_path / "o.json"
    rows = [
        {"name": "Male speech, man speaking", "restrictions": []},
        {"name": "Bass (instrument role)", "restrictions": ["blacklist"]},
        {"name": "Human sounds", "restrictions": ["abstract"]},
        {"name": "Male  speech", "restrictions": []},
        {"name": "Sounds of some other things", "restrictions": []},
    ]
    path.write_text(json.dumps(rows))
    assert sources.audioset_labels(path) == ["male speech", "bass"]
    for text in ("{", '{"a": 1}', '[{"name": "x"}]'):
        path.write_text(text)
        with pytest.raises(UsageError, match="is not AudioSet's ontology"):
            sources.audioset_labels(path)
    with pytest.raises(UsageError, match="cannot be read"):
        sources.audioset_labels(tmp_path / "none")


def test_words_of_captions_are_counted_by_caption(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("A dog barks, a dog!\nThe dog is loud\n")
    lines = tmp_path / "b.jsonl"
    lines.write_text('{"caption": "lo-fi rain"}\n{"caption": "Rain loudly"}\n')
    shares = sources.word_shares(sources.read_captions(p) for p in (text, lines))
    assert shares["dog"] == 0.5
    assert shares["rain"] == 0.5
    assert shares["lo-fi"] == 0.25
    assert sources.caption_words(shares) == ["dog", "rain", "barks", "lo-fi", "loud"]
    lines.write_text('{"caption": "x"}\n{"text": "x"}\n')
    with pytest.raises(UsageError, match=r"b\.jsonl:2: no caption"):
        list(sources.read_captions(lines))
    with pytest.raises(UsageError, match="cannot be read"):
        list(sources.read_captions(tmp_path / "none.txt"))


def test_orders_are_no_concepts() -> None:
    words = sources.lexicon_words(load_lexicon())
    assert {"warm", "telephone", "cathedral", "thunder", "chamber"} <= set(words)
    assert not {"warmer", "boomier", "bigger", "boost 3k", "more bass", "too bright"} & set(words)
    assert len(words) == len(set(words))


def test_what_stands_in_more_sources_goes_first_and_rude_words_nowhere() -> None:
    pool = vocabulary.gather(
        ["speech"], ["shit", "dusk", "warm"], ["rain", "fog", "warm"], {"warm": 0.3}
    )
    texts = [c.text for c in pool]
    assert texts == ["rain", "speech", "warm", "dusk", "fog"]
    assert pool[2] == Candidate("warm", ("lexicon", "captions"), 0.3)


def test_pruned_keeps_the_first_of_what_is_alike() -> None:
    pool = [Candidate(t, ("captions",), 0.0) for t in ("dog bark", "rain", "bark dog", "wind")]
    kept = vocabulary.pruned(pool, embed, size=10)
    assert [c.text for c in kept] == ["dog bark", "rain", "wind"]
    assert [c.text for c in vocabulary.pruned(pool, embed, size=2)] == ["dog bark", "rain"]


def test_clusters_are_named_by_their_first() -> None:
    texts = ("dog bark", "rain drop", "bark dog", "drop rain", "wind")
    pool = [Candidate(t, ("captions",), 0.0) for t in texts]
    named = vocabulary.clustered(pool, embed, size=3)
    assert [c.text for c in named] == ["dog bark", "rain drop", "wind"]
    assert vocabulary.clustered(pool, embed, size=9) == pool


def test_build_writes_all_files_again_the_same(tmp_path: Path) -> None:
    ontology = tmp_path / "o.json"
    ontology.write_text(json.dumps([{"name": "Dog, bark", "restrictions": []}]))
    captions = tmp_path / "c.txt"
    captions.write_text("rain falls\n" * 3 + "wind blows\n")
    out = tmp_path / "out"
    out.mkdir()
    counts = build.run(ontology, [captions], out, embed=embed, size=150)
    assert counts["baseline"] == counts["clustered"] == 150
    assert counts["candidates"] > 2000
    first = {p.name: p.read_bytes() for p in out.iterdir()}
    assert set(first) == {f"{name}.json" for name in vocabulary.NAMES}
    build.run(ontology, [captions], out, embed=embed, size=150, overwrite=True)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == first
    assert {"dog", "rain"} <= set(vocabulary.load_vocabulary("baseline", out).concepts)
    with pytest.raises(OutputError, match="exists already"):
        build.run(ontology, [captions], out, embed=embed, size=150)


def test_bad_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="allowed are baseline, pruned, clustered, effects"):
        vocabulary.load_vocabulary("tiny")
    path = tmp_path / "v.json"
    good = {"format": vocabulary.FORMAT, "concepts": [{"text": "a"}]}
    for number, (text, message) in enumerate(
        (
            ("{", "not valid JSON"),
            ("[]", "not a vocabulary"),
            (json.dumps({**good, "format": "x"}), "not a vocabulary"),
            (json.dumps({**good, "concepts": []}), "must be a list"),
            (json.dumps({**good, "concepts": "a"}), "must be a list"),
            (json.dumps({**good, "concepts": [{"text": "a"}, {"text": 3}]}), "concept 2 is no"),
            (json.dumps({**good, "concepts": [{"text": "a"}, {"text": "a"}]}), "'a' stands twice"),
        )
    ):
        bad = path.with_stem(f"v{number}")
        bad.write_text(text)
        with pytest.raises(LexiconError, match=message):
            vocabulary.read_vocabulary(bad)
    with pytest.raises(LexiconError, match="cannot be read"):
        vocabulary.read_vocabulary(tmp_path / "none.json")


def test_commands_build_and_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "_sentences", lambda: embed)
    monkeypatch.setattr("text2fx_studio.encoders.load_encoder", lambda *_, **__: TinyEncoder())
    ontology = tmp_path / "o.json"
    ontology.write_text(json.dumps([{"name": "Dog, bark", "restrictions": []}]))
    line = ["spaces", "vocabulary", "--ontology", str(ontology), "-o", str(tmp_path), "--json"]
    assert main(line) == 0
    assert json.loads(capsys.readouterr().out)["pruned"] > 500
    assert len(list(tmp_path.iterdir())) == 1 + len(vocabulary.NAMES)
    folder = tmp_path / "shipped"
    folder.mkdir()
    assert main(["spaces", "dictionary", "-o", str(folder), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["encoder"] == "tiny-1"
    assert [str(p) for p in folder.iterdir()] == [data["output"]]


def test_command_tells_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["spaces", "vocabulary", "--ontology", str(tmp_path / "none"), "-o", str(tmp_path)]
    assert main(line) == 2
    assert "cannot be read" in capsys.readouterr().err
