import itertools
import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.batch.conftest import tone
from text2fx_studio.batch.folder import find_recordings, matches, output_names
from text2fx_studio.errors import AudioFileError, UsageError


@pytest.mark.parametrize(
    "glob, path, wanted",
    [
        ("*.wav", "a.wav", True),
        ("*.wav", "deep/er/a.wav", True),  # without a slash: the name alone
        ("steps/*.wav", "steps/a.wav", True),
        ("steps/*.wav", "steps/wood/a.wav", False),
        ("steps/**", "steps/wood/a.wav", True),
        ("**/wood/*", "steps/wood/a.wav", True),
        ("**/wood/*", "wood/a.wav", True),
        ("a?.wav", "ab.wav", True),
        ("[ab].wav", "b.wav", True),
        ("[!ab].wav", "b.wav", False),
        ("kick[1].wav", "kick[1].wav", True),  # written out, it means itself
        ("./a.wav", "a.wav", True),
        ("sub\\a.wav", "sub/a.wav", True),
        ("é.wav", unicodedata.normalize("NFD", "é.wav"), True),
        ("a.wav", "A.wav", False),
        ("a+(b).wav", "a+(b).wav", True),
    ],
)
def test_globs_mean_what_they_say(glob, path, wanted):
    assert matches(path, glob) is wanted


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\\"), min_size=1))
def test_any_name_matches_itself_and_the_star(name):
    assert matches(name, name.removeprefix("./"))
    assert matches(f"folder/{name}", "**")


def test_recordings_are_found_at_any_depth_and_nothing_else(pack):
    (pack / ".hidden").mkdir()
    tone(pack / ".hidden" / "x.wav")
    tone(pack / "._a.wav")
    assert find_recordings(pack) == (
        "a.wav", "b c.flac", "sub/deep/d.aiff", "sub/text.wav", "sub/Ünï.ogg",
    )  # fmt: skip
    assert find_recordings(pack, include=["*.wav"]) == ("a.wav", "sub/text.wav")
    assert find_recordings(pack, exclude=["sub"]) == ("a.wav", "b c.flac")
    assert find_recordings(pack, leave_out=pack / "sub") == ("a.wav", "b c.flac")


def test_a_folder_that_cannot_be_read_is_not_passed_over_in_silence(pack, monkeypatch):
    import os

    real = os.scandir

    def scandir(path):
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(AudioFileError, match=r"deep: the folder cannot be read: no permission"):
        find_recordings(pack)
    assert "a.wav" in find_recordings(pack, exclude=["sub/deep"])


def test_a_folder_that_is_none_is_refused(pack):
    with pytest.raises(UsageError, match="no such folder"):
        find_recordings(pack / "gone")
    with pytest.raises(UsageError, match="is not a folder"):
        find_recordings(pack / "a.wav")


def test_what_is_only_read_becomes_wav():
    names, notes = output_names(["x/a.mp3", "b.FLAC"])
    assert names == {"x/a.mp3": "x/a.wav", "b.FLAC": "b.FLAC"}
    assert notes == ()


def test_two_results_of_one_name_are_told_apart_whatever_the_order():
    given_names = ["a.mp3", "a.wav", "A.WAV", "a.mp3.wav", "sub/a.mp3"]
    for order in itertools.permutations(given_names):
        names, notes = output_names(order)
        assert names["a.mp3.wav"] == "a.mp3.wav"
        assert names["sub/a.mp3"] == "sub/a.wav"
        assert {names["a.wav"], names["A.WAV"]} == {"A.WAV", "a~2.wav"}
        assert names["a.mp3"] == "a~3.wav"
        assert len(notes) == 2


@given(st.sets(st.from_regex(r"[aA]{1,2}(~2)?\.(wav|mp3|MP3)(\.wav)?", fullmatch=True), min_size=1))
def test_no_two_results_ever_share_a_name(relatives):
    names, _ = output_names(relatives)
    assert len({name.casefold() for name in names.values()}) == len(relatives)
    shuffled = sorted(relatives, key=lambda _: random.random())
    assert output_names(shuffled)[0] == names
