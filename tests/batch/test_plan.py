import pytest

from tests.batch.conftest import plan_of
from text2fx_studio.batch import Settings, make_plan
from text2fx_studio.errors import UsageError


def test_a_plan_is_data_and_touches_nothing(pack, tmp_path):
    out = tmp_path / "out"
    plan = make_plan(pack, out, Settings(prompt="warm", seed=5))
    assert not out.exists()
    assert [(u.file, u.output) for u in plan.units][:2] == [
        ("a.wav", "a.wav"), ("b c.flac", "b c.flac"),
    ]  # fmt: skip
    assert plan.units[0].preset == "a.wav.t2fx.json"
    assert {u.settings.seed for u in plan.units} == {5}
    with pytest.raises(AttributeError):
        plan.units[0].file = "b"


def test_settings_survive_json():
    import json

    made = Settings(prompt="warm", exports=("ir", "lv2-lsp"), amount=0.3)
    assert Settings.from_data(json.loads(json.dumps(made.to_data()))) == made


def test_the_digest_changes_with_all_that_changes_the_sound(preset):
    base = Settings(prompt="warm")
    others = [
        Settings(prompt="dark"), Settings(prompt="warm", chain="eq,reverb"),
        Settings(prompt="warm", amount=0.5), Settings(prompt="warm", seed=1),
        Settings(prompt="warm", exports=("ir",)), Settings(prompt="warm", tail=False),
        Settings(preset=str(preset)),
    ]  # fmt: skip
    assert len({s.digest() for s in [base, *others]}) == len(others) + 1
    assert Settings(prompt="warm", device="cpu").digest() == base.digest()
    before = Settings(preset=str(preset)).digest()
    preset.write_text(preset.read_text() + " ")
    assert Settings(preset=str(preset)).digest() != before, "the preset's content counts"


def test_results_may_lie_inside_the_folder_but_never_over_it(pack, tmp_path, preset):
    plan = plan_of(pack, pack / "sub", preset)
    assert [u.file for u in plan.units] == ["a.wav", "b c.flac"]
    with pytest.raises(UsageError, match="is the folder of the recordings"):
        plan_of(pack, pack / "sub" / "..", preset)
    with pytest.raises(UsageError, match="holds the folder of the recordings"):
        plan_of(pack / "sub", pack, preset)
    with pytest.raises(UsageError, match="is a file"):
        plan_of(pack, pack / "a.wav", preset)


def test_nothing_to_do_and_modes_that_do_not_fit_are_refused(pack, tmp_path, preset):
    with pytest.raises(UsageError, match="no file in it matches"):
        plan_of(pack, tmp_path / "o", preset, include=["*.mp3"])
    with pytest.raises(UsageError, match="there is none to search"):
        plan_of(pack, tmp_path / "o", preset, mode="shared")
    with pytest.raises(UsageError, match="mode: found 'both'"):
        plan_of(pack, tmp_path / "o", preset, mode="both")


def test_files_from_anywhere_keep_apart_and_never_replace_an_original(tmp_path, pack):
    from text2fx_studio.batch.plan import plan_files

    files = [(str(pack / "a.wav"), "a.wav"), (str(pack / "sub" / "Ünï.ogg"), "a.wav")]
    plan = plan_files(files, tmp_path / "out", Settings(prompt="warm"))
    assert [(u.file, u.source) for u in plan.units] == [
        ("a (2).wav", files[1][0]), ("a.wav", files[0][0]),
    ]  # fmt: skip
    with pytest.raises(UsageError, match="the originals are never replaced"):
        plan_files(files, pack, Settings(prompt="warm"))
