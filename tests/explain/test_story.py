from itertools import pairwise

import pytest
import torch

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.spectrum import CachedSpectrum
from text2fx_studio.demo import demo_loop
from text2fx_studio.encoders.registry import load_encoder
from text2fx_studio.explain.story import sound_path, tell_story

DARK = Chain((Equalizer({"high_shelf_gain_db": -12.0, "bell_5_gain_db": -8.0}),))


@pytest.fixture(scope="module")
def encoder():
    return load_encoder("fxsem")


@pytest.fixture(scope="module")
def cached(encoder):
    audio = torch.from_numpy(demo_loop(4.0, 32_000)[:1])
    return CachedSpectrum(encoder, audio, context=0, file_rate_hz=32_000)


def test_places_are_unit_norm_and_dry_is_the_neutral_result(encoder, cached):
    path = sound_path(encoder, cached, Chain.parse("eq"), steps=2)
    torch.testing.assert_close(path.norm(dim=1), torch.ones(3))
    torch.testing.assert_close(path[0], path[-1])


def test_concepts_rise_and_fall_and_are_optimal(encoder, cached):
    story = tell_story(encoder, cached, "dark", DARK).concepts
    assert story.kkt_gap <= 1e-6
    assert story.target
    assert story.rose
    assert story.fell
    assert all(c.rise > 0 for c in story.rose)
    assert all(c.rise < 0 for c in story.fell)
    rises = [c.rise for c in story.rose]
    assert rises == sorted(rises, reverse=True)


def test_what_rose_for_a_dark_result_lies_nearer_to_dark_than_to_bright(encoder, cached):
    story = tell_story(encoder, cached, "dark", DARK).concepts
    dark, bright = encoder.embed_text(["this sound is dark", "this sound is bright"])
    rose = encoder.embed_text([f"this sound is {c.text}" for c in story.rose])
    weights = torch.tensor([c.rise for c in story.rose])
    assert float(weights @ (rose @ dark)) > float(weights @ (rose @ bright))


def test_nothing_changes_where_nothing_was_done(encoder, cached):
    story = tell_story(encoder, cached, "dark", Chain.parse("eq")).concepts
    assert story.rose == ()
    assert story.fell == ()


def test_the_way_on_the_map_runs_from_dry_to_the_result(encoder, cached):
    journey = tell_story(encoder, cached, "dark", DARK).journey
    assert len(journey.path) == 9
    steps = [abs(b[0] - a[0]) + abs(b[1] - a[1]) for a, b in pairwise(journey.path)]
    assert min(steps) > 0
    assert len(journey.words) > 500
    assert journey.near_dry != journey.near_wet
