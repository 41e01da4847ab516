"""``text2fx demo``."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from tests.cli.conftest import FakeSearch, Run
from text2fx_studio import load_preset
from text2fx_studio.cli.demo import PROMPTS, slug


def test_makes_a_loop_and_shapes_it(text2fx: Run, fake_search: FakeSearch, out: Path) -> None:
    folder = out / "demo"
    done = text2fx("demo", "-o", folder)
    assert (done.code, done.err) == (0, "")
    names = {path.name for path in folder.iterdir()}
    expected = {"loop.wav"}
    for prompt, _ in PROMPTS:
        expected |= {f"{slug(prompt)}.wav", f"{slug(prompt)}.t2fx.json"}
        assert f'"{prompt}"' in done.out
    assert names == expected
    assert [asked["prompt"] for asked in fake_search.asked] == [prompt for prompt, _ in PROMPTS]
    info = soundfile.info(folder / "loop.wav")
    assert (info.channels, info.samplerate, info.duration) == (2, 44_100, 8.0)
    refused = text2fx("demo", "-o", folder)
    assert refused.code == 1
    assert "--overwrite" in refused.error_line()


def test_takes_a_prompt(text2fx: Run, fake_search: FakeSearch, out: Path) -> None:
    data = text2fx("demo", "Dark & distant!", "-o", out, "--json", "--seed", 5).data
    (result,) = data["results"]
    assert result["preset"] == str(out / "dark-distant.t2fx.json")
    assert load_preset(result["preset"]).prompt == "Dark & distant!"
    assert fake_search.asked[0]["chain"] == "eq,reverb"
    assert fake_search.asked[0]["seed"] == 5


@pytest.mark.parametrize(
    "prompt, name", [("Warm!", "warm"), ("loop", "loop-shaped"), ("é", "-shaped".strip("-"))]
)
def test_file_names(prompt: str, name: str) -> None:
    assert slug(prompt) == name


def test_bad_requests(text2fx: Run, fake_search: FakeSearch, out: Path) -> None:
    assert text2fx("demo", "", "-o", out).code == 2
    assert text2fx("demo", "-o", out / "a" / "b").code == 1
    (out / "file").write_text("x")
    assert text2fx("demo", "-o", out / "file").code == 1
    assert fake_search.asked == []
