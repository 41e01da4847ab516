"""``text2fx doctor``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from text2fx_studio import doctor
from text2fx_studio.doctor import REQUIRED, Finding
from text2fx_studio.errors import EncoderError


def _fine(name: str) -> str:
    return f"{name} as it should be"


@pytest.fixture(autouse=True)
def _encoder_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_try_encoder", _fine)


def test_reports_everything_and_the_verdict(text2fx: Run) -> None:
    done = text2fx("doctor")
    assert (done.code, done.err) == (0, "")
    for name in (*REQUIRED, "Python", "processors", "cache", "fxsem"):
        assert f"ok  {name}: " in done.out
    assert done.out.endswith("text2fx apply, works.\n")


def test_json(text2fx: Run) -> None:
    data = text2fx("doctor", "--json").data
    assert data["works"] is True
    assert {"system", "packages", "devices", "playback", "encoders", "plugins", "folders"} <= {
        finding["area"] for finding in data["findings"]
    }


def test_an_encoder_that_cannot_load_stops_the_main_job(
    text2fx: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> str:
        raise EncoderError("weights: SHA-256 differs")

    monkeypatch.setattr(doctor, "_try_encoder", broken)
    done = text2fx("doctor")
    assert done.code == 1
    assert "NO  fxsem: EncoderError: weights: SHA-256 differs" in done.out


def test_a_missing_package_stops_the_main_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "REQUIRED", ("no-such-package",))
    (finding,) = [f for f in doctor.examine() if f.area == "packages"]
    assert finding.stops_the_main_job
    assert finding.remedy == "pip install no-such-package"


def test_a_look_that_fails_is_itself_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> list[Finding]:
        raise RuntimeError("boom")

    fails.__name__ = "_plugins"
    monkeypatch.setattr(doctor, "_plugins", fails)
    (finding,) = [f for f in doctor.examine() if f.area == "plugins"]
    assert finding.status == "broken"
    assert "boom" in finding.found


def test_what_is_only_nice_to_have_does_not_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (finding,) = doctor._playback()
    assert finding.status == "missing"
    assert not finding.stops_the_main_job
    assert "pip install sounddevice" in finding.remedy


def test_plugins_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "A.vst3").mkdir()
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "B.vst3").mkdir()
    monkeypatch.setenv("TEXT2FX_PLUGIN_PATH", str(tmp_path))
    (finding,) = doctor._plugins()
    assert finding.found == "2 plugins"


def test_weights_to_be_had_are_told_and_not_missed() -> None:
    from text2fx_studio.models.catalogue import find_entry

    found = {f.name: f for f in doctor._encoders()}
    assert found["laion"].status == "missing"
    assert not found["laion"].essential
    assert "text2fx models list" in found["laion"].remedy
    entry = find_entry("msclap-2022")
    entry.home.mkdir(parents=True)
    (entry.home / entry.files[0].name).touch()
    found = {f.name: f for f in doctor._encoders()}
    assert found["msclap"].status == "ok"
    assert str(entry.checkpoint) in found["msclap"].found
