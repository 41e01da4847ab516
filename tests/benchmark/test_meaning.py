"""The benchmarks of meaning on planted cases, with an encoder whose meaning is known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from people_folder import FREQUENCIES_HZ, OCTAVES, write_people, write_rooms_of_people

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from tests.search.toy_encoder import ToyEncoder
from text2fx_studio.benchmark import (
    adaptivity,
    antonyms,
    colours,
    directions,
    people_data,
    robustness,
    text2fx_baseline,
    tone,
    words,
)
from text2fx_studio.benchmark import reverb_words as reverbs
from text2fx_studio.benchmark.clips import Clip, Clips, pink_noise, read_clips
from text2fx_studio.benchmark.prompts import Prompt
from text2fx_studio.benchmark.workbench import Workbench
from text2fx_studio.encoders.proposal import Proposal
from text2fx_studio.errors import UsageError
from text2fx_studio.search.result import SearchResult
from text2fx_studio.training.intents import Intent
from text2fx_studio.training.splits import stem_mark

TILT = tuple(3.0 * x for x in (-4.0, -2.7, -1.5, -0.3, 0.8, 2.0, 3.0, 3.8))
NOISE = pink_noise(1.5, 32_000)
ONE = Clips((NOISE,), "planted")


class PlannedBench(Workbench):
    """Finds what was planned for a prompt: "bright" tilts up, "dark" down, "hall" is a room."""

    asked: int = 0

    def search(
        self,
        clip: Clip,
        prompt: str,
        chain: str = "eq",
        *,
        loss: str = "cosine",
        seed: int | None = None,
    ) -> SearchResult:
        self.asked += 1
        found = self.text_only(prompt, chain, clip.sample_rate)
        return SearchResult(
            prompt, found, found, 0.1, 0.9, True, "", loss, "full", 1.0, 0, "planned", "0" * 64,
            "cpu", 1, 0.0,
        )  # fmt: skip

    def proposal(self, prompt: str) -> Proposal:
        size = 0.5 if "slightly" in prompt else 1.5 if "very" in prompt else 1.0
        sign = -1.0 if "not" in prompt.split() else 1.0
        sign *= 1.0 if "bright" in prompt else -1.0 if "dark" in prompt else 0.0
        room = "hall" in prompt
        return Proposal(
            tuple(sign * size * gain for gain in TILT), None, None, float(room), 2.0,
            0.0 if room else -48.0, 10.0, 0.4, 1.0,
        )  # fmt: skip

    @property
    def nearest(self) -> NothingNear:  # type: ignore[override]
        return NothingNear()


class NothingNear:
    def intent(self, prompt: str) -> Intent:
        return Intent((0.0,) * 8)

    def chain(self, prompt: str, kinds: str, sample_rate: float) -> Chain:
        return Chain.parse(kinds)


class NotedEncoder(ToyEncoder):
    """A toy that says which people's words it was trained on."""

    def __init__(self, trained: tuple[str, ...]) -> None:
        super().__init__()
        marks = [stem_mark(word) for word in trained]
        self.notes = {"splits": {"people_stems_trained": marks}}


@pytest.fixture
def bench() -> PlannedBench:
    return PlannedBench(ToyEncoder())


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return write_people(tmp_path / "people")


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    import soundfile

    folder = tmp_path / "audio"
    folder.mkdir()
    for number in range(3):
        clip = pink_noise(1.0, 32_000, seed=number)
        soundfile.write(folder / f"{number}.wav", clip.audio.T, clip.sample_rate)
    return folder


def test_words_finds_what_agrees_and_what_does_not(
    bench: PlannedBench, people: Path, audio: Path
) -> None:
    found = words.run([bench], people, audio, words.Options(clips=2))
    rows = {row["word"]: row for row in found["rows"]}
    assert rows["bright"]["search"] > 0.9
    assert rows["dark"]["search"] > 0.9
    assert rows["boxy"]["search"] == 0.0  # nothing planned: flat
    assert rows["bright"]["rank_search"] == 1
    assert rows["boxy"]["rank_search"] == 3  # a flat response ties with all
    assert rows["bright"]["split_half"] > 0.95
    assert rows["bright"]["each_contributor"] == pytest.approx(rows["bright"]["each_setting"])
    assert found["ceiling"]["split_half_r"] > 0.95
    assert abs(rows["bright"]["random"]) < 0.6
    assert found["headline"]["words"] == 3  # an encoder from elsewhere saw no word
    assert found["headline"]["mean_r"] == pytest.approx(
        np.mean([row["search"] for row in found["rows"]]), abs=1e-3
    )
    assert found["headline"]["interval_90"] is None  # of three words
    assert found["tone"]["trained_on_these_words"] is False
    assert bench.asked == 6
    json.dumps(found, allow_nan=False)


def test_folds_measure_every_word_with_the_one_that_did_not_see_it(
    people: Path, audio: Path
) -> None:
    first = PlannedBench(NotedEncoder(("bright",)))
    second = PlannedBench(NotedEncoder(("dark", "boxy")))
    options = words.Options(clips=1)
    found = words.run([first, second], people, audio, options)
    assert [row["state"] for row in found["rows"]] == ["held_out"] * 3
    assert (first.asked, second.asked) == (2, 1)
    alone = words.run([first], people, audio, options)
    assert alone["groups"]["held_out"]["words"] == 2
    assert alone["groups"]["trained"]["words"] == 1
    assert alone["headline"]["words"] == 2
    taught = PlannedBench(NotedEncoder(("bright", "dark", "boxy")))
    none = words.run([taught], people, audio, options)
    assert none["headline"]["mean_r"] is None
    assert "no word was held out" in none["headline"]["says"]


def test_notes_tell_what_was_trained_on() -> None:
    encoder = NotedEncoder(("brightness",))
    assert people_data.was_trained_on("bright", encoder) is True  # a form of it
    assert people_data.was_trained_on("dark", encoder) is False
    encoder.notes = {"splits": {}}
    assert people_data.was_trained_on("dark", encoder) is None


@pytest.mark.parametrize(
    "line,told",
    [
        ('{"word": "warm"}', "needs word and gains"),
        ('{"word": "warm", "gains": [1, 2]}', "found 2 gains, 40"),
        ("[1]", "an object is needed"),
        ("{", "is not JSON"),
    ],
)
def test_bad_rows_are_named(people: Path, line: str, told: str) -> None:
    (people / "eq.jsonl").write_text(line + "\n")
    with pytest.raises(UsageError, match=told) as raised:
        people_data.read_eq(people)
    assert "eq.jsonl:1" in str(raised.value)


def test_a_folder_without_users_has_no_figure_for_them(
    bench: PlannedBench, tmp_path: Path, audio: Path
) -> None:
    folder = write_people(tmp_path / "nobody", who=False)
    found = words.run([bench], folder, audio, words.Options(clips=1))
    assert "each_contributor_r" not in found["groups"]["held_out"]
    with pytest.raises(UsageError, match="lower --least"):
        words.run([bench], folder, audio, words.Options(least=9))


def test_a_detector_of_tilt_is_as_good_as_tilt(people: Path) -> None:
    data = people_data.read_eq(people)
    high, low = data.words[1].settings, data.words[2].settings
    assert (data.words[1].word, data.words[2].word) == ("bright", "dark")
    settings = np.concatenate((high, low))
    slope = tone.tilts(data, settings)
    assert tone.auc(slope[:8], slope[8:]) == 1.0

    class Warm(ToyEncoder):
        def embed_text(self, texts):  # type: ignore[no-untyped-def]
            return super().embed_text([t.replace("warm", "dark") for t in texts])

    score = tone.setting_scores(Warm(), FREQUENCIES_HZ, settings, [NOISE])
    assert tone.auc(score[:8], score[8:]) == 1.0
    assert np.corrcoef(score, slope)[0, 1] > 0.95
    assert tone.auc(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 0.5
    assert OCTAVES.shape == FREQUENCIES_HZ.shape


def test_reverb_words_are_ordered_by_decay(tmp_path: Path, bench: PlannedBench) -> None:
    folder = write_people(tmp_path / "rooms")
    settings = people_data.read_reverb(write_rooms_of_people(folder))
    assert settings[0].t60_s == pytest.approx(3 * 0.05 / -np.log10(0.3), rel=0.05)
    assert all(0.5 <= setting.wetness <= 1.0 for setting in settings)  # E of 1 to 2, turned over
    listed = reverbs.frequent_words(settings)
    assert sorted(listed) == [f"w{n}" for n in range(7)]
    places = reverbs.place_words(listed, settings)
    assert reverbs.rho(places, places, 0) == 1.0
    assert reverbs.halves_rho(listed, settings, 0)[0] == pytest.approx(1.0)
    found = reverbs.measure_reverb_words(bench, settings, [NOISE])
    assert found["words"] == 7
    assert found["rho"]["search"]["t60"] is None  # planned the same for all words


def test_text2fx_response_is_that_of_its_setting() -> None:
    flat = {
        f"{band}_{name}": value
        for band, hz in (("low_shelf", 100.0), ("band0", 300.0), ("band1", 1000.0),
                         ("band2", 3000.0), ("band3", 8000.0), ("high_shelf", 10_000.0))
        for name, value in (("gain_db", 0.0), ("cutoff_freq", hz), ("q_factor", 0.7))
    }  # fmt: skip
    frequencies = np.array([100.0, 1000.0, 5000.0])
    assert np.allclose(text2fx_baseline.eq_response_db(flat, frequencies), 0.0, atol=1e-3)
    lifted = text2fx_baseline.eq_response_db({**flat, "band1_gain_db": 6.0}, frequencies)
    assert lifted[1] == pytest.approx(6.0, abs=0.05)


def test_directions_count_what_was_met_and_what_missed(bench: PlannedBench) -> None:
    chosen = [
        Prompt("bright", "concrete", {"centroid": "up"}, False, True),
        Prompt("dark", "concrete", {"centroid": "up"}, True, True),  # wrongly expected: missed
        Prompt("hall", "imagery", {"space": "room"}, True, False),
    ]
    found = directions.run(bench, ONE, chosen=chosen)
    assert found["met"]["search"] == pytest.approx(2 / 3, abs=1e-3)
    assert found["met_seen"]["search"] == 1.0
    assert found["met_unseen"]["search"] == 0.5
    assert found["met"]["dry"] == 0.0
    assert found["met_room"] == found["met_imagery"]
    assert [row["prompt"] for row in found["missed"]] == ["dark"]
    assert found["silent_about_space"] == {"pairs": 2, "room_left_alone": 2}
    assert found["worse_than_dry"] == 0
    json.dumps(found, allow_nan=False)


def test_a_deaf_search_does_not_adapt(bench: PlannedBench) -> None:
    found = adaptivity.run(bench, ONE, prompts=("bright",))
    spread = found["tilt_spread"]
    assert spread["before_db_per_octave"] > 0.5
    assert spread["ratio_median"] == pytest.approx(1.0, abs=0.05)
    assert spread["halved_share"] == 0.0
    assert not any(row["hearing_wins"] for row in found["hearing_against_text_only"])
    assert found["empty_band"]["search"] == found["empty_band"]["text_only"]
    assert found["wet_source"]["none_added_share"] == 1.0


def test_a_search_that_hears_adapts() -> None:
    class Hearing(PlannedBench):
        def search(self, clip: Clip, prompt: str, chain: str = "eq", **_: object) -> SearchResult:
            found = super().search(clip, prompt, chain)
            colour = clip.name.partition("+")[2]
            setting = colours.COLOURS.get(colour)
            if chain != "eq":
                return found
            if setting is None:
                return replace(found, chain=Chain((Equalizer(),)))
            undone = {k: -v for k, v in setting.values.items() if k.endswith("_gain_db")}
            return replace(found, chain=Chain((setting.replace(**undone),)))

    found = adaptivity.run(Hearing(ToyEncoder()), ONE, prompts=("dark",))
    assert found["tilt_spread"]["ratio_median"] < 0.1
    assert found["tilt_spread"]["halved_share"] == 1.0
    rows = {row["version"]: row for row in found["hearing_against_text_only"]}
    assert rows["plain"]["text_only_error"] == 0.0


def test_boost_where_there_is_nothing_is_told_from_gain() -> None:
    limited = colours.band_limited(NOISE)
    shelf = {"high_shelf_gain_db": 12.0, "high_shelf_frequency_hz": 8000.0}
    assert adaptivity.empty_band_boost_db(limited, Chain((Equalizer(shelf),))) > 8.0
    assert adaptivity.empty_band_boost_db(limited, Chain((Equalizer(),))) == pytest.approx(
        0.0, abs=0.01
    )
    power = np.abs(np.fft.rfft(limited.audio[0])) ** 2
    frequency = np.fft.rfftfreq(limited.audio.shape[1], 1 / limited.sample_rate)
    above = power[frequency > 1.25 * colours.CUTOFF_HZ].sum()
    assert above < 1e-6 * power.sum()


def test_limits_are_counted_by_kind_and_the_judge_is_asked(
    bench: PlannedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    extreme = Chain((Equalizer({"bell_1_gain_db": 18.0}), Reverb()))
    monkeypatch.setattr(PlannedBench, "text_only", lambda *_: extreme)
    found = robustness.run(bench, ONE, prompts=4, seeds=2, judge=ToyEncoder())
    shares = found["at_limit_share"]
    assert shares["gain_db"] == pytest.approx(1 / 8)  # one of eight gains
    assert shares["q"] == 0.0
    assert "t60_s" not in shares  # a room that is off is no limit
    assert found["distribution"]["gain_db"]["p99"] == pytest.approx(18.0, abs=1.5)
    assert found["judge"]["pairs"] == found["accepted"] == 4
    assert found["judge"]["same_weights"] is True
    assert found["seeds"]["curve_spread_db"] == 0.0


def test_the_judge_hears_the_direction() -> None:
    bright = Chain((Equalizer({"high_shelf_gain_db": 9.0, "high_shelf_frequency_hz": 3000.0}),))
    sound = replace(NOISE, name="planted")
    assert robustness.judged_change(ToyEncoder(), sound, "bright", bright) > 0
    assert robustness.judged_change(ToyEncoder(), sound, "dark", bright) < 0


def test_opposites_degrees_and_negations_in_their_places(bench: PlannedBench) -> None:
    tone_of = antonyms._Seer(bench, "proposal", NOISE).tone
    assert antonyms.in_order(tone_of, "bright")
    assert antonyms.is_negated(tone_of, "bright")
    assert not antonyms.in_order(tone_of, "grey")  # says nothing
    see = antonyms._Seer(bench, "search", NOISE)
    assert antonyms.are_opposite(see, antonyms.Pair("bright", "dark", "tone"))
    assert not antonyms.are_opposite(see, antonyms.Pair("bright", "very bright", "tone"))
    assert antonyms.are_opposite(see, antonyms.Pair("hall", "booth", "space"))
    assert not antonyms.are_opposite(see, antonyms.Pair("booth", "hall", "space"))
    found = antonyms.run(bench, pairs=3, words=2)
    assert set(found["views"]) == {"embedded", "proposal", "search"}
    json.dumps(found, allow_nan=False)


def test_clips_of_another_folder_are_all_fair(audio: Path, tmp_path: Path) -> None:
    found = read_clips(audio, 2, ToyEncoder(), seed=1)
    assert len(found.items) == 2
    assert "not trained on" in found.why_fair
    again = read_clips(audio, 2, ToyEncoder(), seed=1)
    assert [c.name for c in again.items] == [c.name for c in found.items]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no recordings"):
        read_clips(tmp_path / "empty", 2, ToyEncoder())
    with pytest.raises(UsageError, match="no such folder"):
        read_clips(tmp_path / "gone", 2, ToyEncoder())


def test_a_search_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from text2fx_studio.benchmark import searches

    calls: list[str] = []

    def search(source: object, prompt: str, **_: object) -> str:
        calls.append(prompt)
        return prompt

    monkeypatch.setattr(searches, "search", search)
    bench = Workbench(ToyEncoder())
    bench.search(NOISE, "bright")
    bench.search(NOISE, "bright")
    bench.search(NOISE, "bright", "eq,reverb")
    bench.search(NOISE.version("loud", 2 * NOISE.audio), "bright")
    assert calls == ["bright"] * 3
    assert torch.get_num_threads() == 1


def test_rooms_apart_counts_the_room_that_was_there() -> None:
    """-2 dB beside none are 28 dB apart; adding to the dry one alone what the other has: none."""
    none = -120.0
    assert adaptivity.rooms_apart_db(-2.0, none, none) == pytest.approx(28.0)
    assert adaptivity.rooms_apart_db(-2.0, none, -2.0) == pytest.approx(0.0, abs=1e-9)
    assert adaptivity.rooms_apart_db(-2.0, 3.0, 3.0) < 28.0 / 5
