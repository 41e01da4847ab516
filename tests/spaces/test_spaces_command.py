"""``text2fx spaces``."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import soundfile

from text2fx_studio.cli.main import main
from text2fx_studio.spaces import checks
from text2fx_studio.spaces.pls import PlsSvd


@pytest.fixture
def axes(pls: PlsSvd, tmp_path: Path) -> Path:
    path = tmp_path / "axes.safetensors"
    pls.save(path)
    return path


def test_info_and_plot(axes: Path, capsys: pytest.CaptureFixture[str], pls: PlsSvd) -> None:
    picture = axes.with_suffix(".svg")
    assert main(["spaces", "info", str(axes), "--plot", str(picture), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["head_size"] == pls.head_size
    assert len(data["axes"]) == 96
    root = ET.fromstring(picture.read_text("utf-8"))
    lines = [e for e in root.iter() if e.tag.endswith("polyline")]
    assert [len(e.attrib["points"].split()) for e in lines] == [96] * 4
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for line in lines:
        x, y = np.array([p.split(",") for p in line.attrib["points"].split()], float).T
        assert 0 <= x.min() <= x.max() <= width
        assert 0 <= y.min() <= y.max() <= height
        assert (np.diff(x) > 0).all()
    assert main(["spaces", "info", str(axes)]) == 0
    assert f"head: {pls.head_size} axes" in capsys.readouterr().out


def test_info_refuses(axes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spaces", "info", str(axes), "--plot", "axes.png"]) == 2
    assert main(["spaces", "info", str(axes.parent / "none")]) == 1
    picture = axes.with_suffix(".svg")
    picture.write_text("mine")
    assert main(["spaces", "info", str(axes), "--plot", str(picture)]) == 1
    assert picture.read_text() == "mine"
    assert "exists already" in capsys.readouterr().err


def test_check_prints_the_figures_and_fails_if_one_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = checks.Check(1, "it holds", "Eq. 1", {"error": 1e-16}, True)
    bad = checks.Check(2, "it does not", "Eq. 2", {"error": 0.5}, False)
    sizes = []
    found = [good]
    monkeypatch.setattr(checks, "run", lambda size, **_: sizes.append(size) or found)
    assert main(["spaces", "check", "--quick"]) == 0
    assert "1  passed  it holds  (paper: Eq. 1)\n     error: 1e-16" in capsys.readouterr().out
    found.append(bad)
    assert main(["spaces", "check", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["passed"] is False
    assert data["checks"][1]["figures"] == {"error": 0.5}
    assert sizes == [checks.QUICK, checks.PAPER]


def test_fit_end_to_end_with_the_bundled_encoder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(2, 16_000)) * 0.1
    slope = np.cumsum(noise, axis=1)
    for name, sound in (
        ("bright.wav", np.diff(noise, axis=1)), ("plain.wav", noise),
        ("dark.wav", slope / np.abs(slope).max() / 2),
    ):  # fmt: skip
        soundfile.write(tmp_path / name, sound.T, 32_000)
    rows = ["path,caption", "bright.wav,bright", "plain.wav,natural", "dark.wav,dark and muffled"]
    manifest = tmp_path / "m.csv"
    manifest.write_text("\n".join(rows))
    out = tmp_path / "axes.safetensors"
    line = ["spaces", "fit", "--pairs", str(manifest), "-o", str(out)]
    assert main([*line, "--json"]) == 0
    captured = capsys.readouterr()
    data = json.loads(captured.out)
    assert data["pairs"] == 3
    assert data["head_size"] <= 2
    assert "under 300 the axes are noise" in captured.err
    fitted = PlsSvd.load(out)
    assert fitted.encoder_id.startswith("fxsem")
    assert fitted.notes == {"manifest": "m.csv", "recordings": 3}
    assert main(line) == 1
    assert "exists already" in capsys.readouterr().err
    assert main([*line, "--overwrite", "--head", "9"]) == 2
    assert "allow 1 to 2 axes" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    [
        ["fit", "-o", "x"],
        ["fit", "--pairs", "none.csv", "-o", "x"],
        ["fit", "--pairs", "none.csv", "-o", "x", "--head", "0"],
        ["check", "--seed", "-1"],
        ["vocabulary", "--ontology", "none.json", "-o", "no-folder"],
        ["dictionary", "-o", "no-folder"],
        ["nothing"],
    ],
)
def test_usage_errors(line: list[str]) -> None:
    assert main(["spaces", *line]) == 2
