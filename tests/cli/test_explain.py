import json

import numpy as np
import pytest
import soundfile

from text2fx_studio.cli.main import main
from text2fx_studio.demo import demo_loop


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "demo ü.wav"
    soundfile.write(path, demo_loop(2.0).T, 44_100)
    return path


def test_a_search_is_explained_in_words_and_on_a_page(recording, tmp_path, capsys):
    page = tmp_path / "why.html"
    assert main(["explain", str(recording), "--prompt", "bright <b>", "--html", str(page)]) == 0
    told = capsys.readouterr().out
    assert "What each band brought" in told
    assert "air" in told
    html = page.read_text(encoding="utf-8")
    assert "bright &lt;b&gt;" in html
    assert "<b>" not in html
    assert "demo ü.wav" in html
    assert html.count("data:audio/ogg;base64,") == 2
    assert "http://" not in html
    assert "https://" not in html


def test_a_preset_is_explained_for_any_prompt_as_one_object(recording, capsys):
    arguments = ["explain", str(recording), "--preset", "telephone", "--prompt", "telephone"]
    assert main([*arguments, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    found = data["attribution"]
    parts = sum(band["share"] for band in found["bands"]) + (found["reverb"] or 0.0)
    change = found["score_wet"] - found["score_dry"]
    assert parts + found["remainder"] == pytest.approx(change, abs=1e-6)
    assert found["score_wet"] > found["score_dry"]
    assert data["confidence"]["verdict"]
    assert np.isfinite(data["seconds"])


@pytest.mark.parametrize(
    "arguments,message,code",
    [
        ([], "name a --prompt, a --preset, or both", 2),
        (["--preset", "telephone"], "has no prompt", 2),
        (["--prompt", "warm", "--html", "why.txt"], "ends in .html", 2),
        (["--prompt", "warm", "--preset", "nothing-like-it"], "no such preset", 1),
    ],
)
def test_bad_requests_are_refused(recording, arguments, message, code, capsys):
    assert main(["explain", str(recording), *arguments]) == code
    assert message in capsys.readouterr().err
