"""One file of all figures, the texts made of it, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from people_folder import write_people

from tests.benchmark.test_meaning import PlannedBench
from tests.search.toy_encoder import ToyEncoder
from text2fx_studio.benchmark import card, latency, meaning, meaning_report, measured_rooms
from text2fx_studio.benchmark.clips import Clips, pink_noise
from text2fx_studio.benchmark.words_plot import words_svg
from text2fx_studio.errors import UsageError
from text2fx_studio.training.rooms import split_of_room

RATE = 32_000
PLANNED = ("rooms", "antonyms", "words", "directions", "robustness", "adaptivity")


def decaying_room(t60_s: float, seed: int = 0) -> np.ndarray[Any, Any]:
    """A direct sound and noise that falls by 60 dB in ``t60_s``."""
    count = int(1.2 * t60_s * RATE)
    time_s = np.arange(count) / RATE
    noise = np.random.default_rng(seed).standard_normal(count) * 10 ** (-3 * time_s / t60_s)
    response = 0.05 * noise / np.sqrt((noise**2).mean())
    response[0] = 1.0
    return np.asarray(response / np.abs(response).max() * 0.9)


@pytest.fixture
def shared_folder(tmp_path: Path) -> Path:
    """A folder of the shared one's form: people, recordings, rooms of the test split."""
    write_people(tmp_path / "data" / "socialfx")
    (tmp_path / "audio").mkdir()
    clip = pink_noise(1.0, RATE)
    soundfile.write(tmp_path / "audio" / "a.wav", clip.audio.T, RATE)
    (tmp_path / "ir").mkdir()
    names = [n for n in (f"hall {chr(97 + i)}" for i in range(26)) if split_of_room(n) == "test"]
    rows = []
    for number, (name, t60_s) in enumerate(zip(names, (0.3, 0.8, 1.6, 3.0), strict=False)):
        soundfile.write(tmp_path / "ir" / f"{number}.wav", decaying_room(t60_s), RATE)
        rows.append(json.dumps({"path": f"{number}.wav", "space": name}))
    (tmp_path / "ir" / "manifest.jsonl").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_all_parts_stand_in_the_file_and_in_the_texts(shared_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    told: list[tuple[float, str]] = []
    bench = PlannedBench(ToyEncoder(), progress=lambda share, text: told.append((share, text)))
    plan = meaning.Plan(shared_folder, shared_folder / "audio", clips=1, prompts=2, only=PLANNED)
    data = meaning.run(bench, plan, out, judge=ToyEncoder())
    assert meaning.read_figures(out) == json.loads(json.dumps(data))
    assert set(data["parts"]) == set(PLANNED)
    assert max(share for share, _ in told) <= 1.0
    assert [share for share, _ in told] == sorted(share for share, _ in told) or len(told) > 10

    asked = bench.asked
    again = meaning.run(
        bench, meaning.Plan(shared_folder, shared_folder / "audio", only=PLANNED, resume=True), out
    )
    assert bench.asked == asked  # nothing was searched again
    assert again["parts"] == json.loads(json.dumps(data["parts"]))

    text = meaning_report.text(data)
    for name in PLANNED:
        assert f"== {name}" in text
    assert "split half" in text
    assert "checks met" in text

    rendered = card.card_text(data, ToyEncoder())
    head = data["parts"]["words"]["headline"]["mean_r"]
    assert f"{head:.2f}" in rendered
    assert "not measured | `bench" not in rendered
    assert "the spread is not known" in rendered
    other = json.loads(json.dumps(data))
    other["parts"]["words"]["headline"]["mean_r"] = -0.5
    both = card.card_text(data, ToyEncoder(), [other])
    assert f"-0.500 to {head:.3f}" in both
    assert card.NOT_MEASURED in card.readme_text({**data, "parts": {}})
    assert words_svg(data["parts"]["words"]).count("<circle") == 3


def test_the_card_refuses_figures_of_other_weights(tmp_path: Path) -> None:
    figures = {"weights": "1" * 64, "encoder": "toy-1", "parts": {}}
    with pytest.raises(UsageError, match="run text2fx bench meaning again"):
        card.write_card(tmp_path / "card.md", figures, ToyEncoder())
    assert not (tmp_path / "card.md").exists()
    card.write_card(tmp_path / "card.md", {**figures, "weights": "0" * 64}, ToyEncoder())
    assert "toy-1" in (tmp_path / "card.md").read_text("utf-8")


def test_the_readme_is_filled_between_its_marks_only(tmp_path: Path) -> None:
    figures = {"weights": "0" * 64, "encoder": "toy-1", "parts": {}}
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{card.BEGIN}\nold\n{card.END}\nafter\n")
    card.fill_readme(readme, figures)
    first = readme.read_text("utf-8")
    assert first.startswith("before\n")
    assert first.endswith("\nafter\n")
    assert "old" not in first
    card.fill_readme(readme, figures)
    assert readme.read_text("utf-8") == first
    readme.write_text("no marks")
    with pytest.raises(UsageError, match="needs these two lines"):
        card.fill_readme(readme, figures)
    assert readme.read_text("utf-8") == "no marks"


@pytest.mark.parametrize("content,told", [("{", "is not JSON"), ("{}", "is not a file of")])
def test_a_file_of_another_form_is_refused(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "figures.json"
    path.write_text(content)
    with pytest.raises(UsageError, match=told):
        meaning.read_figures(path)


def test_an_unknown_part_is_refused_before_anything_runs(tmp_path: Path) -> None:
    bench = PlannedBench(ToyEncoder())
    with pytest.raises(UsageError, match="found 'sound', allowed are latency"):
        meaning.run(bench, meaning.Plan(tmp_path, tmp_path, only=("sound",)), tmp_path / "f.json")
    assert not (tmp_path / "f.json").exists()


def test_measured_rooms_are_ordered_by_their_decay(shared_folder: Path) -> None:
    rooms = measured_rooms.read_rooms(shared_folder / "ir")
    assert [room.t60_s for room in rooms] == pytest.approx([0.3, 0.8, 1.6, 3.0], rel=0.2)
    clicks = np.zeros((1, 2 * RATE), np.float32)
    clicks[0, :: RATE // 4] = 0.5
    clip = pink_noise(2.0, RATE)
    sound = Clips((type(clip)("clicks", clicks, RATE),), "planted")
    found = measured_rooms.run(
        PlannedBench(ToyEncoder()), sound, shared_folder / "ir", texts={"long": 1}
    )
    assert found["rho"]["long"] == 1.0
    assert found["rows"][0]["t60_s"] < found["rows"][-1]["t60_s"]


def test_too_few_rooms_are_told(shared_folder: Path) -> None:
    manifest = shared_folder / "ir" / "manifest.jsonl"
    manifest.write_text(manifest.read_text("utf-8").splitlines()[0] + "\n")
    with pytest.raises(UsageError, match="found 1 usable rooms"):
        measured_rooms.read_rooms(shared_folder / "ir")


def test_waiting_counts_each_step_and_new_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "_fresh", lambda *_: [(0.5, None), (0.7, None), (0.6, None)])
    monkeypatch.setattr(latency, "SECONDS", 1.0)
    monkeypatch.setattr(latency, "STEPS", 3)
    found = latency.run(ToyEncoder())
    rows = {row["what"]: row for row in found["rows"]}
    assert rows["first_call"]["wall_ms"] == 600.0
    assert rows["first_call"]["of_limit"] == pytest.approx(0.15)
    assert rows["step_eq"]["runs"] == latency.STEPS
    assert 0 < rows["step_eq"]["best_ms"] <= rows["step_eq"]["wall_ms"]
    prompts = latency.new_prompts(40, 0)
    assert len(set(prompts)) == 40
    assert prompts != latency.new_prompts(40, 1)
