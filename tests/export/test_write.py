"""Writing: whole or not at all, nothing replaced unasked, nothing outside the folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dsp.chain import Chain
from text2fx_studio.errors import OutputError, UsageError
from text2fx_studio.export.registry import targets
from text2fx_studio.export.write import export_preset
from text2fx_studio.plugins.hosted import HostedPlugin

CHAIN_TARGETS = [t.name for t in targets() if t.name != "vstpreset"]


def tree(folder: Path) -> dict[str, bytes]:
    files = (p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


def test_all_targets_into_one_folder_collide_nowhere(full_preset, tmp_path):
    done = export_preset(full_preset, CHAIN_TARGETS, tmp_path)
    paths = [path for item in done for path in item.paths]
    assert len(paths) == len(set(paths))
    assert sorted(map(str, paths)) == sorted(str(tmp_path / p) for p in tree(tmp_path))


def test_nothing_is_replaced_unasked_and_nothing_else_is_written(full_preset, tmp_path):
    export_preset(full_preset, ["equalizer-apo"], tmp_path)
    before = tree(tmp_path)
    changed = replace(full_preset, chain=Chain.parse("eq"))
    with pytest.raises(OutputError, match="exists already"):
        export_preset(changed, ["lv2-lsp", "equalizer-apo"], tmp_path)
    assert tree(tmp_path) == before
    export_preset(changed, ["equalizer-apo"], tmp_path, overwrite=True)
    assert tree(tmp_path) != before


def test_a_bundle_is_replaced_file_by_file(full_preset, tmp_path):
    (first,) = export_preset(full_preset, ["lv2-x42"], tmp_path)
    mine = first.paths[0].parent / "mine.txt"
    mine.write_text("keep me")
    with pytest.raises(OutputError, match="exists already"):
        export_preset(full_preset, ["lv2-x42"], tmp_path)
    export_preset(full_preset, ["lv2-x42"], tmp_path, overwrite=True)
    assert mine.read_text() == "keep me"


@pytest.mark.parametrize("name", ["../../outside", "/etc/x", "..", "a/b\\c", "C:\\x", "\u202e"])
def test_no_name_leads_outside(full_preset, tmp_path, name):
    inside = tmp_path / "a" / "b"
    export_preset(replace(full_preset, name=name), CHAIN_TARGETS, inside)
    assert all(path.startswith("a/b/") for path in tree(tmp_path))


def test_what_is_left_out_is_said(full_preset, tmp_path):
    plugin = HostedPlugin("Crusher", "A" * 32)
    preset = replace(full_preset, plugins=(plugin, replace(plugin, enabled=False, name="Idle")))
    for item in export_preset(preset, CHAIN_TARGETS, tmp_path):
        carries = item.target.carries
        assert ("reverb" in item.left_out) == ("reverb" not in carries)
        assert ("plugin Crusher" in item.left_out) == ("plugins" not in carries)
        assert "plugin Idle" not in item.left_out
        assert (item.fidelity == "lossy") == bool(item.left_out)


def test_a_preset_without_plugins_has_no_vstpreset(full_preset, tmp_path):
    with pytest.raises(UsageError, match="hosts no VST3 plugin"):
        export_preset(full_preset, ["vstpreset"], tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_file_where_the_folder_should_be(full_preset, tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match="out"):
        export_preset(full_preset, ["ir"], tmp_path / "out")


def test_no_half_bundle_when_the_disk_refuses(full_preset, tmp_path, monkeypatch):
    from text2fx_studio.export import write

    def refuse(*_: object, **__: object) -> None:
        raise OutputError("the disk is full")

    monkeypatch.setattr(write, "write_atomic", refuse)
    with pytest.raises(OutputError):
        export_preset(full_preset, ["lv2-lsp"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_every_target_says_what_it_carries():
    for target in targets():
        data = target.to_data()
        assert set(data["carries"].values()) <= {"exact", "approximate", "lossy"}
        assert data["checked"]
    assert [t.name for t in targets() if t.experimental] == ["reaeq", "eq-eight", "aunbandeq"]
