"""Training data are what they claim to be, and a short run learns."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from text2fx_studio.encoders.coordinates import CURVE_COUNT, POINT_COUNT, lift
from text2fx_studio.encoders.fxsem import Fxsem
from text2fx_studio.encoders.statistics import COUNT as STATISTIC_COUNT
from text2fx_studio.encoders.towers import SENTENCE_DIM, SETTING_COUNT, AudioTower, TextTower
from text2fx_studio.training import splits
from text2fx_studio.training.checkpoint import Checkpoint
from text2fx_studio.training.colours import pass_curve_db, random_curves
from text2fx_studio.training.examples import Examples, draw_examples, held_beyond
from text2fx_studio.training.fit import Plan, fit_audio, fit_text
from text2fx_studio.training.intents import Intent, Line
from text2fx_studio.training.people import read_people
from text2fx_studio.training.phrases import draw_phrases
from text2fx_studio.training.recordings import Recording, list_recordings, read_window
from text2fx_studio.training.rooms import (
    COLOURED_SHARE,
    Room,
    coloured_room,
    decay_time_s,
    pink_gain,
    rooms_to_train_on,
    synthetic_rooms,
)
from text2fx_studio.training.sounds import SoundCache, build_sound_cache, windows_in

RATE = 32_000
BRIGHT = Intent((-4.0, -3.0, -2.0, 0.0, 2.0, 5.0, 7.0, 7.0))
HALL = Intent((0.0,) * 8, space="room", wet=0.5, t60_s=3.0, damping=0.4)
DRY = Intent((0.0,) * 8, space="dry", wet=0.02, t60_s=0.1)


@pytest.fixture(scope="module")
def front_end() -> Fxsem:
    torch.manual_seed(0)
    return Fxsem(AudioTower(), TextTower())


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory, front_end: Fxsem) -> SoundCache:
    folder = tmp_path_factory.mktemp("audio")
    rng = np.random.default_rng(0)
    recordings = []
    for number in range(4):
        noise = rng.standard_normal(RATE * 2) * np.exp(-(np.arange(RATE * 2) % 8000) / 1500)
        soundfile.write(folder / f"{number}.wav", 0.1 * noise, RATE)
        recordings.append(Recording(f"{number}.wav", "noise", "test", "train"))
    rooms = synthetic_rooms(3, RATE, 0)
    return build_sound_cache(
        tmp_path_factory.mktemp("cache") / "sounds", recordings, folder, rooms, front_end,
        versions=3, seconds=2.0, seed=0, report=lambda *_: None,
    )  # fmt: skip


def test_equalizer_on_mel_is_the_equalizer_on_the_waveform(front_end: Fxsem) -> None:
    # Pink noise: a filter on mel power is exact where the spectrum is smooth within a band.
    generator = torch.Generator().manual_seed(1)
    count = 4 * RATE
    frequency = torch.fft.rfftfreq(count, 1 / RATE).clamp(min=20.0)
    spectrum = torch.fft.rfft(torch.randn(count, generator=generator)) / frequency.sqrt()
    centers = front_end.mel_centers_hz.double().numpy()
    everywhere = np.concatenate((frequency.double().numpy(), centers))
    curve = BRIGHT.curve_db(everywhere)
    filtered = spectrum * torch.from_numpy(10 ** (curve[: len(frequency)] / 20)).float()
    sounds = torch.stack([torch.fft.irfft(s, count) for s in (spectrum, filtered)])
    mel = front_end.mel_basis @ front_end.spectrum(sounds).abs().square()
    measured = 10 * torch.log10(mel[1].mean(-1) / mel[0].mean(-1))
    wanted = torch.from_numpy(curve[len(frequency) :]).float()
    inside = (front_end.mel_centers_hz > 120) & (front_end.mel_centers_hz < 14_000)
    assert float((measured - wanted).abs()[inside].max()) < 0.1


def test_random_curves_cover_the_range() -> None:
    frequencies = np.geomspace(60, 14_000, 24)
    curves = random_curves(300, frequencies, np.random.default_rng(0))
    assert curves.shape == (300, 24)
    assert bool(np.isfinite(curves).all())
    assert curves.min() < -20
    assert 8 < curves.max() < 45
    again = random_curves(300, frequencies, np.random.default_rng(0))
    assert np.array_equal(curves, again)


def test_filters_are_butterworth() -> None:
    curve = pass_curve_db(np.array([200.0]), np.array([4000.0]), np.array([200.0, 900.0, 4000.0]))
    assert curve[0] == pytest.approx([-3.01, 0.0, -3.01], abs=0.05)


def test_room_is_measured_as_it_was_made() -> None:
    for room in synthetic_rooms(4, RATE, 3):
        if room.t60_s > 0.3:
            assert decay_time_s(room.response.astype(np.float64), RATE) == pytest.approx(
                room.t60_s, rel=0.25
            )
        assert pink_gain(room.response.astype(np.float64), RATE) == pytest.approx(1.0, rel=0.25)


def test_a_coloured_room_keeps_its_decay_and_level() -> None:
    rng = np.random.default_rng(4)
    for room in synthetic_rooms(4, RATE, 3):
        coloured = coloured_room(room, RATE, rng).response.astype(np.float64)
        plain = room.response.astype(np.float64)
        assert pink_gain(coloured, RATE) == pytest.approx(1.0, rel=0.01)
        if room.t60_s > 0.3:
            assert decay_time_s(coloured, RATE) == pytest.approx(
                decay_time_s(plain, RATE), rel=0.15
            )
        power = [np.abs(np.fft.rfft(x)) ** 2 for x in (plain, coloured)]
        octaves = [np.add.reduceat(p, len(p) // 2 ** np.arange(8, 0, -1)) for p in power]
        tone_db = 10 * np.log10(octaves[1] / octaves[0])
        assert 1.5 < float(tone_db.std()) < 15.0


def test_most_rooms_to_train_on_have_a_tone_of_their_own(tmp_path: Path) -> None:
    plain = synthetic_rooms(8, RATE, 0)
    rooms = rooms_to_train_on(tmp_path, 8, RATE, 0)
    assert len(rooms) == len(plain)  # no measured ones there
    changed = [
        not np.array_equal(a.response, b.response) for a, b in zip(rooms, plain, strict=True)
    ]
    assert sum(changed) == COLOURED_SHARE * 8
    assert [room.t60_s for room in rooms] == [room.t60_s for room in plain]


def test_cache_holds_dry_first_and_opens_again(cache: SoundCache, front_end: Fxsem) -> None:
    assert cache.log_power.shape == (4, 3, 128, 101)
    assert bool((cache.wet_db[:, 0] == -48).all())
    assert bool((cache.room[:, 1:] >= 0).all())
    assert bool((cache.wet_db[:, 1:] > -29).all())
    assert bool(np.isfinite(cache.log_power).all())


def test_examples_are_reproducible_and_begin_with_dry(cache: SoundCache, front_end: Fxsem) -> None:
    def draw() -> Examples:
        return draw_examples(
            cache, np.arange(4), front_end, group=4, seed=5, report=lambda *_: None
        )

    first, second = draw(), draw()
    assert torch.equal(first.statistics, second.statistics)
    assert float(first.points[:, 0].abs().max()) < 1e-6
    assert first.statistics.shape == (4, 4, STATISTIC_COUNT)
    assert bool(first.statistics.isfinite().all())


def test_a_short_audio_fit_learns_and_goes_on_after_a_stop(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(0)
    statistics = torch.randn(64, 4, STATISTIC_COUNT, generator=generator)
    truth = statistics[..., :POINT_COUNT] * 0.3
    examples = Examples(statistics, truth, torch.arange(64))

    def fit(steps: int, checkpoint: Checkpoint | None = None) -> tuple[AudioTower, list[float]]:
        torch.manual_seed(1)
        tower, losses = AudioTower(32), []
        plan = Plan(steps, 16, 3e-3, 0.0, 0)
        fit_audio(
            tower, examples, plan, lambda row: losses.append(row["loss"]), checkpoint=checkpoint
        )
        return tower, losses

    tower, losses = fit(120)
    assert losses[-1] < 0.5 * losses[0]
    kept = Checkpoint(tmp_path / "fit.pt", every=60)
    fit(120, kept)
    state = torch.load(kept.path, weights_only=True)
    assert state["step"] == 120
    resumed, _ = fit(120, kept)  # nothing left to do: the state itself
    for name, value in resumed.state_dict().items():
        torch.testing.assert_close(value, tower.state_dict()[name])


def test_a_short_text_fit_learns() -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.nn.functional.normalize(
        torch.randn(40, SENTENCE_DIM, generator=generator), dim=-1
    )
    points = torch.randn(40, POINT_COUNT, generator=generator) * 0.3
    settings = torch.full((40, SETTING_COUNT), float("nan"))
    settings[:, :8] = 0.5
    torch.manual_seed(0)
    tower, losses = TextTower(32, 2, 0.0), []
    fit_text(
        tower, features, points, settings, torch.ones(40), Plan(200, 32, 3e-3, 0.0, 0),
        lambda row: losses.append(row["loss"]),
    )  # fmt: skip
    assert losses[-1] < 0.3 * losses[0]
    with torch.no_grad():
        found, proposed = tower(features)
    assert float((lift(found) * lift(points)).sum(-1).mean()) > 0.9
    assert float((proposed[:, :8] - 0.5).abs().mean()) < 0.2


def test_intents_scale_turn_over_and_join() -> None:
    point = BRIGHT.point()[:CURVE_COUNT]
    assert float(BRIGHT.scaled(0.5).point().norm()) < 0.6 * float(point.norm())
    assert float(BRIGHT.scaled(1.5).point().norm()) > 1.2 * float(point.norm())
    turned = BRIGHT.opposite().point()[:CURVE_COUNT]
    assert float(torch.nn.functional.cosine_similarity(turned, point, dim=0)) < -0.95
    both = BRIGHT.joined(HALL)
    assert both.space == "room"
    assert both.t60_s == 3.0
    assert both.gains_db[7] > 3
    assert HALL.opposite().space == "dry"
    assert float(HALL.point()[CURVE_COUNT]) > 0 > float(DRY.point()[CURVE_COUNT])
    assert float(BRIGHT.point()[CURVE_COUNT:].abs().max()) == 0.0
    phone = Intent((-18.0, -16.0, -6.0, 5.0, 7.0, 0.0, -16.0, -18.0), 300.0, 3400.0)
    weaker = phone.scaled(0.5)
    assert weaker.high_pass_hz is not None
    assert weaker.high_pass_hz < 150
    assert weaker.low_pass_hz is not None
    assert weaker.low_pass_hz > 6000


def test_phrases_of_old_texts_stay_when_the_lexicon_grows() -> None:
    lines = [Line("bright", ("bright", "brilliant"), BRIGHT, 0.9, ()),
             Line("hall", ("hall", "a big concert hall"), HALL, 0.9, ())]  # fmt: skip
    before = {p.text for p in draw_phrases(lines, 0, 0)}
    grown = [Line("dry", ("bone dry",), DRY, 0.9, ()), *lines]
    after = {p.text for p in draw_phrases(grown, 0, 0)}
    assert before < after
    negated = [p for p in draw_phrases(lines, 0, 0) if p.kind == "negation"]
    assert negated
    assert all(
        float(p.intent.point()[:CURVE_COUNT] @ lines[p.sources[0]].intent.point()[:CURVE_COUNT])
        <= 1e-6
        for p in negated
    )
    assert all(len(p.sources) == 2 for p in draw_phrases(lines, 0, 6) if p.kind == "pair")


def test_held_out_stems_do_not_leak() -> None:
    words = [
        "bright",
        "dark",
        "warm",
        "crisp",
        "dull",
        "thin",
        "muddy",
        "airy",
        "boxy",
        "harsh",
        "sweet",
        "round",
        "hollow",
    ]
    lines = [Line(w, (w, f"{w}ness", f"a {w} tone"), BRIGHT, 0.9, ()) for w in words]
    phrases = draw_phrases(lines, 0, 10)
    held = splits.held_stems(lines)
    for row in splits.without_stems(phrases, held):
        assert not splits.stems(phrases[row].text) & held
    assert splits.stem("brightness") == splits.stem("bright")
    assert splits.people_fold("warm") == splits.people_fold("Warmness")
    assert {splits.people_fold(word) for word in words} == {0, 1, 2}
    assert splits.stem_mark("Warm") == splits.stem_mark("warmness") != splits.stem_mark("cold")


def test_people_data_are_means_of_settings(tmp_path: Path) -> None:
    frequencies = [float(f) for f in np.geomspace(20, 19_682, 40)]
    (tmp_path / "bands.json").write_text(json.dumps({"frequencies_hz": frequencies}))
    rising = list(np.linspace(-1, 1, 40))
    rows = [{"word": "Bright", "audio": 1, "consistency": 1.0, "gains": rising}] * 3
    rows += [{"word": "flat", "audio": 1, "consistency": 1.0, "gains": [0.0] * 40}]
    (tmp_path / "eq.jsonl").write_text("\n".join(json.dumps(r) for r in rows))
    found, words = read_people(tmp_path)
    assert [(w.word, w.count) for w in words] == [("bright", 3), ("flat", 1)]
    assert words[0].curve == pytest.approx(rising)
    assert found == pytest.approx(frequencies)
    assert words[0].trust > 2 * words[1].trust


def test_windows_are_padded_and_the_loudest_is_found(tmp_path: Path) -> None:
    audio = np.zeros(RATE * 3)
    audio[RATE * 2 : RATE * 2 + 1000] = 0.5
    soundfile.write(tmp_path / "x.wav", audio, RATE)
    window = read_window(tmp_path / "x.wav", RATE, 1.0)
    assert window.shape == (RATE,)
    assert float(np.abs(window).max()) > 0.4
    assert read_window(tmp_path / "x.wav", RATE, 5.0).shape == (RATE * 5,)


@pytest.mark.shared
def test_splits_of_the_shared_recordings(shared: Path) -> None:
    recordings = list_recordings(shared / "audio")
    count = {split: sum(r.split == split for r in recordings) for split in
             ("train", "judge", "check", "test")}  # fmt: skip
    assert sum(count.values()) == len(recordings)
    assert 0.05 < count["test"] / len(recordings) < 0.2
    assert count["check"] > 50
    assert 0.05 < count["judge"] / len(recordings) < 0.2
    assert len({r.source for r in recordings if r.split == "test"}) >= 6


@pytest.mark.shared
def test_a_judge_hears_other_recordings(shared: Path) -> None:
    rows = [{"path": r.path, "split": r.split} for r in list_recordings(shared / "audio")]
    heard = {split: {rows[i]["path"] for i in windows_in(rows, split)}
             for split in ("train", "judge", "check", "test")}  # fmt: skip
    assert all(not heard[a] & heard[b] for a in heard for b in heard if a != b)
    assert sum(len(paths) for paths in heard.values()) == len(rows)


def test_room_needs_no_words() -> None:
    assert Room(np.zeros(1, np.float32), 1.0, 0.4).name == ""


def test_what_is_done_beyond_the_sounding_range_is_not_to_be_heard() -> None:
    centers = np.geomspace(50.0, 12_800.0, 9)  # an octave apart
    curves = np.stack([np.arange(9.0), -np.arange(9.0)]).astype(np.float32)
    held = held_beyond(curves, centers, centers, (200.0, 3200.0))
    expected = np.array([2.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0, 6.0, 6.0])
    assert held.dtype == np.float32
    np.testing.assert_allclose(held, np.stack([expected, -expected]), atol=1e-6)
    between = held_beyond(curves, centers, np.array([100.0 * 2**0.5]), (50.0, 12_800.0))
    np.testing.assert_allclose(between[:, 0], [1.5, -1.5], atol=1e-6)
