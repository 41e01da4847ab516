"""Settings and sessions: what is written comes back; what is broken never stops the app."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.session import (
    Session,
    Snapshot,
    close_session,
    load_session,
    recent_files,
    remember_file,
    save_session,
    session_file,
)
from text2fx_studio.settings import Settings, load_settings, save_settings, settings_file

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
CHAIN = Chain((Equalizer({"bell_1_gain_db": 3.0}),))


def test_settings_come_back():
    ours = Settings(theme="dark", plugin_folders=("/a", "/b"), level_match=False, seed=7)
    save_settings(ours)
    assert load_settings() == (ours, [])


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00\xff", '{"theme": ' * 4000])
def test_a_corrupt_file_is_put_aside(text):
    file = settings_file()
    file.parent.mkdir(parents=True)
    file.write_text(text)
    found, notes = load_settings()
    assert found == Settings()
    assert "kept as settings.json.broken" in notes[0]
    assert file.with_name("settings.json.broken").read_text() == text
    save_settings(found)
    assert load_settings() == (Settings(), [])


def test_one_bad_field_costs_that_field_alone():
    found, notes = Settings.from_data({"theme": "pink", "seed": 3, "device": 4, "unknown": 1})
    assert (found.theme, found.seed, found.device) == ("system", 3, "auto")
    assert len(notes) == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*Settings.__dataclass_fields__, "version", "x"]), JSON))
def test_any_data_gives_valid_settings(data):
    found, _ = Settings.from_data(data)
    assert Settings.from_data(json.loads(json.dumps(vars(found)))) == (found, [])


def test_a_newer_version_is_read_as_far_as_it_is_known():
    save_settings(Settings(seed=5))
    data = json.loads(settings_file().read_text())
    settings_file().write_text(json.dumps({**data, "version": 99, "colour": "red"}))
    found, notes = load_settings()
    assert found.seed == 5
    assert "newer version (99)" in notes[0]


KEPT = Snapshot(CHAIN, (HostedPlugin("Room", "A" * 32, place="before", state=b"s"),))


def test_a_session_comes_back_and_knows_whether_it_was_cut_off():
    ours = Session("/x.wav", "warm", "eq", CHAIN, 0.5, {"B": KEPT}, (1.0, 2.0), {"seed": 1})
    save_session(ours)
    assert load_session() == ours
    close_session(ours)
    assert load_session().clean


@given(data=st.dictionaries(st.sampled_from(list(Session().to_data())), JSON))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_broken_session_is_none_and_never_raises(data, tmp_path):
    file = tmp_path / "session.json"
    file.write_text(json.dumps(data))
    found = load_session(file)
    assert found is None or isinstance(found.chain, Chain)
    assert found is not None or file.with_name("session.json.broken").exists()


def test_no_session_is_none():
    assert not session_file().exists()
    assert load_session() is None


def test_recent_files_are_the_latest_first_and_exist(tmp_path):
    made = [tmp_path / f"{n}.wav" for n in range(14)]
    for path in made:
        path.touch()
        remember_file(path)
    remember_file(made[5])
    found = recent_files()
    assert found[:2] == [made[5], made[13]]
    assert len(found) == 12
    made[5].unlink()
    assert recent_files()[0] == made[13]
