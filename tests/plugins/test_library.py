"""Scanning, remembering, quarantine: fakes that crash and hang, and the real plugins."""

from __future__ import annotations

import shutil

import pytest

from tests.plugins.conftest import FOLDER, ZAM, noise, zam
from tests.plugins.fake_plugin import make_bundle
from text2fx_studio.errors import CancelledError, PluginError, PluginMissingError
from text2fx_studio.plugins import library
from text2fx_studio.plugins.folders import plugin_files, stamp
from text2fx_studio.plugins.hosted import HostedPlugin


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """The only folder that is scanned."""
    folder = tmp_path / "vst3"
    folder.mkdir()
    monkeypatch.setenv("TEXT2FX_PLUGIN_PATH", str(folder))
    return folder


def test_a_crash_and_a_hang_are_quarantined_and_the_good_one_is_found(plugins):
    make_bundle(plugins, "Crasher", "crash")
    make_bundle(plugins, "Hanger", "hang")
    (plugins / "Text.vst3").write_text("no plugin")
    shutil.copytree(zam("ZamEQ2"), plugins / "ZamEQ2.vst3")
    found = {info.name: info for info in library.scan(timeout_s=2.0)}
    assert found["ZamEQ2"].usable
    assert found["ZamEQ2"].widths == (1,)
    assert "crashed (SIG" in found["Crasher"].reason
    assert "did not answer within 2 s and was stopped" in found["Hanger"].reason
    assert "no plugin that can be loaded" in found["Text"].reason
    assert {i.status for i in found.values() if i.name != "ZamEQ2"} == {"quarantined"}
    for name in ("Crasher", str(plugins / "Hanger.vst3")):
        with pytest.raises(PluginError, match="is quarantined"):
            library.find(name)
    with library.open_plugin(library.find("zameq2")) as host:  # the app lives on
        assert host.process(noise(1, 3000), 44_100).shape == (1, 3000)


def test_what_failed_is_not_tried_again_until_it_changes(plugins, monkeypatch):
    bundle = make_bundle(plugins, "Crasher", "crash")
    library.scan()
    tried = []
    real = library.PluginProcess
    monkeypatch.setattr(library, "PluginProcess", lambda label: tried.append(label) or real(label))
    assert library.scan()[0].status == "quarantined"
    assert tried == []
    (bundle / "Contents" / "moduleinfo.json").write_text("{}")
    library.scan()
    assert tried == ["Crasher"]
    library.scan(rescan=True)
    assert tried == ["Crasher", "Crasher"]


def test_a_plugin_that_crashes_when_it_is_opened_is_quarantined(plugins):
    bundle = make_bundle(plugins, "Late", "crash")
    good = library.PluginInfo(str(bundle), stamp(bundle), "ok", name="Late", widths=(2,))
    library._remember([good])
    with pytest.raises(PluginError, match="crashed"):
        library.open_plugin(library.find("Late"))
    assert library.remembered()[0].status == "quarantined"


def test_a_scan_is_cancelled_between_files_and_keeps_what_it_has(plugins):
    for name in "abc":
        (plugins / f"{name}.vst3").write_text("x")
    done = []
    with pytest.raises(CancelledError):
        library.scan(progress=lambda *said: done.append(said), cancel=lambda: len(done) == 2)
    assert [info.name for info in library.remembered()] == ["a", "b"]
    assert done[0] == (0, 3, "a.vst3")


def test_missing_plugins_keep_their_place(plugins):
    hosted = HostedPlugin("Gone", "A" * 32, manufacturer="Somebody", state=b"kept")
    with pytest.raises(PluginMissingError, match="its settings stay in the preset"):
        library.resolve(hosted)
    with pytest.raises(PluginMissingError, match="none: scan first"):
        library.find("Gone")


def test_a_moved_plugin_is_found_by_its_identifier(plugins):
    shutil.copytree(zam("ZamEQ2"), plugins / "elsewhere" / "ZamEQ2.vst3")
    (info,) = library.scan()
    hosted = HostedPlugin("ZamEQ2", info.identifier, path="/somewhere/ZamEQ2.vst3")
    assert library.resolve(hosted) == info


def test_a_spoilt_memory_is_no_memory(plugins):
    library._file().parent.mkdir(parents=True)
    for text in ("", "[]", '{"version": 1, "plugins": [{}]}', '{"version": 1, "plugins": 3}'):
        library._file().write_text(text)
        assert library.remembered() == []
    assert library.scan() == []


def test_bundles_are_not_looked_into_and_links_do_not_loop(plugins):
    (plugins / "A.vst3" / "Contents" / "B.vst3").mkdir(parents=True)
    (plugins / "vendor").mkdir()
    (plugins / "vendor" / "C.vst3").write_text("")
    (plugins / "vendor" / "loop").symlink_to(plugins)
    (plugins / "again.vst3").symlink_to(plugins / "A.vst3")
    assert [path.name for path in plugin_files()] == ["A.vst3", "C.vst3"]


@pytest.mark.slow
def test_all_of_zam_plugins_are_scanned_and_usable(monkeypatch):
    zam("ZamEQ2")
    monkeypatch.setenv("TEXT2FX_PLUGIN_PATH", str(FOLDER))
    found = {info.name: info for info in library.scan(timeout_s=30.0)}
    assert set(ZAM) <= set(found)
    assert all(found[name].usable for name in ZAM)
    assert all(info.seconds < 60 for info in found.values())
    assert library.scan() == list(found.values())


def test_a_preset_cannot_name_a_library_outside_the_plugin_folders(plugins, tmp_path, monkeypatch):
    elsewhere = tmp_path / "downloads"
    elsewhere.mkdir()
    bundle = make_bundle(elsewhere, "Evil", "crash")
    started = []
    monkeypatch.setattr(library, "PluginProcess", started.append)
    monkeypatch.setattr(library, "PluginHost", lambda *a, **k: started.append(a))
    with pytest.raises(PluginMissingError):
        library.resolve(HostedPlugin("Evil", "A" * 32, path=str(bundle)))
    (plugins / "link.vst3").symlink_to(bundle)
    with pytest.raises(PluginMissingError):
        library.resolve(HostedPlugin("Evil", "A" * 32, path=str(plugins / "link.vst3")))
    assert started == []
